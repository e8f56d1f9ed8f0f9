import { useThree } from "@react-three/fiber";
import { useEffect, useMemo } from "react";
import { BufferAttribute, BufferGeometry, Color, DoubleSide, MeshBasicMaterial, type Plane } from "three";
import { LineMaterial } from "three/addons/lines/LineMaterial.js";
import { LineSegments2 } from "three/addons/lines/LineSegments2.js";
import { LineSegmentsGeometry } from "three/addons/lines/LineSegmentsGeometry.js";
import { pointsOf } from "@/features/inspect/measure";
import type { Picked } from "@/features/inspect/selection";
import type { Distance, Topology } from "@/lib/api";
import type { Vec3 } from "@/lib/types";

// not on the colour scale of the fields, so that nobody takes it for a value
export const HIGHLIGHT = { light: "#ff5a1f", dark: "#ff7a45" } as const;

interface HighlightProps {
  topology: Topology | null;
  picked: readonly Picked[];
  distance: Distance | null;
  planes: Plane[];
  /** a field is shown, whose colours must stay readable */
  field: boolean;
  theme: "light" | "dark";
}

/** Marks what is selected: faces tinted, edges as thick lines, and the line of the measured distance. */
export function Highlight({ topology, picked, distance, planes, field, theme }: HighlightProps) {
  const invalidate = useThree((three) => three.invalidate);
  const size = useThree((three) => three.size);
  const color = HIGHLIGHT[theme];

  const faces = useMemo(() => {
    const triangles = picked.filter((one) => one.kind === "face" || one.kind === "body").flatMap((one) => pointsOf(one, topology));
    if (triangles.length === 0) return null;
    const geometry = new BufferGeometry();
    geometry.setAttribute("position", new BufferAttribute(new Float32Array(triangles.flat()), 3));
    return geometry;
  }, [picked, topology]);
  useEffect(() => () => faces?.dispose(), [faces]);

  const tint = useMemo(
    () => new MeshBasicMaterial({ color: new Color(color), transparent: true, opacity: field ? 0.12 : 0.45, side: DoubleSide, depthWrite: false, polygonOffset: true, polygonOffsetFactor: -2, polygonOffsetUnits: -2, clippingPlanes: planes }),
    [color, planes, field],
  );
  useEffect(() => () => tint.dispose(), [tint]);

  const lines = useMemo(() => {
    const pairs: number[] = [];
    const add = (points: readonly Vec3[]) => {
      for (let i = 0; i + 1 < points.length; i += 1) pairs.push(...(points[i] ?? []), ...(points[i + 1] ?? []));
    };
    for (const one of picked) {
      if (one.kind === "edge") add(pointsOf(one, topology));
      if (one.kind === "face") for (const edge of topology?.edges ?? []) if (edge.faces.includes(one.index)) add(edge.points_mm);
    }
    if (distance && distance.distance_mm > 0) add([distance.from_mm, distance.to_mm]);
    if (pairs.length === 0) return null;
    const geometry = new LineSegmentsGeometry();
    geometry.setPositions(pairs);
    const material = new LineMaterial({ color, linewidth: 3, depthTest: false, transparent: true, clippingPlanes: planes });
    return new LineSegments2(geometry, material);
  }, [picked, topology, distance, color, planes]);
  useEffect(() => {
    lines?.material.resolution.set(size.width, size.height);
  }, [lines, size]);
  useEffect(
    () => () => {
      lines?.geometry.dispose();
      lines?.material.dispose();
    },
    [lines],
  );
  useEffect(() => invalidate(), [faces, lines, tint, invalidate]);

  return (
    <>
      {faces && <mesh geometry={faces} material={tint} renderOrder={8} frustumCulled={false} />}
      {lines && <primitive object={lines} renderOrder={9} />}
    </>
  );
}
