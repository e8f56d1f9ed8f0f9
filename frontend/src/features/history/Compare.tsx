import { useQuery } from "@tanstack/react-query";
import { Columns2, Layers, X } from "lucide-react";
import { useViewer } from "@/features/viewer/store";
import { usePanels } from "@/features/workspace/PanelContext";
import { useWorkspace } from "@/features/workspace/WorkspaceContext";
import { api, ApiError, type Comparison, type Revision } from "@/lib/api";
import { formatMargin, formatNumber, formatQuantity, humanize, materialWords, type UnitSystem } from "@/lib/format";
import { Button, IconButton } from "@/ui/Button";
import { StatusBadge } from "@/ui/Status";
import { Table } from "@/ui/Table";
import { Words } from "@/ui/Words";
import styles from "./Compare.module.css";

const money = (range: { low: number; high: number } | null | undefined) => (range ? `${range.low.toFixed(2)} – ${range.high.toFixed(2)}` : "not priced");

/** Two revisions side by side: what each is, and everything that differs; in the picture beside or within each other. */
export function Compare({ old, other, head, onClose }: { old: Revision; other: Revision; head: string | null; onClose: () => void }) {
  const { projectId, units, showRevision } = useWorkspace();
  const panels = usePanels();
  const compared = useViewer((viewer) => viewer.compared);
  const set = useViewer((viewer) => viewer.set);
  const { data, error } = useQuery({
    queryKey: ["compare", projectId, old.id, other.id],
    queryFn: ({ signal }) => api.compare(projectId, old.id, other.id, signal),
    staleTime: Infinity,
  });
  const model = data?.model_id?.old ?? null;
  const inPicture = (mode: "side" | "overlay") => {
    if (!model) return;
    if (compared?.modelId === model && compared.mode === mode) return set({ compared: null });
    showRevision(other.id === head ? null : other.id);
    set({ compared: { modelId: model, label: `Revision ${old.number}`, mode } });
    panels?.open("model");
  };
  return (
    <section className={styles.compare} aria-label={`Comparison of revisions ${old.number} and ${other.number}`}>
      <header>
        <h3>
          Revision {old.number} against {other.number}
        </h3>
        <Button size="s" icon={<Columns2 size={13} />} aria-pressed={compared?.mode === "side"} disabled={!model} onClick={() => inPicture("side")}>
          Side by side
        </Button>
        <Button size="s" icon={<Layers size={13} />} aria-pressed={compared?.mode === "overlay"} disabled={!model} onClick={() => inPicture("overlay")}>
          Overlaid
        </Button>
        <IconButton
          label="Close the comparison"
          icon={<X size={15} />}
          onClick={() => {
            set({ compared: null });
            onClose();
          }}
        />
      </header>
      {error && (
        <p role="alert">
          {error.message} {error instanceof ApiError && error.nextAction}
        </p>
      )}
      {data && <Figures data={data} units={units} />}
      {data && data.kcl && <Diff text={data.kcl} />}
    </section>
  );
}

function Figures({ data, units }: { data: Comparison; units: UnitSystem }) {
  const value = (number: number | null, unit: string) => (number === null ? "none" : unit === "1" || unit === "" ? formatNumber(number) : formatQuantity(number, unit, units));
  const margins = Object.entries(data.margins);
  return (
    <div className={styles.scroll}>
      <Table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Revision {data.old.number}</th>
            <th scope="col">Revision {data.new.number}</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">Verdict</th>
            <td>{data.verdict.old ? <StatusBadge status={data.verdict.old} /> : "none"}</td>
            <td>{data.verdict.new ? <StatusBadge status={data.verdict.new} /> : "none"}</td>
          </tr>
          <tr data-differs={data.mass_g.old !== data.mass_g.new}>
            <th scope="row">Mass</th>
            <td>{value(data.mass_g.old, "g")}</td>
            <td>
              {value(data.mass_g.new, "g")}
              {data.mass_g.old && data.mass_g.new && data.mass_g.old !== data.mass_g.new ? ` (${formatMargin(data.mass_g.new / data.mass_g.old - 1)})` : ""}
            </td>
          </tr>
          <tr data-differs={data.material.old !== data.material.new}>
            <th scope="row">Material</th>
            <td>{materialWords(data.material.old) || "none"}</td>
            <td>{materialWords(data.material.new) || "none"}</td>
          </tr>
          {data.cost_usd && (
            <tr>
              <th scope="row">Cost, USD</th>
              <td>{money(data.cost_usd.old)}</td>
              <td>{money(data.cost_usd.new)}</td>
            </tr>
          )}
          {Object.entries(data.parameters).map(([name, pair]) => (
            <tr key={name} data-differs>
              <th scope="row">{humanize(name)}</th>
              <td>{value(pair.old, pair.unit)}</td>
              <td>{value(pair.new, pair.unit)}</td>
            </tr>
          ))}
          {margins.map(([check, pair]) => (
            <tr key={check} data-differs>
              <th scope="row"><Words units={units}>{pair.title || humanize(check)}</Words>, margin</th>
              <td>{pair.old === null ? (pair.old_status ?? "none") : formatMargin(pair.old)}</td>
              <td>{pair.new === null ? (pair.new_status ?? "none") : formatMargin(pair.new)}</td>
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  );
}

/** A unified diff: what went, what came, and where. The signs say it too, not colour alone. */
export function Diff({ text }: { text: string }) {
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard
    <pre className={styles.diff} tabIndex={0} role="group" aria-label="What differs in the program">
      {text
        .split("\n")
        .filter((line) => !/^(---|\+\+\+)/.test(line))
        .map((line, index) => (
          <span key={index} data-kind={line.startsWith("@@") ? "place" : line.startsWith("+") ? "new" : line.startsWith("-") ? "old" : "same"}>
            {line || " "}
          </span>
        ))}
    </pre>
  );
}
