import { Check, CircleHelp, Loader, X } from "lucide-react";
import type { CheckStatus } from "@/lib/types";
import styles from "./Status.module.css";

export type StatusTone = CheckStatus | "open" | "running" | "none";

const WORDS: Record<StatusTone, string> = {
  pass: "Pass",
  fail: "Fail",
  "not verified": "Not verified",
  open: "Needs an answer",
  running: "Running",
  none: "No verdict yet",
};

const TONES: Record<StatusTone, string | undefined> = {
  pass: styles.ok,
  fail: styles.bad,
  "not verified": styles.warn,
  open: styles.info,
  running: styles.info,
  none: styles.none,
};

function mark(status: StatusTone, size: number) {
  switch (status) {
    case "pass":
      return <Check size={size} strokeWidth={3} aria-hidden />;
    case "fail":
      return <X size={size} strokeWidth={3} aria-hidden />;
    case "running":
      return <Loader size={size} strokeWidth={2.5} aria-hidden className={styles.spin} />;
    default:
      return <CircleHelp size={size} strokeWidth={2.5} aria-hidden />;
  }
}

/** Outcome by word, shape and colour together. */
export function StatusBadge({ status, words }: { status: StatusTone; words?: string }) {
  return (
    <span className={`${styles.badge} ${TONES[status] ?? ""}`}>
      {mark(status, 12)}
      {words ?? WORDS[status]}
    </span>
  );
}

/** The mark alone; its word is for screen readers. */
export function StatusMark({ status }: { status: StatusTone }) {
  return (
    <span className={`${styles.mark} ${TONES[status] ?? ""}`} title={WORDS[status]}>
      {mark(status, 12)}
      <span className="sr-only">{WORDS[status]}</span>
    </span>
  );
}
