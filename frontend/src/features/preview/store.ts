import { create } from "zustand";
import type { Check } from "@/lib/types";

/** A part that is tried out and not kept: by other sizes, or by an edited program. */
export interface Draft {
  projectId: string;
  from: "parameters" | "code" | "study";
  modelId: string;
  kclCode: string;
  massG: number | null;
  checks: Check[];
  /** of a study that has mode shapes: what each is called, such as its frequency */
  modes?: string[];
}

interface PreviewStore {
  draft: Draft | null;
  show: (draft: Draft) => void;
  clear: () => void;
}

/** What the viewer and the program show instead of the kept revision, while something is tried out. */
export const usePreview = create<PreviewStore>()((set) => ({
  draft: null,
  show: (draft) => set({ draft }),
  clear: () => set({ draft: null }),
}));
