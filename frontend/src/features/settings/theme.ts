import { useSyncExternalStore } from "react";
import { type ThemeChoice, useSettings } from "./store";

const query = () => window.matchMedia("(prefers-color-scheme: dark)");

export function resolveTheme(choice: ThemeChoice, systemDark: boolean): "light" | "dark" {
  return choice === "system" ? (systemDark ? "dark" : "light") : choice;
}

/** The theme in force, following the system where that is chosen. */
export function useTheme(): "light" | "dark" {
  const choice = useSettings((settings) => settings.theme);
  const systemDark = useSyncExternalStore(
    (changed) => {
      const list = query();
      list.addEventListener("change", changed);
      return () => list.removeEventListener("change", changed);
    },
    () => query().matches,
  );
  return resolveTheme(choice, systemDark);
}
