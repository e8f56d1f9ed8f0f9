import { create } from "zustand";

interface Change {
  /** what was picked in the picture, in words, and the line that made it */
  about: string | null;
  line: number | null;
  /** counts up with each wish, so that asking twice opens the form twice */
  wish: number;
  ask: (about: string | null, line: number | null) => void;
  done: () => void;
}

/** A change that is asked for at a place of the part. */
export const useChange = create<Change>()((set) => ({
  about: null,
  line: null,
  wish: 0,
  ask: (about, line) => set((state) => ({ about, line, wish: state.wish + 1 })),
  done: () => set({ about: null, line: null }),
}));
