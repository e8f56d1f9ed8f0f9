import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Anchor, ArrowDownToLine, Download, Loader, MousePointerClick, Play, Plus, Square, Trash2, View } from "lucide-react";
import { useState } from "react";
import { useSelection } from "@/features/inspect/selection";
import { usePreview } from "@/features/preview/store";
import { toastError } from "@/features/toasts/store";
import { useViewer } from "@/features/viewer/store";
import { usePanels } from "@/features/workspace/PanelContext";
import { useWorkspace } from "@/features/workspace/WorkspaceContext";
import { api, artifactUrl, type StudyRow } from "@/lib/api";
import { formatAgo, formatMargin, formatNumber, formatQuantity, formatSeconds, formatWithBand, materialWords, SENSE_SIGN, type UnitSystem } from "@/lib/format";
import type { Check } from "@/lib/types";
import { useNow } from "@/lib/useNow";
import { Button, IconButton } from "@/ui/Button";
import { EmptyState, Panel, Section } from "@/ui/Panel";
import { StatusBadge, StatusMark } from "@/ui/Status";
import { Table } from "@/ui/Table";
import { Words } from "@/ui/Words";
import { type AnalysisType, DEFAULT_VALUE, emptyStudy, type FaceSelector, type LoadDraft, type LoadType, missing, selectorsOf, selectorText, studyOf, type SupportDraft, type SupportType, useStudyDraft } from "./draft";
import styles from "./StudyPanel.module.css";

const SUPPORTS: Record<SupportType, string> = { fixed: "Fixed", frictionless: "Frictionless, held along the normal", elastic: "Elastic layer", compression_only: "Wall that only pushes" };
const LOADS: Record<LoadType, string> = { force: "Force", pressure: "Pressure", moment: "Moment", gravity: "Own weight" };
const ANALYSES: Record<AnalysisType, string> = { static: "Strength and stiffness", modal: "Natural frequencies", buckling: "Buckling" };
const DIRECTIONS = ["-Z", "+Z", "+X", "-X", "+Y", "-Y"];

let next = Date.now();

/** Studies of the part: what holds it and what loads it, on picked faces; solved in the background, kept, compared. */
export function StudyPanel() {
  const { projectId, state, units, inert, revisionId } = useWorkspace();
  const { drafts, change } = useStudyDraft();
  const draft = { ...emptyStudy(), ...drafts[projectId] };
  const client = useQueryClient();
  const [problem, setProblem] = useState<Error | null>(null);
  const [compared, setCompared] = useState<string[]>([]);
  const studies = useQuery({
    queryKey: ["studies", projectId],
    queryFn: ({ signal }) => api.studies(projectId, signal),
    refetchInterval: (query) => (query.state.data?.studies.some((study) => study.status === "running") ? 1000 : false),
    retry: false,
  });
  const material = state?.design.design_scheme.material ?? (state?.design.intent.material as string | undefined) ?? "";
  const own = draft.material;
  if (!state?.geometry.model_id) {
    return (
      <EmptyState icon={<Anchor size={36} strokeWidth={1.2} />} title="Nothing to study yet">
        Loads and supports are put on faces of the model, which the run makes.
      </EmptyState>
    );
  }
  const set = (more: Partial<typeof draft>) => change(projectId, more);
  const open = [...(material || own ? [] : ["a material"]), ...missing(draft)];
  const run = async () => {
    setProblem(null);
    try {
      await api.startStudy(projectId, studyOf(draft, own || material));
      await client.invalidateQueries({ queryKey: ["studies", projectId] });
    } catch (error) {
      setProblem(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const rows = studies.data?.studies ?? [];
  return (
    <Panel
      title="Studies"
      tools={
        <>
          <span>Pick faces in the model (Shift and click, or with Measure on), then add them to a support or a load.</span>
          <span className={styles.grow} />
          <Button size="s" variant="primary" icon={<Play size={13} />} disabled={inert || revisionId !== null || open.length > 0} onClick={() => void run()}>
            Solve
          </Button>
        </>
      }
    >
      <div className={styles.form}>
        <label>
          Title
          <input value={draft.title} maxLength={80} onChange={(event) => set({ title: event.target.value })} />
        </label>
        <label>
          What is asked
          <select value={draft.analysis} onChange={(event) => set({ analysis: event.target.value as AnalysisType })}>
            {Object.entries(ANALYSES).map(([type, words]) => (
              <option key={type} value={type}>
                {words}
              </option>
            ))}
          </select>
        </label>
        <label>
          Material
          <input value={own} placeholder={materialWords(material) || "aluminium 6061-T6"} onChange={(event) => set({ material: event.target.value })} />
        </label>
        <label>
          At
          <input className={styles.narrow} value={draft.temperature} onChange={(event) => set({ temperature: event.target.value })} />
        </label>
      </div>
      <Section
        title="Held by"
        aside={
          <Button size="s" icon={<Plus size={13} />} onClick={() => set({ supports: [...draft.supports, { id: next++, type: "fixed", faces: pickedFaces(state), stiffness: "50 N/mm3" }] })}>
            Support
          </Button>
        }
      >
        {draft.supports.length === 0 && <p className={styles.quiet}>Nothing holds the part yet.</p>}
        <ul className={styles.list}>
          {draft.supports.map((support) => (
            <SupportItem
              key={support.id}
              support={support}
              onChange={(more) => set({ supports: draft.supports.map((other) => (other.id === support.id ? { ...other, ...more } : other)) })}
              onRemove={() => set({ supports: draft.supports.filter((other) => other.id !== support.id) })}
            />
          ))}
        </ul>
      </Section>
      {draft.analysis !== "modal" && (
        <Section
          title="Loaded by"
          aside={
            <Button size="s" icon={<Plus size={13} />} onClick={() => set({ loads: [...draft.loads, { id: next++, type: "force", faces: pickedFaces(state), value: DEFAULT_VALUE.force, direction: "-Z" }] })}>
              Load
            </Button>
          }
        >
          {draft.loads.length === 0 && <p className={styles.quiet}>No load yet.</p>}
          <ul className={styles.list}>
            {draft.loads.map((load) => (
              <LoadItem
                key={load.id}
                load={load}
                onChange={(more) => set({ loads: draft.loads.map((other) => (other.id === load.id ? { ...other, ...more } : other)) })}
                onRemove={() => set({ loads: draft.loads.filter((other) => other.id !== load.id) })}
              />
            ))}
          </ul>
        </Section>
      )}
      <Section title="Limits">
        <div className={styles.form}>
          {draft.analysis === "static" && (
            <>
              <label>
                Safety factor at least
                <input className={styles.narrow} inputMode="decimal" value={draft.safety} onChange={(event) => set({ safety: event.target.value })} />
              </label>
              <label>
                Stress at most
                <input className={styles.narrow} value={draft.stress} placeholder={units === "in" ? "15 ksi" : "100 MPa"} onChange={(event) => set({ stress: event.target.value })} />
              </label>
              <label>
                Displacement at most
                <input className={styles.narrow} value={draft.displacement} placeholder={units === "in" ? "0.02 in" : "0.5 mm"} onChange={(event) => set({ displacement: event.target.value })} />
              </label>
            </>
          )}
          {draft.analysis === "modal" && (
            <label>
              First frequency at least
              <input className={styles.narrow} value={draft.frequency} placeholder="200 Hz" onChange={(event) => set({ frequency: event.target.value })} />
            </label>
          )}
          {draft.analysis === "buckling" && (
            <label>
              Buckling factor at least
              <input className={styles.narrow} inputMode="decimal" value={draft.buckling} onChange={(event) => set({ buckling: event.target.value })} />
            </label>
          )}
        </div>
        {open.length > 0 && <p className={styles.quiet}>Still needed: {open.join(", ")}.</p>}
        {problem && (
          <p role="alert" className={styles.problem}>
            {problem.message} {"nextAction" in problem ? String(problem.nextAction) : ""}
          </p>
        )}
      </Section>
      {rows.length > 0 && (
        <Section title="Solved" aside={rows.length > 1 && <span className={styles.quiet}>tick two to compare</span>}>
          {compared.length === 2 && <StudyComparison rows={rows.filter((row) => compared.includes(row.id))} units={units} />}
          <ul className={styles.rows}>
            {rows.map((row) => (
              <StudyItem
                key={row.id}
                row={row}
                units={units}
                inert={inert}
                chosen={compared.includes(row.id)}
                onChoose={() => setCompared(compared.includes(row.id) ? compared.filter((id) => id !== row.id) : [...compared.slice(-1), row.id])}
                onStop={async () => {
                  try {
                    await api.stopStudy(projectId, row.id);
                    await client.invalidateQueries({ queryKey: ["studies", projectId] });
                  } catch (error) {
                    toastError(error);
                  }
                }}
              />
            ))}
          </ul>
        </Section>
      )}
    </Panel>
  );
}

/** The faces that are picked now, as a study names them. */
function pickedFaces(state: NonNullable<ReturnType<typeof useWorkspace>["state"]>): FaceSelector[] {
  return selectorsOf(useSelection.getState().picked, state.geometry.compiled.named_faces ?? []);
}

function Faces({ faces, onChange }: { faces: FaceSelector[]; onChange: (faces: FaceSelector[]) => void }) {
  const { modelState } = useWorkspace();
  const picked = useSelection((selection) => selection.picked);
  const found = selectorsOf(picked, modelState?.geometry.compiled.named_faces ?? []);
  const fresh = found.filter((one) => !faces.some((known) => selectorText(known) === selectorText(one)));
  return (
    <span className={styles.faces}>
      {faces.map((face) => (
        <span key={selectorText(face)} className={styles.face}>
          {selectorText(face)}
          <button type="button" aria-label={`Without ${selectorText(face)}`} onClick={() => onChange(faces.filter((other) => other !== face))}>
            ×
          </button>
        </span>
      ))}
      <Button size="s" variant="ghost" icon={<MousePointerClick size={13} />} disabled={fresh.length === 0} title={fresh.length === 0 ? "Pick faces in the model first" : undefined} onClick={() => onChange([...faces, ...fresh])}>
        Add picked
      </Button>
    </span>
  );
}

function SupportItem({ support, onChange, onRemove }: { support: SupportDraft; onChange: (more: Partial<SupportDraft>) => void; onRemove: () => void }) {
  return (
    <li>
      <select aria-label="Kind of support" value={support.type} onChange={(event) => onChange({ type: event.target.value as SupportType })}>
        {Object.entries(SUPPORTS).map(([type, words]) => (
          <option key={type} value={type}>
            {words}
          </option>
        ))}
      </select>
      {support.type === "elastic" && <input aria-label="Stiffness" className={styles.narrow} value={support.stiffness} onChange={(event) => onChange({ stiffness: event.target.value })} />}
      <Faces faces={support.faces} onChange={(faces) => onChange({ faces })} />
      <IconButton label="Remove the support" icon={<Trash2 size={14} />} onClick={onRemove} />
    </li>
  );
}

function LoadItem({ load, onChange, onRemove }: { load: LoadDraft; onChange: (more: Partial<LoadDraft>) => void; onRemove: () => void }) {
  return (
    <li>
      <select aria-label="Kind of load" value={load.type} onChange={(event) => onChange({ type: event.target.value as LoadType, value: DEFAULT_VALUE[event.target.value as LoadType] })}>
        {Object.entries(LOADS).map(([type, words]) => (
          <option key={type} value={type}>
            {words}
          </option>
        ))}
      </select>
      {load.type !== "gravity" && <input aria-label="Size of the load, with unit" className={styles.narrow} value={load.value} onChange={(event) => onChange({ value: event.target.value })} />}
      {load.type !== "pressure" && (
        <select aria-label="Direction" value={load.direction} onChange={(event) => onChange({ direction: event.target.value })}>
          {DIRECTIONS.map((direction) => (
            <option key={direction} value={direction}>
              {direction}
            </option>
          ))}
        </select>
      )}
      {load.type !== "gravity" && <Faces faces={load.faces} onChange={(faces) => onChange({ faces })} />}
      <IconButton label="Remove the load" icon={<Trash2 size={14} />} onClick={onRemove} />
    </li>
  );
}

const FILES: Record<string, string> = { report: "report.html", vtu: "fields.vtu", volume_vtu: "volume.vtu", field_glb: "fields.glb", study: "study.yaml", result: "result.json" };

function checkValue(check: Check | undefined, units: UnitSystem): string {
  if (!check || check.value == null) return "–";
  return formatWithBand(check.value, check.uncertainty, check.unit, units);
}

/** What each mode shape is called: by its frequency, or by the factor on the loads at which it buckles. */
export function modeNames(result: StudyRow["result"], units: UnitSystem): string[] {
  const solved = (result?.["result"] ?? {}) as { frequencies_hz?: { value: number }[]; load_factors?: { value: number }[] };
  return [
    ...(solved.frequencies_hz ?? []).map(({ value }, index) => `Mode ${index + 1} · ${formatQuantity(value, "Hz", units)}`),
    ...(solved.load_factors ?? []).map(({ value }, index) => `Mode ${index + 1} · load × ${formatNumber(value, 3)}`),
  ];
}

interface ItemProps {
  row: StudyRow;
  units: UnitSystem;
  inert: boolean;
  chosen: boolean;
  onChoose: () => void;
  onStop: () => void;
}

function StudyItem({ row, units, inert, chosen, onChoose, onStop }: ItemProps) {
  const { projectId } = useWorkspace();
  const panels = usePanels();
  const now = useNow(row.status === "running");
  const field = row.files["field_glb"];
  const shown = usePreview((preview) => preview.draft?.modelId === field && field !== undefined);
  const hasShapes = ["modal", "buckling"].includes(String((row.study["analysis"] as { type?: unknown } | undefined)?.type));
  const show = async (modelId: string) => {
    try {
      const modes = hasShapes ? modeNames((await api.study(projectId, row.id)).result, units) : [];
      usePreview.getState().show({ projectId, from: "study", modelId, kclCode: "", massG: null, checks: row.verdict?.checks ?? [], modes });
      useViewer.getState().set({ rangeMin: null, rangeMax: null });
      panels?.open("model");
    } catch (error) {
      toastError(error);
    }
  };
  const elapsed = row.status === "running" ? Math.max(0, now / 1000 - row.created_at) : row.elapsed_s;
  return (
    <li data-study={row.status}>
      <header>
        <strong>{row.study.title}</strong>
        {row.status === "running" ? <StatusBadge status="running" /> : row.verdict ? <StatusBadge status={row.verdict.status} /> : <StatusBadge status="none" words={row.status === "stopped" ? "Stopped" : "Failed"} />}
        <span className={styles.quiet}>
          revision {row.revision_number} · {formatAgo(row.created_at * 1000)}
          {elapsed !== null && ` · ${formatSeconds(elapsed)}`}
        </span>
        <span className={styles.grow} />
        {row.status === "running" && (
          <Button size="s" icon={<Square size={12} />} disabled={inert} onClick={onStop}>
            Stop
          </Button>
        )}
        {row.status === "done" && (
          <label className={styles.pick}>
            <input type="checkbox" checked={chosen} onChange={onChoose} /> Compare
          </label>
        )}
      </header>
      {row.status === "running" && (
        <p className={styles.quiet} role="status">
          <Loader size={12} className={styles.spin} aria-hidden /> <Words units={units}>{row.lines.at(-1) ?? "reading"}</Words>
        </p>
      )}
      {row.error && (
        <p role="alert" className={styles.problem}>
          <Words units={units}>{`${row.error.message} ${row.error.next_action}`}</Words>
        </p>
      )}
      {row.verdict && (
        <>
          <p>
            <Words units={units}>{row.verdict.summary}</Words>
          </p>
          <ul className={styles.checks}>
            {row.verdict.checks.map((check) => (
              <li key={check.id}>
                <StatusMark status={check.status} />
                <span>
                  <Words units={units}>{check.title}</Words>
                </span>
                <span className="num">{checkValue(check, units)}</span>
                <span className="num">{check.limit != null && check.sense ? `${SENSE_SIGN[check.sense]} ${formatQuantity(check.limit, check.unit, units)}` : ""}</span>
                <span className="num">{check.margin != null ? formatMargin(check.margin) : ""}</span>
              </li>
            ))}
          </ul>
          <div className={styles.files}>
            {field && (
              <Button
                size="s"
                icon={<View size={13} />}
                aria-pressed={shown}
                onClick={() => void (shown ? usePreview.getState().clear() : show(field))}
              >
                {hasShapes ? "Mode shapes in the model" : "Field in the model"}
              </Button>
            )}
            {Object.entries(FILES)
              .filter(([kind]) => row.files[kind])
              .map(([kind, name]) => (
                <a key={kind} href={artifactUrl(row.files[kind] ?? "")} download={name}>
                  <Download size={12} aria-hidden /> {name}
                </a>
              ))}
          </div>
        </>
      )}
    </li>
  );
}

/** Two studies check by check. */
function StudyComparison({ rows, units }: { rows: StudyRow[]; units: UnitSystem }) {
  const [b, a] = rows;
  if (!a?.verdict || !b?.verdict) return null;
  const titles = [...new Set([...a.verdict.checks, ...b.verdict.checks].map((check) => check.title))];
  return (
    <div className={styles.scroll}>
      <Table className={styles.table} name="Comparison of two studies">
        <thead>
          <tr>
            <th scope="col">
              <ArrowDownToLine size={12} aria-hidden /> What
            </th>
            {[a, b].map((row) => (
              <th key={row.id} scope="col">
                {row.study.title}, revision {row.revision_number}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {titles.map((title) => (
            <tr key={title}>
              <th scope="row">
                <Words units={units}>{title}</Words>
              </th>
              {[a, b].map((row) => {
                const check = row.verdict?.checks.find((one) => one.title === title);
                return (
                  <td key={row.id} className="num">
                    {check && <StatusMark status={check.status} />} {checkValue(check, units)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  );
}
