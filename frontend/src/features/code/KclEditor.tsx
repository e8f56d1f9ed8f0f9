import { Braces, Copy, Download } from "lucide-react";
import { useMemo } from "react";
import { toastError, useToasts } from "@/features/toasts/store";
import { useWorkspace } from "@/features/workspace/WorkspaceContext";
import { artifactUrl } from "@/lib/api";
import { Button } from "@/ui/Button";
import { EmptyState, Panel } from "@/ui/Panel";
import { type Token, tokenLines } from "./kcl";
import styles from "./KclEditor.module.css";

const CLASS: Record<Token["kind"], string | undefined> = {
  comment: styles.comment,
  string: styles.string,
  number: styles.number,
  keyword: styles.keyword,
  function: styles.function,
  label: styles.label,
  tag: styles.tag,
  operator: styles.operator,
  plain: undefined,
};

/** The line and words of a compile error, where the run's error has a place in the program. */
export function diagnosticOf(details: Record<string, unknown> | undefined): { line: number; column: number } | null {
  const source = details?.["source"];
  if (typeof source !== "object" || source === null) return null;
  const { line, column } = source as { line?: unknown; column?: unknown };
  return typeof line === "number" ? { line, column: typeof column === "number" ? column : 1 } : null;
}

/** The program of the part, as the engine ran it; an error of the compiler stands at its line. */
export function KclEditor() {
  const { state, current, revisionId } = useWorkspace();
  const code = state?.geometry.kcl_code ?? "";
  const lines = useMemo(() => tokenLines(code.replace(/\n$/, "")), [code]);
  const artifact = state?.geometry.artifacts["kcl"];
  const problem = revisionId === null ? current?.error : null;
  const at = diagnosticOf(problem?.details);
  if (!code) {
    return (
      <EmptyState icon={<Braces size={36} strokeWidth={1.2} />} title="No program yet">
        The part is written as a KCL program once it is sized.
      </EmptyState>
    );
  }
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(code);
      useToasts.getState().push({ tone: "ok", title: "Program copied" });
    } catch (error) {
      toastError(error);
    }
  };
  return (
    <Panel
      title="KCL program"
      flush
      tools={
        <>
          <span>{lines.length} lines, read only</span>
          <span className={styles.grow} />
          <Button size="s" variant="ghost" icon={<Copy size={13} />} onClick={() => void copy()}>
            Copy
          </Button>
          {artifact && (
            <a className={styles.download} href={artifactUrl(artifact)} download="model.kcl">
              <Download size={13} aria-hidden /> model.kcl
            </a>
          )}
        </>
      }
    >
      <ol className={styles.code}>
        {lines.map((tokens, index) => (
          <li key={index} className={at?.line === index + 1 ? styles.faulty : undefined}>
            <code>
              {tokens.map((token, place) => (
                <span key={place} className={CLASS[token.kind]}>
                  {token.text}
                </span>
              ))}
              {tokens.length === 0 && " "}
            </code>
            {at?.line === index + 1 && problem && (
              <p role="alert" className={styles.diagnostic}>
                {problem.message}
              </p>
            )}
          </li>
        ))}
      </ol>
    </Panel>
  );
}
