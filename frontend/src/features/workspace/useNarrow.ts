import { useSyncExternalStore } from "react";

const query = () => window.matchMedia("(max-width: 820px)");

/** Whether the page is too narrow for panels side by side. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    (changed) => {
      const list = query();
      list.addEventListener("change", changed);
      return () => list.removeEventListener("change", changed);
    },
    () => query().matches,
  );
}
