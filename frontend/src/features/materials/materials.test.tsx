import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { useWish } from "@/features/parameters/wishStore";
import { renderPanel, serve } from "@/test/render";
import { logScale, pointsOf } from "./ashby";
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
