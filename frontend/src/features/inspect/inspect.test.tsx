import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { PerspectiveCamera } from "three";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Sources, Topology } from "@/lib/api";
import { renderPanel, serve } from "@/test/render";
import { useChange } from "@/features/compile/changeStore";
import { betweenPoints, MeasureTool } from "./MeasureTool";
import { factsOf, extentOf } from "./measure";
import { edgeNear, nearestFace } from "./nearest";
import { readSelection, selectionText, useSelection } from "./selection";
import { facesOfLine, linesOfFace } from "./useLook";

/** Two faces of a box 10 x 10 x 10 that share the edge x = 10, z = 10, and a hole. */
const topology: Topology = {
  faces: [
    { index: 0, body: 0, surface: "plane", area_mm2: 100, centroid_mm: [5, 5, 10], normal: [0, 0, 1], radius_mm: null, axis: null, triangles: [0, 0, 10, 10, 0, 10, 10, 10, 10, 0, 0, 10, 10, 10, 10, 0, 10, 10] },
    { index: 1, body: 0, surface: "plane", area_mm2: 100, centroid_mm: [10, 5, 5], normal: [1, 0, 0], radius_mm: null, axis: null, triangles: [10, 0, 0, 10, 10, 0, 10, 10, 10, 10, 0, 0, 10, 10, 10, 10, 0, 10] },
    { index: 2, body: 0, surface: "cylinder", area_mm2: 62.8, centroid_mm: [5, 5, 5], normal: null, radius_mm: 1, axis: { point_mm: [5, 5, 0], direction: [0, 0, 1] }, triangles: [] },
  ],
  edges: [
    { index: 0, faces: [0, 1], kind: "line", length_mm: 10, radius_mm: null, center_mm: null, closed: false, points_mm: [[10, 0, 10], [10, 10, 10]] },
    { index: 1, faces: [0, 2], kind: "circle", length_mm: Math.PI, radius_mm: 1, center_mm: [5, 5, 10], closed: false, points_mm: [[6, 5, 10], [4, 5, 10]] },
  ],
  bodies: [{ index: 0, name: "block", volume_mm3: 1000, area_mm2: 600, center_of_mass_mm: [5, 5, 5], valid: true }],
  volume_mm3: 1000,
};
const sources: Sources = { faces: [{ face_index: 0, places: [{ line: 7, column: 3, command: "extrude" }] }, { face_index: 1, places: [{ line: 4, column: 5, command: "extend_path" }, { line: 7, column: 3, command: "extrude" }] }], commands: 9, complete: true };

beforeEach(() => useSelection.getState().clear());
afterEach(() => vi.unstubAllGlobals());

describe("picking", () => {
  it("finds the face under a point of the surface, and an edge near the pointer", () => {
    expect(nearestFace(topology, [3, 3, 10])).toBe(0);
    expect(nearestFace(topology, [10, 3, 4])).toBe(1);
    const camera = new PerspectiveCamera(40, 1, 1, 200);
    camera.position.set(5, 5, 60);
    camera.lookAt(5, 5, 0);
    camera.updateMatrixWorld();
    const screenOf = { camera, width: 400, height: 400 };
    // the edge x = 10 is right of the middle; 10 mm at a distance of 50 are 110 of 400 pixels
    const half = (5 / (50 * Math.tan((20 * Math.PI) / 180))) * 200;
    expect(edgeNear(topology, 0, [200 + half + 3, 200], screenOf)).toBe(0);
    expect(edgeNear(topology, 0, [200 + half + 30, 100], screenOf)).toBeNull();
    expect(edgeNear(topology, 2, [200 + half, 200], screenOf)).toBeNull();
  });
  it("lets the middle of a narrow face be picked between its edges", () => {
    const line = (index: number, y: number) => ({ ...(topology.edges[0] as Topology["edges"][number]), index, faces: [0], points_mm: [[-50, y, 0], [50, y, 0]] as [number, number, number][] });
    const camera = new PerspectiveCamera(90, 1, 1, 200);
    camera.position.set(0, 0, 100);
    camera.updateMatrixWorld();
    const screenOf = { camera, width: 400, height: 400 }; // 2 pixels a mm
    const strip = { ...topology, edges: [line(0, 2.5), line(1, -2.5)] }; // 10 pixels wide
    const at = (y: number) => edgeNear(strip, 0, [200, y], screenOf);
    expect([at(195), at(197), at(200), at(202), at(203), at(205)]).toEqual([0, 0, null, null, 1, 1]);
    // a wide one has its edges within reach
    const plate = { ...topology, edges: [line(0, 20), line(1, -20)] };
    expect([160, 166, 168, 200, 235].map((y) => edgeNear(plate, 0, [200, y], screenOf))).toEqual([0, 0, null, null, 1]);
  });
  it("knows the extent of a selection", () => {
    expect(extentOf([[0, 0, 0], [3, 4, 0]])).toEqual({ center: [1.5, 2, 0], size: 5 });
    expect(extentOf([])).toBeNull();
  });
});

describe("selection", () => {
  it("replaces, adds up to two, and takes away what is picked again", () => {
    const { pick } = useSelection.getState();
    pick({ kind: "face", index: 1 }, false);
    pick({ kind: "edge", index: 2 }, true);
    pick({ kind: "face", index: 3 }, true);
    expect(useSelection.getState().picked).toEqual([{ kind: "edge", index: 2 }, { kind: "face", index: 3 }]);
    pick({ kind: "face", index: 3 }, true);
    expect(useSelection.getState().picked).toEqual([{ kind: "edge", index: 2 }]);
  });
  it("goes into the address and back", () => {
    const picked = [{ kind: "face" as const, index: 3 }, { kind: "edge" as const, index: 12 }];
    expect(readSelection(selectionText(picked))).toEqual(picked);
    expect(readSelection("x9,f,e-1")).toEqual([]);
    expect(readSelection(null)).toEqual([]);
  });
  it("leads from a face to its words and back", () => {
    expect(linesOfFace(sources, 1)).toEqual([4, 7]);
    expect(facesOfLine(sources, 7)).toEqual([0, 1]);
    expect(facesOfLine(null, 7)).toEqual([]);
  });
});

describe("MeasureTool", () => {
  const show = (density: number | null = null) =>
    renderPanel(<MeasureTool topology={topology} distance={null} problem={null} loading={false} density={density} />);
  it("shows what one face, edge or body measures, in the units of the page", () => {
    expect(factsOf({ kind: "edge", index: 1 }, topology, null, "mm")).toEqual([
      { name: "Length", value: "3.14159\u00a0mm" },
      { name: "Radius", value: "1\u00a0mm" },
      { name: "Arc", value: "180°" },
    ]);
    expect(factsOf({ kind: "face", index: 2 }, topology, null, "in")[1]).toEqual({ name: "Radius", value: "0.0393701\u00a0in" });
    expect(factsOf({ kind: "body", index: 0 }, topology, 2700, "mm")).toContainEqual({ name: "Mass", value: "2.7\u00a0g" });
    expect(factsOf({ kind: "body", index: 0 }, topology, null, "mm").map((fact) => fact.name)).not.toContain("Mass");
  });
  it("says 0 for what is nought but for the rounding of the kernel", () => {
    expect(factsOf({ kind: "point", at: [1, 0, 1.8e-15] }, topology, null, "mm").map((fact) => fact.value)).toEqual(["1\u00a0mm", "0\u00a0mm", "0\u00a0mm"]);
  });
  it("shows distance, components and angle of two, and says whether they are exact", () => {
    useSelection.getState().set([{ kind: "face", index: 0 }, { kind: "face", index: 1 }]);
    const distance = { ...betweenPoints([0, 0, 0], [3, 4, 12]), angle_deg: 90, parallel: false, exact: true };
    expect(distance.distance_mm).toBe(13);
    renderPanel(<MeasureTool topology={topology} distance={distance} problem={null} loading={false} density={null} />);
    const card = screen.getByRole("region", { name: "Measure" });
    expect(card.textContent).toContain("Distance13\u00a0mmΔX3\u00a0mmΔY4\u00a0mmΔZ12\u00a0mmAngle90°");
    expect(card.textContent).toContain("exact, of the B-rep");
  });
  it("says that two touch, where there is no distance between them", () => {
    useSelection.getState().set([{ kind: "face", index: 0 }, { kind: "edge", index: 0 }]);
    const distance = { ...betweenPoints([10, 0, 10], [10, 0, 10]), angle_deg: 0, parallel: true, exact: true };
    renderPanel(<MeasureTool topology={topology} distance={distance} problem={null} loading={false} density={null} />);
    const card = screen.getByRole("region", { name: "Measure" });
    expect(card.textContent).toContain("Distance0\u00a0mm, they touchAngleparallel");
    expect(card.textContent).not.toContain("ΔX");
  });
  it("says so where a distance is of the drawn mesh", () => {
    useSelection.getState().set([{ kind: "point", at: [0, 0, 0] }, { kind: "point", at: [1, 0, 0] }]);
    renderPanel(<MeasureTool topology={null} distance={betweenPoints([0, 0, 0], [1, 0, 0])} problem={null} loading={false} density={null} />);
    expect(screen.getByText("of the drawn mesh")).toBeTruthy();
  });
  it("takes a picked face to the conversation", async () => {
    serve({ "/api/geometry/look": { look_id: "look-1", model_id: "look-1", compiled: {} }, "/api/geometry/looks/look-1/sources": sources });
    useSelection.getState().set([{ kind: "face", index: 1 }]);
    const { value } = show();
    await waitFor(() => expect(screen.getByText("line 4, 7")).toBeTruthy());
    await userEvent.click(screen.getByRole("button", { name: "Thicken here: ask for a change" }));
    const asked = useChange.getState().asked[value.projectId];
    expect(asked).toMatchObject({ line: 4 });
    expect(asked?.about).toMatch(/^Plane/);
  });
});
