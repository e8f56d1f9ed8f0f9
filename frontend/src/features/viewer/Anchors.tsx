import { useFrame, useThree } from "@react-three/fiber";
import { type RefObject, useEffect, useRef } from "react";
import { type Camera, Vector3 } from "three";
import type { Vec3 } from "@/lib/types";

export interface Anchor {
  id: string;
  at: Vec3;
}

interface AnchorsProps {
  anchors: readonly Anchor[];
  layer: RefObject<HTMLElement | null>;
  /** whether solid matter stands between the eye and a point */
  occluded: (at: Vec3, camera: Camera) => boolean;
}

const REST_MS = 140;

/** Keeps labels of the page over their points of the scene: moves the children of `layer` that carry `data-anchor`. */
export function Anchors({ anchors, layer, occluded }: AnchorsProps) {
  const invalidate = useThree((three) => three.invalidate);
  const rest = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(rest.current), []);
  useEffect(() => invalidate(), [anchors, invalidate]);
  useFrame(({ camera, size }) => {
    const root = layer.current;
    if (!root) return;
    const point = new Vector3();
    for (const { id, at } of anchors) {
      const label = root.querySelector<HTMLElement>(`[data-anchor="${CSS.escape(id)}"]`);
      if (!label) continue;
      point.set(...at).project(camera);
      const shown = point.z > -1 && point.z < 1 && Math.abs(point.x) <= 1.05 && Math.abs(point.y) <= 1.05;
      label.style.visibility = shown ? "visible" : "hidden";
      label.style.transform = `translate(${((point.x + 1) / 2) * size.width}px, ${((1 - point.y) / 2) * size.height}px)`;
      label.dataset["side"] = point.x > 0.35 ? "left" : "right";
    }
    // what lies behind the part is shown as such once the picture rests: finding out costs a ray through all triangles
    clearTimeout(rest.current);
    rest.current = setTimeout(() => {
      for (const { id, at } of anchors) {
        const label = root.querySelector<HTMLElement>(`[data-anchor="${CSS.escape(id)}"]`);
        if (label) label.dataset["behind"] = String(occluded(at, camera));
      }
    }, REST_MS);
  });
  return null;
}
