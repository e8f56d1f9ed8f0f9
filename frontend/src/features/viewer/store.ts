import { create } from "zustand";
import type { Vec3 } from "@/lib/types";
import type { ViewName } from "./views";

export type FieldName = "none" | "von_mises" | "displacement" | "safety_factor";
export type Tool = "select" | "measure";
export type Axis = "x" | "y" | "z";

export interface SectionPlane {
  on: boolean;
  /** position along the axis as a share of the model's box, 0..1 */
  at: number;
  flip: boolean;
}

export interface Probe {
  point_mm: Vec3;
  /** where it is drawn, with deformation and explosion */
  shown_mm: Vec3;
  body: string;
  vonMisesMpa: number | null;
  displacementMm: number | null;
}

/** What the toolbar asks of the running scene. */
export interface ViewerControls {
  fit: () => void;
  view: (name: ViewName) => void;
  direction: (direction: Vec3) => void;
  /** turns the view by angles in radians: around the vertical, and up */
  orbit: (azimuth: number, polar: number) => void;
  zoom: (factor: number) => void;
  /** looks at a place closely: its middle and its size, mm */
  focus: (center: Vec3, size: number) => void;
  screenshot: () => Promise<Blob>;
}

/** Another revision that is shown beside the model or within it. */
export interface Compared {
  modelId: string;
  label: string;
  mode: "side" | "overlay";
}

interface ViewerState {
  tool: Tool;
  compared: Compared | null;
  /** bodies that are shown through */
  ghosts: string[];
  field: FieldName;
  /** fixed top of the colour range in working units; null follows the data */
  rangeMax: number | null;
  rangeMin: number | null;
  pinToYield: boolean;
  bands: number;
  deformation: number;
  /** the mode shape that is shown, from 1 */
  mode: number;
  animate: boolean;
  markers: boolean;
  faces: boolean;
  edges: boolean;
  grid: boolean;
  xray: boolean;
  orthographic: boolean;
  explode: number;
  sections: Record<Axis, SectionPlane>;
  hidden: string[];
  probe: Probe | null;
  controls: ViewerControls | null;
  set: (change: Partial<Omit<ViewerState, "set" | "setSection" | "toggleBody" | "toggleGhost" | "isolate" | "reset">>) => void;
  setSection: (axis: Axis, change: Partial<SectionPlane>) => void;
  toggleBody: (name: string) => void;
  toggleGhost: (name: string) => void;
  isolate: (name: string, all: readonly string[]) => void;
  reset: () => void;
}

const closed: SectionPlane = { on: false, at: 0.5, flip: false };

const initial = {
  tool: "select" as Tool,
  compared: null,
  ghosts: [],
  field: "von_mises" as FieldName,
  rangeMax: null,
  rangeMin: null,
  pinToYield: false,
  bands: 0,
  deformation: 0,
  mode: 1,
  animate: false,
  markers: true,
  faces: false,
  edges: true,
  grid: true,
  xray: false,
  orthographic: false,
  explode: 0,
  sections: { x: closed, y: closed, z: closed },
  hidden: [],
  probe: null,
};

/** How the model is looked at; the one truth that scene, toolbar and legend subscribe to. */
export const useViewer = create<ViewerState>()((set) => ({
  ...initial,
  controls: null,
  set: (change) => set(change),
  setSection: (axis, change) =>
    set((state) => ({ sections: { ...state.sections, [axis]: { ...state.sections[axis], ...change } }, probe: null })),
  toggleBody: (name) =>
    set((state) => ({
      hidden: state.hidden.includes(name) ? state.hidden.filter((other) => other !== name) : [...state.hidden, name],
      probe: null,
    })),
  toggleGhost: (name) => set((state) => ({ ghosts: state.ghosts.includes(name) ? state.ghosts.filter((other) => other !== name) : [...state.ghosts, name] })),
  isolate: (name, all) =>
    set((state) => {
      const others = all.filter((other) => other !== name);
      const already = others.every((other) => state.hidden.includes(other)) && !state.hidden.includes(name);
      return { hidden: already ? [] : others, probe: null };
    }),
  reset: () => set(initial),
}));
