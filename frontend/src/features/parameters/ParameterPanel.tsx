import { SlidersHorizontal } from "lucide-react";
import { useWorkspace } from "@/features/workspace/WorkspaceContext";
import { formatNumber, formatQuantity, humanize, materialWords, rawText } from "@/lib/format";
import type { Origin, Quantity } from "@/lib/types";
import { EmptyState, Panel, Section } from "@/ui/Panel";
import { Table } from "@/ui/Table";
import { Words } from "@/ui/Words";
import { Adjust } from "./Adjust";
import styles from "./ParameterPanel.module.css";

const ORIGIN_WORDS: Record<Origin, string> = {
  brief: "brief",
  answer: "your answer",
  assumption: "assumed",
  material: "material",
  standard: "standard",
  sized: "sized",
  computed: "computed",
  measured: "measured",
};

const ORIGIN_ORDER: Origin[] = ["sized", "brief", "answer", "computed", "measured", "standard", "material", "assumption"];

interface MaterialValue {
  value: number;
  unit: string;
  basis?: string;
  source?: string;
  note?: string;
}

function materialValues(properties: unknown): [string, MaterialValue][] {
  if (typeof properties !== "object" || properties === null) return [];
  return Object.entries(properties as Record<string, unknown>).filter(
    (entry): entry is [string, MaterialValue] => typeof (entry[1] as MaterialValue | null)?.value === "number",
  );
}

/** Sliders for what can be set anew, then every size with the place it comes from, how it was found, and the material. */
export function ParameterPanel() {
  const { state, units } = useWorkspace();
  const scheme = state?.design.design_scheme;
  const parameters = Object.entries(scheme?.parameters ?? state?.design.design_parameters ?? {}).sort(
    ([, a], [, b]) => ORIGIN_ORDER.indexOf(a.origin) - ORIGIN_ORDER.indexOf(b.origin),
  );
  if (parameters.length === 0) {
    return (
      <EmptyState icon={<SlidersHorizontal size={36} strokeWidth={1.2} />} title="No sizes yet">
        They come from the brief and from the sizing, the second stage of a run.
      </EmptyState>
    );
  }
  const material = state?.physics.material_props;
  const values = materialValues(material?.["properties"]);
  return (
    <Panel
      title="Parameters"
      tools={
        <span>
          {humanize(scheme?.family ?? "design")}
          {scheme?.material && <> · {materialWords(scheme.material)}</>}
        </span>
      }
    >
      <Adjust />
      <Section title="All sizes">
      <div className={styles.scroll}>
        <Table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">Size</th>
              <th scope="col" className={styles.right}>
                Value
              </th>
              <th scope="col">Given as</th>
              <th scope="col">From</th>
            </tr>
          </thead>
          <tbody>
            {parameters.map(([name, quantity]) => (
              <tr key={name} className={scheme?.free?.includes(name) ? styles.free : undefined}>
                <th scope="row">{humanize(name)}</th>
                <td className={`${styles.right} num`}>{valueText(quantity, units)}</td>
                <td className={styles.quiet}>{quantity.given ?? ""}</td>
                <td>
                  <span className={styles.origin} data-origin={quantity.origin}>
                    {ORIGIN_WORDS[quantity.origin]}
                  </span>
                </td>
              </tr>
            ))}
            {Object.entries(scheme?.choices ?? {}).map(([name, choice]) => (
              <tr key={name}>
                <th scope="row">{humanize(name)}</th>
                <td className={styles.right}>{choice}</td>
                <td />
                <td>
                  <span className={styles.origin}>choice</span>
                </td>
              </tr>
            ))}
          </tbody>
        </Table>
      </div>
      </Section>
      {scheme?.trace && scheme.trace.length > 0 && (
        <Section title="How it was sized">
          <ul className={styles.trace}>
            {scheme.trace.map((line) => (
              <li key={line}>
                <Words units={units}>{line}</Words>
              </li>
            ))}
            {scheme.governing && <li>What governs: {scheme.governing}</li>}
          </ul>
        </Section>
      )}
      {values.length > 0 && (
        <Section title={`Material: ${materialWords(String(material?.["name"] ?? ""))}`}>
          <div className={styles.scroll}>
            <Table className={styles.table}>
              <thead>
                <tr>
                  <th scope="col">Property</th>
                  <th scope="col" className={styles.right}>
                    Value
                  </th>
                  <th scope="col">Basis</th>
                  <th scope="col">Source</th>
                </tr>
              </thead>
              <tbody>
                {values.map(([name, entry]) => (
                  <tr key={name}>
                    <th scope="row">{humanize(name.replace(/_(kg_m3|mpa|1_k|w_m_k|j_kg_k|c|usd_kg|kg_kg)$/, ""))}</th>
                    <td className={`${styles.right} num`} title={rawText(entry.value, entry.unit, units)}>
                      {formatQuantity(entry.value, entry.unit, units)}
                    </td>
                    <td>{entry.basis}</td>
                    <td className={styles.source}>{entry.source}</td>
                  </tr>
                ))}
              </tbody>
            </Table>
          </div>
        </Section>
      )}
    </Panel>
  );
}

function valueText(quantity: Quantity, units: "mm" | "in"): string {
  return quantity.unit === "1" ? formatNumber(quantity.value) : formatQuantity(quantity.value, quantity.unit, units);
}
