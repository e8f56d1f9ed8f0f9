import { describe, expect, it } from "vitest";
import { inUnits } from "./figures";
import { formatDifference, formatQuantity, formatWithBand, rawText } from "./format";
import { convert, convertBack, factorOf, unitLabel } from "./units";

const nbsp = (text: string) => text.replaceAll(/[\u00a0\u202f]/g, " ");

describe("every quantity of the page in US units", () => {
  // by the definitions of NIST SP 811, appendix B
  it.each([
    [1, "N/mm", 5.71014715, "lbf/in"],
    [1, "N*m", 0.737562149, "lbf*ft"],
    [112.984829, "N*mm", 1, "lbf*in"],
    [1, "N·mm", 0.00885074579, "lbf*in"],
    [27679.90471, "kg/m^3", 1, "lb/in3"],
    [1, "kg/m3", 3.61272920e-5, "lb/in3"],
    [1, "W/(m*K)", 0.577789317, "Btu/(h*ft*degF)"],
    [4186.8, "J/(kg*K)", 1, "Btu/(lb*degF)"],
    [1.8, "1/K", 1, "1/degF"],
    [1, "GPa", 145.0377377, "ksi"],
    [1, "kPa", 0.1450377377, "psi"],
    [4.4482216152605, "N", 1, "lbf"],
    [1, "USD/kg", 0.45359237, "USD/lb"],
    [1, "N/mm3", 3683.958538, "lbf/in3"],
    [20, "°C", 68, "degF"],
  ])("%d %s is %d %s", (value, unit, expected, shown) => {
    const found = convert(value, unit, "in");
    expect(found.unit).toBe(shown);
    expect(found.value / expected).toBeCloseTo(1, 6);
    expect(convertBack(found.value, unit, "in")).toBeCloseTo(value, 9);
    expect(convert(value, unit, "mm")).toEqual({ value, unit });
  });
  it("leaves what both systems share", () => {
    for (const unit of ["Hz", "W", "1", "", "deg", "mV", "kg/kg"]) expect(convert(3, unit, "in")).toEqual({ value: 3, unit });
  });
  it("writes units with their signs", () => {
    expect(["kg/m^3", "N*mm", "mm2", "W/(m*K)", "degF", "lb/in3", "1", "MPa*m^0.5", "um"].map(unitLabel)).toEqual(["kg/m³", "N·mm", "mm²", "W/(m·K)", "°F", "lb/in³", "", "MPa·m^½", "µm"]);
  });
  it("reads small stresses in psi, with their band", () => {
    expect(nbsp(formatQuantity(0.05, "MPa", "in"))).toBe("7.252 psi");
    expect(nbsp(formatQuantity(0, "MPa", "in"))).toBe("0 ksi");
    expect(nbsp(formatWithBand(176.3, 10.6, "MPa", "in"))).toBe("25.57 ± 1.5 ksi");
    expect(nbsp(formatWithBand(0.05, 0.01, "MPa", "in"))).toBe("7.252 ± 1.5 psi");
    expect(nbsp(formatWithBand(176.3, null, "MPa", "mm"))).toBe("176.3 MPa");
  });
  it("does not shift a difference of temperatures", () => {
    expect(factorOf("degC", "in")).toBe(1.8);
    expect(nbsp(formatDifference(5, "degC", "in"))).toBe("9 °F");
    expect(nbsp(formatWithBand(100, 5, "degC", "in"))).toBe("212 ± 9 °F");
  });
  it("keeps the engine's own value for the tooltip", () => {
    expect(nbsp(rawText(176.3, "MPa", "in") ?? "")).toBe("176.3 MPa");
    expect(rawText(176.3, "MPa", "mm")).toBeUndefined();
    expect(rawText(3, "Hz", "in")).toBeUndefined();
  });
});

describe("figures in running text", () => {
  const shown = (text: string) => nbsp(inUnits(text, "in"));
  it.each([
    ["von Mises 176.3 MPa (± 10.6) against yield 241 MPa", "von Mises 25.57 ksi (± 1.5) against yield 34.95 ksi"],
    ["finite elements: von Mises 176.3 ± 11 MPa, displacement 2.41 mm, 3 meshes up to 97281 unknowns", "finite elements: von Mises 25.57 ± 1.6 ksi, displacement 0.09488 in, 3 meshes up to 97281 unknowns"],
    ["tension 12822 N and shear 671 N a bolt, proof load 40188 N", "tension 2883 lbf and shear 150.8 lbf a bolt, proof load 9035 lbf"],
    ["266276.76 mm3 against 266276.76 mm3", "16.25 in³ against 16.25 in³"],
    ["Built the model: 1 solid, 127.0 × 152.4 × 50.8 mm, 266277 mm³", "Built the model: 1 solid, 5 × 6 × 2 in, 16.25 in³"],
    ["about 9341 N on the 2 bolts together (1334 N x 178 mm / 25 mm)", "about 2100 lbf on the 2 bolts together (299.9 lbf x 7.008 in / 0.9843 in)"],
    ["from -40 to 85 °C in service, -5 °C at least", "from −40 to 185 °F in service, 23 °F at least"],
    ["between 10 and 20 mm", "between 0.3937 and 0.7874 in"],
    ["density 2700 kg/m³, 1.5-2 kN", "density 0.09754 lb/in³, 337.2-449.6 lbf"],
    ["a pressure of 0.05 MPa", "a pressure of 7.252 psi"],
    ["719 g; 5.2 N·m; 3 N/mm", "1.585 lb; 3.835 lbf·ft; 17.13 lbf/in"],
  ])("%s", (text, expected) => expect(shown(text)).toBe(expected));

  it.each([
    "All 24 checks passed; the tightest is off by 10.2 %",
    "bolts 7/16-14 of Grade 5, EN ISO 4762 M3 × 12",
    "Cap screw M3 x 8 mm, M2.5 × 12 mm",
    "4 × 20 mm", // a count or a size
    "holes of 3, 4 and 5 mm", // all of them, or the last
    "factor 1.36 on 6M/(w t^2), plus F/(w t)",
    "0 to 400 mV at 50 Hz and 12 W",
    "steel S235 Mn, 51CrV4, 6061-T6",
    "1/2 in holes, proof 85 ksi",
    "table 3.3 N° 4",
    "",
  ])("leaves as it is: %s", (text) => expect(inUnits(text, "in")).toBe(text));

  it("changes nothing where the page is in mm", () => {
    expect(inUnits("176.3 MPa at 20 °C", "mm")).toBe("176.3 MPa at 20 °C");
  });
});
