import { create } from "zustand";

interface Change {
  /** what was picked in the picture, in words, and the line that made it */
  about: string | null;
  line: number | null;
  /** the picked face: its name in the program, or its number */
  face: string | null;
  /** counts up with each wish, so that asking twice opens the form twice */
  wish: number;
  ask: (about: string | null, line: number | null, face?: string | null) => void;
  done: () => void;
}

/** A change that is asked for at a place of the part. */
export const useChange = create<Change>()((set) => ({
  about: null,
  line: null,
  face: null,
  wish: 0,
  ask: (about, line, face = null) => set((state) => ({ about, line, face, wish: state.wish + 1 })),
  done: () => set({ about: null, line: null, face: null }),
}));
