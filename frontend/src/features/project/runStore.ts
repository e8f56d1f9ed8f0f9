import { create } from "zustand";
import type { RunEvent } from "@/lib/types";
import { type RunView, viewOf } from "./stages";

export type Connection = "idle" | "connecting" | "open" | "closed";

interface RunStore {
  projectId: string | null;
  events: RunEvent[];
  lastSeq: number;
  view: RunView;
  connection: Connection;
  /** a POST is on its way whose run has not been heard of yet */
  starting: boolean;
  open: (projectId: string) => void;
  receive: (event: RunEvent) => void;
  setConnection: (connection: Connection) => void;
  setStarting: (starting: boolean) => void;
}

const KEPT = 4000;

/** The events of the open project, in order and without gaps or doubles. */
export const useRun = create<RunStore>()((set) => ({
  projectId: null,
  events: [],
  lastSeq: 0,
  view: viewOf([]),
  connection: "idle",
  starting: false,
  open: (projectId) =>
    set((state) =>
      state.projectId === projectId ? state : { projectId, events: [], lastSeq: 0, view: viewOf([]), connection: "connecting" },
    ),
  receive: (event) =>
    set((state) => {
      if (event.project_id !== state.projectId || event.seq <= state.lastSeq) return state;
      const events = [...state.events, event].slice(-KEPT);
      return { events, lastSeq: event.seq, view: viewOf(events) };
    }),
  setConnection: (connection) => set({ connection }),
  setStarting: (starting) => set({ starting }),
}));
