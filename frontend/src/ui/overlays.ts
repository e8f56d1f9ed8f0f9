import { create } from "zustand";

/** The windows that lie over any page. */
export const useOverlays = create<{ settings: boolean; commands: boolean; show: (which: "settings" | "commands", on: boolean) => void }>()((set) => ({
  settings: false,
  commands: false,
  show: (which, on) => set({ settings: false, commands: false, [which]: on }),
}));
