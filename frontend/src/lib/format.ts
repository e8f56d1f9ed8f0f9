/** Numbers as an engineer writes them, and the two unit systems of the page. */

export type UnitSystem = "mm" | "in";

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

interface Conversion {
  unit: string;
  factor: number;
}

// Exact by definition: 1 in = 25.4 mm, 1 lb = 453.59237 g, 1 lbf = 4.4482216152605 N.
const LBF_N = 4.4482216152605;
const TO_US: Record<string, Conversion> = {
  mm: { unit: "in", factor: 1 / 25.4 },
  mm2: { unit: "in2", factor: 1 / 25.4 ** 2 },
  mm3: { unit: "in3", factor: 1 / 25.4 ** 3 },
  g: { unit: "lb", factor: 1 / 453.59237 },
  kg: { unit: "lb", factor: 1000 / 453.59237 },
  N: { unit: "lbf", factor: 1 / LBF_N },
  MPa: { unit: "ksi", factor: 25.4 ** 2 / (1000 * LBF_N) },
  "N*mm": { unit: "lbf*in", factor: 1 / (25.4 * LBF_N) },
};

const NICE: Record<string, string> = { mm2: "mm²", mm3: "mm³", in2: "in²", in3: "in³", "N*mm": "N·mm", "lbf*in": "lbf·in", degC: "°C", degF: "°F", "kg/m3": "kg/m³", "m/s^2": "m/s²", deg: "°", "1": "" };

/** The unit with its proper signs. */
export function unitLabel(unit: string): string {
  return NICE[unit] ?? unit;
}

/** A value in working units as the person wants to read it. Temperatures go to degF in the US system. */
export function convert(value: number, unit: string, system: UnitSystem): { value: number; unit: string } {
  if (system === "in") {
    if (unit === "degC") return { value: value * 1.8 + 32, unit: "degF" };
    const known = TO_US[unit];
    if (known) return { value: value * known.factor, unit: known.unit };
  }
  return { value, unit };
}

/** The factor from a working unit to the shown one. */
export function factorOf(unit: string, system: UnitSystem): number {
  return system === "in" ? (TO_US[unit]?.factor ?? 1) : 1;
}

/** "12.7 mm" or "0.5 in". */
export function formatQuantity(
  value: number | null | undefined,
  unit: string,
  system: UnitSystem = "mm",
  digits = 4,
): string {
  if (value === null || value === undefined) return "–";
  const shown = convert(value, unit, system);
  const label = unitLabel(shown.unit);
  const gap = label === "" || label === "°" ? "" : "\u00a0";
  return `${formatNumber(shown.value, digits)}${gap}${label}`;
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
