/** Numbers as an engineer writes them, in the units of the page (units.ts). */
import { convert, convertFitting, factorOf, unitLabel, type UnitSystem } from "./units";

export { convert, convertBack, factorOf, unitLabel, type UnitSystem } from "./units";

const MINUS = "\u2212";
const THIN = "\u202f";

/** Four significant digits, thin spaces between thousands, a true minus; tiny and huge ones as powers of ten. */
export function formatNumber(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : `${MINUS}∞`;
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e7 || size < 1e-4) {
    const [mantissa = "0", exponent = "0"] = value.toExponential(Math.max(0, digits - 1)).split("e");
    return `${trim(mantissa)}×10${superscript(Number(exponent))}`.replace("-", MINUS);
  }
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  const fixed = size >= 10 ** digits ? value.toFixed(0) : trim(value.toFixed(Math.min(decimals, 8)));
  const [whole = "", fraction] = fixed.split(".");
  const grouped = whole.replace("-", MINUS).replace(/\B(?=(\d{3})+(?!\d))/g, whole.replace("-", "").length > 4 ? THIN : "");
  return fraction ? `${grouped}.${fraction}` : grouped;
}

function trim(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function superscript(exponent: number): string {
  const signs = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  return (exponent < 0 ? "⁻" : "") + [...String(Math.abs(exponent))].map((digit) => signs[Number(digit)]).join("");
}

/** "12.7 mm" or "0.5 in"; small stresses in psi. */
export function formatQuantity(
  value: number | null | undefined,
  unit: string,
  system: UnitSystem = "mm",
  digits = 4,
): string {
  if (value === null || value === undefined) return "–";
  const shown = convertFitting(value, unit, system);
  return formatNumber(shown.value, digits) + labelled(shown.unit);
}

/** A difference, such as an error band: of a temperature without the shift of its scale. */
export function formatDifference(value: number, unit: string, system: UnitSystem, digits = 2): string {
  return formatNumber(value * factorOf(unit, system), digits) + labelled(convert(0, unit, system).unit);
}

/** "25.57 ± 1.5 ksi": a value with its error band, both in one unit. */
export function formatWithBand(value: number, band: number | null | undefined, unit: string, system: UnitSystem): string {
  const shown = convertFitting(value, unit, system);
  if (!band) return formatNumber(shown.value) + labelled(shown.unit);
  const scale = shown.unit === convert(value, unit, system).unit ? 1 : 1000; // psi of ksi
  return `${formatNumber(shown.value)} ± ${formatNumber(band * factorOf(unit, system) * scale, 2)}${labelled(shown.unit)}`;
}

/** What a shown value is in the engine's own unit, for a tooltip; nothing where it is shown so. */
export function rawText(value: number, unit: string, system: UnitSystem): string | undefined {
  return convert(value, unit, system).unit === unit ? undefined : formatNumber(value, 6) + labelled(unit);
}

function labelled(unit: string): string {
  const label = unitLabel(unit);
  return label === "" || label === "°" ? label : `\u00a0${label}`;
}

/** A measured length; what is nought but for the rounding of the kernel is 0. */
export function formatLength(mm: number, system: UnitSystem): string {
  return formatQuantity(Math.abs(mm) < 1e-9 ? 0 : mm, "mm", system, 6);
}

/** "+18.2 %": relative margins; below zero the requirement fails. */
export function formatMargin(margin: number | null | undefined): string {
  if (margin === null || margin === undefined) return "–";
  const percent = margin * 100;
  const size = Math.abs(percent);
  const text = size >= 1000 ? "> 999" : size.toFixed(size >= 100 ? 0 : 1);
  const sign = percent < 0 ? MINUS : size >= 1000 ? "" : "+";
  return `${sign}${text}\u202f%`;
}

/** Seconds as "0.8 s", "12 s" or "2:05 min". */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)}\u00a0s`;
  if (seconds < 60) return `${seconds.toFixed(0)}\u00a0s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}\u00a0min`;
}

export const SENSE_SIGN = { "<=": "≤", ">=": "≥", "==": "=" } as const;

const ACRONYMS: Record<string, string> = { fe: "FE", fem: "FE", mm: "", mpa: "", n: "N", id: "ID", pcb: "PCB", kcl: "KCL" };

/** "wall_leg" -> "Wall leg"; a trailing unit ("_mm") is the unit column's business. */
export function humanize(id: string): string {
  const words = id.replace(/_(mm|mpa|g|n|deg)$/, "").split(/[_\s]+/).map((word) => ACRONYMS[word] ?? word);
  const text = words.filter(Boolean).join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const PLASTICS = new Set("abs pla petg pc pom pp hdpe uhmwpe pvc pmma pet pbt peek pei pps ptfe asa hips tpu nbr cfrp gfrp".split(" "));

/** "steel_a36" -> "Steel A36", "aluminium_6061_t6" -> "Aluminium 6061-T6": the id of a material as it is written. */
export function materialWords(id: string | null | undefined): string {
  const words = (id ?? "").split("_").filter(Boolean);
  return words.reduce((text, word, index) => {
    const designation = /\d/.test(word);
    const written = designation || PLASTICS.has(word) ? word.toUpperCase() : index === 0 ? word.charAt(0).toUpperCase() + word.slice(1) : word;
    const joint = index === 0 ? "" : designation && /\d/.test(words[index - 1] ?? "") ? "-" : " ";
    return text + joint + written;
  }, "");
}

/** "3 minutes ago", in plain words; days and older as a date. */
export function formatAgo(ts: number, now: number = Date.now()): string {
  const seconds = Math.max(0, (now - ts) / 1000);
  if (seconds < 60) return "just now";
  if (seconds < 3600) return plural(Math.floor(seconds / 60), "minute");
  if (seconds < 86_400) return plural(Math.floor(seconds / 3600), "hour");
  return new Date(ts).toLocaleDateString(undefined, { year: "numeric", month: "short", day: "numeric" });
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"} ago`;
}
