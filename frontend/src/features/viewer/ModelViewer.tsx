import { invalidate } from "@react-three/fiber";
import { useQuery } from "@tanstack/react-query";
import { Box as BoxIcon } from "lucide-react";
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { type Camera, Vector3 } from "three";
import { MeasureTool, useDistance } from "@/features/inspect/MeasureTool";
import { useSelection } from "@/features/inspect/selection";
import { useTopology } from "@/features/inspect/useLook";
import { api, ApiError } from "@/lib/api";
import { formatNumber, formatQuantity, type UnitSystem } from "@/lib/format";
import type { AgentState, Vec3 } from "@/lib/types";
import { usePreview } from "@/features/preview/store";
import { EmptyState } from "@/ui/Panel";
import type { Anchor } from "./Anchors";
import { FieldLegend } from "./FieldLegend";
import { assessedStress, availableFields, densityOf, displayRange, yieldOf } from "./fields";
import { loadModel, type Model, refineModel, showMode } from "./model";
import { useModelInfo } from "./modelInfo";
import { noteRefined } from "./motion";
import styles from "./ModelViewer.module.css";
import { drawnPoint, forgetDrawn } from "./picking";
import { PhysicsOverlay } from "./PhysicsOverlay";
import { cutsOf } from "./sections";
import { useViewer } from "./store";
import { ViewCube, type ViewCubeHandle } from "./ViewCube";
import { ViewerToolbar, visibleScale } from "./ViewerToolbar";
import { Viewport } from "./Viewport";

interface ModelViewerProps {
  modelId: string;
  /** the model is tried out and not kept: results of the state are not its own */
  draft?: boolean;
  state: AgentState;
  units: UnitSystem;
}

/** Loads a model, and lets go of its buffers when another comes. */
function useModel(modelId: string | null) {
  const [model, setModel] = useState<{ id: string; model: Model } | null>(null);
  const data = useQuery({
    queryKey: ["model", modelId],
    queryFn: ({ signal }) => api.model(modelId ?? "", signal),
    enabled: modelId !== null,
    staleTime: Infinity,
    gcTime: 60_000,
    retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status === 404),
  });
  const [problem, setProblem] = useState<Error | null>(null);
  useEffect(() => {
    if (!data.data || modelId === null) {
      if (modelId === null) setModel((old) => (old ? (setTimeout(() => old.model.dispose(), 1000), null) : null));
      return;
    }
    let current = true;
    let stop = () => {};
    setProblem(null);
    loadModel(data.data)
      .then((loaded) => {
        if (!current) return loaded.dispose();
        setModel((old) => {
          // the picture of the old one is gone with the next frame
          if (old) setTimeout(() => old.model.dispose(), 1000);
          return { id: modelId, model: loaded };
        });
        stop = refineModel(loaded, noteRefined);
      })
      .catch((error: unknown) => current && setProblem(error instanceof Error ? error : new Error(String(error))));
    return () => {
      current = false;
      stop();
    };
  }, [data.data, modelId]);
  return { model, error: data.error ?? problem, loading: data.isLoading || (data.isSuccess && model?.id !== modelId && !problem) };
}

function middle(a: Vec3, b: Vec3): Vec3 {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2];
}

interface Label {
  id: string;
  at: Vec3;
  kind: "max" | "min" | "warn" | "face" | "probe";
  text: string;
  detail?: string;
}

/** Least and largest value lie close together on a small part: one word rises above its point, one goes below. */
const RISES: Partial<Record<Label["kind"], -1 | 1>> = { max: -1, min: 1 };

function markerLabels(model: Model, state: AgentState, units: UnitSystem, field: string): Label[] {
  const labels: Label[] = [];
  const fem = state.physics.structural_analysis.fem;
  if (field === "displacement" && model.displacement && model.modes === 0) {
    labels.push({ id: "max", kind: "max", at: model.displacement.max.at, text: `max ${formatQuantity(model.displacement.max.value, "mm", units, 3)}` });
    labels.push({ id: "min", kind: "min", at: model.displacement.min.at, text: `min ${formatQuantity(model.displacement.min.value, "mm", units, 3)}` });
  } else if ((field === "von_mises" || field === "safety_factor") && model.vonMises) {
    const assessed = fem?.von_mises_mpa;
    if (assessed?.location_mm) labels.push({ id: "max", kind: "max", at: assessed.location_mm, text: `max ${formatQuantity(assessed.value, "MPa", units)}`, detail: "assessed" });
    else labels.push({ id: "max", kind: "max", at: model.vonMises.max.at, text: `max ${formatQuantity(model.vonMises.max.value, "MPa", units)}` });
    labels.push({ id: "min", kind: "min", at: model.vonMises.min.at, text: `min ${formatQuantity(model.vonMises.min.value, "MPa", units, 3)}` });
    const worst = fem?.singularities?.[0];
    if (worst) labels.push({ id: "singular", kind: "warn", at: worst.location_mm, text: "not assessed", detail: worst.reason });
  }
  return labels;
}

function faceLabels(state: AgentState): Label[] {
  return (state.geometry.compiled.named_faces ?? []).map((face, index) => ({
    id: `face-${index}`,
    kind: "face" as const,
    at: face.centroid_mm,
    text: face.name,
    detail: face.text,
  }));
}

/** Shows the chosen mode shape, visibly bent and in motion as soon as a model has one, and goes back to rest after it. */
function useModeShape(model: Model | null, mode: number) {
  const before = useRef<Partial<ReturnType<typeof useViewer.getState>> | null>(null);
  useEffect(() => {
    const { field, deformation, animate, set } = useViewer.getState();
    if (model && model.modes > 0) {
      before.current ??= { field, deformation, animate };
      const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
      set({ mode: 1, field: "displacement", deformation: visibleScale(model), animate: !still });
    } else if (model && before.current) {
      set({ ...before.current, mode: 1 });
      before.current = null;
    }
  }, [model]);
  useEffect(() => {
    if (!model || model.modes === 0) return;
    showMode(model, mode);
    forgetDrawn();
    invalidate();
  }, [model, mode]);
}

/** The part in three dimensions, with its fields. */
export default function ModelViewer({ modelId, draft = false, state, units }: ModelViewerProps) {
  const { model: loaded, error, loading } = useModel(modelId);
  const viewer = useViewer();
  const { model: other } = useModel(viewer.compared?.modelId ?? null);
  const look = useTopology(Boolean(loaded));
  const { distance, error: distanceError, loading: measuring } = useDistance(look.lookId);
  const labelLayer = useRef<HTMLDivElement>(null);
  const cube = useRef<ViewCubeHandle>(null);
  const seen = useRef<Camera | null>(null);
  const onTurn = useCallback((camera: Camera) => {
    seen.current = camera;
    cube.current?.turn(camera);
  }, []);
  const strength = yieldOf(state);
  const model = loaded?.model ?? null;
  const field = availableFields(model, strength).includes(viewer.field) ? viewer.field : "none";
  const assessed = assessedStress(state);
  const { rangeMin, rangeMax, pinToYield, markers, faces, probe, explode, deformation, animate, sections } = viewer;
  const { mode } = viewer;
  const names = usePreview((preview) => (draft ? preview.draft?.modes : undefined)) ?? [];
  const shape = model && model.modes > 0 ? (names[mode - 1] ?? `Mode ${mode}`) : null;
  useModeShape(model, mode);
  const range = useMemo(
    () => (model ? displayRange(field, model, { rangeMin, rangeMax, pinToYield }, strength, assessed) : null),
    [model, field, rangeMin, rangeMax, pinToYield, strength, assessed],
  );
  const loadedId = loaded?.id;
  useEffect(() => {
    useViewer.getState().set({ probe: null, hidden: [], ghosts: [] });
    forgetDrawn();
    useModelInfo.setState({ bodies: model?.bodies.map((body) => body.name) ?? [] });
  }, [loadedId, model]);

  const labels = useMemo(() => {
    if (!model) return [];
    const cuts = cutsOf(model.box, sections);
    const kept = ({ at }: Label) => cuts.every((cut) => cut.plane.distanceToPoint(new Vector3(...at)) >= -model.size * 1e-4);
    const named = [...(markers ? markerLabels(model, state, units, field) : []), ...(faces ? faceLabels(state) : [])];
    return [
      // a label can't follow a part that moves to and fro
      ...(animate ? [] : named.map((label) => ({ ...label, at: drawnPoint(model, label.at, deformation, explode) }))),
      ...(distance && distance.distance_mm > 0 && explode === 0 && deformation === 0
        ? [{ id: "distance", kind: "probe" as const, at: middle(distance.from_mm, distance.to_mm), text: formatQuantity(distance.distance_mm, "mm", units, 6) }]
        : []),
      ...(probe ? [{ id: "probe", kind: "probe" as const, at: probe.shown_mm, text: "" }] : []),
    ].filter(kept);
  }, [model, state, units, field, markers, faces, probe, distance, explode, deformation, animate, sections]);
  const anchors = useMemo<Anchor[]>(() => labels.map(({ id, at, kind }) => ({ id, at, rises: RISES[kind] ?? 0 })), [labels]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement || event.ctrlKey || event.metaKey || event.altKey) return;
    const { controls } = viewer;
    const turn = Math.PI / 18;
    const actions: Record<string, () => void> = {
      "+": () => controls?.zoom(1.35),
      "-": () => controls?.zoom(1 / 1.35),
      ArrowLeft: () => controls?.orbit(-turn, 0),
      ArrowRight: () => controls?.orbit(turn, 0),
      ArrowUp: () => controls?.orbit(0, turn),
      ArrowDown: () => controls?.orbit(0, -turn),
      Escape: () => {
        viewer.set({ probe: null });
        useSelection.getState().clear();
      },
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  };

  if (error && !model) {
    return (
      <EmptyState icon={<BoxIcon size={40} strokeWidth={1.2} />} title="The model can't be shown">
        {error.message} {error instanceof ApiError ? error.nextAction : ""}
      </EmptyState>
    );
  }
  return (
    <section className={styles.viewer} aria-label="Model viewer">
      {model && <ViewerToolbar model={model} units={units} strengthMpa={strength} name={state.core.project_id} modes={names} />}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the picture takes keys for turning and views */}
      <div
        className={styles.scene}
        onKeyDown={onKeyDown}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- see above
        tabIndex={0}
        role="group"
        aria-label="Picture of the model: arrow keys turn it, 0 to 6 choose a view, F fits, plus and minus zoom"
        data-ready={model && viewer.controls && !loading ? "true" : "false"}
      >
        {model && loaded && (
          <Viewport
            model={model}
            modelKey={loaded.id}
            range={range}
            strengthMpa={strength}
            topology={look.topology}
            distance={distance}
            other={other?.model ?? null}
            anchors={anchors}
            labels={labelLayer}
            onTurn={onTurn}
          />
        )}
        <div className={styles.labels} ref={labelLayer} aria-hidden={labels.length === 0}>
          {labels.map((label) => (
            <div key={label.id} data-anchor={label.id} className={`${styles.anchor} ${styles[label.kind]}`}>
              <span className={styles.dot} />
              {label.text && (
                <>
                  <span className={styles.lead} data-lead />
                  <span className={styles.tag} data-tag title={label.detail}>
                    {label.text}
                    {label.detail === "assessed" && <em> assessed</em>}
                  </span>
                </>
              )}
            </div>
          ))}
        </div>
        <div className={styles.left} data-over-picture>
          {!draft && <PhysicsOverlay state={state} units={units} />}
          <MeasureTool topology={look.topology} distance={distance} problem={distanceError ?? look.error} loading={look.loading || measuring} density={densityOf(state)} />
          {probe && viewer.tool !== "measure" && (
            <section className={styles.probeCard} aria-label="Probe" aria-live="polite">
              <header>
                <strong>Probe</strong>
                <button type="button" onClick={() => viewer.set({ probe: null })} aria-label="Close the probe">
                  ×
                </button>
              </header>
              <dl>
                {probe.vonMisesMpa !== null && (
                  <div>
                    <dt>von Mises</dt>
                    <dd>{formatQuantity(probe.vonMisesMpa, "MPa", units)}</dd>
                  </div>
                )}
                {probe.vonMisesMpa !== null && strength !== null && (
                  <div>
                    <dt>Safety factor</dt>
                    <dd>{formatNumber(Math.min(strength / Math.max(probe.vonMisesMpa, 1e-9), 9999), 3)}</dd>
                  </div>
                )}
                {probe.displacementMm !== null && (
                  <div>
                    <dt>{shape ? "Shape" : "Displacement"}</dt>
                    <dd>{shape ? formatNumber(probe.displacementMm, 3) : formatQuantity(probe.displacementMm, "mm", units, 3)}</dd>
                  </div>
                )}
                {(["X", "Y", "Z"] as const).map((axis, index) => (
                  <div key={axis}>
                    <dt>{axis}</dt>
                    <dd>{formatQuantity(probe.point_mm[index], "mm", units)}</dd>
                  </div>
                ))}
              </dl>
              {look.loading && <p role="status">Reading faces and edges…</p>}
            </section>
          )}
        </div>
        <div className={styles.cube} data-over-picture>
          <ViewCube handle={cube} camera={seen} />
        </div>
        {range && field !== "none" && (
          <div className={styles.legend} data-over-picture>
            <FieldLegend range={range} field={field} units={units} strengthMpa={strength} shape={shape} />
          </div>
        )}
        {loading && (
          <div className={styles.loading} role="status">
            Loading the model…
          </div>
        )}
        {viewer.compared && (
          <p className={styles.compared} role="status" data-over-picture>
            <span aria-hidden /> {viewer.compared.label}, {viewer.compared.mode === "side" ? "beside" : "shown through"}
            <button type="button" onClick={() => viewer.set({ compared: null })} aria-label="Stop comparing in the picture">
              ×
            </button>
          </p>
        )}
        {model && (
          <p className={styles.facts} data-over-picture>
            {formatNumber(model.triangles, 6)} triangles · {model.bodies.length} {model.bodies.length === 1 ? "body" : "bodies"}
          </p>
        )}
      </div>
    </section>
  );
}
