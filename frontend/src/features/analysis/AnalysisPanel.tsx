import { Microscope, TriangleAlert } from "lucide-react";
import { useWorkspace } from "@/features/workspace/WorkspaceContext";
import { formatNumber, formatQuantity, formatSeconds } from "@/lib/format";
import { EmptyState, Panel, Section } from "@/ui/Panel";
import { Table } from "@/ui/Table";
import { Words } from "@/ui/Words";
import { meshTrust } from "@/features/viewer/trust";
import styles from "./AnalysisPanel.module.css";

interface Energy {
  difference_rel?: number;
}

/** What the solver did: its meshes and how the peak settled, where stress has no finite value, and its own cross-checks. */
export function AnalysisPanel() {
  const { state, units } = useWorkspace();
  const fem = state?.physics.structural_analysis.fem;
  const levels = fem?.levels ?? [];
  const thermal = state?.physics.thermal_analysis;
  const temperature = thermal?.["equilibrium_temp_c"];
  const reports = Object.entries(state?.physics.sub_agent_reports ?? {});
  if (levels.length === 0 && typeof temperature !== "number" && reports.length === 0) {
    return (
      <EmptyState icon={<Microscope size={36} strokeWidth={1.2} />} title="Nothing analysed yet">
        {state?.physics.structural_analysis.summary ?? "The solver's meshes and cross-checks are shown here after the physics stage."}
      </EmptyState>
    );
  }
  const trust = meshTrust(fem);
  const assessed = levels.map((level) => level.assessed_von_mises_mpa ?? level.max_von_mises_mpa);
  const top = Math.max(...assessed, fem?.von_mises_mpa?.value ?? 0, 1e-9);
  const energy = (fem as { energy_check?: Energy } | undefined)?.energy_check;
  const imbalance = fem?.reactions?.imbalance_rel;
  const seconds = (fem as { timings_s?: { total?: number } } | undefined)?.timings_s?.total;
  return (
    <Panel
      title="Analysis"
      tools={
        fem?.solver && (
          <span>
            {fem.solver} {fem.version} {seconds !== undefined && <>· {formatSeconds(seconds)}</>} {trust && <>· {trust.words.toLowerCase()}</>}
          </span>
        )
      }
    >
      {levels.length > 0 && (
        <Section title="Meshes">
          <Table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">Mesh</th>
                <th scope="col">Element size</th>
                <th scope="col">Unknowns</th>
                <th scope="col">Assessed stress</th>
                <th scope="col">Raw peak</th>
                <th scope="col">Displacement</th>
              </tr>
            </thead>
            <tbody className="num">
              {levels.map((level, index) => (
                <tr key={level.dofs}>
                  <th scope="row">{index + 1}</th>
                  <td>{formatQuantity(level.h_mm, "mm", units, 3)}</td>
                  <td>{formatNumber(level.dofs, 7)}</td>
                  <td>
                    <span
                      className={styles.bar}
                      aria-hidden
                      ref={(element) => {
                        element?.style.setProperty("--share", `${(100 * (assessed[index] ?? 0)) / top}%`);
                      }}
                    />
                    {formatQuantity(assessed[index], "MPa", units)}
                  </td>
                  <td>{formatQuantity(level.max_von_mises_mpa, "MPa", units)}</td>
                  <td>{formatQuantity(level.max_displacement_mm, "mm", units)}</td>
                </tr>
              ))}
            </tbody>
          </Table>
          {trust && <p className={styles.note}>{trust.why}.</p>}
          {fem?.von_mises_mpa?.excluded && <p className={styles.note}>Left out of the assessed stress: <Words units={units}>{fem.von_mises_mpa.excluded}</Words>.</p>}
        </Section>
      )}
      {(imbalance !== undefined || energy?.difference_rel !== undefined) && (
        <Section title="Cross-checks of the solution">
          <dl className={styles.facts}>
            {imbalance !== undefined && (
              <div>
                <dt>Loads against reactions, relative difference</dt>
                <dd className="num">{formatNumber(imbalance, 2)}</dd>
              </div>
            )}
            {energy?.difference_rel !== undefined && (
              <div>
                <dt>Strain energy against work of the loads, relative difference</dt>
                <dd className="num">{formatNumber(energy.difference_rel, 2)}</dd>
              </div>
            )}
          </dl>
        </Section>
      )}
      {fem?.warnings && fem.warnings.length > 0 && (
        <Section title="What the solver warns of">
          <ul className={styles.warnings}>
            {fem.warnings.map((warning) => (
              <li key={warning}>
                <TriangleAlert size={14} aria-hidden /> <Words units={units}>{warning}</Words>
              </li>
            ))}
          </ul>
        </Section>
      )}
      {typeof temperature === "number" && (
        <Section title="Heat">
          <p>Equilibrium temperature {formatQuantity(temperature, "degC", units)}</p>
        </Section>
      )}
      {reports.length > 0 && (
        <Section title="Reports of the agents">
          <ul className={styles.reports}>
            {reports.map(([name, report]) => (
              <li key={name}>
                <strong>{report.agent.replace(/Agent$/, "")}</strong>
                <span>
                  <Words units={units}>{report.summary}</Words>
                </span>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </Panel>
  );
}
