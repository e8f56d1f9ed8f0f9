import { useEffect, useState } from "react";
import { densityOf } from "@/features/viewer/fields";
import { usePreview } from "@/features/preview/store";
import { useWorkspace } from "@/features/workspace/WorkspaceContext";
import { api, ApiError } from "@/lib/api";
import type { CodeProblem } from "./CodeView";

const WAIT_MS = 500;

/** The line and words of a compile error: of a look (`details.line`) or of a run (`details.source`). */
export function problemOf(error: { message: string; details?: Record<string, unknown> } | null | undefined): CodeProblem | null {
  if (!error) return null;
  const details = error.details ?? {};
  const source = (typeof details["source"] === "object" && details["source"] !== null ? details["source"] : details) as { line?: unknown; column?: unknown };
  if (typeof source.line !== "number") return null;
  return { line: source.line, column: typeof source.column === "number" ? source.column : 1, message: error.message };
}

export interface DraftProgram {
  /** the text as edited, null while it is the kept one */
  text: string | null;
  edit: (text: string) => void;
  discard: () => void;
  busy: boolean;
  problem: CodeProblem | null;
  /** words of an error that has no place in the program */
  error: Error | null;
  compiles: boolean;
}

/** The program while it is edited: compiled at every pause, its model shown in place of the kept one. */
export function useDraftProgram(kept: string): DraftProgram {
  const { projectId, state } = useWorkspace();
  const [text, setText] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const [compiled, setCompiled] = useState<string | null>(null);
  const { show, clear } = usePreview.getState();
  const density = densityOf(state);
  const shownDraft = usePreview((preview) => preview.draft);

  // the draft is gone where the kept program is another one
  useEffect(() => setText(null), [kept]);
  // "Show the kept one" above the panels discards the edits' model, not the edits
  useEffect(() => {
    if (text === null) return;
    if (text === kept) {
      setText(null);
      clear();
      return;
    }
    setError(null);
    if (compiled === text) {
      setBusy(false);
      return;
    }
    setBusy(true);
    const control = new AbortController();
    const timer = setTimeout(() => {
      api
        .look({ kcl_code: text }, control.signal)
        .then((look) => {
          if (control.signal.aborted) return;
          setCompiled(text);
          show({
            projectId,
            from: "code",
            modelId: look.model_id,
            kclCode: text,
            massG: density === null ? null : look.compiled.volume_mm3 * 1e-6 * density,
            checks: [],
          });
        })
        .catch((problem: unknown) => !control.signal.aborted && setError(problem instanceof Error ? problem : new Error(String(problem))))
        .finally(() => !control.signal.aborted && setBusy(false));
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [text, kept, compiled, projectId, density, show, clear]);

  const place = error instanceof ApiError ? problemOf(error) : null;
  return {
    text,
    edit: setText,
    discard: () => {
      setText(null);
      setCompiled(null);
      setError(null);
      setBusy(false);
      if (shownDraft?.from === "code") clear();
    },
    busy,
    problem: place,
    error: place ? null : error,
    compiles: text !== null && compiled === text,
  };
}
