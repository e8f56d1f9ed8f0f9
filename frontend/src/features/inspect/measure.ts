import type { MeasurePick, Topology } from "@/lib/api";
import { formatLength, formatNumber, formatQuantity, humanize, type UnitSystem } from "@/lib/format";
import type { NamedFace, Vec3 } from "@/lib/types";
import type { Picked } from "./selection";

export interface Fact {
  name: string;
  value: string;
}

const SURFACES: Record<string, string> = { plane: "Plane", cylinder: "Cylinder", cone: "Cone", sphere: "Sphere", torus: "Torus", bspline: "Free-form face", other: "Swept face" };

/** What one selected thing is called. */
export function nameOf(picked: Picked, topology: Topology | null, named: readonly NamedFace[]): string {
  if (picked.kind === "point") return "Point";
  if (picked.kind === "face") {
    const names = [...new Set(named.filter((face) => face.face_index === picked.index).map((face) => face.name))];
    const surface = SURFACES[topology?.faces[picked.index]?.surface ?? ""] ?? "Face";
    return names.length > 0 ? `${surface} “${names.join(", ")}”` : surface;
  }
  if (picked.kind === "edge") return `${humanize(topology?.edges[picked.index]?.kind ?? "edge")} edge`;
  return topology?.bodies[picked.index]?.name || `Body ${picked.index + 1}`;
}

/** Everything that is known of one selected thing, exact of the B-rep. */
export function factsOf(picked: Picked, topology: Topology | null, density: number | null, units: UnitSystem): Fact[] {
  const quantity = (value: number, unit: string) => (unit === "mm" ? formatLength(value, units) : formatQuantity(value, unit, units, 6));
  const facts: Fact[] = [];
  const put = (name: string, value: string) => facts.push({ name, value });
  if (picked.kind === "point") {
    picked.at.forEach((value, axis) => put("XYZ"[axis] ?? "", quantity(value, "mm")));
    return facts;
  }
  if (!topology) return facts;
  if (picked.kind === "face") {
    const face = topology.faces[picked.index];
    if (!face) return facts;
    put("Area", quantity(face.area_mm2, "mm2"));
    if (face.radius_mm !== null) {
      put("Radius", quantity(face.radius_mm, "mm"));
      put("Diameter", quantity(2 * face.radius_mm, "mm"));
    }
    if (face.normal) put("Normal", face.normal.map((value) => formatNumber(Math.abs(value) < 1e-9 ? 0 : value, 3)).join(", "));
    else if (face.axis) put("Axis", face.axis.direction.map((value) => formatNumber(Math.abs(value) < 1e-9 ? 0 : value, 3)).join(", "));
  } else if (picked.kind === "edge") {
    const edge = topology.edges[picked.index];
    if (!edge) return facts;
    put("Length", quantity(edge.length_mm, "mm"));
    if (edge.radius_mm !== null) {
      put("Radius", quantity(edge.radius_mm, "mm"));
      if (!edge.closed) put("Arc", `${formatNumber((edge.length_mm / edge.radius_mm) * (180 / Math.PI), 5)}°`);
    }
    const [first, last] = [edge.points_mm[0], edge.points_mm.at(-1)];
    if (edge.kind === "line" && first && last) {
      (["ΔX", "ΔY", "ΔZ"] as const).forEach((name, axis) => put(name, quantity(Math.abs((last[axis] ?? 0) - (first[axis] ?? 0)), "mm")));
    }
  } else {
    const body = topology.bodies[picked.index];
    if (!body) return facts;
    put("Volume", quantity(body.volume_mm3, "mm3"));
    put("Area", quantity(body.area_mm2, "mm2"));
    if (density !== null) put("Mass", quantity(body.volume_mm3 * 1e-6 * density, "g"));
    body.center_of_mass_mm.forEach((value, axis) => put(`Centre ${"XYZ"[axis] ?? ""}`, quantity(value, "mm")));
  }
  return facts;
}

/** What the server is asked to measure from or to. */
export function pickOf(picked: Picked): MeasurePick {
  switch (picked.kind) {
    case "face":
      return { face: picked.index };
    case "edge":
      return { edge: picked.index };
    case "body":
      return { body: picked.index };
    case "point":
      return { point_mm: picked.at };
  }
}

/** The points that a selected thing is drawn with. */
export function pointsOf(picked: Picked, topology: Topology | null): Vec3[] {
  if (picked.kind === "point") return [picked.at];
  if (!topology) return [];
  if (picked.kind === "edge") return topology.edges[picked.index]?.points_mm ?? [];
  const faces = topology.faces.filter((face) => (picked.kind === "face" ? face.index === picked.index : face.body === picked.index));
  return faces.flatMap(({ triangles }) => {
    const points: Vec3[] = [];
    for (let i = 0; i + 2 < triangles.length; i += 3) points.push([triangles[i] ?? 0, triangles[i + 1] ?? 0, triangles[i + 2] ?? 0]);
    return points;
  });
}

/** The middle and the size of what is selected, for looking at it closely. */
export function extentOf(points: readonly Vec3[]): { center: Vec3; size: number } | null {
  if (points.length === 0) return null;
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (const point of points)
    for (let axis = 0; axis < 3; axis += 1) {
      low[axis] = Math.min(low[axis] ?? 0, point[axis] ?? 0);
      high[axis] = Math.max(high[axis] ?? 0, point[axis] ?? 0);
    }
  const center = low.map((value, axis) => (value + (high[axis] ?? 0)) / 2) as Vec3;
  return { center, size: Math.hypot(...low.map((value, axis) => (high[axis] ?? 0) - value)) };
}
