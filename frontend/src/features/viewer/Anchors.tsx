import { useFrame, useThree } from "@react-three/fiber";
import { type RefObject, useEffect } from "react";
import { Vector3 } from "three";
import type { Vec3 } from "@/lib/types";

export interface Anchor {
  id: string;
  at: Vec3;
}

/** Keeps labels of the page over their points of the scene: moves the children of `layer` that carry `data-anchor`. */
export function Anchors({ anchors, layer }: { anchors: readonly Anchor[]; layer: RefObject<HTMLElement | null> }) {
  const invalidate = useThree((three) => three.invalidate);
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
  });
  return null;
}
