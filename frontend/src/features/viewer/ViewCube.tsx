import { type RefObject, useImperativeHandle, useRef } from "react";
import { type Camera, Matrix4, Vector3 } from "three";
import type { Vec3 } from "@/lib/types";
import styles from "./ViewCube.module.css";
import { useViewer } from "./store";
import { type ViewName, VIEWS } from "./views";

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

/** Shows how the model is turned; a face leads to its view. */
export function ViewCube({ handle }: { handle: RefObject<ViewCubeHandle | null> }) {
  const cube = useRef<HTMLDivElement>(null);
  const labels = useRef<HTMLDivElement>(null);
  const controls = useViewer((viewer) => viewer.controls);
  useImperativeHandle(handle, () => ({
    turn: (camera) => {
      camera.updateMatrixWorld();
      if (cube.current) cube.current.style.transform = cubeTransform(camera);
      const inverse = new Matrix4().copy(camera.matrixWorld).invert();
      labels.current?.querySelectorAll<HTMLElement>("[data-axis]").forEach((label, index) => {
        const direction = new Vector3(...(AXES[index]?.direction ?? [0, 0, 0])).transformDirection(inverse);
        label.style.transform = `translate(${direction.x * 46}px, ${-direction.y * 46}px)`;
        label.style.opacity = direction.z < -0.6 ? "0.35" : "1";
      });
    },
  }));
  return (
    <div className={styles.frame} role="group" aria-label="View cube">
      <div className={styles.cube} ref={cube}>
        {FACES.map(({ view, normal, right }) => (
          <button
            key={view}
            type="button"
            className={styles.face}
            aria-label={`View from ${VIEWS[view].label.toLowerCase()}`}
            disabled={!controls}
            onClick={() => controls?.view(view)}
            ref={(element) => {
              if (element) element.style.transform = faceTransform(normal, right);
            }}
          >
            {VIEWS[view].label}
          </button>
        ))}
      </div>
      <div className={styles.axes} ref={labels} aria-hidden>
        {AXES.map(({ name }) => (
          <span key={name} data-axis={name} className={styles[`axis${name}`]}>
            {name}
          </span>
        ))}
      </div>
    </div>
  );
}
