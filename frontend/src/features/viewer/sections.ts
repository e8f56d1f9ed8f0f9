import { type Box3, Plane, Vector3 } from "three";
import type { Axis, SectionPlane } from "./store";

export const AXES: readonly Axis[] = ["x", "y", "z"];
const NORMALS: Record<Axis, Vector3> = { x: new Vector3(1, 0, 0), y: new Vector3(0, 1, 0), z: new Vector3(0, 0, 1) };

/** Where a section is along its axis, mm. */
export function sectionPosition(box: Box3, axis: Axis, at: number): number {
  return box.min[axis] + (box.max[axis] - box.min[axis]) * at;
}

export interface Cut {
  axis: Axis;
  plane: Plane;
}

// What stays by default is what lies behind the cut, seen from the isometric view: the hatched face looks at the eye.
const KEEPS_ABOVE: Record<Axis, boolean> = { x: false, y: true, z: false };

/** The planes that are on; what lies on the side of the normal stays. */
export function cutsOf(box: Box3, sections: Record<Axis, SectionPlane>): Cut[] {
  return AXES.filter((axis) => sections[axis].on).map((axis) => {
    const { at, flip } = sections[axis];
    const position = sectionPosition(box, axis, at);
    const above = KEEPS_ABOVE[axis] !== flip;
    return { axis, plane: new Plane(NORMALS[axis].clone().multiplyScalar(above ? 1 : -1), above ? -position : position) };
  });
}
