import { formatNumber } from "@/lib/format";
import type { FemResult } from "@/lib/types";

export type Trust = "good" | "partly" | "poor";

/** Relative error of a stress that still serves as an estimate. */
const WIDE_BAND = 0.1;

/** How far the mesh can be trusted, and why: converged over its refinements, and whether corners were left out. */
export function meshTrust(fem: Partial<FemResult> | undefined): { trust: Trust; words: string; why: string } | null {
  const stress = fem?.von_mises_mpa;
  if (!fem || !stress) return null;
  const levels = fem.levels?.length ?? 0;
  const error = stress.error ?? null;
  const spread = error !== null && stress.value > 0 ? error / stress.value : null;
  const spreadText = spread === null ? "no error estimate" : `± ${formatNumber(spread * 100, 2)} %`;
  const last = fem.levels?.at(-1);
  const meshes = `${levels} ${levels === 1 ? "mesh" : "meshes"}${last ? `, up to ${formatNumber(last.dofs, 6)} unknowns` : ""}`;
  if (stress.converged && !fem.singular) return { trust: "good", words: "Mesh converged", why: `${meshes}, ${spreadText}` };
  if (stress.converged)
    return { trust: "partly", words: "Converged, corners left out", why: `${meshes}, ${spreadText}; the stress grows without end at sharp rims, which are not assessed` };
  if (spread !== null && spread <= WIDE_BAND)
    return { trust: "partly", words: `Stress to ± ${formatNumber(spread * 100, 2)} %`, why: `${meshes}; wider than the 5 % that count as converged, and checks are held with the whole band` };
  return { trust: "poor", words: "Mesh not converged", why: `${meshes}, ${spreadText}` };
}
