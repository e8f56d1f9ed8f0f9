import {
  BackSide,
  ClampToEdgeWrapping,
  DataTexture,
  DecrementWrapStencilOp,
  DoubleSide,
  FrontSide,
  IncrementWrapStencilOp,
  AlwaysStencilFunc,
  LinearFilter,
  type IUniform,
  NotEqualStencilFunc,
  type Plane,
  ReplaceStencilOp,
  RGBAFormat,
  ShaderMaterial,
  Vector3,
} from "three";
import { lookupTable, OVER_COLOR } from "./colormap";
import { CAP_FRAGMENT, CAP_VERTEX, LINE_FRAGMENT, SURFACE_FRAGMENT, VERTEX } from "./shaders";

export interface SceneColors {
  part: string;
  edge: string;
  cap: string;
  hatch: string;
  grid: string;
}

export const SCENE_COLORS: Record<"light" | "dark", SceneColors> = {
  light: { part: "#b9bdc2", edge: "#33363a", cap: "#f4e2d9", hatch: "#b0431f", grid: "#7d766a" },
  dark: { part: "#a4abb3", edge: "#0a0b0c", cap: "#4a3329", hatch: "#f08a63", grid: "#848c95" },
};

/** sRGB as it is: these shaders write what the screen shows. */
export function rgb(hex: string): Vector3 {
  const at = (start: number) => Number.parseInt(hex.slice(start, start + 2), 16) / 255;
  return new Vector3(at(1), at(3), at(5));
}

export const FIELD_INDEX = { none: 0, von_mises: 1, displacement: 2, safety_factor: 3 } as const;

/** Uniforms that all materials of the scene share: one change reaches them all. */
export interface SharedUniforms extends Record<string, IUniform> {
  uDeform: IUniform<number>;
  uField: IUniform<number>;
  uMin: IUniform<number>;
  uMax: IUniform<number>;
  uStrength: IUniform<number>;
  uBands: IUniform<number>;
  uOpacity: IUniform<number>;
  uColor: IUniform<Vector3>;
}

export interface Materials {
  uniforms: SharedUniforms;
  surface: ShaderMaterial;
  /** for bodies without a field beside others that have one */
  plain: ShaderMaterial;
  /** for bodies that are shown through */
  ghost: ShaderMaterial;
  lines: ShaderMaterial;
  lineColor: IUniform<Vector3>;
  lineOpacity: IUniform<number>;
  dispose: () => void;
}

export function makeMaterials(): Materials {
  const table = new DataTexture(lookupTable(), 256, 1, RGBAFormat);
  table.minFilter = table.magFilter = LinearFilter;
  table.wrapS = ClampToEdgeWrapping;
  table.needsUpdate = true;
  const uniforms: SharedUniforms = {
    uDeform: { value: 0 },
    uField: { value: 0 },
    uMin: { value: 0 },
    uMax: { value: 1 },
    uStrength: { value: 1 },
    uBands: { value: 0 },
    uOpacity: { value: 1 },
    uColor: { value: rgb("#b9bdc2") },
    uOver: { value: new Vector3(...OVER_COLOR).divideScalar(255) },
    uLut: { value: table },
  };
  const offset = { polygonOffset: true, polygonOffsetFactor: 1, polygonOffsetUnits: 1 };
  const surface = new ShaderMaterial({ uniforms, vertexShader: VERTEX, fragmentShader: SURFACE_FRAGMENT, side: DoubleSide, clipping: true, ...offset });
  const plain = new ShaderMaterial({
    uniforms: { ...uniforms, uField: { value: 0 } },
    vertexShader: VERTEX,
    fragmentShader: SURFACE_FRAGMENT,
    side: DoubleSide,
    clipping: true,
    ...offset,
  });
  const ghost = new ShaderMaterial({
    uniforms: { ...uniforms, uField: { value: 0 }, uOpacity: { value: 0.2 } },
    vertexShader: VERTEX,
    fragmentShader: SURFACE_FRAGMENT,
    side: DoubleSide,
    clipping: true,
    transparent: true,
    depthWrite: false,
  });
  const lineColor = { value: rgb("#33363a") };
  const lineOpacity = { value: 0.8 };
  const lines = new ShaderMaterial({
    uniforms: { uDeform: uniforms.uDeform, uField: { value: 0 }, uColor: lineColor, uOpacity: lineOpacity },
    vertexShader: VERTEX,
    fragmentShader: LINE_FRAGMENT,
    transparent: true,
    clipping: true,
  });
  return {
    uniforms,
    surface,
    plain,
    ghost,
    lines,
    lineColor,
    lineOpacity,
    dispose: () => {
      table.dispose();
      surface.dispose();
      plain.dispose();
      ghost.dispose();
      lines.dispose();
    },
  };
}

/**
 * Marks in the stencil where a plane cuts solid matter: back faces count up, front faces down, and what is left over is
 * the inside (the method of three's own clipping example).
 */
export function stencilMaterials(plane: Plane, deform: IUniform<number>): [ShaderMaterial, ShaderMaterial] {
  return [BackSide, FrontSide].map(
    (side) =>
      new ShaderMaterial({
        uniforms: { uDeform: deform, uField: { value: 0 }, uColor: { value: new Vector3() }, uOpacity: { value: 1 } },
        vertexShader: VERTEX,
        fragmentShader: LINE_FRAGMENT,
        side,
        clipping: true,
        clippingPlanes: [plane],
        depthWrite: false,
        depthTest: false,
        colorWrite: false,
        stencilWrite: true,
        stencilFunc: AlwaysStencilFunc,
        stencilFail: side === BackSide ? IncrementWrapStencilOp : DecrementWrapStencilOp,
        stencilZFail: side === BackSide ? IncrementWrapStencilOp : DecrementWrapStencilOp,
        stencilZPass: side === BackSide ? IncrementWrapStencilOp : DecrementWrapStencilOp,
      }),
  ) as [ShaderMaterial, ShaderMaterial];
}

export function capMaterial(others: Plane[], colors: SceneColors, pixel: number): ShaderMaterial {
  return new ShaderMaterial({
    uniforms: { uColor: { value: rgb(colors.cap) }, uHatch: { value: rgb(colors.hatch) }, uPixel: { value: pixel } },
    vertexShader: CAP_VERTEX,
    fragmentShader: CAP_FRAGMENT,
    side: DoubleSide,
    clipping: true,
    clippingPlanes: others,
    stencilWrite: true,
    stencilRef: 0,
    stencilFunc: NotEqualStencilFunc,
    stencilFail: ReplaceStencilOp,
    stencilZFail: ReplaceStencilOp,
    stencilZPass: ReplaceStencilOp,
  });
}

