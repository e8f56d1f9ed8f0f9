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

/** A mark of the chart: where its values are, and where it is drawn so that it can be seen and hit. */
export interface Mark extends Point {
  trueX: number;
  trueY: number;
  atX: number;
  atY: number;
}

/**
 * Places marks in a picture and moves those apart that would cover each other: no two stay nearer than `apart` if the room
 * within `reach` of their true places allows it. The same points give the same picture.
 */
export function spread(points: readonly Point[], px: (x: number) => number, py: (y: number) => number, apart = 10, reach = 26): Mark[] {
  const marks = points.map((point) => ({ ...point, trueX: px(point.x), trueY: py(point.y), atX: px(point.x), atY: py(point.y) }));
  for (let round = 0; round < 80; round += 1) {
    let moved = false;
    for (let i = 0; i < marks.length; i += 1)
      for (let j = i + 1; j < marks.length; j += 1) {
        const [a, b] = [marks[i], marks[j]];
        if (!a || !b) continue;
        let [dx, dy] = [b.atX - a.atX, b.atY - a.atY];
        let distance = Math.hypot(dx, dy);
        if (distance >= apart - 0.05) continue;
        if (distance < 1e-6) {
          // the same place: apart in a direction of their own, by the golden angle
          [dx, dy] = [Math.cos(j * 2.399963), Math.sin(j * 2.399963)];
          distance = 1;
        }
        const push = Math.max(apart - Math.hypot(b.atX - a.atX, b.atY - a.atY), 0) / 2;
        a.atX -= (dx / distance) * push;
        a.atY -= (dy / distance) * push;
        b.atX += (dx / distance) * push;
        b.atY += (dy / distance) * push;
        moved = true;
      }
    for (const mark of marks) {
      const away = Math.hypot(mark.atX - mark.trueX, mark.atY - mark.trueY);
      if (away <= reach) continue;
      mark.atX = mark.trueX + ((mark.atX - mark.trueX) * reach) / away;
      mark.atY = mark.trueY + ((mark.atY - mark.trueY) * reach) / away;
    }
    if (!moved) break;
  }
  return marks;
}

export interface PlacedName {
  id: string;
  name: string;
  x: number;
  y: number;
}

const LETTER = 6.4;
const LINE = 14;

/** Names beside their marks, in order of importance: each where it covers no other name
 * and as few marks as can be, within the picture; else left out. */
export function placeNames(marks: readonly Mark[], ids: readonly string[], box: { left: number; top: number; right: number; bottom: number }): PlacedName[] {
  const taken: { left: number; top: number; right: number; bottom: number }[] = [];
  const placed: PlacedName[] = [];
  for (const id of new Set(ids)) {
    const mark = marks.find((one) => one.id === id);
    if (!mark) continue;
    const width = mark.name.length * LETTER;
    const spots = [0, -1, 1, -2, 2, -3, 3].flatMap((row) => [
      { x: mark.atX + 10, y: mark.atY + 4 + row * LINE },
      { x: mark.atX - 10 - width, y: mark.atY + 4 + row * LINE },
    ]);
    let best: { own: (typeof taken)[number]; covered: number } | null = null;
    for (const { x, y } of spots) {
      const own = { left: x, right: x + width, top: y - LINE + 3, bottom: y + 3 };
      if (own.left < box.left || own.right > box.right || own.top < box.top || own.bottom > box.bottom) continue;
      if (taken.some((other) => own.left < other.right && other.left < own.right && own.top < other.bottom && other.top < own.bottom)) continue;
      const covered = marks.filter((other) => other.atX > own.left - 4 && other.atX < own.right + 4 && other.atY > own.top - 3 && other.atY < own.bottom + 3).length;
      if (!best || covered < best.covered) best = { own, covered };
    }
    if (!best) continue;
    taken.push(best.own);
    placed.push({ id, name: mark.name, x: best.own.left, y: best.own.bottom - 3 });
  }
  return placed;
}

/** The line of equal index through a point, cut to the axes: its ends in shares of the axes, or null where it misses them. */
export function guideLine(through: { x: number; y: number }, slope: number, x: Scale, y: Scale): [[number, number], [number, number]] | null {
  const [wide, high] = [Math.log10(x.high / x.low), Math.log10(y.high / y.low)];
  // y = m x + c in shares of the axes
  const m = (slope * wide) / high;
  const c = y.at(through.y) - m * x.at(through.x);
  const ends = [0, 1].map((share) => [share, m * share + c] as [number, number]);
  for (const level of [0, 1]) ends.push([(level - c) / m, level]);
  const inside = ends.filter(([u, w]) => u > -1e-9 && u < 1 + 1e-9 && w > -1e-9 && w < 1 + 1e-9).sort((a, b) => a[0] - b[0]);
  const [first, last] = [inside[0], inside.at(-1)];
  return first && last && first !== last ? [first, last] : null;
}
