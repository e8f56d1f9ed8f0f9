import "./notices";
import { Canvas } from "@react-three/fiber";
import { type PointerEvent, type RefObject, useCallback, useEffect, useMemo, useRef } from "react";
import { type Camera, Vector2, Vector3 } from "three";
import { edgeNear, nearestFace } from "@/features/inspect/nearest";
import { useSelection } from "@/features/inspect/selection";
import type { Distance, Topology } from "@/lib/api";
import type { Vec3 } from "@/lib/types";
import { useTheme } from "@/features/settings/theme";
import { type Anchor, Anchors } from "./Anchors";
import { Bodies } from "./Bodies";
import { CameraRig } from "./CameraRig";
import type { DisplayRange } from "./fields";
import { Ground } from "./Ground";
import type { Model } from "./model";
import { pick } from "./picking";
import { Comparison } from "./Comparison";
import { Highlight } from "./Highlight";
import { cutsOf } from "./sections";
import { useViewer } from "./store";

interface ViewportProps {
  model: Model;
  modelKey: string;
  range: DisplayRange | null;
  strengthMpa: number | null;
  topology: Topology | null;
  distance: Distance | null;
  other: Model | null;
  anchors: readonly Anchor[];
  labels: RefObject<HTMLElement | null>;
  onTurn: (camera: Camera) => void;
}

const CLICK_PX = 4;

/** The picture itself. Draws only when something changed. */
export function Viewport({ model, modelKey, range, strengthMpa, topology, distance, other, anchors, labels, onTurn }: ViewportProps) {
  const theme = useTheme();
  const grid = useViewer((viewer) => viewer.grid);
  const camera = useRef<Camera | null>(null);
  const early = useRef(false);
  const down = useRef<{ x: number; y: number } | null>(null);

  const turned = useCallback(
    (seen: Camera) => {
      camera.current = seen;
      onTurn(seen);
    },
    [onTurn],
  );

  const occluded = useCallback((at: Vec3, seen: Camera) => {
    const { hidden, explode, deformation, sections, xray } = useViewer.getState();
    if (xray) return false;
    const point = new Vector3(...at);
    const projected = point.clone().project(seen);
    const hit = pick({ model, camera: seen, ndc: new Vector2(projected.x, projected.y), hidden, explode, deform: deformation, cuts: cutsOf(model.box, sections) });
    if (!hit) return false;
    const depth = new Vector3(...hit.shown_mm).project(seen).z;
    return depth < projected.z && new Vector3(...hit.shown_mm).distanceTo(point) > model.size * 0.02;
  }, [model]);

  const probe = (event: PointerEvent<HTMLDivElement>) => {
    const began = down.current;
    down.current = null;
    if (!began || event.button !== 0 || !camera.current) return;
    if (Math.hypot(event.clientX - began.x, event.clientY - began.y) > CLICK_PX) return;
    const frame = event.currentTarget.getBoundingClientRect();
    const ndc = new Vector2(((event.clientX - frame.left) / frame.width) * 2 - 1, 1 - ((event.clientY - frame.top) / frame.height) * 2);
    const { hidden, explode, deformation, sections, set } = useViewer.getState();
    const probe = pick({ model, camera: camera.current, ndc, hidden, explode, deform: deformation, cuts: cutsOf(model.box, sections) });
    set({ probe });
    const { pick: select, clear } = useSelection.getState();
    if (!probe) return clear();
    const measuring = useViewer.getState().tool === "measure";
    const add = measuring || event.shiftKey;
    const face = topology ? nearestFace(topology, probe.point_mm) : null;
    if (!topology || face === null) {
      // no B-rep is known of it: a point of the drawn mesh
      if (measuring) select({ kind: "point", at: probe.point_mm }, true);
      else {
        clear();
        early.current = true;
      }
      return;
    }
    // alternate click: the point itself instead of the face
    if (event.altKey) return select({ kind: "point", at: probe.point_mm }, add);
    const still = explode === 0 && deformation === 0;
    const screen = { camera: camera.current, width: frame.width, height: frame.height };
    const edge = still ? edgeNear(topology, face, [event.clientX - frame.left, event.clientY - frame.top], screen) : null;
    select(edge === null ? { kind: "face", index: face } : { kind: "edge", index: edge }, add);
  };
  const { picked } = useSelection();
  // a click that came before the faces of a large part were read takes its face as soon as they are
  useEffect(() => {
    const { probe, tool } = useViewer.getState();
    if (!topology || !early.current) return;
    early.current = false;
    if (!probe || tool === "measure" || useSelection.getState().picked.length > 0) return;
    const face = nearestFace(topology, probe.point_mm);
    if (face !== null) useSelection.getState().pick({ kind: "face", index: face }, false);
  }, [topology]);
  const { explode, deformation, sections, compared } = useViewer();
  const planes = useMemo(() => cutsOf(model.box, sections).map((cut) => cut.plane), [model, sections]);

  return (
    <Canvas
      frameloop="demand"
      dpr={[1, 2]}
      flat
      gl={{ stencil: true, localClippingEnabled: true, antialias: true, alpha: true }}
      onCreated={({ gl }) => {
        gl.localClippingEnabled = true;
        gl.domElement.setAttribute("role", "img");
        gl.domElement.setAttribute("aria-label", "Model of the part");
      }}
      onPointerDown={(event) => {
        down.current = { x: event.clientX, y: event.clientY };
      }}
      onPointerUp={probe}
    >
      <CameraRig model={model} modelKey={modelKey} onTurn={turned} />
      {grid && <Ground model={model} theme={theme} />}
      <Bodies model={model} range={range} strengthMpa={strengthMpa} />
      {explode === 0 && deformation === 0 && <Highlight topology={topology} picked={picked} distance={distance} planes={planes} field={range !== null} theme={theme} />}
      {other && compared && <Comparison model={model} other={other} mode={compared.mode} theme={theme} />}
      <Anchors anchors={anchors} layer={labels} occluded={occluded} />
    </Canvas>
  );
}
