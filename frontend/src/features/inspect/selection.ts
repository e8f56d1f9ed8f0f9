import { create } from "zustand";
import type { Vec3 } from "@/lib/types";

export type Picked = { kind: "face" | "edge" | "body"; index: number } | { kind: "point"; at: Vec3 };

interface Selection {
  /** at most two from a person's picks; more where a line of the program stands for several faces */
  picked: Picked[];
  /** the line of the program that was selected, which stands for the faces it made */
  line: number | null;
  pick: (what: Picked, add: boolean) => void;
  set: (picked: Picked[], line?: number | null) => void;
  clear: () => void;
}

const same = (a: Picked, b: Picked) => a.kind === b.kind && (a.kind === "point" ? a === b : a.index === (b as { index: number }).index);

/** What is selected of the part: in step between the picture, the tree and the program. */
export const useSelection = create<Selection>()((set) => ({
  picked: [],
  line: null,
  pick: (what, add) =>
    set(({ picked }) => {
      if (picked.some((other) => same(other, what))) return { picked: picked.filter((other) => !same(other, what)), line: null };
      return { picked: add ? [...picked.slice(-1), what] : [what], line: null };
    }),
  set: (picked, line = null) => set({ picked, line }),
  clear: () => set({ picked: [], line: null }),
}));

const LETTERS = { face: "f", edge: "e", body: "b" } as const;

/** "f3,e7" for the address of the page; points are not kept. */
export function selectionText(picked: readonly Picked[]): string {
  return picked.flatMap((one) => (one.kind === "point" ? [] : [`${LETTERS[one.kind]}${one.index}`])).join(",");
}

export function readSelection(text: string | null): Picked[] {
  const kinds = { f: "face", e: "edge", b: "body" } as const;
  return (text ?? "").split(",").flatMap((word) => {
    const match = /^([feb])(\d+)$/.exec(word);
    return match ? [{ kind: kinds[match[1] as "f" | "e" | "b"], index: Number(match[2]) }] : [];
  });
}
