import { create } from "zustand";
import { persist } from "zustand/middleware";
import type { NamedFace } from "@/lib/types";
import type { Picked } from "@/features/inspect/selection";

export type AnalysisType = "static" | "modal" | "buckling";
export type SupportType = "fixed" | "frictionless" | "elastic" | "compression_only";
export type LoadType = "force" | "pressure" | "moment" | "gravity";

/** Faces of a study: by the name that the program gives where there is one (it survives other sizes), else by number. */
export type FaceSelector = string | { index: number };

export interface SupportDraft {
  id: number;
  type: SupportType;
  faces: FaceSelector[];
  stiffness: string;
}

export interface LoadDraft {
  id: number;
  type: LoadType;
  faces: FaceSelector[];
  /** with its unit, as a person writes it */
  value: string;
  direction: string;
}

export interface StudyDraft {
  title: string;
  analysis: AnalysisType;
  modes: number;
  temperature: string;
  /** its name; the design's own where nothing is said */
  material: string;
  supports: SupportDraft[];
  loads: LoadDraft[];
  safety: string;
  displacement: string;
  stress: string;
  frequency: string;
  buckling: string;
}

export const emptyStudy = (): StudyDraft => ({
  title: "Study",
  analysis: "static",
  modes: 3,
  temperature: "20 degC",
  material: "",
  supports: [],
  loads: [],
  safety: "1.5",
  displacement: "",
  stress: "",
  frequency: "",
  buckling: "3",
});

interface Drafts {
  drafts: Record<string, StudyDraft>;
  change: (projectId: string, change: Partial<StudyDraft>) => void;
}

/** The study that is being put together in each project, kept in this browser until it is run and after. */
export const useStudyDraft = create<Drafts>()(
  persist(
    (set) => ({
      drafts: {},
      change: (projectId, change) => set(({ drafts }) => ({ drafts: { ...drafts, [projectId]: { ...emptyStudy(), ...drafts[projectId], ...change } } })),
    }),
    { name: "brick.studies" },
  ),
);

/** The picked faces as a study names them. */
export function selectorsOf(picked: readonly Picked[], named: readonly NamedFace[]): FaceSelector[] {
  return picked.flatMap((one): FaceSelector[] => {
    if (one.kind !== "face") return [];
    const name = named.find((face) => face.face_index === one.index && named.filter((other) => other.name === face.name).length === 1)?.name;
    return [name ?? { index: one.index }];
  });
}

export const selectorText = (selector: FaceSelector) => (typeof selector === "string" ? selector : `face ${selector.index}`);

export const DEFAULT_VALUE: Record<LoadType, string> = { force: "1 kN", pressure: "1 MPa", moment: "10 N*m", gravity: "" };

const asFaces = (faces: readonly FaceSelector[]) => (faces.length === 1 ? faces[0] : faces);

/** The study as ./brick check reads it, without its model. */
export function studyOf(draft: StudyDraft, material: string): Record<string, unknown> {
  const results: object[] = [];
  const number = (text: string) => (text.trim() === "" ? {} : { at_least: Number(text) });
  if (draft.analysis === "static") {
    results.push({ type: "safety_factor", ...number(draft.safety) });
    results.push({ type: "von_mises", ...(draft.stress.trim() && { at_most: draft.stress.trim() }) });
    results.push({ type: "displacement", ...(draft.displacement.trim() && { at_most: draft.displacement.trim() }) });
  } else if (draft.analysis === "modal") results.push({ type: "frequency", mode: 1, ...(draft.frequency.trim() && { at_least: draft.frequency.trim() }) });
  else results.push({ type: "buckling_factor", ...number(draft.buckling) });
  return {
    title: draft.title.trim() || "Study",
    material: { name: material, temperature: draft.temperature.trim() },
    analysis: { type: draft.analysis, ...(draft.analysis !== "static" && { modes: draft.modes }) },
    supports: draft.supports.map(({ type, faces, stiffness }) => ({ type, faces: asFaces(faces), ...(type === "elastic" && { stiffness: stiffness.trim() }) })),
    ...(draft.analysis !== "modal" && {
      loads: draft.loads.map(({ type, faces, value, direction }) => {
        if (type === "gravity") return { type, direction };
        if (type === "pressure") return { type, faces: asFaces(faces), pressure: value.trim() };
        return { type, faces: asFaces(faces), [type]: value.trim(), direction };
      }),
    }),
    results,
  };
}

/** What must be said before a study can be run. */
export function missing(draft: StudyDraft): string[] {
  const open: string[] = [];
  if (draft.supports.length === 0) open.push("what holds the part");
  if (draft.supports.some((support) => support.faces.length === 0)) open.push("the faces of a support");
  if (draft.analysis !== "modal") {
    if (draft.loads.length === 0) open.push("a load");
    if (draft.loads.some((load) => load.type !== "gravity" && load.faces.length === 0)) open.push("the faces of a load");
  }
  return open;
}
