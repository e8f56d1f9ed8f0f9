import { create } from "zustand";
import { createJSONStorage, persist } from "zustand/middleware";

/** Something to try out that was asked for in another panel: taken by the sliders as soon as they are there. */
export const useWish = create<{ wish: Record<string, string> | null; ask: (wish: Record<string, string>) => void; take: () => void }>()((set) => ({
  wish: null,
  ask: (wish) => set({ wish }),
  take: () => set({ wish: null }),
}));

export type Wishes = Readonly<Record<string, number | string>>;

interface Tried {
  /** by project: which kept model the wishes differ from, and the wishes */
  tried: Record<string, { model: string; wishes: Wishes }>;
  put: (projectId: string, model: string, wishes: Wishes) => void;
}

const NONE: Wishes = {};

/** Sizes that are tried out, in this tab: neither a reload nor another panel loses them; another kept model ends them. */
export const useTried = create<Tried>()(
  persist(
    (set) => ({
      tried: {},
      put: (projectId, model, wishes) => set(({ tried }) => ({ tried: { ...tried, [projectId]: { model, wishes } } })),
    }),
    { name: "brick.sizes", storage: createJSONStorage(() => sessionStorage), partialize: ({ tried }) => ({ tried }) },
  ),
);

export function wishesOf({ tried }: Pick<Tried, "tried">, projectId: string, model: string): Wishes {
  const known = tried[projectId];
  return known?.model === model ? known.wishes : NONE;
}
