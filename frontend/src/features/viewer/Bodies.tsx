import { useFrame, useThree } from "@react-three/fiber";
import { useEffect, useLayoutEffect, useMemo, useRef } from "react";
import { Group, Mesh, Plane, PlaneGeometry, Vector3 } from "three";
import { useTheme } from "@/features/settings/theme";
import type { DisplayRange } from "./fields";
import { capMaterial, FIELD_INDEX, type Materials, makeMaterials, rgb, SCENE_COLORS, stencilMaterials } from "./materials";
import type { Model, ModelBody } from "./model";
import { isCoarse, useFrameTime, useMotion } from "./motion";
import { cutsOf } from "./sections";
import { useViewer } from "./store";

/** How far a body is moved out of the whole, mm. */
export function explodeOffset(model: Model, center: Vector3, explode: number): Vector3 {
  return center.clone().sub(model.center).multiplyScalar(explode * 1.4);
}

function shapeOf(body: ModelBody, coarse: boolean) {
  return (coarse && body.coarse) || body.geometry;
}

/** The solids with their edges, field, sections and caps. */
export function Bodies({ model, range, strengthMpa }: { model: Model; range: DisplayRange | null; strengthMpa: number | null }) {
  const theme = useTheme();
  const { gl, invalidate } = useThree();
  useFrameTime(gl, model);
  const materials = useMemo(() => makeMaterials(), []);
  useEffect(() => () => materials.dispose(), [materials]);
  const { field, bands, xray, edges, sections, hidden, ghosts, explode, deformation, animate } = useViewer();
  const coarse = useMotion((motion) => isCoarse(motion, animate));
  const refined = useMotion((motion) => motion.refined);
  useEffect(() => invalidate(), [coarse, refined, invalidate]);
  const cuts = useMemo(() => cutsOf(model.box, sections), [model, sections]);
  const planes = useMemo(() => cuts.map((cut) => cut.plane), [cuts]);
  const colors = SCENE_COLORS[theme];

  useLayoutEffect(() => {
    const { uniforms, surface, plain, ghost, lines, lineColor, lineOpacity } = materials;
    const shown = range ? field : "none";
    uniforms.uField.value = FIELD_INDEX[shown];
    uniforms.uMin.value = range?.min ?? 0;
    uniforms.uMax.value = range?.max ?? 1;
    uniforms.uStrength.value = strengthMpa ?? 1;
    uniforms.uBands.value = bands;
    uniforms.uColor.value = rgb(colors.part);
    uniforms.uOpacity.value = xray ? 0.22 : 1;
    if (!animate) uniforms.uDeform.value = deformation;
    for (const material of [surface, plain]) {
      material.transparent = xray;
      material.depthWrite = !xray;
      material.clippingPlanes = planes;
      material.needsUpdate = true;
    }
    ghost.clippingPlanes = planes;
    ghost.needsUpdate = true;
    lineColor.value = rgb(shown === "none" ? colors.edge : "#101214");
    lineOpacity.value = shown === "none" ? 0.85 : 0.5;
    lines.clippingPlanes = planes;
    lines.needsUpdate = true;
    invalidate();
  }, [materials, field, range, strengthMpa, bands, xray, planes, colors, deformation, animate, hidden, ghosts, edges, explode, invalidate]);

  useFrame(({ clock }) => {
    if (!animate) return;
    const turn = clock.elapsedTime * 3.2;
    // a load bends one way, a mode shape swings both ways
    materials.uniforms.uDeform.value = deformation * (model.modes > 0 ? Math.sin(turn) : 0.5 * (1 - Math.cos(turn)));
    invalidate();
  });

  const visible = model.bodies.filter((body) => !hidden.includes(body.name));
  return (
    <>
      {visible.map((body) => (
        <group key={body.name} position={explodeOffset(model, body.center, explode)} userData={{ body: body.name }}>
          <mesh geometry={shapeOf(body, coarse)} material={ghosts.includes(body.name) ? materials.ghost : body.hasField ? materials.surface : materials.plain} renderOrder={ghosts.includes(body.name) ? 7 : 6} frustumCulled={false} />
          {edges && !(coarse && body.coarse) && <lineSegments geometry={body.edges} material={materials.lines} renderOrder={7} frustumCulled={false} />}
        </group>
      ))}
      {!xray &&
        cuts.map((cut, index) => (
          <Cap
            key={cut.axis}
            model={model}
            visible={visible}
            explode={explode}
            coarse={coarse}
            plane={cut.plane}
            others={planes.filter((plane) => plane !== cut.plane)}
            order={index}
            materials={materials}
            theme={theme}
          />
        ))}
    </>
  );
}

interface CapProps {
  model: Model;
  visible: Model["bodies"];
  explode: number;
  coarse: boolean;
  plane: Plane;
  others: Plane[];
  order: number;
  materials: Materials;
  theme: "light" | "dark";
}

/** The hatched face of one section. */
function Cap({ model, visible, explode, coarse, plane, others, order, materials, theme }: CapProps) {
  const gl = useThree((three) => three.gl);
  const pixel = useThree((three) => three.viewport.dpr);
  const stencils = useRef<Group>(null);
  const quad = useRef<Mesh>(null);
  const [back, front] = useMemo(() => stencilMaterials(plane, materials.uniforms.uDeform), [plane, materials]);
  const face = useMemo(() => capMaterial(others, SCENE_COLORS[theme], pixel), [others, theme, pixel]);
  const geometry = useMemo(() => new PlaneGeometry(model.size * 3, model.size * 3), [model]);
  useEffect(
    () => () => {
      back.dispose();
      front.dispose();
    },
    [back, front],
  );
  useEffect(() => () => face.dispose(), [face]);
  useEffect(() => () => geometry.dispose(), [geometry]);

  useLayoutEffect(() => {
    const mesh = quad.current;
    if (!mesh) return;
    plane.coplanarPoint(mesh.position);
    // near the model, so that the square covers it wherever the model stands
    mesh.position.copy(plane.projectPoint(model.center, new Vector3()));
    mesh.lookAt(mesh.position.clone().add(plane.normal));
    mesh.onAfterRender = () => gl.clearStencil();
  }, [plane, model, gl]);

  return (
    <>
      <group ref={stencils}>
        {visible.map((body) => (
          <group key={body.name} position={explodeOffset(model, body.center, explode)}>
            <mesh geometry={shapeOf(body, coarse)} material={back} renderOrder={order + 1} frustumCulled={false} />
            <mesh geometry={shapeOf(body, coarse)} material={front} renderOrder={order + 1} frustumCulled={false} />
          </group>
        ))}
      </group>
      <mesh ref={quad} geometry={geometry} material={face} renderOrder={order + 1.1} frustumCulled={false} />
    </>
  );
}
