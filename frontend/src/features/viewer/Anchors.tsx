import { useFrame, useThree } from "@react-three/fiber";
import { type RefObject, useEffect, useRef } from "react";
import { type Camera, Vector3 } from "three";
import type { Vec3 } from "@/lib/types";
import { type Box, leadTo, placeTags, type Tagged } from "./labels";

export interface Anchor {
  id: string;
  at: Vec3;
  /** whether its words rather stand above the point, beside it or below it */
  rises?: -1 | 0 | 1;
}

interface AnchorsProps {
  anchors: readonly Anchor[];
  layer: RefObject<HTMLElement | null>;
  /** whether solid matter stands between the eye and a point */
  occluded: (at: Vec3, camera: Camera) => boolean;
}

const REST_MS = 140;
/** From so far to the right on, words rather stand to the left of their point. */
const FAR_RIGHT = 0.35;

interface Seen {
  label: HTMLElement;
  tag: HTMLElement | null;
  lead: HTMLElement | null;
  x: number;
  y: number;
  shown: boolean;
}

/** What lies on the picture, in its own pixels. */
function obstaclesOn(root: HTMLElement): Box[] {
  const { left, top } = root.getBoundingClientRect();
  return [...(root.parentElement?.querySelectorAll("[data-over-picture]") ?? [])].map((element) => {
    const box = element.getBoundingClientRect();
    return { left: box.left - left, top: box.top - top, width: box.width, height: box.height };
  });
}

/** Keeps labels of the page over their points of the scene: moves the children of `layer` that carry `data-anchor`. */
export function Anchors({ anchors, layer, occluded }: AnchorsProps) {
  const invalidate = useThree((three) => three.invalidate);
  const rest = useRef<ReturnType<typeof setTimeout>>(undefined);
  const spots = useRef<ReadonlyMap<string, number>>(new Map());
  useEffect(() => () => clearTimeout(rest.current), []);
  useEffect(() => invalidate(), [anchors, invalidate]);
  useEffect(() => {
    // a card that opens or grows drives the words away from where it lies
    const observer = new ResizeObserver(() => invalidate());
    for (const element of layer.current?.parentElement?.querySelectorAll("[data-over-picture]") ?? []) observer.observe(element);
    return () => observer.disconnect();
  }, [anchors, invalidate, layer]);
  useFrame(({ camera, size }) => {
    const root = layer.current;
    if (!root) return;
    const point = new Vector3();
    // first all that is read of the page, then all that is written
    const seen: Seen[] = [];
    const tagged: Tagged[] = [];
    for (const { id, at, rises = 0 } of anchors) {
      const label = root.querySelector<HTMLElement>(`[data-anchor="${CSS.escape(id)}"]`);
      if (!label) continue;
      point.set(...at).project(camera);
      const shown = point.z > -1 && point.z < 1 && Math.abs(point.x) <= 1.05 && Math.abs(point.y) <= 1.05;
      const [x, y] = [((point.x + 1) / 2) * size.width, ((1 - point.y) / 2) * size.height];
      const tag = label.querySelector<HTMLElement>("[data-tag]");
      seen.push({ label, tag, lead: label.querySelector<HTMLElement>("[data-lead]"), x, y, shown });
      if (shown && tag) tagged.push({ id, x, y, width: tag.offsetWidth, height: tag.offsetHeight, prefers: [point.x > FAR_RIGHT ? -1 : 1, rises] });
    }
    const places = placeTags(tagged, size, obstaclesOn(root), spots.current);
    spots.current = new Map([...places].map(([id, { spot }]) => [id, spot]));
    for (const { label, tag, lead, x, y, shown } of seen) {
      label.style.visibility = shown ? "visible" : "hidden";
      label.style.transform = `translate(${x}px, ${y}px)`;
      if (!tag) continue;
      const place = places.get(label.dataset["anchor"] ?? "");
      tag.style.visibility = place && shown ? "visible" : "hidden";
      const line = place && shown ? leadTo(x, y, { ...place, width: tag.offsetWidth, height: tag.offsetHeight }) : null;
      if (place) tag.style.transform = `translate(${Math.round(place.left) - x}px, ${Math.round(place.top) - y}px)`;
      if (!lead) continue;
      lead.style.visibility = line ? "visible" : "hidden";
      if (line) {
        lead.style.width = `${line.length}px`;
        lead.style.transform = `rotate(${line.angle}rad)`;
      }
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
