import { create } from "zustand";
import { persist } from "zustand/middleware";
import type { UnitSystem } from "@/lib/format";

export type ThemeChoice = "light" | "dark" | "system";
export type MouseScheme = "brick" | "onshape" | "solidworks" | "blender";
export type UnitChoice = UnitSystem | "brief";

interface Settings {
  theme: ThemeChoice;
  units: UnitChoice;
  mouse: MouseScheme;
  set: (change: Partial<Pick<Settings, "theme" | "units" | "mouse">>) => void;
}

/** What this person prefers, kept in this browser. */
export const useSettings = create<Settings>()(
  persist(
    (set) => ({
      theme: "system",
      units: "brief",
      mouse: "brick",
      set: (change) => set(change),
    }),
    { name: "brick.settings", partialize: ({ theme, units, mouse }) => ({ theme, units, mouse }) },
  ),
);
