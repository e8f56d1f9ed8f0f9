import { useEffect, useState } from "react";
import { densityOf } from "@/features/viewer/fields";
import { usePreview } from "@/features/preview/store";
import { useWorkspace } from "@/features/workspace/WorkspaceContext";
import { api, ApiError } from "@/lib/api";
import type { CodeProblem } from "./CodeView";
import { useDrafts } from "./draftStore";

const WAIT_MS = 500;

/** The line and words of a compile error: of a look (`details.line`) or of a run (`details.source`). */
export function problemOf(error: { message: string; details?: Record<string, unknown> } | null | undefined): CodeProblem | null {
  if (!error) return null;
  const details = error.details ?? {};
  const source = (typeof details["source"] === "object" && details["source"] !== null ? details["source"] : details) as { line?: unknown; column?: unknown };
  if (typeof source.line !== "number") return null;
  return { line: source.line, column: typeof source.column === "number" ? source.column : 1, message: error.message.replace(/ \(line \d+\)$/, "") };
}

export interface DraftProgram {
  /** the text as edited, null while it is the kept one, and of an earlier revision that is looked at */
  text: string | null;
  /** the kept program is no more the one that the edit began from */
  moved: boolean;
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
  const { projectId, state, revisionId, inert } = useWorkspace();
  const edited = useDrafts((store) => store.drafts[projectId]);
  const text = revisionId === null && kept ? (edited?.text ?? null) : null;
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const [compiled, setCompiled] = useState<string | null>(null);
  const { show, clear } = usePreview.getState();
  const density = densityOf(state);
  const shownDraft = usePreview((preview) => preview.draft);

  // "Show the kept one" above the panels discards the edits' model, not the edits
  useEffect(() => {
    if (text === null) return;
    if (text === kept) {
      useDrafts.getState().drop(projectId);
      clear();
      return;
    }
    setError(null);
    if (compiled === text || inert) {
      setBusy(false); // compiled as soon as the server can be heard again
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
          setBusy(false); // with it: what compiles is not busy any more
          show({
            projectId,
            from: "code",
            modelId: look.model_id,
            kclCode: text,
            massG: density === null ? null : look.compiled.volume_mm3 * 1e-6 * density,
            checks: [],
          });
        })
        .catch((problem: unknown) => {
          if (control.signal.aborted) return;
          setError(problem instanceof Error ? problem : new Error(String(problem)));
          setBusy(false);
        });
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [text, kept, compiled, inert, projectId, density, show, clear]);

  const place = error instanceof ApiError ? problemOf(error) : null;
  return {
    text,
    moved: text !== null && edited !== undefined && edited.base !== kept,
    edit: (next) => useDrafts.getState().edit(projectId, kept, next),
    discard: () => {
      useDrafts.getState().drop(projectId);
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
