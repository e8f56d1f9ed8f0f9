import { formatNumber } from "./format";
import { convert, convertFitting, factorOf, unitLabel, type UnitSystem } from "./units";

const UNITS = [
  "W/(m²·K)", "W/(m·K)", "W/(m*K)", "J/(kg·K)", "J/(kg*K)", "W/m²", "USD/kg", "USD/g",
  "kg/m³", "kg/m^3", "kg/m3", "g/cm³", "kg/s", "m/s²", "m/s^2", "m/s2", "mm/s", "m/s",
  "N/mm³", "N/mm3", "N/mm²", "N/mm2", "N/mm", "kN/m", "N·mm", "N*mm", "N·m", "N*m",
  "mm⁴", "mm³", "mm^3", "mm3", "mm²", "mm^2", "mm2", "cm³", "cm3", "cm²", "cm2", "m²",
  "°C", "degC", "MPa", "GPa", "kPa", "Pa", "kN", "kg", "µm", "mm", "cm", "N", "g", "m",
];

const NUMBER = String.raw`[-−]?\d+(?:\.\d+)?(?:e[+-]?\d+)?`;
const JOINT = String.raw`\s*(?:±|[-–×…]|\.\.\.)\s*|\s+(?:x|to|and|or)\s+|,\s+`;
const escaped = UNITS.map((unit) => unit.replaceAll(/[/()*^.]/g, String.raw`\$&`)).join("|");
/** Figures that share a unit, other than the length in a thread's name ("M3 x 8 mm"), the unit, and an error band in brackets after it: "176.3 MPa (± 10.6)". */
const FIGURES = new RegExp(String.raw`(?<![\w.,/])(?<!\bM\d+(?:\.\d+)?\s?[x×]\s?)((?:between )?)(${NUMBER}(?:(?:${JOINT})${NUMBER})*)([\s\u00a0\u202f]?)(${escaped})(?![\w²³⁴°·*^(]|/[A-Za-z(])((?:\s*\(±\s*${NUMBER}\))?)`, "g");
const PARTS = new RegExp(`(^|${JOINT})(${NUMBER})`, "g");

/** Joined by a comma, "and" or "or" not all need be of the unit; a small whole number before "×" may count. */
function unclear(between: string, numbers: readonly string[], joints: readonly string[]): boolean {
  if (!between && joints.some((joint) => /,|and|or/.test(joint))) return true;
  return numbers.length === 2 && /[×x]/.test(joints[0] ?? "") && /^\d{1,2}$/.test(numbers[0] ?? "");
}

const numberOf = (text: string) => Number(text.replace("−", "-"));

/**
 * Running text with its figures in the units of the page. What may be something else than a figure of that unit is left as
 * it was written, and so is whatever has a unit that both systems share.
 */
export function inUnits(text: string, system: UnitSystem): string {
  if (system === "mm") return text;
  return text.replace(FIGURES, (all, between: string, figures: string, gap: string, unit: string, band: string) => {
    const parts = [...figures.matchAll(PARTS)];
    const [numbers, joints] = [parts.map((part) => part[2] ?? ""), parts.slice(1).map((part) => part[1] ?? "")];
    if (unclear(between, numbers, joints)) return all;
    const first = numberOf(numbers[0] ?? "");
    const fitting = convertFitting(Math.max(...numbers.map(numberOf)), unit, system);
    if (fitting.unit === unit) return all;
    const scale = fitting.unit === convert(first, unit, system).unit ? 1 : 1000; // psi of ksi
    const difference = (number: string, digits: number) => formatNumber(numberOf(number) * factorOf(unit, system) * scale, digits);
    const shown = numbers.map((number, at) => (at > 0 && /±/.test(joints[at - 1] ?? "") ? difference(number, 2) : formatNumber(convert(numberOf(number), unit, system).value * scale)));
    const joined = shown.map((number, at) => (at > 0 ? (joints[at - 1] ?? "") : "") + number).join("");
    return `${between}${joined}${gap || " "}${unitLabel(fitting.unit)}${band.replace(new RegExp(NUMBER), (number) => difference(number, 2))}`;
  });
}
