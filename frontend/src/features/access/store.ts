import { create } from "zustand";

/** Whether the server asked for an access token that this browser doesn't have. */
export const useAccess = create<{ needed: boolean; require: () => void; given: () => void }>()((set) => ({
  needed: false,
  require: () => set({ needed: true }),
  given: () => set({ needed: false }),
}));
