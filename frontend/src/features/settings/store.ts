import { create } from "zustand";
import { persist } from "zustand/middleware";
import type { UnitSystem } from "@/lib/format";

export type ThemeChoice = "light" | "dark" | "system";
export type MouseScheme = "brick" | "onshape" | "solidworks" | "blender";
export type ProviderChoice = "server" | "offline";
export type UnitChoice = UnitSystem | "brief";

interface Settings {
  theme: ThemeChoice;
  units: UnitChoice;
  mouse: MouseScheme;
  /** who reads words: the server's language model, or the rules of this program alone */
  provider: ProviderChoice;
  /** keys that differ from the usual ones, by the id of the command; "" takes the key away */
  keys: Record<string, string>;
  set: (change: Partial<Pick<Settings, "theme" | "units" | "mouse" | "provider" | "keys">>) => void;
}

/** What this person prefers, kept in this browser. */
export const useSettings = create<Settings>()(
  persist(
    (set) => ({
      theme: "system",
      units: "brief",
      mouse: "brick",
      provider: "server",
      keys: {},
      set: (change) => set(change),
    }),
    { name: "brick.settings", partialize: ({ theme, units, mouse, provider, keys }) => ({ theme, units, mouse, provider, keys }) },
  ),
);
