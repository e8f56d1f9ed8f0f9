import { Vector2, Vector3 } from "three";
import { afterEach, describe, expect, it, vi } from "vitest";
import { eye } from "@/test/camera";
import { makeGlb } from "@/test/glb";
import { coarseIndex } from "./coarse";
import { featureEdges, weld } from "./edges";
import { applyRefined, LARGE_TRIANGLES, loadModel, type Model, refineModel } from "./model";
import { holdMotion, isCoarse, SLOW_MS, touchMotion, useMotion } from "./motion";
import { pick } from "./picking";
import { refine } from "./refine";
import { cutsOf } from "./sections";

const R = 20;

/** A half cylinder of radius 20 mm and height 60 mm, standing, closed by its flat side, its faces split at their borders. */
function halfCylinder(around: number, along: number) {
  const positions: number[] = [];
  const indices: number[] = [];
  const grid = (columns: number, rows: number, at: (u: number, w: number) => [number, number, number]) => {
    const base = positions.length / 3;
    for (let i = 0; i <= columns; i += 1)
      for (let j = 0; j <= rows; j += 1) {
        const [x, y, z] = at(i / columns, j / rows);
        positions.push(x / 1000, z / 1000, -y / 1000);
      }
    for (let i = 0; i < columns; i += 1)
      for (let j = 0; j < rows; j += 1) {
        const a = base + i * (rows + 1) + j;
        indices.push(a, a + rows + 1, a + 1, a + 1, a + rows + 1, a + rows + 2);
      }
  };
  grid(around, along, (u, w) => [R * Math.cos(Math.PI * u), R * Math.sin(Math.PI * u), 60 * w]);
  grid(around, along, (u, w) => [-R + 2 * R * u, 0, 60 * w]);
  const vertices = positions.length / 3;
  return {
    name: "half",
    positions,
    indices,
    vonMises: Array.from({ length: vertices }, (_, v) => 1000 * (positions[3 * v + 1] ?? 0)), // its height, mm
    displacement: Array.from({ length: vertices }, (_, v) => [0.1 * 1000 * (positions[3 * v + 1] ?? 0), 0, 0]).flat(),
  };
}

const arrays = (model: Model) => {
  const { geometry } = model.bodies[0] as Model["bodies"][0];
  return {
    positions: geometry.getAttribute("position").array as Float32Array,
    normals: geometry.getAttribute("normal").array as Float32Array,
    indices: geometry.getIndex()?.array as Uint32Array,
  };
};

describe("a large model", () => {
  it("comes without edges, which a thread beside the page adds with a coarser mesh and a search tree", async () => {
    const model = await loadModel(makeGlb([halfCylinder(200, 150)]));
    expect(model.triangles).toBeGreaterThan(LARGE_TRIANGLES);
    expect(model.bodies[0]?.edges.getIndex()?.count).toBe(0);
    const posted: unknown[] = [];
    const worker = { postMessage: (message: unknown) => posted.push(message), terminate: vi.fn(), onmessage: null as ((event: unknown) => void) | null };
    vi.stubGlobal("Worker", function Worker() {
      return worker;
    });
    const changed = vi.fn();
    refineModel(model, changed);
    expect(posted).toHaveLength(1);
    const body = model.bodies[0] as Model["bodies"][0];
    const steps = [...refine(posted[0] as Parameters<typeof refine>[0])].map((data) => {
      worker.onmessage?.({ data });
      return [body.coarse !== null, (body.edges.getIndex()?.count ?? 0) > 0, body.tree !== null];
    });
    // a view that is turned at once has a stand-in before anything else is known
    expect(steps).toEqual([[true, false, false], [true, true, false], [true, true, true]]);
    expect(worker.terminate).not.toHaveBeenCalled();
    worker.onmessage?.({ data: null });
    vi.unstubAllGlobals();
    expect(changed).toHaveBeenCalledTimes(3);
    expect(worker.terminate).toHaveBeenCalledOnce();
    // top and bottom are open, the two faces meet along two lines: 4 rims and 2 lines
    expect(model.bodies[0]?.edges.getIndex()?.count).toBe(2 * (4 * 200 + 2 * 150));
    model.dispose();
  }, 30_000);

  it("is picked through its tree exactly as triangle by triangle, at rest, bent and cut", async () => {
    const plain = await loadModel(makeGlb([halfCylinder(70, 50)]));
    const quick = await loadModel(makeGlb([halfCylinder(70, 50)]));
    for (const step of refine([arrays(quick)])) applyRefined(quick.bodies[0] as Model["bodies"][0], step);
    expect(quick.bodies[0]?.tree).not.toBeNull();
    const off = { on: false, at: 0.5, flip: false };
    const cuts = cutsOf(plain.box, { x: off, y: { on: true, at: 0.5, flip: false }, z: off });
    for (const [deform, some] of [[0, []], [4, []], [0, cuts]] as const)
      for (const x of [-0.3, 0.1, 0.27, 2]) {
        const asked = { camera: eye(new Vector3(10, 200, 40), new Vector3(0, 0, 30)), ndc: new Vector2(x, 0.13), hidden: [], explode: 0, deform, cuts: some };
        const [slow, fast] = [pick({ ...asked, model: plain }), pick({ ...asked, model: quick })];
        if (!slow) {
          expect(fast).toBeNull();
          continue;
        }
        for (const axis of [0, 1, 2]) expect(fast?.point_mm[axis]).toBeCloseTo(slow.point_mm[axis] ?? 0, 4);
        expect(fast?.vonMisesMpa).toBeCloseTo(slow.vonMisesMpa ?? 0, 3);
        expect(slow.vonMisesMpa).toBeCloseTo(slow.point_mm[2], 2);
      }
  }, 30_000);

  it("has a coarser mesh of far fewer triangles that lies on the part and keeps its edges", async () => {
    const model = await loadModel(makeGlb([halfCylinder(150, 120)]));
    const { positions, normals, indices } = arrays(model);
    const { marked } = featureEdges(positions, indices);
    const coarse = coarseIndex(positions, normals, indices, marked, 2000);
    expect(coarse).not.toBeNull();
    const used = new Set(coarse);
    expect((coarse?.length ?? 0) / 3).toBeLessThan(7000);
    // what lies on an edge stays; all else are vertices of the part
    marked.forEach((edge, vertex) => edge && expect(used.has(vertex)).toBe(true));
    // no triangle cuts across the part: its middle is near the skin
    for (let i = 0; i < (coarse?.length ?? 0); i += 3) {
      const middle = [0, 1, 2].map((axis) => [0, 1, 2].reduce((sum, corner) => sum + (positions[3 * (coarse?.[i + corner] ?? 0) + axis] ?? 0) / 3, 0));
      const skin = Math.min(Math.abs(Math.hypot(middle[0] ?? 0, middle[1] ?? 0) - R), Math.abs(middle[1] ?? 0));
      expect(skin).toBeLessThan(0.6);
    }
    expect(coarseIndex(positions, normals, indices, marked, 50_000)).toBeNull();
    // the stand-in: as few, of the part's own vertices
    const quick = coarseIndex(positions, normals, indices, null, 2000);
    expect((quick?.length ?? 0) / 3).toBeLessThan(7000);
    expect((quick?.length ?? 0) / 3).toBeGreaterThan(1000);
  });

  it("joins vertices by place, and only those", () => {
    expect([...weld([0, 0, 0, 10, 0, 0, 0, 0, 0, 10, 0, 1e-9, 0, 0.1, 0])]).toEqual([0, 1, 0, 1, 4]);
  });
});

describe("motion", () => {
  afterEach(() => {
    vi.useRealTimers();
    useMotion.setState({ moving: false, frameMs: null });
  });
  it("draws the coarser mesh only where the whole one is known to be slow, until the view rests", () => {
    vi.useFakeTimers();
    touchMotion();
    expect(isCoarse(useMotion.getState())).toBe(false);
    useMotion.setState({ frameMs: SLOW_MS / 2 });
    expect(isCoarse(useMotion.getState())).toBe(false);
    useMotion.setState({ frameMs: SLOW_MS * 2 });
    expect(isCoarse(useMotion.getState())).toBe(true);
    vi.advanceTimersByTime(1000);
    expect(isCoarse(useMotion.getState())).toBe(false);
    expect(isCoarse(useMotion.getState(), true)).toBe(true);
  });
  it("a pause with the button down is no rest", () => {
    vi.useFakeTimers();
    holdMotion(true);
    touchMotion();
    vi.advanceTimersByTime(5000);
    expect(useMotion.getState().moving).toBe(true);
    holdMotion(false);
    vi.advanceTimersByTime(1000);
    expect(useMotion.getState().moving).toBe(false);
  });
});
