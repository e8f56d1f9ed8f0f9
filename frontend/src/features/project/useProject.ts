import { keepPreviousData, type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect } from "react";
import { useSettings } from "@/features/settings/store";
import { toastError } from "@/features/toasts/store";
import { api, ApiError, type RunRequest } from "@/lib/api";
import type { UnitSystem } from "@/lib/format";
import type { AgentState } from "@/lib/types";
import { useRun } from "./runStore";

export const stateKey = (projectId: string) => ["state", projectId] as const;
export const adjustableKey = (projectId: string, modelId: string) => ["adjustable", projectId, modelId] as const;
export const revisionsKey = (projectId: string) => ["revisions", projectId] as const;

const notFound = (error: unknown) => error instanceof ApiError && error.status === 404;

/**
 * Reads, and once more where an event came in the meantime: what was read may be of before it. The query itself would
 * take an event that comes during its very first reading for answered by that reading.
 */
async function readAnew<T>(client: QueryClient, queryKey: readonly unknown[], read: () => Promise<T>): Promise<T> {
  const seen = useRun.getState().view.changeSeq;
  const answer = await read();
  if (useRun.getState().view.changeSeq !== seen) setTimeout(() => void client.invalidateQueries({ queryKey }), 0);
  return answer;
}

/** The stored state of a project; read again whenever an event says that it may have changed. */
export function useProjectState(projectId: string | undefined) {
  const changeSeq = useRun((run) => run.view.changeSeq);
  const client = useQueryClient();
  const result = useQuery({
    queryKey: stateKey(projectId ?? ""),
    queryFn: ({ signal }) => readAnew(client, stateKey(projectId ?? ""), () => api.state(projectId ?? "", signal)),
    enabled: Boolean(projectId),
    staleTime: Infinity,
    retry: (count, error) => count < 2 && !notFound(error),
  });
  useEffect(() => {
    if (!projectId || changeSeq === 0) return;
    void client.invalidateQueries({ queryKey: stateKey(projectId) });
    void client.invalidateQueries({ queryKey: revisionsKey(projectId) });
  }, [client, projectId, changeSeq]);
  return result;
}

export function useRevisions(projectId: string) {
  const client = useQueryClient();
  return useQuery({
    queryKey: revisionsKey(projectId),
    queryFn: ({ signal }) => readAnew(client, revisionsKey(projectId), () => api.revisions(projectId, signal)),
    staleTime: Infinity,
    retry: (count, error) => count < 2 && !notFound(error),
  });
}

/** The state that an earlier revision holds; it can't change. */
export function useRevisionState(artifactId: string | null) {
  return useQuery({
    queryKey: ["revision-state", artifactId],
    queryFn: ({ signal }) => api.revisionState(artifactId ?? "", signal),
    enabled: artifactId !== null,
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });
}

/** The unit system in force: the person's choice, or the one the brief was written in. */
export function useUnits(state: AgentState | undefined): UnitSystem {
  const choice = useSettings((settings) => settings.units);
  return choice === "brief" ? (state?.design.intent.length_unit ?? "mm") : choice;
}

/** Starts a run of the project, gives it an answer, or stops it. True where the server took it. */
export function useSteerRun(projectId: string) {
  const client = useQueryClient();
  const setStarting = useRun((run) => run.setStarting);
  const steer = useCallback(
    async (action: () => Promise<unknown>): Promise<boolean> => {
      setStarting(true);
      try {
        await action();
        return true;
      } catch (error) {
        toastError(error);
        return false;
      } finally {
        // not before the state says so itself: the former verdict must not show for a moment
        await client.invalidateQueries({ queryKey: stateKey(projectId) });
        setStarting(false);
      }
    },
    [client, projectId, setStarting],
  );
  const run = useCallback(
    (request: Omit<RunRequest, "project_id"> = {}) => steer(() => api.run({ mode: "execute", ...request, project_id: projectId })),
    [projectId, steer],
  );
  const cancel = useCallback(() => steer(() => api.cancel(projectId)), [projectId, steer]);
  return { run, cancel, steer };
}
