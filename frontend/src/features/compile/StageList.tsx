import { Check, Circle, LoaderCircle, X } from "lucide-react";
import type { StageRecord, StageState } from "@/features/project/stages";
import { formatSeconds } from "@/lib/format";
import type { UnitSystem } from "@/lib/units";
import { Words } from "@/ui/Words";
import styles from "./CompilePanel.module.css";

const WORDS: Record<StageState, string> = { waiting: "not started", running: "running", done: "done", failed: "failed" };

function mark(state: StageState) {
  if (state === "done") return <Check size={13} strokeWidth={3} aria-hidden />;
  if (state === "failed") return <X size={13} strokeWidth={3} aria-hidden />;
  if (state === "running") return <LoaderCircle size={14} strokeWidth={2.5} aria-hidden className={styles.spin} />;
  return <Circle size={8} aria-hidden />;
}

/** The stages of the graph with the time each took, or takes. */
export function StageList({ stages, now, running, units }: { stages: StageRecord[]; now: number; running: boolean; units: UnitSystem }) {
  return (
    <ol className={styles.stages}>
      {stages.map((stage) => {
        const state = stage.state === "running" && !running ? "waiting" : stage.state;
        const elapsed = stage.elapsedS ?? (state === "running" && stage.startedAt !== null ? Math.max(0, (now - stage.startedAt) / 1000) : null);
        return (
          <li key={stage.id} className={styles[state]} data-stage={stage.id} data-state={state}>
            <span className={styles.mark}>
              {mark(state)}
              <span className="sr-only">{WORDS[state]}</span>
            </span>
            <span className={styles.stageName}>
              {stage.label}
              {stage.rounds > 1 && <em> round {stage.rounds}</em>}
            </span>
            <span className={`${styles.time} num`}>{elapsed !== null && formatSeconds(elapsed)}</span>
            {state === "done" && stage.text && (
              <span className={styles.said}>
                <Words units={units}>{stage.text}</Words>
              </span>
            )}
          </li>
        );
      })}
    </ol>
  );
}
