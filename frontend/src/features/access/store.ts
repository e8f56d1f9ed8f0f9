import { create } from "zustand";

interface Access {
  needed: boolean;
  /** how often a token was given: a request that was sent before the last one is refused for want of it, and asks for nothing */
  times: number;
  require: (sentAt: number) => void;
  given: () => void;
}

/** Whether the server asked for an access token that this browser doesn't have. */
export const useAccess = create<Access>()((set) => ({
  needed: false,
  times: 0,
  require: (sentAt) => set(({ times, needed }) => ({ needed: needed || sentAt === times })),
  given: () => set(({ times }) => ({ needed: false, times: times + 1 })),
}));
