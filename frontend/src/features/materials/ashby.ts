import type { MaterialRow } from "@/lib/api";

export interface Point {
  id: string;
  name: string;
  family: string;
  x: number;
  y: number;
}

/** Materials that have both properties, with positive values: what a chart on logarithmic scales can show. */
export function pointsOf(rows: readonly MaterialRow[], x: string, y: string): Point[] {
  return rows.flatMap((row) => {
    const [a, b] = [row[x], row[y]];
    return typeof a === "number" && typeof b === "number" && a > 0 && b > 0 ? [{ id: row.id, name: row.name, family: row.family, x: a, y: b }] : [];
  });
}

export interface Scale {
  low: number;
  high: number;
  /** 0..1 along the axis */
  at: (value: number) => number;
  ticks: number[];
}

/** A logarithmic axis that holds all values with some room, its marks at 1, 2 and 5 of each decade. */
export function logScale(values: readonly number[]): Scale {
  const low = Math.min(...values) / 1.25;
  const high = Math.max(...values) * 1.25;
  const [a, b] = [Math.log10(low), Math.log10(high)];
  const ticks: number[] = [];
  const steps = b - a > 2.2 ? [1] : b - a > 1 ? [1, 3] : [1, 2, 5];
  for (let decade = Math.floor(a); decade <= Math.ceil(b); decade += 1) for (const step of steps) {
    const value = step * 10 ** decade;
    if (value >= low && value <= high) ticks.push(value);
  }
  return { low, high, at: (value) => (Math.log10(value) - a) / (b - a || 1), ticks };
}

/** Marks by family: a shape and a colour each, so that colour alone says nothing. */
export const SHAPES = ["circle", "square", "diamond", "triangle", "cross", "ring"] as const;

/** Shape and colour of the family with this number; no two of the first 36 share both. */
export function markOf(family: number): { shape: (typeof SHAPES)[number]; tone: number; open: boolean } {
  const shape = SHAPES[family % SHAPES.length] ?? "circle";
  return { shape, tone: (family + Math.floor(family / SHAPES.length)) % 6, open: shape === "cross" || shape === "ring" };
}

export function shapePath(shape: (typeof SHAPES)[number], x: number, y: number, r: number): string {
  switch (shape) {
    case "square":
      return `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}z`;
    case "diamond":
      return `M${x} ${y - 1.3 * r}L${x + 1.3 * r} ${y}L${x} ${y + 1.3 * r}L${x - 1.3 * r} ${y}z`;
    case "triangle":
      return `M${x} ${y - 1.2 * r}L${x + 1.2 * r} ${y + r}H${x - 1.2 * r}z`;
    case "cross":
      return `M${x - r} ${y - r}L${x + r} ${y + r}M${x + r} ${y - r}L${x - r} ${y + r}`;
    default:
      return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
  }
}
