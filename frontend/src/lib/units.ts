/** The two unit systems of the page: what the engine computes in (SI with mm, N, MPa), and US customary units. */

export type UnitSystem = "mm" | "in";

interface Conversion {
  unit: string;
  factor: number;
}

// Exact by definition: 1 in = 25.4 mm, 1 lb = 453.59237 g, standard gravity 9.80665 m/s², so 1 lbf = 4.4482216152605 N;
// 1 Btu = 1055.05585262 J (International Table), a temperature difference of 1 K = 1.8 °F.
const IN_MM = 25.4;
const FT_M = 0.3048;
const LB_G = 453.59237;
const LBF_N = 4.4482216152605;
const KSI_MPA = (1000 * LBF_N) / IN_MM ** 2;
const BTU_J = 1055.05585262;
const PER_F = 1 / 1.8;

const TO_US: Record<string, Conversion> = {
  um: { unit: "uin", factor: 1000 / IN_MM },
  mm: { unit: "in", factor: 1 / IN_MM },
  cm: { unit: "in", factor: 10 / IN_MM },
  m: { unit: "ft", factor: 1 / FT_M },
  mm2: { unit: "in2", factor: 1 / IN_MM ** 2 },
  cm2: { unit: "in2", factor: 100 / IN_MM ** 2 },
  m2: { unit: "ft2", factor: 1 / FT_M ** 2 },
  mm3: { unit: "in3", factor: 1 / IN_MM ** 3 },
  cm3: { unit: "in3", factor: 1000 / IN_MM ** 3 },
  mm4: { unit: "in4", factor: 1 / IN_MM ** 4 },
  g: { unit: "lb", factor: 1 / LB_G },
  kg: { unit: "lb", factor: 1000 / LB_G },
  N: { unit: "lbf", factor: 1 / LBF_N },
  kN: { unit: "lbf", factor: 1000 / LBF_N },
  Pa: { unit: "psi", factor: 1e-3 / KSI_MPA },
  kPa: { unit: "psi", factor: 1 / KSI_MPA },
  MPa: { unit: "ksi", factor: 1 / KSI_MPA },
  GPa: { unit: "ksi", factor: 1000 / KSI_MPA },
  "N*mm": { unit: "lbf*in", factor: 1 / (IN_MM * LBF_N) },
  "N*m": { unit: "lbf*ft", factor: 1 / (FT_M * LBF_N) },
  "N/mm": { unit: "lbf/in", factor: IN_MM / LBF_N },
  "kN/m": { unit: "lbf/in", factor: IN_MM / LBF_N },
  "N/mm2": { unit: "ksi", factor: 1 / KSI_MPA },
  "N/mm3": { unit: "lbf/in3", factor: IN_MM ** 3 / LBF_N },
  "N*mm/rad": { unit: "lbf*in/rad", factor: 1 / (IN_MM * LBF_N) },
  "kg/m3": { unit: "lb/in3", factor: (1000 / LB_G) * (IN_MM / 1000) ** 3 },
  "g/cm3": { unit: "lb/in3", factor: (1 / LB_G) * (IN_MM / 10) ** 3 },
  "kg/s": { unit: "lb/s", factor: 1000 / LB_G },
  "m/s": { unit: "ft/s", factor: 1 / FT_M },
  "m/s2": { unit: "ft/s2", factor: 1 / FT_M },
  "mm/s": { unit: "in/s", factor: 1 / IN_MM },
  "W/(m*K)": { unit: "Btu/(h*ft*degF)", factor: (3600 * FT_M) / (1.8 * BTU_J) },
  "W/(m2*K)": { unit: "Btu/(h*ft2*degF)", factor: (3600 * FT_M ** 2) / (1.8 * BTU_J) },
  "W/m2": { unit: "Btu/(h*ft2)", factor: (3600 * FT_M ** 2) / BTU_J },
  "J/(kg*K)": { unit: "Btu/(lb*degF)", factor: LB_G / (1000 * 1.8 * BTU_J) },
  "1/K": { unit: "1/degF", factor: PER_F },
  "USD/kg": { unit: "USD/lb", factor: LB_G / 1000 },
  "USD/g": { unit: "USD/lb", factor: LB_G },
  "MPa*m^0.5": { unit: "ksi*in^0.5", factor: 1 / (KSI_MPA * Math.sqrt(IN_MM / 1000)) },
};

/** As the page's tables know a unit: "kg/m³", "N·mm" and "°C" are "kg/m3", "N*mm" and "degC". */
export function plainUnit(unit: string): string {
  return unit
    .replaceAll("·", "*")
    .replaceAll("²", "2")
    .replaceAll("³", "3")
    .replaceAll("⁴", "4")
    .replace(/\^([234])/g, "$1")
    .replace("°C", "degC")
    .replace("°F", "degF")
    .replace(/^[µμ]m$/, "um")
    .replace(/^N ?m$/, "N*m");
}

const SIGNS: [RegExp, string][] = [
  [/deg([CF])/g, "°$1"],
  [/\^0\.5/g, "^½"],
  [/([a-z])2(?!\d)/g, "$1²"],
  [/([a-z])3(?!\d)/g, "$1³"],
  [/([a-z])4(?!\d)/g, "$1⁴"],
  [/\*/g, "·"],
  [/^um$/, "µm"],
  [/^uin$/, "µin"],
  [/^deg$/, "°"],
  [/^1$/, ""],
];

/** The unit with its proper signs: "mm²", "N·mm", "°C". */
export function unitLabel(unit: string): string {
  return SIGNS.reduce((text, [plain, sign]) => text.replace(plain, sign), plainUnit(unit));
}

/** A value in working units as the person wants to read it. Temperatures go to degF in the US system. */
export function convert(value: number, unit: string, system: UnitSystem): { value: number; unit: string } {
  if (system === "mm") return { value, unit };
  const plain = plainUnit(unit);
  if (plain === "degC") return { value: value * 1.8 + 32, unit: "degF" };
  const known = TO_US[plain];
  return known ? { value: value * known.factor, unit: known.unit } : { value, unit };
}

/** A shown value back in working units. */
export function convertBack(shown: number, unit: string, system: UnitSystem): number {
  return system === "in" && plainUnit(unit) === "degC" ? (shown - 32) / 1.8 : shown / factorOf(unit, system);
}

/** The factor from a working unit to the shown one; of a temperature, that of a difference. */
export function factorOf(unit: string, system: UnitSystem): number {
  if (system === "mm") return 1;
  const plain = plainUnit(unit);
  return plain === "degC" ? 1.8 : (TO_US[plain]?.factor ?? 1);
}

/** Stresses and pressures too small for ksi are read in psi. */
const LEAST_KSI = 0.1;

/** As `convert`, in the unit that fits the size. */
export function convertFitting(value: number, unit: string, system: UnitSystem): { value: number; unit: string } {
  const shown = convert(value, unit, system);
  return shown.unit === "ksi" && shown.value !== 0 && Math.abs(shown.value) < LEAST_KSI ? { value: shown.value * 1000, unit: "psi" } : shown;
}
