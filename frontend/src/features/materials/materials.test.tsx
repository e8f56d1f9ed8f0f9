import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { useWish } from "@/features/parameters/wishStore";
import { renderPanel, serve } from "@/test/render";
import { guideLine, logScale, placeNames, pointsOf, spread } from "./ashby";
import { MaterialsBrowser } from "./MaterialsBrowser";

const materials = [
  { id: "steel_s235", name: "Steel S235", family: "steel", form: "plate", density_kg_m3: 7850, yield_strength_mpa: 235, price_usd_kg: null },
  { id: "aluminium_6061_t6", name: "Aluminium 6061-T6", family: "aluminium", form: "plate", density_kg_m3: 2700, yield_strength_mpa: 241, price_usd_kg: 4 },
  { id: "abs", name: "ABS", family: "polymer", form: "", density_kg_m3: 1050, yield_strength_mpa: null, price_usd_kg: 3 },
];
const routes = {
  "/api/materials": {
    materials,
    properties: { density_kg_m3: { unit: "kg/m^3", meaning: "Density" }, yield_strength_mpa: { unit: "MPa", meaning: "Tensile yield strength" }, price_usd_kg: { unit: "USD/kg", meaning: "Price" } },
    indices: [],
  },
  "/api/materials/steel_s235": {
    id: "steel_s235",
    name: "Steel S235",
    family: "steel",
    category: "metal",
    form: "plate",
    designations: ["1.0038"],
    processes: ["machined"],
    note: "",
    entries: [{ property: "yield_strength_mpa", meaning: "", unit: "MPa", value: 235, points: [], low: null, high: null, basis: "minimum", direction: "", range_c: [10, 40], uncertainty_rel: null, note: "up to 16 mm", source: "EN 10025-2, table 7", source_seen: true }],
    unknown: ["price_usd_kg"],
  },
};

afterEach(() => vi.unstubAllGlobals());

describe("MaterialsBrowser", () => {
  it("sorts with the unknown last, whichever way", async () => {
    serve(routes);
    renderPanel(<MaterialsBrowser />);
    const names = () => screen.getAllByRole("row").slice(1).map((row) => row.querySelector("th")?.textContent?.replace("in this design", ""));
    await screen.findByText("3 materials");
    expect(names()).toEqual(["ABS", "Aluminium 6061-T6", "Steel S235"]);
    const header = screen.getByRole("button", { name: "Yield strength" });
    await userEvent.click(header);
    expect(names()).toEqual(["Steel S235", "Aluminium 6061-T6", "ABS"]);
    await userEvent.click(header);
    expect(names()).toEqual(["Aluminium 6061-T6", "Steel S235", "ABS"]);
    expect(screen.getByText("in this design").closest("th")?.textContent).toContain("Aluminium 6061-T6");
  });
  it("asks the server to filter, so that an unknown value never meets a limit", async () => {
    const calls = serve(routes);
    renderPanel(<MaterialsBrowser />);
    await userEvent.type(await screen.findByRole("spinbutton", { name: /Yield/ }), "240");
    await waitFor(() => expect(decodeURIComponent(calls.at(-1)?.path ?? "").replaceAll("+", " ")).toContain("where=yield>=240 MPa"));
  });
  it("in inches shows and asks in ksi, lb/in³ and °F, and asks the server in its own units", async () => {
    const calls = serve(routes);
    renderPanel(<MaterialsBrowser />, { units: "in" });
    await userEvent.type(await screen.findByRole("spinbutton", { name: /Yield ≥ ksi/ }), "34");
    expect(screen.getByRole("spinbutton", { name: /Density ≤ lb\/in³/ })).toBeTruthy();
    expect(screen.getByRole("spinbutton", { name: /Service ≥ °F/ })).toBeTruthy();
    await waitFor(() => expect(decodeURIComponent(calls.at(-1)?.path ?? "").replaceAll("+", " ")).toMatch(/where=yield>=234\.42\d* MPa/));
    const row = (await screen.findByRole("rowheader", { name: /Aluminium 6061/ })).closest("tr");
    expect([...(row?.querySelectorAll("td") ?? [])].map((cell) => cell.textContent).slice(1, 2)).toEqual(["0.09754"]);
    expect(row?.querySelector('td[title="241\u00a0MPa"]')?.textContent).toBe("34.95");
  });
  it("shows every value with basis and source, what is unknown, and takes a material to the sliders", async () => {
    serve(routes);
    renderPanel(<MaterialsBrowser />);
    await userEvent.click(await screen.findByRole("button", { name: "Steel S235" }));
    const row = (await within(await screen.findByRole("group", { name: "Values of Steel S235" })).findByRole("rowheader", { name: "Yield strength" })).closest("tr");
    expect(row?.textContent).toContain("235 MPaminimumEN 10025-2, table 7 up to 16 mm");
    expect(screen.getByText("Unknown: price.")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Try it in this design" }));
    expect(useWish.getState().wish).toEqual({ material: "steel_s235" });
  });
});

describe("the chart", () => {
  it("shows what has both values, on scales that hold them", () => {
    expect(pointsOf(materials as never, "density_kg_m3", "yield_strength_mpa").map((point) => point.id)).toEqual(["steel_s235", "aluminium_6061_t6"]);
    const scale = logScale([10, 1000]);
    expect(scale.at(scale.low)).toBeCloseTo(0);
    expect(scale.at(100)).toBeCloseTo(0.5);
    expect(scale.ticks).toEqual([10, 30, 100, 300, 1000]);
  });
});

describe("a ranking", () => {
  const indices = [
    { id: "strong_tie", title: "Light, strong tie: sigma_y/rho", needs: ["yield_strength_mpa", "density_kg_m3"], unit: "MPa/(kg/m³)", slope: 1 },
    { id: "heat_store", title: "Heat stored a volume: rho*c", needs: ["density_kg_m3", "specific_heat_j_kg_k"], unit: "J/(m³·K)", slope: -1 },
  ];
  const ranking = [
    { id: "aluminium_6061_t6", name: "Aluminium 6061-T6", index: 241 / 2700 },
    { id: "steel_s235", name: "Steel S235", index: 235 / 7850 },
  ];
  it("puts the best for a purpose first, with the index and its line in the chart, the unknown last", async () => {
    const calls = serve({ ...routes, "/api/materials": { ...routes["/api/materials"], indices }, "/api/materials/ranking/strong_tie": { index: "strong_tie", ranking } });
    renderPanel(<MaterialsBrowser />);
    await screen.findByText("3 materials");
    expect(screen.getByRole("option", { name: "Light, strong tie: σy/ρ" })).toBeTruthy();
    await userEvent.selectOptions(screen.getByLabelText("Best for"), "strong_tie");
    const names = () => screen.getAllByRole("row").slice(1).map((row) => row.querySelector("th button")?.textContent);
    await waitFor(() => expect(names()).toEqual(["Aluminium 6061-T6", "Steel S235", "ABS"]));
    const cells = screen.getAllByRole("row").slice(1).map((row) => row.querySelector("td")?.textContent);
    expect(cells).toEqual(["0.0893 1.", "0.0299 2.", "unknown"]);
    expect(screen.getByText(/Along the dashed line, through Aluminium 6061-T6/)).toBeTruthy();
    await userEvent.selectOptions(screen.getByLabelText("per"), "price");
    await waitFor(() => expect(calls.at(-1)?.path).toContain("/ranking/strong_tie?limit=500&per=price"));
    // the line is of the index alone
    expect(screen.queryByText(/Along the dashed line/)).toBeNull();
  });
  it("moves marks apart that would cover each other, no further than need be", () => {
    const same = Array.from({ length: 7 }, (_, index) => ({ id: `m${index}`, name: `Steel ${index}`, family: "steel", x: 1, y: 1 }));
    const far = { id: "far", name: "Far", family: "steel", x: 2, y: 2 };
    const marks = spread([...same, far], (x) => 100 * x, (y) => 100 * y);
    for (let i = 0; i < marks.length; i += 1)
      for (let j = i + 1; j < marks.length; j += 1) expect(Math.hypot((marks[i]?.atX ?? 0) - (marks[j]?.atX ?? 0), (marks[i]?.atY ?? 0) - (marks[j]?.atY ?? 0))).toBeGreaterThan(9);
    for (const mark of marks) expect(Math.hypot(mark.atX - mark.trueX, mark.atY - mark.trueY)).toBeLessThan(27);
    expect(marks.at(-1)).toMatchObject({ atX: 200, atY: 200 });
    const names = placeNames(marks, ["m0", "m1", "gone"], { left: 0, top: 0, right: 400, bottom: 400 });
    expect(names.map((name) => name.id)).toEqual(["m0", "m1"]);
    expect(Math.abs((names[0]?.y ?? 0) - (names[1]?.y ?? 0)) >= 14 || Math.abs((names[0]?.x ?? 0) - (names[1]?.x ?? 0)) > 45).toBe(true);
  });
  it("the line of equal index has the slope of the index and ends at the axes", () => {
    const [x, y] = [logScale([1000, 10_000]), logScale([10, 1000])];
    const line = guideLine({ x: 2700, y: 241 }, 1, x, y);
    const value = (scale: typeof x, share: number) => scale.low * (scale.high / scale.low) ** share;
    const indexAt = (end: [number, number] | undefined) => (end ? value(y, end[1]) / value(x, end[0]) : 0);
    expect(indexAt(line?.[0])).toBeCloseTo(241 / 2700, 6);
    expect(indexAt(line?.[1])).toBeCloseTo(241 / 2700, 6);
    expect(line?.flat().filter((share) => Math.abs(share) < 1e-9 || Math.abs(share - 1) < 1e-9)).toHaveLength(2);
  });
});
