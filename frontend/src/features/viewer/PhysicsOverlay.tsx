import { ShieldAlert, ShieldCheck, ShieldQuestion } from "lucide-react";
import { formatNumber, formatQuantity, formatWithBand, type UnitSystem } from "@/lib/format";
import type { AgentState } from "@/lib/types";
import styles from "./PhysicsOverlay.module.css";
import { meshTrust } from "./trust";

const ICON = { good: ShieldCheck, partly: ShieldQuestion, poor: ShieldAlert };

/** The figures of the run over the picture. Shows only what was computed. */
export function PhysicsOverlay({ state, units }: { state: AgentState; units: UnitSystem }) {
  const { predictions, structural_analysis, thermal_analysis } = state.physics;
  const fem = structural_analysis.fem;
  const stress = predictions["von_mises_mpa"] ?? predictions["stress"];
  const safety = predictions["fe_safety_factor"] ?? predictions["safety_factor"];
  const mass = state.geometry.mass_properties.mass_g;
  const temperature = predictions["temperature"] ?? (thermal_analysis["equilibrium_temp_c"] as number | undefined);
  const spread = fem?.von_mises_mpa?.error;
  const rows: [string, string][] = [];
  if (stress !== undefined) rows.push(["Stress, von Mises", formatWithBand(stress, spread, "MPa", units)]);
  if (safety !== undefined) rows.push(["Safety factor", formatNumber(safety, 3)]);
  if (predictions["displacement_mm"] !== undefined) rows.push(["Displacement", formatQuantity(predictions["displacement_mm"], "mm", units, 3)]);
  if (temperature !== undefined) rows.push(["Temperature", formatQuantity(temperature, "degC", units, 3)]);
  if (mass != null) rows.push(["Mass", formatQuantity(mass, "g", units)]);
  const trust = meshTrust(fem);
  if (rows.length === 0) return null;
  const Icon = trust ? ICON[trust.trust] : null;
  return (
    <section className={styles.overlay} aria-label="Physics telemetry">
      <dl>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="num">{value}</dd>
          </div>
        ))}
      </dl>
      {trust && Icon && (
        <p className={`${styles.trust} ${styles[trust.trust]}`} title={trust.why}>
          <Icon size={14} aria-hidden />
          {trust.words}
          <span className="sr-only">: {trust.why}</span>
        </p>
      )}
    </section>
  );
}
