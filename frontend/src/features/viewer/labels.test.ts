import { describe, expect, it } from "vitest";
import { type Box, leadTo, overlap, placeTags, type Side, type Tagged } from "./labels";

/** The same numbers in every run: a linear congruence. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296) / 4_294_967_296;
}

const FRAME = { width: 760, height: 560 };
const LEGEND: Box = { left: 570, top: 250, width: 178, height: 298 };
const word = (id: string, x: number, y: number, prefers: Side = [1, 0], width = 90): Tagged => ({ id, x, y, width, height: 20, prefers });

describe("the words of marked points", () => {
  it("stand beside their point where nothing is in the way", () => {
    const places = placeTags([word("a", 300, 200), word("b", 300, 400, [-1, -1])], FRAME, [LEGEND]);
    expect(places.get("a")).toMatchObject({ left: 311, top: 190 });
    expect(places.get("b")!.left + 90).toBeLessThan(300);
    expect(places.get("b")!.top + 20).toBeLessThan(400);
  });
  it("of the same point stand apart, and none covers the point of another", () => {
    const tags = [word("max", 300, 200, [1, -1]), word("min", 304, 204, [1, 1]), word("warn", 302, 198)];
    const places = placeTags(tags, FRAME, []);
    expect([...places.keys()]).toEqual(["max", "min", "warn"]);
    const boxes = tags.map((tag) => ({ ...tag, ...places.get(tag.id)! }));
    boxes.forEach((box, index) => boxes.slice(index + 1).forEach((other) => expect(overlap(box, other)).toBe(false)));
    for (const box of boxes) for (const tag of tags) expect(overlap(box, { left: tag.x, top: tag.y, width: 0, height: 0 })).toBe(false);
  });
  it("at the legend go to the other side; words without any place are left out", () => {
    expect(placeTags([word("a", 560, 400)], FRAME, [LEGEND]).get("a")!.left).toBeLessThan(560 - 90);
    const wall: Box = { left: 0, top: 0, width: FRAME.width, height: FRAME.height };
    expect(placeTags([word("a", 300, 200)], FRAME, [wall]).size).toBe(0);
  });
  it("never overlap one another, nor what lies on the picture, nor its border, whatever is marked", () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const next = numbers(seed);
      const frame = { width: 250 + next() * 900, height: 200 + next() * 700 };
      const obstacles = Array.from({ length: Math.floor(next() * 5) }, () => ({ left: next() * frame.width, top: next() * frame.height, width: next() * 200, height: next() * 300 }));
      const spread = seed % 2 ? 1 : 0.1; // every second time all on one heap
      const tags = Array.from({ length: 1 + Math.floor(next() * 30) }, (_, index) =>
        word(`${index}`, (0.5 + (next() - 0.5) * spread) * frame.width, (0.5 + (next() - 0.5) * spread) * frame.height, [next() > 0.5 ? 1 : -1, Math.floor(next() * 3) - 1], 20 + next() * 140),
      );
      const before = placeTags(tags, frame, obstacles);
      const spots = new Map([...before].map(([id, { spot }]) => [id, spot]));
      for (const places of [before, placeTags(tags, frame, obstacles, spots)]) {
        const boxes = tags.filter(({ id }) => places.has(id)).map((tag) => ({ ...tag, ...places.get(tag.id)! }));
        boxes.forEach((box, index) => {
          for (const other of [...boxes.slice(index + 1), ...obstacles]) expect(overlap(box, other), `seed ${seed}`).toBe(false);
          expect(box.left >= 0 && box.top >= 0 && box.left + box.width <= frame.width && box.top + box.height <= frame.height, `seed ${seed}`).toBe(true);
        });
      }
    }
  });
  it("do not jump to and fro: a small turn of the model leaves each at its spot", () => {
    const tags = (shift: number) => [word("max", 300 + shift, 200), word("warn", 392 - shift, 204)];
    let places = placeTags(tags(0), FRAME, [LEGEND]);
    const first = places.get("warn")!.spot;
    for (let step = 1; step <= 6; step += 1) {
      places = placeTags(tags(step % 2), FRAME, [LEGEND], new Map([...places].map(([id, { spot }]) => [id, spot])));
      expect(places.get("warn")!.spot).toBe(first);
    }
  });
  it("far from their point are led to by a line that ends at them", () => {
    const box = { left: 340, top: 260, width: 90, height: 20 };
    expect(leadTo(300, 260 + 10, box)).toMatchObject({ length: 40, angle: 0 });
    expect(leadTo(329, 270, box)).toBeNull();
    const { length, angle } = leadTo(300, 200, box)!;
    expect(300 + length * Math.cos(angle)).toBeCloseTo(340);
    expect(200 + length * Math.sin(angle)).toBeCloseTo(260);
  });
});
