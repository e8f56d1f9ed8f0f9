import { create } from "zustand";
import { createJSONStorage, persist } from "zustand/middleware";

type Fields = Readonly<Record<string, string>>;

interface Unsent {
  /** by project, then by field; the project "" is the first page */
  words: Record<string, Fields>;
  put: (projectId: string, field: string, text: string) => void;
  drop: (projectId: string, ...fields: string[]) => void;
}

const NONE: Fields = {};

const without = (fields: Fields, gone: readonly string[]): Fields => Object.fromEntries(Object.entries(fields).filter(([field]) => !gone.includes(field)));

/** Words that were typed and not sent, in this tab: neither a reload nor another panel loses them, and nothing sends them but a person. */
export const useUnsent = create<Unsent>()(
  persist(
    (set) => ({
      words: {},
      put: (projectId, field, text) => set(({ words }) => ({ words: { ...words, [projectId]: { ...words[projectId], [field]: text } } })),
      drop: (projectId, ...fields) =>
        set(({ words }) => {
          const { [projectId]: mine = NONE, ...others } = words;
          const left = without(mine, fields);
          return { words: Object.keys(left).length > 0 ? { ...others, [projectId]: left } : others };
        }),
    }),
    { name: "brick.unsent", storage: createJSONStorage(() => sessionStorage), partialize: ({ words }) => ({ words }) },
  ),
);

/** The unsent words of all fields of a project. */
export function useUnsentOf(projectId: string): Fields {
  return useUnsent(({ words }) => words[projectId] ?? NONE);
}

/** What stands in a field: what was typed and not sent, else `initial`. Text put back to that is nothing unsent. */
export function useUnsentWords(projectId: string, field: string, initial = ""): [text: string, type: (text: string) => void, drop: () => void] {
  const text = useUnsentOf(projectId)[field];
  const { put, drop } = useUnsent.getState();
  return [text ?? initial, (typed) => (typed === initial ? drop(projectId, field) : put(projectId, field, typed)), () => drop(projectId, field)];
}
