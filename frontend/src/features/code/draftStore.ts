import { create } from "zustand";
import { createJSONStorage, persist } from "zustand/middleware";

/** A program as it is being edited, and the kept one that the edit began from. */
export interface Edited {
  base: string;
  text: string;
}

interface Drafts {
  drafts: Record<string, Edited>;
  /** the first edit of a project remembers what it began from */
  edit: (projectId: string, kept: string, text: string) => void;
  drop: (projectId: string) => void;
}

/** Edited programs by project, in this tab: neither a reload nor another panel nor a new revision loses one. */
export const useDrafts = create<Drafts>()(
  persist(
    (set) => ({
      drafts: {},
      edit: (projectId, kept, text) => set(({ drafts }) => ({ drafts: { ...drafts, [projectId]: { base: drafts[projectId]?.base ?? kept, text } } })),
      drop: (projectId) =>
        set(({ drafts }) => {
          const { [projectId]: _gone, ...others } = drafts;
          return { drafts: others };
        }),
    }),
    { name: "brick.drafts", storage: createJSONStorage(() => sessionStorage), partialize: ({ drafts }) => ({ drafts }) },
  ),
);
