import { type Camera, Triangle, Vector3 } from "three";
import type { Topology } from "@/lib/api";
import type { Vec3 } from "@/lib/types";

/** The face that a point of the surface lies on: the one with the nearest triangle. */
export function nearestFace(topology: Topology, at: Vec3): number | null {
  const point = new Vector3(...at);
  const triangle = new Triangle();
  const closest = new Vector3();
  let best = { distance: Infinity, face: null as number | null };
  for (const face of topology.faces) {
    const { triangles } = face;
    for (let i = 0; i + 8 < triangles.length; i += 9) {
      triangle.a.set(triangles[i] ?? 0, triangles[i + 1] ?? 0, triangles[i + 2] ?? 0);
      triangle.b.set(triangles[i + 3] ?? 0, triangles[i + 4] ?? 0, triangles[i + 5] ?? 0);
      triangle.c.set(triangles[i + 6] ?? 0, triangles[i + 7] ?? 0, triangles[i + 8] ?? 0);
      const distance = triangle.closestPointToPoint(point, closest).distanceToSquared(point);
      if (distance < best.distance) best = { distance, face: face.index };
    }
  }
  return best.face;
}

export interface Screen {
  camera: Camera;
  width: number;
  height: number;
}

/** Where a point of the part is in the picture, in pixels. */
export function toPixels(at: Vec3, { camera, width, height }: Screen): [number, number] {
  const projected = new Vector3(...at).project(camera);
  return [((projected.x + 1) / 2) * width, ((1 - projected.y) / 2) * height];
}

/**
 * The edge of a face that passes within `reach` pixels of a place in the picture; null where none does. A face that is
 * itself narrow in the picture keeps its middle: there the edge takes a quarter of the width at either side.
 */
export function edgeNear(topology: Topology, face: number, place: [number, number], screen: Screen, reach = 7): number | null {
  const feet: { edge: number; away: [number, number]; distance: number }[] = [];
  for (const edge of topology.edges) {
    if (!edge.faces.includes(face)) continue;
    const pixels = edge.points_mm.map((point) => toPixels(point, screen));
    for (let i = 0; i + 1 < pixels.length; i += 1) {
      const [a, b] = [pixels[i], pixels[i + 1]];
      if (!a || !b) continue;
      const away = toSegment(place, a, b);
      const distance = Math.hypot(...away);
      if (distance < 4 * reach) feet.push({ edge: edge.index, away, distance });
    }
  }
  const nearest = feet.reduce((best, foot) => (foot.distance < best.distance ? foot : best), { edge: -1, away: [0, 0], distance: reach });
  if (nearest.edge < 0) return null;
  const [x, y] = nearest.away;
  // what lies about the other way, within 45 degrees
  const beyond = feet.filter(({ away: [u, v], distance }) => x * u + y * v < -0.7 * distance * nearest.distance);
  const width = nearest.distance + Math.min(...beyond.map(({ distance }) => distance));
  return nearest.distance <= width / 4 ? nearest.edge : null;
}

/** From a place to the nearest point of a segment. */
function toSegment([x, y]: [number, number], [ax, ay]: [number, number], [bx, by]: [number, number]): [number, number] {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const share = length > 0 ? Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length)) : 0;
  return [ax + share * dx - x, ay + share * dy - y];
}
