import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { usePreview } from "@/features/preview/store";
import { bracketView } from "@/test/fixtures";
import { renderPanel, serve } from "@/test/render";
import { Adjust } from "./Adjust";
import { answerText, sliderRange } from "./answers";
import { useTried } from "./wishStore";

const ID = bracketView().project_id;
const thickness = { name: "thickness", meaning: "thickness of both legs", dimension: "length", unit: "mm", value: 10.31875, given: "13/32 in", origin: "sized", free: true, bounds: [0.5, 200] };
const adjustable = {
  family: "l_bracket",
  parameters: [thickness, { ...thickness, name: "wall_hole_count", dimension: "count", unit: "1", value: 2, bounds: [1, 20] }],
  choices: [{ name: "process", meaning: "how it is made", value: "machined", options: ["machined", "fdm"] }],
  loads: [{ name: "load", meaning: "weight", unit: "N", value: 1334.4, given: "300 lb" }],
  material: "aluminium_6061_t6",
  edited: false,
};
const scheme = { ...bracketView().design.design_scheme, parameters: { thickness: { value: 12, unit: "mm", origin: "answer" } } };
const preview = {
  questions: [],
  scheme,
  kcl_code: "thickness = 12",
  model_id: "look-1",
  mass_g: 700,
  checks: [{ id: "bending", title: "Bending", status: "pass", value: 1.4, limit: 1.2, margin: 0.17, unit: "", method: "", evidence: [], reason: "" }],
};
const routes = (answer: unknown) => ({
  [`/api/projects/${ID}/parameters`]: adjustable,
  [`/api/projects/${ID}/preview`]: answer,
  "/api/design/recompute": {},
  "/api/materials": { materials: [{ id: "aluminium_6061_t6", name: "Aluminium 6061-T6" }, { id: "steel_s235", name: "Steel S235" }], properties: {}, indices: [] },
});

beforeEach(() => {
  usePreview.getState().clear();
  useTried.setState({ tried: {} });
});
afterEach(() => vi.unstubAllGlobals());

describe("Adjust", () => {
  it("tries a size out as it moves and keeps it only when told", async () => {
    const calls = serve(routes(preview));
    renderPanel(<Adjust />);
    const slider = await screen.findByRole("slider", { name: "Thickness, slider" });
    fireEvent.change(slider, { target: { value: "12" } });
    expect(await screen.findByText("Bending")).toBeTruthy();
    expect(screen.getByText("700 g")).toBeTruthy();
    expect(calls.find((call) => call.path.endsWith("/preview"))?.body).toEqual({ answers: { thickness: "12 mm" } });
    expect(usePreview.getState().draft).toMatchObject({ modelId: "look-1", kclCode: "thickness = 12", from: "parameters" });
    expect(calls.some((call) => call.path === "/api/design/recompute")).toBe(false);
    await userEvent.click(screen.getByRole("button", { name: "Keep and prove" }));
    await waitFor(() => expect(calls.find((call) => call.path === "/api/design/recompute")?.body).toEqual({ project_id: ID, parameters: { thickness: "12 mm" }, depth: "full", wait: false }));
    await waitFor(() => expect(usePreview.getState().draft).toBeNull());
  });
  it("says in the server's words why sizes can't be, and offers nothing to keep", async () => {
    serve(routes({ questions: [], error: { code: "no_feasible_design", message: "the nearest is 4 mm thick", next_action: "Use a stronger material.", details: {} } }));
    renderPanel(<Adjust />);
    fireEvent.change(await screen.findByRole("spinbutton", { name: "Thickness" }), { target: { value: "4" } });
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain("the nearest is 4 mm thick Use a stronger material.");
    expect((screen.getByRole("button", { name: "Keep" }) as HTMLButtonElement).disabled).toBe(true);
    await userEvent.click(screen.getByRole("button", { name: "Discard" }));
    expect(screen.queryByRole("alert")).toBeNull();
  });
  it("says of no wish that it is recomputed, or not possible, before the server has answered that one", async () => {
    let answer: (preview: object) => void = () => undefined;
    serve(routes(() => new Promise((resolve) => (answer = resolve))));
    renderPanel(<Adjust />);
    const field = await screen.findByRole("spinbutton", { name: "Thickness" });
    const said = () => screen.getByRole("status").textContent;
    const keep = () => (screen.getByRole("button", { name: "Keep" }) as HTMLButtonElement).disabled;
    fireEvent.change(field, { target: { value: "12" } });
    expect([said(), keep()]).toEqual([" Recomputing", true]);
    await waitFor(() => {
      answer(preview);
      expect([said(), keep()]).toEqual(["Recomputed", false]);
    });
    fireEvent.change(field, { target: { value: "13" } });
    expect([said(), keep()]).toEqual([" Recomputing", true]);
  });
  it("lets a field be emptied and a number be typed anew", async () => {
    const calls = serve(routes(preview));
    renderPanel(<Adjust />);
    const field = (await screen.findByRole("spinbutton", { name: "Thickness" })) as HTMLInputElement;
    await userEvent.clear(field);
    expect(field.value).toBe("");
    await userEvent.type(field, "8.25");
    expect(field.value).toBe("8.25");
    await screen.findByText("Bending");
    expect(calls.findLast((call) => call.path.endsWith("/preview"))?.body).toEqual({ answers: { thickness: "8.25 mm" } });
    await userEvent.clear(field);
    await userEvent.tab();
    expect(field.value).toBe("8.25");
  });
  it("says what is tightest above the sliders, where a person looks", async () => {
    serve(routes(preview));
    renderPanel(<Adjust />);
    fireEvent.change(await screen.findByRole("slider", { name: "Thickness, slider" }), { target: { value: "12" } });
    const told = await screen.findByText(/^Tightest: Bending, \+17\.0/);
    expect(told.compareDocumentPosition(screen.getByRole("slider", { name: "Thickness, slider" })) & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy();
    expect(told.compareDocumentPosition(screen.getByRole("button", { name: "Keep" })) & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy();
  });
  it("changes choices and the material too", async () => {
    const calls = serve(routes(preview));
    renderPanel(<Adjust />);
    await screen.findByRole("option", { name: "Steel S235" });
    await userEvent.selectOptions(screen.getByRole("combobox", { name: "Material" }), "steel_s235");
    await screen.findByText("Bending");
    expect(calls.findLast((call) => call.path.endsWith("/preview"))?.body).toEqual({ answers: { material: "steel_s235" } });
    expect(within(screen.getByRole("combobox", { name: "Process" })).getAllByRole("option")).toHaveLength(2);
  });
  it("loses no size that is tried out when the panel goes and comes; another kept model ends it", async () => {
    serve(routes(preview));
    const first = renderPanel(<Adjust />);
    fireEvent.change(await screen.findByRole("spinbutton", { name: "Thickness" }), { target: { value: "12" } });
    await screen.findByText("Recomputed");
    first.unmount();
    expect(JSON.parse(sessionStorage.getItem("brick.sizes") ?? "{}").state.tried[ID].wishes).toEqual({ thickness: 12 }); // what a reload reads
    const second = renderPanel(<Adjust />);
    expect(((await screen.findByRole("spinbutton", { name: "Thickness" })) as HTMLInputElement).value).toBe("12");
    await screen.findByText("Recomputed");
    second.unmount();
    expect(usePreview.getState().draft).not.toBeNull();
    const current = bracketView();
    current.geometry.model_id = "of-another-run";
    renderPanel(<Adjust />, { current, state: current });
    expect(Number(((await screen.findByRole("spinbutton", { name: "Thickness" })) as HTMLInputElement).value)).toBeCloseTo(10.319, 2);
    expect(usePreview.getState().draft).toBeNull();
  });
  it("is not there for an older revision", () => {
    serve(routes(preview));
    const { container } = renderPanel(<Adjust />, { revisionId: "r1" });
    expect(container.textContent).toBe("");
  });
});

describe("answers", () => {
  it("writes a value as a person would, in the units of the page", () => {
    expect(answerText(12, "mm", "mm")).toBe("12 mm");
    expect(answerText(12.7, "mm", "in")).toBe("0.5 in");
    expect(answerText(2, "1", "in")).toBe("2");
    expect(answerText(20, "degC", "mm")).toBe("20 °C");
    expect(answerText(1334.4664845781501, "N", "in")).toBe("300 lbf");
  });
  it("gives sliders round steps within the bounds", () => {
    const range = sliderRange({ ...thickness, bounds: [0.5, 15] }, "mm");
    expect(range.max).toBe(15);
    expect(range.min).toBeGreaterThan(3.9);
    expect([0.1, 0.125, 0.2, 0.25]).toContain(range.step);
    expect(sliderRange({ value: 2, bounds: [1, 20], dimension: "count", unit: "1" }, "mm")).toEqual({ min: 1, max: 6, step: 1 });
    const cold = sliderRange({ value: -20, bounds: [-270, 1500], dimension: "temperature", unit: "degC" }, "mm");
    expect(cold.min).toBeLessThan(-20);
    expect(cold.max).toBeGreaterThan(0);
  });
});
