import { useEffect, useRef, useState } from "react";
import { usePreview } from "@/features/preview/store";
import { api, type Preview } from "@/lib/api";

const WAIT_MS = 180;

/** Tries other answers out as they change: the last wish counts, an answer that comes too late is dropped. */
export function usePreviewRun(projectId: string, answers: Record<string, string>) {
  const [result, setResult] = useState<Preview | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const { show, clear } = usePreview.getState();
  const wish = JSON.stringify(answers);
  const shown = useRef(false);
  useEffect(() => {
    const wanted = JSON.parse(wish) as Record<string, string>;
    setError(null);
    if (Object.keys(wanted).length === 0) {
      setResult(null);
      setBusy(false);
      if (shown.current) clear();
      shown.current = false;
      return;
    }
    const control = new AbortController();
    setBusy(true);
    const timer = setTimeout(() => {
      api
        .preview(projectId, wanted, control.signal)
        .then((found) => {
          if (control.signal.aborted) return;
          setResult(found);
          if (found.model_id && found.kcl_code) {
            shown.current = true;
            show({ projectId, from: "parameters", modelId: found.model_id, kclCode: found.kcl_code, massG: found.mass_g ?? null, checks: found.checks ?? [] });
          }
        })
        .catch((problem: unknown) => {
          if (control.signal.aborted) return;
          setResult(null);
          setError(problem instanceof Error ? problem : new Error(String(problem)));
        })
        .finally(() => !control.signal.aborted && setBusy(false));
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [projectId, wish, show, clear]);
  return { result, error, busy };
}
