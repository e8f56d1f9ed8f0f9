import { Download, Package } from "lucide-react";
import { useWorkspace } from "@/features/workspace/WorkspaceContext";
import { artifactUrl } from "@/lib/api";
import { formatNumber, formatQuantity, materialWords } from "@/lib/format";
import type { BomLine } from "@/lib/types";
import { EmptyState, Panel, Section } from "@/ui/Panel";
import { Table } from "@/ui/Table";
import { Words } from "@/ui/Words";
import styles from "./BomTable.module.css";

const num = (value: unknown): number | null => (typeof value === "number" && Number.isFinite(value) ? value : null);

/** "5.20 – 7.80", or one figure where both ends agree; nothing where no source gives a price. */
export function costRange(low: unknown, high: unknown): string {
  const [a, b] = [num(low), num(high)];
  if (a === null || b === null) return "";
  const show = (value: number) => value.toFixed(value < 100 ? 2 : 0);
  return show(a) === show(b) ? show(a) : `${show(a)} – ${show(b)}`;
}

/** What must be made and bought, with mass and, where a source is known, cost. */
export function BomTable() {
  const { state, units } = useWorkspace();
  const bom = state?.manufacturing.bom_analysis;
  const lines: BomLine[] = bom?.lines ?? [];
  if (lines.length === 0) {
    return (
      <EmptyState icon={<Package size={36} strokeWidth={1.2} />} title="No bill of materials yet">
        It is made after the verdict, the last but one stage of a run.
      </EmptyState>
    );
  }
  const totals = bom?.totals ?? {};
  const notes = Array.isArray(bom?.["notes"]) ? (bom["notes"] as string[]) : [];
  const artifact = state?.geometry.artifacts["bom"];
  const priced = lines.some((line) => num(line["cost_low_usd_each"]) !== null);
  const total = costRange(totals["cost_low_usd"], totals["cost_high_usd"]);
  const mass = num(totals["mass_g"]);
  return (
    <Panel
      title="Bill of materials"
      tools={
        <>
          <span>
            {formatNumber(num(totals["parts"]))} parts on {lines.length} lines
            {mass !== null && mass > 0 && <> · {formatQuantity(mass, "g", units)}{totals["mass_complete"] === false && " known"}</>}
            {priced && total && <> · {total} USD</>}
          </span>
          <span className={styles.grow} />
          {artifact && (
            <a className={styles.download} href={artifactUrl(artifact)} download="bom.csv">
              <Download size={13} aria-hidden /> bom.csv
            </a>
          )}
        </>
      }
    >
      <div className={styles.scroll}>
        <Table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">#</th>
              <th scope="col">Part</th>
              <th scope="col" className={styles.right}>
                Quantity
              </th>
              <th scope="col">Kind</th>
              <th scope="col">Material</th>
              <th scope="col" className={styles.right}>
                Mass each
              </th>
              {priced && (
                <th scope="col" className={styles.right}>
                  USD each
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {lines.map((line, index) => (
              <tr key={index}>
                <td className="num">{num(line["item"]) ?? index + 1}</td>
                <th scope="row">
                  <Words units={units}>{line.part}</Words>
                  {typeof line["description"] === "string" && line["description"] && <span className={styles.about}><Words units={units}>{line["description"]}</Words></span>}
                  {typeof line["standard"] === "string" && line["standard"] && <span className={styles.about}>{line["standard"]}</span>}
                  {num(line["cost_low_usd_each"]) !== null && typeof line["cost_basis"] === "string" && <span className={styles.about}>Priced: <Words units={units}>{line["cost_basis"]}</Words></span>}
                </th>
                <td className={`${styles.right} num`}>{formatNumber(line.quantity)}</td>
                <td>{line.kind ?? ""}</td>
                <td>{typeof line["material"] === "string" ? materialWords(line["material"]) : ""}</td>
                <td className={`${styles.right} num`}>{num(line["mass_g_each"]) === null ? "" : formatQuantity(num(line["mass_g_each"]), "g", units)}</td>
                {priced && <td className={`${styles.right} num`}>{costRange(line["cost_low_usd_each"], line["cost_high_usd_each"]) || "not priced"}</td>}
              </tr>
            ))}
          </tbody>
        </Table>
      </div>
      {notes.length > 0 && (
        <Section title="Notes">
          <ul className={styles.notes}>
            {notes.map((note) => (
              <li key={note}>
                <Words units={units}>{note}</Words>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </Panel>
  );
}
