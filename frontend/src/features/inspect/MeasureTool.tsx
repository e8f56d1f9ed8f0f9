import { useQuery } from "@tanstack/react-query";
import { Braces, MessageSquarePlus, Ruler, ScanSearch, X } from "lucide-react";
import { useChange } from "@/features/compile/changeStore";
import { usePanels } from "@/features/workspace/PanelContext";
import { useViewer } from "@/features/viewer/store";
import { useWorkspace } from "@/features/workspace/WorkspaceContext";
import { api, type Distance, type Topology } from "@/lib/api";
import { formatLength, formatNumber, type UnitSystem } from "@/lib/format";
import type { Vec3 } from "@/lib/types";
import { IconButton } from "@/ui/Button";
import { extentOf, factsOf, nameOf, pickOf, pointsOf } from "./measure";
import styles from "./MeasureTool.module.css";
import { type Picked, useSelection } from "./selection";
import { linesOfFace, useSources } from "./useLook";

/** The tolerance of the kernel: what is nearer than that meets. */
const TOUCHING_MM = 1e-7;

/** The distance between the two picked things, exact where the part's B-rep is known. */
export function useDistance(lookId: string | null): { distance: Distance | null; error: Error | null; loading: boolean } {
  const { picked, line } = useSelection();
  const [a, b] = picked;
  const wanted = line === null && picked.length === 2 && a !== undefined && b !== undefined;
  const points = wanted && a.kind === "point" && b.kind === "point";
  const found = useQuery({
    queryKey: ["distance", lookId, JSON.stringify(picked)],
    queryFn: ({ signal }) => {
      if (!a || !b || !lookId) throw new Error("two things are measured");
      return api.measure(lookId, pickOf(a), pickOf(b), signal);
    },
    enabled: wanted && lookId !== null && !points,
    staleTime: Infinity,
    retry: false,
  });
  if (points) return { distance: betweenPoints(a.at, b.at), error: null, loading: false };
  return { distance: wanted ? (found.data ?? null) : null, error: wanted ? found.error : null, loading: wanted && found.isLoading };
}

export function betweenPoints(from: Vec3, to: Vec3): Distance {
  const components = to.map((value, axis) => value - (from[axis] ?? 0)) as Vec3;
  return { distance_mm: Math.hypot(...components), from_mm: from, to_mm: to, components_mm: components, angle_deg: null, parallel: null, axis_distance_mm: null, exact: false };
}

interface MeasureToolProps {
  topology: Topology | null;
  distance: Distance | null;
  problem: Error | null;
  loading: boolean;
  density: number | null;
}

/** What the selected faces, edges and points measure, and what can be done with them. */
export function MeasureTool({ topology, distance, problem, loading, density }: MeasureToolProps) {
  const { picked, line, clear } = useSelection();
  const { projectId, units, modelState, revisionId } = useWorkspace();
  const tool = useViewer((viewer) => viewer.tool);
  const controls = useViewer((viewer) => viewer.controls);
  const panels = usePanels();
  const ask = useChange((change) => change.ask);
  const named = modelState?.geometry.compiled.named_faces ?? [];
  const face = picked.length === 1 && picked[0]?.kind === "face" ? picked[0].index : null;
  const { sources } = useSources(face !== null);
  if (picked.length === 0) {
    if (tool !== "measure") return null;
    return (
      <section className={styles.card} aria-label="Measure">
        <p className={styles.hint}>
          <Ruler size={14} aria-hidden /> {loading ? "Reading faces and edges…" : (problem?.message ?? "Click a face, an edge or a point; a second one gives the distance.")}
        </p>
      </section>
    );
  }
  const extent = extentOf(picked.flatMap((one) => pointsOf(one, topology)));
  const several = line !== null && picked.length > 1;
  const shown = several ? [] : picked;
  const lines = face === null ? [] : linesOfFace(sources, face);
  return (
    <section className={styles.card} aria-label="Measure" aria-live="polite">
      <header>
        <strong>{several ? `${picked.length} faces of line ${line}` : picked.length === 2 ? "Between the two" : nameOf(picked[0] as Picked, topology, named)}</strong>
        <IconButton label="Clear the selection" icon={<X size={14} />} onClick={clear} />
      </header>
      {shown.length === 1 && (
        <dl>
          {factsOf(shown[0] as Picked, topology, density, units).map((fact) => (
            <div key={fact.name}>
              <dt>{fact.name}</dt>
              <dd>{fact.value}</dd>
            </div>
          ))}
          {lines.length > 0 && (
            <div>
              <dt>Made by</dt>
              <dd>line {lines.join(", ")}</dd>
            </div>
          )}
        </dl>
      )}
      {shown.length === 2 && <Between distance={distance} problem={problem} loading={loading} units={units} names={shown.map((one) => nameOf(one, topology, named))} />}
      <footer>
        <IconButton
          label="Zoom to the selection"
          icon={<ScanSearch size={15} />}
          disabled={!controls || !extent}
          onClick={() => extent && controls?.focus(extent.center, extent.size)}
        />
        {face !== null && lines.length > 0 && <IconButton label="Show the words that made it" icon={<Braces size={15} />} onClick={() => panels?.open("code")} />}
        {face !== null && revisionId === null && (
          <IconButton
            label="Thicken here: ask for a change"
            icon={<MessageSquarePlus size={15} />}
            onClick={() => {
              ask(projectId, nameOf(picked[0] as Picked, topology, named), lines[0] ?? null, named.find((item) => item.face_index === face)?.name ?? null);
              panels?.open("compile");
            }}
          />
        )}
        <span className={styles.basis}>{distance && !distance.exact ? "of the drawn mesh" : picked.some((one) => one.kind === "point") ? "points of the drawn mesh" : "exact, of the B-rep"}</span>
      </footer>
    </section>
  );
}

function Between({ distance, problem, loading, units, names }: { distance: Distance | null; problem: Error | null; loading: boolean; units: UnitSystem; names: string[] }) {
  if (problem) return <p className={styles.hint}>{problem.message}</p>;
  if (!distance) return <p className={styles.hint}>{loading ? "Measuring…" : "Not measured"}</p>;
  const touch = distance.distance_mm < TOUCHING_MM;
  const rows: [string, string][] = [["Distance", `${formatLength(touch ? 0 : distance.distance_mm, units)}${touch ? ", they touch" : ""}`]];
  if (!touch) (["ΔX", "ΔY", "ΔZ"] as const).forEach((name, axis) => rows.push([name, formatLength(Math.abs(distance.components_mm[axis] ?? 0), units)]));
  if (distance.angle_deg !== null) rows.push(["Angle", distance.parallel ? "parallel" : `${formatNumber(distance.angle_deg, 5)}°`]);
  if (distance.axis_distance_mm !== null) rows.push(["Axis to axis", formatLength(distance.axis_distance_mm, units)]);
  return (
    <>
      <p className={styles.hint}>{names.join(" – ")}</p>
      <dl>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
