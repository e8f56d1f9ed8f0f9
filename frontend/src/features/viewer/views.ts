import type { Camera } from "three";
import type { Vec3 } from "@/lib/types";

export type ViewName = "iso" | "front" | "back" | "left" | "right" | "top" | "bottom";

/** Where the eye is, seen from the model: Z up, X to the right in the front view. */
export const VIEWS: Record<ViewName, { label: string; key: string; from: Vec3 }> = {
  iso: { label: "Isometric", key: "0", from: [0.82, -1, 0.72] },
  front: { label: "Front", key: "1", from: [0, -1, 0] },
  back: { label: "Back", key: "2", from: [0, 1, 0] },
  left: { label: "Left", key: "3", from: [-1, 0, 0] },
  right: { label: "Right", key: "4", from: [1, 0, 0] },
  top: { label: "Top", key: "5", from: [0, -1e-4, 1] },
  bottom: { label: "Bottom", key: "6", from: [0, -1e-4, -1] },
};

/** The view that the model is seen in, to a hundredth of a radian; null for one between them. */
export function viewNow(camera: Camera): ViewName | null {
  const { elements } = camera.matrixWorld;
  const toEye = unit([elements[8], elements[9], elements[10]]);
  return VIEW_NAMES.find((name) => Math.hypot(...unit(VIEWS[name].from).map((part, axis) => part - (toEye[axis] ?? 0))) < 0.01) ?? null;
}

function unit(way: Vec3): Vec3 {
  const length = Math.hypot(...way);
  return [way[0] / length, way[1] / length, way[2] / length];
}

export const VIEW_NAMES = Object.keys(VIEWS) as ViewName[];
