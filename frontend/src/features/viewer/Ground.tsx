import { useEffect, useMemo } from "react";
import { DoubleSide, PlaneGeometry, ShaderMaterial, Vector2 } from "three";
import { rgb, SCENE_COLORS } from "./materials";
import type { Model } from "./model";
import { GRID_FRAGMENT, GRID_VERTEX } from "./shaders";
import { useViewer } from "./store";

/** Side of a grid cell, mm: 1, 2 or 5 times a power of ten, about a twentieth of the model. */
export function gridCell(size: number): number {
  const raw = size / 20;
  const power = 10 ** Math.floor(Math.log10(raw));
  return ([1, 2, 5, 10].find((nice) => nice * power >= raw) ?? 10) * power;
}

export function Ground({ model, theme }: { model: Model; theme: "light" | "dark" }) {
  const radius = model.size * 1.6;
  // a part that bends downwards must not dive through its ground
  const deformation = useViewer((viewer) => viewer.deformation);
  const below = model.size * 0.002 + deformation * (model.displacement?.max.value ?? 0);
  const geometry = useMemo(() => {
    const plane = new PlaneGeometry(radius * 2, radius * 2);
    plane.translate(model.center.x, model.center.y, model.box.min.z - below);
    return plane;
  }, [model, radius, below]);
  const material = useMemo(
    () =>
      new ShaderMaterial({
        uniforms: {
          uColor: { value: rgb(SCENE_COLORS[theme].grid) },
          uCell: { value: gridCell(model.size) },
          uRadius: { value: radius },
          uCenter: { value: new Vector2(model.center.x, model.center.y) },
        },
        vertexShader: GRID_VERTEX,
        fragmentShader: GRID_FRAGMENT,
        transparent: true,
        depthWrite: false,
        side: DoubleSide,
      }),
    [model, radius, theme],
  );
  useEffect(() => () => geometry.dispose(), [geometry]);
  useEffect(() => () => material.dispose(), [material]);
  return <mesh geometry={geometry} material={material} renderOrder={0} />;
}
