import { useEffect, useState } from "react";
import { usePreview } from "@/features/preview/store";
import { api, type Preview } from "@/lib/api";

const WAIT_MS = 180;
const NOTHING = "{}";

/** Tries other answers out as they change: the last wish counts, an answer that comes too late is dropped. */
export function usePreviewRun(projectId: string, answers: Record<string, string>, inert = false) {
  // what was found, and of which wish: it is no answer to the next one
  const [found, setFound] = useState<{ wish: string; result: Preview | null; error: Error | null }>({ wish: NOTHING, result: null, error: null });
  const { show, clear } = usePreview.getState();
  const wish = JSON.stringify(answers);
  useEffect(() => {
    const wanted = JSON.parse(wish) as Record<string, string>;
    if (Object.keys(wanted).length === 0) {
      setFound({ wish, result: null, error: null });
      // also what was tried before this panel was there, or of another kept model
      const { draft } = usePreview.getState();
      if (draft?.projectId === projectId && draft.from === "parameters") clear();
      return;
    }
    if (inert) return; // tried as soon as the server can be heard again
    const control = new AbortController();
    const timer = setTimeout(() => {
      api
        .preview(projectId, wanted, control.signal)
        .then((result) => {
          if (control.signal.aborted) return;
          setFound({ wish, result, error: null });
          if (result.model_id && result.kcl_code) {
            show({ projectId, from: "parameters", modelId: result.model_id, kclCode: result.kcl_code, massG: result.mass_g ?? null, checks: result.checks ?? [] });
          }
        })
        .catch((problem: unknown) => {
          if (control.signal.aborted) return;
          setFound({ wish, result: null, error: problem instanceof Error ? problem : new Error(String(problem)) });
        });
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [projectId, wish, inert, show, clear]);
  const busy = found.wish !== wish;
  // figures of the wish before stay until the next ones are there; a refusal goes with what it refused
  return { result: found.result, error: busy ? null : found.error, busy };
}
