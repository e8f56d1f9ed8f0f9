import { type MouseEvent, type RefObject, useEffect, useImperativeHandle, useRef } from "react";
import { type Camera, Matrix4, Vector3 } from "three";
import type { Vec3 } from "@/lib/types";
import styles from "./ViewCube.module.css";
import { useViewer } from "./store";
import { type ViewName, viewNow, VIEWS } from "./views";

const HALF = 25; // px
const FACES: { view: ViewName; normal: Vec3; right: Vec3 }[] = [
  { view: "front", normal: [0, -1, 0], right: [1, 0, 0] },
  { view: "back", normal: [0, 1, 0], right: [-1, 0, 0] },
  { view: "left", normal: [-1, 0, 0], right: [0, -1, 0] },
  { view: "right", normal: [1, 0, 0], right: [0, 1, 0] },
  { view: "top", normal: [0, 0, 1], right: [1, 0, 0] },
  { view: "bottom", normal: [0, 0, -1], right: [1, 0, 0] },
];
const AXES: { name: string; direction: Vec3 }[] = [
  { name: "X", direction: [1, 0, 0] },
  { name: "Y", direction: [0, 1, 0] },
  { name: "Z", direction: [0, 0, 1] },
];

/** The page's axes (x right, y down, z to the eye) of a camera's view, as a CSS transform. */
export function cubeTransform(camera: Camera): string {
  const view = new Matrix4().extractRotation(camera.matrixWorldInverse.copy(camera.matrixWorld).invert());
  const e = view.elements;
  const flip = [1, -1, 1];
  const columns = [0, 1, 2].map((column) => [0, 1, 2].map((row) => round((flip[row] ?? 1) * (e[column * 4 + row] ?? 0))));
  return `matrix3d(${columns.map((column) => [...column, 0].join(",")).join(",")},0,0,0,1)`;
}

function round(value: number): number {
  return Math.round(value * 1e5) / 1e5;
}

/** Where a face of the cube stands in the model's axes. */
export function faceTransform(normal: Vec3, right: Vec3): string {
  const n = new Vector3(...normal);
  const r = new Vector3(...right);
  const down = n.clone().cross(r).negate();
  const at = n.clone().multiplyScalar(HALF);
  return `matrix3d(${[r, down, n].map((v) => [v.x, v.y, v.z, 0].join(",")).join(",")},${at.x},${at.y},${at.z},1)`;
}

export interface ViewCubeHandle {
  turn: (camera: Camera) => void;
}

/** The view whose face looks most at the eye. */
export function nearestView(camera: Camera): ViewName {
  const toEye = new Vector3(0, 0, 1).transformDirection(camera.matrixWorld);
  const facing = ({ normal }: (typeof FACES)[number]) => new Vector3(...normal).dot(toEye);
  return FACES.reduce((best, face) => (facing(face) > facing(best) ? face : best)).view;
}

/** Shows how the model is turned; a click on a face leads to its view, a key to the nearest one. */
export function ViewCube({ handle, camera }: { handle: RefObject<ViewCubeHandle | null>; camera: RefObject<Camera | null> }) {
  const cube = useRef<HTMLSpanElement>(null);
  const labels = useRef<HTMLSpanElement>(null);
  const controls = useViewer((viewer) => viewer.controls);
  const turnTo = (event: MouseEvent<HTMLButtonElement>) => {
    const face = event.target instanceof HTMLElement ? (event.target.dataset["view"] as ViewName | undefined) : undefined;
    const view = face ?? (camera.current && nearestView(camera.current));
    if (view) controls?.view(view);
  };
  useImperativeHandle(handle, () => ({
    turn: (camera) => {
      camera.updateMatrixWorld();
      if (cube.current) {
        cube.current.style.transform = cubeTransform(camera);
        cube.current.dataset["viewNow"] = viewNow(camera) ?? "free";
      }
      const inverse = new Matrix4().copy(camera.matrixWorld).invert();
      labels.current?.querySelectorAll<HTMLElement>("[data-axis]").forEach((label, index) => {
        const direction = new Vector3(...(AXES[index]?.direction ?? [0, 0, 0])).transformDirection(inverse);
        label.style.transform = `translate(${direction.x * 46}px, ${-direction.y * 46}px)`;
        label.style.opacity = direction.z < -0.6 ? "0.35" : "1";
      });
    },
  }));
  // the scene may have come before the cube
  useEffect(() => {
    if (controls && camera.current) handle.current?.turn(camera.current);
  }, [controls, camera, handle]);
  return (
    // faces that overlap in the picture can't be targets of their own: one button has them all
    <button type="button" className={styles.frame} disabled={!controls} onClick={turnTo} aria-label="View cube: the nearest straight view" title="A face leads to its view, Enter to the nearest">
      <span className={styles.cube} ref={cube} aria-hidden>
        {FACES.map(({ view, normal, right }) => (
          <span
            key={view}
            data-view={view}
            data-text={VIEWS[view].label}
            className={styles.face}
            ref={(element) => {
              if (element) element.style.transform = faceTransform(normal, right);
            }}
          />
        ))}
      </span>
      <span className={styles.axes} ref={labels} aria-hidden>
        {AXES.map(({ name }) => (
          <span key={name} data-axis={name} data-text={name} className={styles[`axis${name}`]} />
        ))}
      </span>
    </button>
  );
}
