import { createContext, useContext } from "react";
import type { ProjectView, RunRequest } from "@/lib/api";
import type { UnitSystem } from "@/lib/format";
import type { AgentState } from "@/lib/types";

/** The project that the workspace shows, as all panels see it. */
export interface WorkspaceValue {
  projectId: string;
  /** what is shown: the present state, or that of an earlier revision */
  state: AgentState | undefined;
  /** the present state with the latest run */
  current: ProjectView | undefined;
  /** the model to show: while a new run goes, the last one stays */
  modelId: string | null;
  /** the state that belongs to that model */
  modelState: AgentState | undefined;
  /** id of an earlier revision that is looked at, or null for the present one */
  revisionId: string | null;
  showRevision: (id: string | null) => void;
  units: UnitSystem;
  running: boolean;
  /** the server can't be heard: nothing can be started */
  inert: boolean;
  run: (request?: Omit<RunRequest, "project_id">) => Promise<boolean>;
  cancel: () => Promise<boolean>;
}

export const WorkspaceContext = createContext<WorkspaceValue | null>(null);

export function useWorkspace(): WorkspaceValue {
  const value = useContext(WorkspaceContext);
  if (!value) throw new Error("useWorkspace is for components inside the workspace");
  return value;
}
