import type { ProjectView } from "@/lib/api";
import type { AgentState } from "@/lib/types";
import bracket from "./bracket.json";

/** A finished design as the server wrote it: the shelf bracket of the README (its file names in place of artefact ids). */
export function bracketState(): AgentState {
  return structuredClone(bracket) as unknown as AgentState;
}

export function bracketView(change: Partial<ProjectView> = {}): ProjectView {
  const state = bracketState();
  return { ...state, project_id: state.core.project_id, status: "done", error: null, files: state.geometry.artifacts, ...change };
}
