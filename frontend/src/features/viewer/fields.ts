import type { AgentState } from "@/lib/types";
import type { Model } from "./model";
import type { FieldName } from "./store";

export interface FieldInfo {
  name: FieldName;
  label: string;
  short: string;
  unit: string;
}

export const FIELDS: Record<Exclude<FieldName, "none">, FieldInfo> = {
  von_mises: { name: "von_mises", label: "von Mises stress", short: "Stress", unit: "MPa" },
  displacement: { name: "displacement", label: "Displacement", short: "Displacement", unit: "mm" },
  safety_factor: { name: "safety_factor", label: "Safety factor against yield", short: "Safety", unit: "" },
};

/** Displacement of a mode shape: of a form, whose size means nothing. */
export const SHAPE_FIELD: FieldInfo = { name: "displacement", label: "Mode shape, largest 1", short: "Shape", unit: "" };

/** What a field is called on this model. */
export function fieldInfo(field: Exclude<FieldName, "none">, shape: boolean): FieldInfo {
  return shape && field === "displacement" ? SHAPE_FIELD : FIELDS[field];
}

export interface DisplayRange {
  min: number;
  max: number;
  /** what the top of the range stands for, in words */
  top: string;
  /** largest value of the data, where it lies above the range */
  over: number | null;
}

/** Yield strength at service temperature, MPa, where the material's data has one. */
export function yieldOf(state: AgentState | undefined): number | null {
  const properties = state?.physics.material_props["properties"];
  if (typeof properties !== "object" || properties === null) return null;
  const entry = (properties as Record<string, { value?: unknown } | null>)["yield_strength_mpa"];
  return typeof entry?.value === "number" ? entry.value : null;
}

/** Density, kg/m3, where the material's data has one. */
export function densityOf(state: AgentState | undefined): number | null {
  const properties = state?.physics.material_props["properties"] as Record<string, { value?: unknown } | null> | undefined;
  const value = properties?.["density_kg_m3"]?.value;
  return typeof value === "number" ? value : null;
}

/** The peak that the verdict rests on; below the raw one where that grows without end at a corner. */
export function assessedStress(state: AgentState | undefined): number | null {
  return state?.physics.structural_analysis.fem?.von_mises_mpa?.value ?? null;
}

export function availableFields(model: Model | null, strengthMpa: number | null): FieldName[] {
  const fields: FieldName[] = ["none"];
  if (model?.vonMises) fields.push("von_mises");
  if (model?.displacement) fields.push("displacement");
  if (model?.vonMises && strengthMpa) fields.push("safety_factor");
  return fields;
}

interface Wish {
  rangeMin: number | null;
  rangeMax: number | null;
  pinToYield: boolean;
}

/** The ends of the colour scale: what the person fixed, else yield where pinned, else the assessed peak, else the data. */
export function displayRange(
  field: FieldName,
  model: Model,
  wish: Wish,
  strengthMpa: number | null,
  assessedMpa: number | null,
): DisplayRange | null {
  if (field === "none") return null;
  if (field === "safety_factor") {
    if (!strengthMpa || !model.vonMises) return null;
    const min = wish.rangeMin ?? 1;
    const max = Math.max(wish.rangeMax ?? 5, min + 1e-6);
    const least = strengthMpa / Math.max(model.vonMises.max.value, 1e-9);
    return { min, max, top: "", over: least < min ? least : null };
  }
  const data = field === "von_mises" ? model.vonMises : model.displacement;
  if (!data) return null;
  let max = data.max.value;
  let top = "largest value";
  if (wish.rangeMax !== null) {
    max = wish.rangeMax;
    top = "fixed";
  } else if (field === "von_mises" && wish.pinToYield && strengthMpa) {
    max = strengthMpa;
    top = "yield";
  } else if (field === "von_mises" && assessedMpa && assessedMpa < data.max.value * 0.98) {
    max = assessedMpa;
    top = "assessed peak";
  }
  const min = wish.rangeMin ?? 0;
  max = Math.max(max, min + Math.max(Math.abs(min) * 1e-6, 1e-12));
  return { min, max, top, over: data.max.value > max * 1.0005 ? data.max.value : null };
}
