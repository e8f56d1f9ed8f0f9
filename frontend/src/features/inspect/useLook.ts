import { useQuery } from "@tanstack/react-query";
import { usePreview } from "@/features/preview/store";
import { useWorkspace } from "@/features/workspace/WorkspaceContext";
import { api, ApiError, type Sources, type Topology } from "@/lib/api";

/** The program whose part is on screen: the draft's where something is tried out, else the shown revision's. */
export function useShownProgram(): string {
  const { projectId, modelState, state } = useWorkspace();
  const draft = usePreview((preview) => preview.draft);
  return draft?.projectId === projectId ? draft.kclCode : (modelState ?? state)?.geometry.kcl_code ?? "";
}

const gone = (error: unknown) => error instanceof ApiError && error.code === "look_expired";

/** A part that the server looks into for the page: its own id there, asked for anew where the server dropped it. */
function useLookId(enabled: boolean) {
  const { modelState } = useWorkspace();
  const code = useShownProgram();
  const step = modelState?.geometry.artifacts["step"] ?? null;
  return useQuery({
    queryKey: ["look", code || step],
    queryFn: ({ signal }) => api.look(code ? { kcl_code: code } : { artifact_id: step ?? "" }, signal),
    enabled: enabled && Boolean(code || step),
    staleTime: Infinity,
    retry: false,
  });
}

/** Faces and edges of the part on screen. */
export function useTopology(enabled = true): { lookId: string | null; topology: Topology | null; error: Error | null; loading: boolean } {
  const look = useLookId(enabled);
  const lookId = look.data?.look_id ?? null;
  const found = useQuery({
    queryKey: ["topology", lookId],
    queryFn: ({ signal }) => api.topology(lookId ?? "", signal),
    enabled: enabled && lookId !== null,
    staleTime: Infinity,
    retry: (count, error) => {
      if (gone(error)) void look.refetch();
      return count < 2;
    },
  });
  return { lookId, topology: found.data ?? null, error: look.error ?? found.error, loading: enabled && (look.isLoading || found.isLoading) };
}

/** Where each face of the part on screen comes from in its program. */
export function useSources(enabled = true): { sources: Sources | null; loading: boolean } {
  const look = useLookId(enabled);
  const lookId = look.data?.look_id ?? null;
  const found = useQuery({
    queryKey: ["sources", lookId],
    queryFn: ({ signal }) => api.sources(lookId ?? "", signal),
    enabled: enabled && lookId !== null,
    staleTime: Infinity,
    retry: 1,
  });
  return { sources: found.data ?? null, loading: enabled && (look.isLoading || found.isLoading) };
}

/** The faces that a line of the program made. */
export function facesOfLine(sources: Sources | null, line: number): number[] {
  return (sources?.faces ?? []).filter((face) => face.places.some((place) => place.line === line)).map((face) => face.face_index);
}

/** The lines of the program that made a face, the most particular first. */
export function linesOfFace(sources: Sources | null, face: number): number[] {
  return [...new Set((sources?.faces.find((entry) => entry.face_index === face)?.places ?? []).map((place) => place.line))];
}
