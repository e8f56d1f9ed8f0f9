/** What travels in JSON: the objects of backend/schema.py (generated.ts), and what has no type of its own there. */

export type {
  Assumption,
  Body,
  Check,
  Intent,
  LoadCase,
  NamedFace,
  Origin,
  Quantity,
  Question,
  Requirement,
  Scheme,
  Sense,
  Span,
  Status as CheckStatus,
  CompiledModel as Compiled,
  VerificationReport as Verification,
} from "./generated";
import type { CompiledModel as Compiled, Intent, Quantity, Question, Scheme, VerificationReport as Verification } from "./generated";

export type Vec3 = [number, number, number];

export interface FemLevel {
  dofs: number;
  elements: number;
  h_mm: number;
  max_von_mises_mpa: number;
  assessed_von_mises_mpa?: number;
  max_displacement_mm: number;
}

export interface FemResult {
  solver?: string;
  version?: string;
  levels: FemLevel[];
  von_mises_mpa: { value: number; error?: number | null; location_mm?: Vec3; converged?: boolean; excluded?: string };
  displacement_mm: { value: number; error?: number | null; location_mm?: Vec3 };
  raw_max_von_mises_mpa?: number;
  singular?: boolean;
  singularities?: { location_mm: Vec3; growth: number; reason: string }[];
  reactions?: { imbalance_rel?: number };
  warnings?: string[];
}

/** The nested AgentState. Sections that a run has not reached yet are empty objects. */
export interface AgentState {
  core: {
    project_id: string;
    user_intent: string;
    messages: string[];
    errors: string[];
    /** what was said before the run: the messages, and for each requirement the number of the one that asked for it */
    conversation?: {
      messages?: { role: string; text: string }[];
      trace?: { requirement: string; statement: string; message: number | null; words: string }[];
    };
    iteration_count: number;
    execution_mode: string;
  };
  design: {
    constraints: Record<string, unknown>;
    design_parameters: Record<string, Quantity>;
    design_scheme: Partial<Scheme>;
    environment: Record<string, unknown>;
    intent: Partial<Intent>;
    questions: Question[];
  };
  geometry: {
    kcl_code: string;
    gltf_data: string;
    geometry_tree: unknown[];
    mass_properties: {
      volume_mm3?: number;
      area_mm2?: number;
      center_of_mass_mm?: Vec3;
      mass_g?: number | null;
    };
    model_id: string;
    compiled: Partial<Compiled>;
    artifacts: Record<string, string>;
  };
  physics: {
    predictions: Record<string, number>;
    thermal_analysis: Record<string, unknown>;
    structural_analysis: { status?: string; summary?: string; fem?: Partial<FemResult> };
    material_props: Record<string, unknown>;
    sub_agent_reports: Record<string, { agent: string; status: string; summary: string; elapsed_s: number }>;
  };
  validation: {
    flags: Record<string, unknown>;
    verification_report: Partial<Verification>;
    quality_review_report: Record<string, unknown>;
  };
  manufacturing: {
    components: Record<string, unknown>;
    bom_analysis: Partial<Bom>;
    manufacturing_plan: Record<string, unknown>;
    gcode: string;
    release?: Record<string, unknown>;
  };
  user_approval: string | null;
  approval_required: boolean;
  schema_version: number;
}

export interface BomLine {
  line?: number;
  part: string;
  kind?: string;
  quantity: number;
  [field: string]: unknown;
}

export interface Bom {
  lines: BomLine[];
  totals: Record<string, unknown>;
  [field: string]: unknown;
}

export type EventKind =
  | "stage_started"
  | "stage_finished"
  | "thought"
  | "question"
  | "approval"
  | "verdict"
  | "error"
  | "status"
  | "done"
  | "lagged";

export interface RunEvent {
  seq: number;
  ts: string;
  project_id: string;
  kind: EventKind;
  agent: string;
  stage: string;
  text: string;
  data: Record<string, unknown>;
}
