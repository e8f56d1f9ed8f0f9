/** Where the words of marked points stand: near their point, over no other word and over nothing that lies on the picture. */

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Tagged {
  id: string;
  /** the marked point, in pixels of the picture */
  x: number;
  y: number;
  width: number;
  height: number;
  /** the side it takes if nothing is in the way: across and down, -1 to 1 */
  prefers: Side;
}

export type Side = readonly [number, number];

export interface Place {
  left: number;
  top: number;
  /** which of the places around the point it is */
  spot: number;
}

const GAP = 3;
const NEAR = 11;
const REACHES = [NEAR, 24, 40, 58, 78, 100, 124];
/** The eight directions, right first, clockwise as the picture is seen. */
const AROUND: readonly Side[] = [[1, 0], [1, 1], [0, 1], [-1, 1], [-1, 0], [-1, -1], [0, -1], [1, -1]];
const TURNED = 4; // pixels that a step away from the preferred side is worth
const COVERED = 60; // and the point of another word below this one
const KEPT = 14; // a word stays where it was until another place is so much nearer

export function overlap(one: Box, other: Box, gap = 0): boolean {
  return (
    one.left < other.left + other.width + gap &&
    other.left < one.left + one.width + gap &&
    one.top < other.top + other.height + gap &&
    other.top < one.top + one.height + gap
  );
}

function stand({ x, y, width, height }: Tagged, spot: number): Box {
  const [across = 0, down = 0] = AROUND[spot % AROUND.length] ?? [];
  const reach = (REACHES[Math.floor(spot / AROUND.length)] ?? 0) * (across !== 0 && down !== 0 ? Math.SQRT1_2 : 1);
  return {
    left: x + across * (reach + width / 2) - width / 2,
    top: y + down * (reach + height / 2) - height / 2,
    width,
    height,
  };
}

function within(box: Box, frame: { width: number; height: number }): boolean {
  return box.left >= 0 && box.top >= 0 && box.left + box.width <= frame.width && box.top + box.height <= frame.height;
}

/**
 * A place for each word, the first of the list first; a word for which there is none is left out, its point stays.
 * `before`: the spots of the last picture, so that no word jumps to and fro while the model turns.
 */
export function placeTags(
  tags: readonly Tagged[],
  frame: { width: number; height: number },
  obstacles: readonly Box[],
  before: ReadonlyMap<string, number> = new Map(),
): Map<string, Place> {
  const places = new Map<string, Place>();
  const taken: Box[] = [...obstacles];
  for (const tag of tags) {
    const first = AROUND.findIndex(([across, down]) => across === tag.prefers[0] && down === tag.prefers[1]);
    let best: { cost: number; spot: number; box: Box } | null = null;
    for (let spot = 0; spot < REACHES.length * AROUND.length; spot += 1) {
      const turned = Math.abs((spot % AROUND.length) - first);
      const away = Math.min(turned, AROUND.length - turned);
      const near = (REACHES[Math.floor(spot / AROUND.length)] ?? 0) + away * TURNED - (before.get(tag.id) === spot ? KEPT : 0);
      if (best && near >= best.cost) continue;
      const box = stand(tag, spot);
      if (!within(box, frame) || taken.some((other) => overlap(box, other, GAP))) continue;
      const covers = tags.some((other) => other !== tag && overlap(box, { left: other.x, top: other.y, width: 0, height: 0 }, 5));
      const cost = near + (covers ? COVERED : 0);
      if (!best || cost < best.cost) best = { cost, spot, box };
    }
    if (!best) continue;
    taken.push(best.box);
    places.set(tag.id, { left: best.box.left, top: best.box.top, spot: best.spot });
  }
  return places;
}

/** The line from a point to its word: its length and angle, or none where the word is next to it. */
export function leadTo(x: number, y: number, box: Box): { length: number; angle: number } | null {
  const across = Math.min(Math.max(x, box.left), box.left + box.width) - x;
  const down = Math.min(Math.max(y, box.top), box.top + box.height) - y;
  const length = Math.hypot(across, down);
  return length > NEAR + 6 ? { length, angle: Math.atan2(down, across) } : null;
}
