import { convert, factorOf, type UnitSystem } from "@/lib/units";
import type { AdjustableParameter } from "@/lib/api";

const WORDS: Record<string, string> = { "1": "", "": "", degC: " °C", degF: " °F", "N*mm": " N*mm" };

/** A value as a person would write it, in the units of the page: what the server reads as an answer. */
export function answerText(value: number, unit: string, units: UnitSystem): string {
  const shown = convert(value, unit, units);
  const digits = Number(shown.value.toPrecision(9));
  return `${digits}${WORDS[shown.unit] ?? ` ${shown.unit}`}`;
}

export interface SliderRange {
  min: number;
  max: number;
  step: number;
}

/** Where a slider goes: about from half to double the value, on round steps of the page's unit, within the bounds. */
export function sliderRange(parameter: Pick<AdjustableParameter, "value" | "bounds" | "dimension" | "unit">, units: UnitSystem): SliderRange {
  const { value, bounds, dimension, unit } = parameter;
  const [low, high] = bounds ?? [-Infinity, Infinity];
  if (dimension === "count") return { min: Math.max(low, 1), max: Math.min(high, Math.max(value * 2, 6)), step: 1 };
  const factor = factorOf(unit, units);
  const shown = Math.abs(value * factor) || 1;
  const power = 10 ** Math.floor(Math.log10(shown / 40));
  const nice = ([1, 2, 2.5, 5, 10].find((step) => step * power >= shown / 80) ?? 10) * power;
  const step = nice / factor;
  const snap = (at: number, up: boolean) => (up ? Math.floor : Math.ceil)(at / step + (up ? 1e-9 : -1e-9)) * step;
  const signed = value < 0 || unit === "degC";
  const min = signed ? value - 40 : value * 0.4;
  const max = signed ? value + 120 : value * 2.2;
  return { min: Math.max(low, snap(min, false)), max: Math.min(high, snap(max, true)), step };
}
