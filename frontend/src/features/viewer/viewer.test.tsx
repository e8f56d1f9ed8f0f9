import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MOUSE, OrthographicCamera, Vector2, Vector3 } from "three";
import { createRef } from "react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { eye } from "@/test/camera";
import { bracketState } from "@/test/fixtures";
import { cube, makeGlb } from "@/test/glb";
import { renderPage } from "@/test/render";
import { leaveRoom, MOUSE_BUTTONS } from "./CameraRig";
import { colorAt, cssGradient, lookupTable, ticks } from "./colormap";
import { featureEdges } from "./edges";
import { FieldLegend } from "./FieldLegend";
import { assessedStress, availableFields, displayRange, yieldOf } from "./fields";
import { gridCell } from "./Ground";
import { loadModel, type Model, showMode } from "./model";
import { drawnPoint, pick } from "./picking";
import { PhysicsOverlay } from "./PhysicsOverlay";
import { cutsOf, sectionPosition } from "./sections";
import { useViewer } from "./store";
import { viewNow } from "./views";
import { meshTrust } from "./trust";
import { cubeTransform, faceTransform, ViewCube, type ViewCubeHandle } from "./ViewCube";
import { ViewerToolbar, visibleScale } from "./ViewerToolbar";

const load = (): Promise<Model> => loadModel(makeGlb([cube("base", [0, 0, 0], (z) => 5 * z), cube("lid", [40, 0, 0])]));
const off = { on: false, at: 0.5, flip: false };

beforeEach(() => useViewer.getState().reset());

it("looks past the legend: what is in the middle of the view is in the middle of the room that is left", () => {
  const middle = (width: number, height: number) => {
    const camera = eye(new Vector3(0, -50, 0), new Vector3(0, 0, 0));
    camera.aspect = width / height;
    leaveRoom(camera, width, height);
    camera.updateProjectionMatrix();
    const { x, y } = new Vector3(0, 0, 0).project(camera);
    return [((x + 1) / 2) * width, ((1 - y) / 2) * height].map((place) => Math.round(place));
  };
  expect(middle(1000, 600)).toEqual([400, 300]); // 200 px are the legend's
  expect(middle(600, 400)).toEqual([200, 250]); // and 100 px above the figures'
  expect(middle(400, 600)).toEqual([200, 300]); // the legend lies below
});

describe("loading", () => {
  it("brings metres with Y up to millimetres with Z up, values untouched", async () => {
    const model = await load();
    expect(model.bodies.map((body) => body.name)).toEqual(["base", "lid"]);
    expect(model.triangles).toBe(24);
    const close = (vector: Vector3, wanted: number[]) => vector.toArray().forEach((value, index) => expect(value).toBeCloseTo(wanted[index] ?? 0, 4));
    close(model.box.min, [0, 0, 0]);
    close(model.box.max, [60, 20, 20]);
    expect(model.vonMises?.max.value).toBe(100);
    expect(model.vonMises?.max.at[2]).toBeCloseTo(20, 4);
    expect(model.vonMises?.min.value).toBe(0);
    expect(model.displacement?.max.value).toBeCloseTo(2, 5);
    expect(model.bodies[1]?.hasField).toBe(false);
    model.dispose();
  });
  it("finds the twelve edges of a cube and not its diagonals", async () => {
    const { bodies } = await load();
    expect(bodies[0]?.edges.getIndex()?.count).toBe(24);
  });
  it("keeps the rim of an open sheet, and joins faces that are split at their border", () => {
    const sheet = [0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0];
    expect(featureEdges(sheet, [0, 1, 2, 0, 2, 3]).pairs.length).toBe(8);
    const split = [...sheet.slice(0, 9), 0, 0, 0, 1, 1, 0, 0, 1, 0]; // the same square of two separate triangles
    expect(featureEdges(split, [0, 1, 2, 3, 4, 5]).pairs.length).toBe(8);
  });
  it("of a study with mode shapes shows one at a time, over the same buffers", async () => {
    const shape = (axis: number) => Array.from({ length: 24 }, (_, i) => (i % 3 === axis && i > 11 ? 1 : 0));
    const model = await loadModel(makeGlb([{ ...cube("part"), modes: [shape(0), shape(1)] }]));
    expect(model.modes).toBe(2);
    expect(model.bodies[0]?.hasField).toBe(true);
    const shown = model.bodies[0]?.geometry.getAttribute("displacement");
    expect(model.bodies[0]?.edges.getAttribute("displacement")).toBe(shown);
    const last = () => [0, 1, 2].map((axis) => shown?.getComponent(7, axis));
    expect(last()).toEqual([1, -0, 0]);
    showMode(model, 2);
    expect(last()).toEqual([0, -0, 1]); // up in the file is up here
    showMode(model, 1);
    expect(last()).toEqual([1, -0, 0]);
    expect(model.displacement?.max.value).toBe(1);
    expect((await load()).modes).toBe(0);
  });
  it("an empty model is an error in words", async () => {
    await expect(loadModel(makeGlb([]))).rejects.toThrow("no triangles");
  });
});

describe("probe", () => {
  const base = { hidden: [] as string[], explode: 0, deform: 0, cuts: [], ndc: new Vector2(0, 0) };
  it("reads the field's own value at a point", async () => {
    const model = await load();
    const hit = pick({ ...base, model, camera: eye(new Vector3(10, -200, 5), new Vector3(10, 0, 5)) });
    expect(hit?.body).toBe("base");
    expect(hit?.point_mm[1]).toBeCloseTo(0, 3);
    expect(hit?.vonMisesMpa).toBeCloseTo(25, 3); // 5 MPa per mm of height
    expect(hit?.displacementMm).toBeCloseTo(0.5, 4);
  });
  it("sees what stands in front, not what is hidden or cut away", async () => {
    const model = await load();
    const camera = eye(new Vector3(-200, 10, 10), new Vector3(0, 10, 10));
    expect(pick({ ...base, model, camera })?.body).toBe("base");
    expect(pick({ ...base, model, camera, hidden: ["base"] })).toMatchObject({ body: "lid", vonMisesMpa: null });
    const cuts = cutsOf(model.box, { x: { on: true, at: 0.5, flip: true }, y: off, z: off });
    expect(pick({ ...base, model, camera, cuts })?.body).toBe("lid");
    expect(pick({ ...base, model, camera: eye(new Vector3(-200, 10, 90), new Vector3(0, 10, 90)) })).toBeNull();
  });
  it("meets the part where it is drawn: deformed and exploded", async () => {
    const model = await load();
    const camera = eye(new Vector3(10, 10, 300), new Vector3(10, 10, 20));
    const top = pick({ ...base, model, camera, deform: 3 }); // the top moves 6 mm along x
    expect(top?.shown_mm[0]).toBeCloseTo(10, 0);
    expect((top?.shown_mm[0] ?? 0) - (top?.point_mm[0] ?? 0)).toBeCloseTo(6, 3);
    expect(pick({ ...base, model, camera, explode: 1 })).toBeNull(); // the cube went 28 mm aside
  });
});

it("labels go with the part where it is drawn", async () => {
  const model = await load();
  expect(drawnPoint(model, [20, 20, 20], 0, 0)).toEqual([20, 20, 20]);
  expect(drawnPoint(model, [20, 20, 20], 5, 0)[0]).toBeCloseTo(30, 3); // the top moves 2 mm along x
  expect(drawnPoint(model, [0, 0, 0], 0, 1)[0]).toBeCloseTo(-28, 3); // 20 mm from the centre, times 1.4
});

describe("sections", () => {
  it("keep what lies behind the cut, or the other side", async () => {
    const { box } = await load();
    expect(sectionPosition(box, "x", 0.25)).toBeCloseTo(15, 4);
    const [cut] = cutsOf(box, { x: { on: true, at: 0.5, flip: false }, y: off, z: off });
    expect(cut?.plane.distanceToPoint(new Vector3(0, 0, 0))).toBeCloseTo(30, 4);
    const [flipped] = cutsOf(box, { x: { on: true, at: 0.5, flip: true }, y: off, z: off });
    expect(flipped?.plane.distanceToPoint(new Vector3(0, 0, 0))).toBeCloseTo(-30, 4);
    expect(cutsOf(box, { x: off, y: off, z: off })).toEqual([]);
    expect(cutsOf(box, { x: { ...off, on: true }, y: { ...off, on: true }, z: { ...off, on: true } })).toHaveLength(3);
  });
});

describe("colours", () => {
  it("grow lighter all the way, so that they also read in grey", () => {
    const light = Array.from({ length: 101 }, (_, index) => {
      const [r, g, b] = colorAt(index / 100).map((value) => (value / 255) ** 2.2) as [number, number, number];
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    });
    light.slice(1).forEach((value, index) => expect(value).toBeGreaterThanOrEqual((light[index] ?? 0) - 1e-3));
    expect(lookupTable()).toHaveLength(1024);
    expect(colorAt(-1)).toEqual(colorAt(0));
  });
  it("bands are flat", () => expect(cssGradient("to top", 2)).toBe(`linear-gradient(to top, rgb(${colorAt(0.25).join(" ")}) 0% 50%, rgb(${colorAt(0.75).join(" ")}) 50% 100%)`));
  it("ticks are round numbers between exact ends", () => {
    expect(ticks(0, 196.1)).toEqual([0, 50, 100, 150, 196.1]);
    expect(ticks(3, 3)).toEqual([3]);
  });
});

describe("range", () => {
  const wish = { rangeMin: null, rangeMax: null, pinToYield: false };
  it("ends at the assessed peak, and says how far the raw field goes beyond it", async () => {
    const model = await load();
    expect(displayRange("von_mises", model, wish, 241, 80)).toEqual({ min: 0, max: 80, top: "assessed peak", over: 100 });
    expect(displayRange("von_mises", model, wish, 241, null)).toMatchObject({ max: 100, over: null });
  });
  it("can be pinned to yield or fixed", async () => {
    const model = await load();
    expect(displayRange("von_mises", model, { ...wish, pinToYield: true }, 241, 80)).toMatchObject({ max: 241, top: "yield", over: null });
    expect(displayRange("von_mises", model, { ...wish, rangeMin: 10, rangeMax: 50 }, 241, 80)).toMatchObject({ min: 10, max: 50, over: 100 });
    expect(displayRange("none", model, wish, 241, 80)).toBeNull();
  });
  it("of the safety factor starts at one", async () => {
    const model = await load();
    expect(displayRange("safety_factor", model, wish, 241, null)).toMatchObject({ min: 1, max: 5, over: null });
    expect(displayRange("safety_factor", model, wish, 50, null)?.over).toBeCloseTo(0.5, 6);
    expect(displayRange("safety_factor", model, wish, null, null)).toBeNull();
  });
  it("offers only fields that are there", async () => {
    const model = await load();
    expect(availableFields(model, 241)).toEqual(["none", "von_mises", "displacement", "safety_factor"]);
    expect(availableFields(null, 241)).toEqual(["none"]);
    expect(yieldOf(bracketState())).toBe(241);
    expect(assessedStress(bracketState())).toBeCloseTo(196.146, 3);
  });
});

describe("legend", () => {
  const range = { min: 0, max: 196.1, top: "assessed peak", over: 468.9 };
  it("speaks engineering units", () => {
    const { unmount } = renderPage(<FieldLegend range={range} field="von_mises" units="mm" strengthMpa={241} />);
    expect(screen.getByText("MPa")).toBeTruthy();
    expect(screen.getByText(/above the scale, to 469/)).toBeTruthy();
    unmount();
    renderPage(<FieldLegend range={range} field="von_mises" units="in" strengthMpa={241} />);
    expect(screen.getByText("ksi")).toBeTruthy();
    expect(screen.getByText(/28.4/)).toBeTruthy();
  });
  it("pins, fixes and frees the range", async () => {
    renderPage(<FieldLegend range={range} field="von_mises" units="mm" strengthMpa={241} />);
    await userEvent.click(screen.getByLabelText("Yield"));
    expect(useViewer.getState().pinToYield).toBe(true);
    await userEvent.click(screen.getByLabelText("Fixed"));
    expect(useViewer.getState()).toMatchObject({ pinToYield: false, rangeMin: 0, rangeMax: 196.1 });
    const to = screen.getByLabelText("To");
    await userEvent.clear(to);
    await userEvent.type(to, "150{Enter}");
    expect(useViewer.getState().rangeMax).toBe(150);
    await userEvent.clear(to);
    await userEvent.type(to, "nonsense{Enter}");
    expect(useViewer.getState().rangeMax).toBe(150);
    await userEvent.click(screen.getByLabelText("Auto"));
    expect(useViewer.getState().rangeMax).toBeNull();
  });
});

describe("overlay and trust", () => {
  it("shows only what was computed", () => {
    const state = bracketState();
    renderPage(<PhysicsOverlay state={state} units="mm" />);
    expect(screen.getByText("Displacement").nextSibling?.textContent).toBe("3.02\u00a0mm");
    expect(screen.queryByText("Temperature")).toBeNull();
    expect(screen.getByText("Converged, corners left out")).toBeTruthy();
  });
  it("says when a mesh can't be trusted", () => {
    expect(meshTrust(undefined)).toBeNull();
    const stress = { value: 100, error: 20, converged: false };
    expect(meshTrust({ levels: [], von_mises_mpa: stress })).toMatchObject({ trust: "poor" });
    expect(meshTrust({ levels: [], von_mises_mpa: { ...stress, error: 6 } })).toMatchObject({ trust: "partly", words: "Stress to ± 6 %" });
    expect(meshTrust({ levels: [], von_mises_mpa: { ...stress, converged: true } })).toMatchObject({ trust: "good" });
  });
});

describe("toolbar", () => {
  it("turns deformation, sections and explosion on only where they mean something", async () => {
    const model = await load();
    renderPage(<ViewerToolbar model={model} units="mm" strengthMpa={241} name="p" />);
    await userEvent.click(screen.getByRole("button", { name: "Deformation" }));
    await userEvent.click(screen.getByLabelText(/True/));
    expect(useViewer.getState().deformation).toBe(1);
    await userEvent.keyboard("{Escape}");
    expect(screen.queryByLabelText(/True/)).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "Section planes" }));
    await userEvent.click(screen.getByLabelText("Across Z"));
    expect(useViewer.getState().sections.z.on).toBe(true);
    expect(screen.getByText(/^10\smm$/)).toBeTruthy();
    expect(screen.getByRole("button", { name: "Explode" })).toBeTruthy();
    const single = await loadModel(makeGlb([cube("part")]));
    renderPage(<ViewerToolbar model={single} units="mm" strengthMpa={null} name="p" />);
    expect(screen.getAllByRole("button", { name: "Explode" })).toHaveLength(1);
    expect(visibleScale(single)).toBe(1);
  });
});

it("mode shapes are chosen by their frequency, and have no true size", async () => {
  const shape = Array.from({ length: 24 }, (_, i) => (i > 11 ? 0.5 : 0));
  const model = await loadModel(makeGlb([{ ...cube("part"), modes: [shape, shape] }]));
  renderPage(<ViewerToolbar model={model} units="mm" strengthMpa={null} name="p" modes={["Mode 1 · 120 Hz", "Mode 2 · 340 Hz"]} />);
  await userEvent.selectOptions(screen.getByLabelText("Mode shape"), "Mode 2 · 340 Hz");
  expect(useViewer.getState().mode).toBe(2);
  expect(screen.getByRole("option", { name: "Mode shape, largest 1" })).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Deformation" }));
  expect(screen.queryByLabelText(/True/)).toBeNull();
});

describe("view cube", () => {
  it("turns with the camera: from the front, its front face looks at the eye", () => {
    const camera = new OrthographicCamera();
    camera.up.set(0, 0, 1);
    camera.position.set(0, -10, 0);
    camera.lookAt(0, 0, 0);
    camera.updateMatrixWorld();
    // world x -> right, world y -> away from the eye, world z -> up, which is minus y of the page
    const parts = cubeTransform(camera).slice(9, -1).split(",").map((value) => Number(value) + 0);
    expect(parts).toEqual([1, 0, 0, 0, 0, 0, -1, 0, 0, -1, 0, 0, 0, 0, 0, 1]);
    expect(faceTransform([0, 0, 1], [1, 0, 0])).toBe("matrix3d(1,0,0,0,0,-1,0,0,0,0,1,0,0,0,25,1)");
  });
  it("leads to the view of the face that is clicked, and by key to the one that looks most at the eye", async () => {
    const view = vi.fn();
    useViewer.setState({ controls: { view } as unknown as NonNullable<ReturnType<typeof useViewer.getState>["controls"]> });
    const camera = new OrthographicCamera();
    camera.up.set(0, 0, 1);
    camera.position.set(9, -5, 3);
    camera.lookAt(0, 0, 0);
    // the scene was there before the cube
    renderPage(<ViewCube handle={createRef<ViewCubeHandle>()} camera={{ current: camera }} />);
    expect((document.querySelector("[data-view-now]") as HTMLElement).dataset["viewNow"]).toBe(viewNow(camera) ?? "free");
    expect(viewNow(eye(new Vector3(0, 0, 50), new Vector3(0, 0.005, 0)))).toBe("top");
    expect(viewNow(eye(new Vector3(0, -5, 50), new Vector3()))).toBeNull();
    expect((document.querySelector('[data-view="top"]')?.parentElement as HTMLElement).style.transform).toBe(cubeTransform(camera));
    await userEvent.click(document.querySelector('[data-view="top"]') as HTMLElement);
    expect(view).toHaveBeenLastCalledWith("top");
    screen.getByRole("button", { name: /^View cube/ }).focus();
    await userEvent.keyboard("{Enter}");
    expect(view).toHaveBeenLastCalledWith("right");
    useViewer.setState({ controls: null });
  });
});

it("grid cells are 1, 2 or 5 times a power of ten", () => {
  expect(gridCell(200)).toBe(10);
  expect(gridCell(170)).toBe(10);
  expect(gridCell(35)).toBe(2);
  expect(gridCell(90)).toBe(5);
});

it("every mouse scheme has a button that turns the model", () => {
  for (const buttons of Object.values(MOUSE_BUTTONS)) expect(Object.values(buttons)).toContain(MOUSE.ROTATE);
});
