import { create } from "zustand";
import { createJSONStorage, persist } from "zustand/middleware";
import { type ChatReply, newId } from "@/lib/api";

/** A change that is being asked for, at a place of the part where one was picked. */
export interface Asked {
  /** what was picked in the picture, in words, and the line that made it */
  about: string | null;
  line: number | null;
  /** the picked face: its name in the program, or its number */
  face: string | null;
  /** the words so far, and whether a person typed them (a proposal gives way to the next one) */
  text: string;
  typed: boolean;
  /** the conversation that asks what the change leaves open */
  session: string;
  reply: ChatReply | null;
  /** counts up with each wish, so that asking twice opens the form twice */
  wish: number;
}

interface Change {
  /** by project; none where nothing is asked for */
  asked: Record<string, Asked>;
  ask: (projectId: string, about: string | null, line: number | null, face?: string | null) => void;
  put: (projectId: string, change: Partial<Omit<Asked, "wish">>) => void;
  drop: (projectId: string) => void;
}

/** Changes that are being asked for, in this tab: neither a reload nor another panel loses one, and nothing sends it but a person. */
export const useChange = create<Change>()(
  persist(
    (set) => ({
      asked: {},
      ask: (projectId, about, line, face = null) =>
        set(({ asked }) => {
          const before = asked[projectId];
          const text = before?.typed ? before.text : "";
          return { asked: { ...asked, [projectId]: { about, line, face, text, typed: text !== "", session: newId("session"), reply: null, wish: (before?.wish ?? 0) + 1 } } };
        }),
      put: (projectId, change) =>
        set(({ asked }) => {
          const before = asked[projectId];
          return before ? { asked: { ...asked, [projectId]: { ...before, ...change } } } : {};
        }),
      drop: (projectId) =>
        set(({ asked }) => {
          const { [projectId]: _gone, ...others } = asked;
          return { asked: others };
        }),
    }),
    { name: "brick.changes", storage: createJSONStorage(() => sessionStorage), partialize: ({ asked }) => ({ asked }) },
  ),
);
