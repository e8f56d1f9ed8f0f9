import { useThree } from "@react-three/fiber";
import { useEffect, useMemo } from "react";
import { Vector3 } from "three";
import { makeMaterials, rgb } from "./materials";
import type { Model } from "./model";

const COLORS = { light: { part: "#2f7dd1", line: "#123a66" }, dark: { part: "#58a6ff", line: "#cfe5ff" } } as const;

/** How far beside the model the other revision stands, mm: along X, or along Y where the part is long in X. */
export function besideOffset(model: Model, other: Model): Vector3 {
  const size = model.box.getSize(new Vector3());
  const room = other.box.getSize(new Vector3());
  const along = size.x > 2 * size.y ? "y" : "x";
  const gap = 0.15 * Math.max(size[along], room[along]);
  const offset = new Vector3();
  offset[along] = model.box.max[along] - other.box.min[along] + gap;
  return offset;
}

/** Another revision: beside the model in its own colour, or within it, shown through. */
export function Comparison({ model, other, mode, theme }: { model: Model; other: Model; mode: "side" | "overlay"; theme: "light" | "dark" }) {
  const invalidate = useThree((three) => three.invalidate);
  const materials = useMemo(() => {
    const made = makeMaterials();
    made.uniforms.uColor.value = rgb(COLORS[theme].part);
    made.lineColor.value = rgb(COLORS[theme].line);
    return made;
  }, [theme]);
  useEffect(() => () => materials.dispose(), [materials]);
  useEffect(() => {
    materials.ghost.uniforms["uOpacity"] = { value: 0.35 };
    invalidate();
    return () => invalidate();
  }, [materials, mode, other, invalidate]);
  const offset = mode === "side" ? besideOffset(model, other) : new Vector3();
  return (
    <group position={offset}>
      {other.bodies.map((body) => (
        <group key={body.name}>
          <mesh geometry={body.geometry} material={mode === "overlay" ? materials.ghost : materials.plain} renderOrder={mode === "overlay" ? 10 : 6} frustumCulled={false} />
          <lineSegments geometry={body.edges} material={materials.lines} renderOrder={11} frustumCulled={false} />
        </group>
      ))}
    </group>
  );
}
