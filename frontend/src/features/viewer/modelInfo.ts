import { create } from "zustand";

/** The names of the bodies on screen, for the tree: told by the viewer, which alone has loaded them. */
export const useModelInfo = create<{ bodies: readonly string[] }>()(() => ({ bodies: [] }));
