import { create } from "zustand";

/** Something to try out that was asked for in another panel: taken by the sliders as soon as they are there. */
export const useWish = create<{ wish: Record<string, string> | null; ask: (wish: Record<string, string>) => void; take: () => void }>()((set) => ({
  wish: null,
  ask: (wish) => set({ wish }),
  take: () => set({ wish: null }),
}));
