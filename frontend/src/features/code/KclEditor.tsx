import { Braces, Check, Copy, Download, Loader, RotateCcw, ShieldCheck } from "lucide-react";
import { lazy, Suspense, useMemo } from "react";
import { useSelection } from "@/features/inspect/selection";
import { linesOfFace, useSources } from "@/features/inspect/useLook";
import { usePreview } from "@/features/preview/store";
import { useSteerRun } from "@/features/project/useProject";
import { toastError, useToasts } from "@/features/toasts/store";
import { useWorkspace } from "@/features/workspace/WorkspaceContext";
import { api, ApiError, artifactUrl, type Depth } from "@/lib/api";
import { Button } from "@/ui/Button";
import { EmptyState, Panel } from "@/ui/Panel";
import type { Mark } from "./CodeView";
import { changedLines } from "./diff";
import styles from "./KclEditor.module.css";
import { problemOf, useDraftProgram } from "./useDraftProgram";

const CodeView = lazy(() => import("./CodeView"));

/** The program that is the part: edits compile as they are made, errors stand at their line, selected faces show theirs. */
export function KclEditor() {
  const { projectId, state, current, revisionId, running, inert } = useWorkspace();
  const kept = state?.geometry.kcl_code ?? "";
  const draft = useDraftProgram(kept);
  const tried = usePreview((preview) => preview.draft);
  const bySliders = tried?.projectId === projectId && tried.from === "parameters" && revisionId === null;
  const code = draft.text ?? (bySliders ? tried.kclCode : kept);
  const locked = revisionId !== null || bySliders || inert || running;
  const { steer } = useSteerRun(projectId);
  // of a part that was only taken in from a file nothing was asked: there is nothing to prove
  const asked = Object.keys(state?.design.intent ?? {}).length > 0;
  const artifact = state?.geometry.artifacts["kcl"];
  const problem = draft.problem ?? (draft.text === null && revisionId === null ? problemOf(current?.error) : null);
  const { marks, reveal, waiting } = useMarks(kept, code);

  if (!kept) {
    return (
      <EmptyState icon={<Braces size={36} strokeWidth={1.2} />} title="No program">
        {state?.geometry.model_id ? "This part was taken in from a file that another program drew; it has no program." : "The part is written as a KCL program once it is sized."}
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
  const keep = async (depth: Depth) => {
    if (draft.text !== null && (await steer(() => api.editProgram(projectId, draft.text ?? "", depth)))) draft.discard();
  };
  return (
    <Panel
      title="KCL program"
      flush
      tools={
        <>
          <span role="status" className={styles.state}>
            {draft.text !== null && inert ? (
              "Edited; compiled when the server is back"
            ) : draft.busy || (draft.text !== null && !draft.compiles && !draft.error && !problem) ? (
              <>
                <Loader size={13} className={styles.spin} aria-hidden /> Compiling
              </>
            ) : problem ? (
              <span className={styles.bad}>
                Line {problem.line}: {problem.message}
              </span>
            ) : draft.error ? (
              <span className={styles.bad}>
                {draft.error.message} {draft.error instanceof ApiError && draft.error.nextAction}
              </span>
            ) : draft.text !== null ? (
              `Edited, compiles; not kept yet${draft.moved ? ". The kept program is another one since" : ""}`
            ) : bySliders ? (
              "As the sizes tried out make it; read only"
            ) : waiting ? (
              <>
                <Loader size={13} className={styles.spin} aria-hidden /> Finding the words of the selection
              </>
            ) : (
              `${code.replace(/\n$/, "").split("\n").length} lines${revisionId !== null ? ", read only" : ""}`
            )}
          </span>
          <span className={styles.grow} />
          {draft.text !== null && (
            <>
              <Button size="s" variant="ghost" icon={<RotateCcw size={13} />} onClick={draft.discard}>
                Discard
              </Button>
              <Button size="s" icon={<Check size={13} />} disabled={!draft.compiles || inert || running} title="Solid and measures; finite elements stay not verified" onClick={() => void keep("fast")}>
                Keep
              </Button>
              {asked && (
                <Button size="s" variant="primary" icon={<ShieldCheck size={13} />} disabled={!draft.compiles || inert || running} onClick={() => void keep("full")}>
                  Keep and prove
                </Button>
              )}
            </>
          )}
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
      <Suspense fallback={<EmptyState title="Loading the editor…" />}>
        <CodeView
          code={code}
          readOnly={locked}
          marks={marks}
          problem={problem}
          reveal={reveal}
          onEdit={draft.edit}
          onLine={(line) => useSelection.getState().set([], line)}
        />
      </Suspense>
    </Panel>
  );
}

/** What is marked beside the program: the words of the selection, and what differs from the kept program. */
function useMarks(kept: string, code: string): { marks: readonly Mark[]; reveal: number | null; waiting: boolean } {
  const { picked, line } = useSelection();
  const faces = useMemo(() => picked.flatMap((one) => (one.kind === "face" ? [one.index] : [])), [picked]);
  const { sources, loading } = useSources(faces.length > 0 || line !== null);
  const lines = useMemo(() => (line !== null ? [line] : faces.flatMap((face) => linesOfFace(sources, face))), [faces, sources, line]);
  const changed = useMemo(() => (kept === code ? [] : changedLines(kept, code)), [kept, code]);
  const marks = useMemo<Mark[]>(() => [...lines.map((at) => ({ line: at, kind: "source" as const })), ...changed.map((at) => ({ line: at, kind: "changed" as const }))], [lines, changed]);
  return { marks, reveal: line === null ? (lines[0] ?? changed[0] ?? null) : null, waiting: loading };
}
