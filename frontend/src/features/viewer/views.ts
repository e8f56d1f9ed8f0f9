import { type Camera, Vector3 } from "three";
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
  const toEye = new Vector3(0, 0, 1).transformDirection(camera.matrixWorld);
  return VIEW_NAMES.find((name) => new Vector3(...VIEWS[name].from).angleTo(toEye) < 0.01) ?? null;
}

export const VIEW_NAMES = Object.keys(VIEWS) as ViewName[];
