/** The objects of backend/schema.py as they travel in JSON. Lengths are mm, forces N, stresses MPa, masses g. */

export type Origin = "brief" | "answer" | "assumption" | "material" | "standard" | "sized" | "computed" | "measured";

export interface Span {
  start: number;
  end: number;
  text: string;
}

export interface Quantity {
  value: number;
  unit: string;
  origin: Origin;
  given?: string | null;
  span?: Span | null;
  source?: string | null;
  uncertainty_rel?: number | null;
}

export interface Assumption {
  id: string;
  text: string;
  reason: string;
  quantity?: Quantity | null;
}

export interface Question {
  id: string;
  text: string;
  reason: string;
  options: string[];
  example: string;
  default: string | null;
}

export type Sense = "<=" | ">=" | "==";

export interface Requirement {
  id: string;
  kind: string;
  statement: string;
  origin: Origin;
  span?: Span | null;
  quantity?: Quantity | null;
  sense?: Sense | null;
}

export interface LoadCase {
  id: string;
  kind: "force" | "pressure" | "acceleration" | "heat";
  magnitude: Quantity;
  direction: string;
  position?: Quantity | null;
  target?: string | null;
  span?: Span | null;
}

export interface Intent {
  brief: string;
  family?: string | null;
  parameters: Record<string, Quantity>;
  choices: Record<string, string>;
  material?: string | null;
  material_span?: Span | null;
  loads: LoadCase[];
  safety_factor?: Quantity | null;
  limits: Requirement[];
  requirements: Requirement[];
  assumptions: Assumption[];
  questions: Question[];
  unread: Span[];
  length_unit: "mm" | "in";
}

export type CheckStatus = "pass" | "fail" | "not verified";

export interface Check {
  id: string;
  title: string;
  status: CheckStatus;
  value?: number | null;
  unit: string;
  limit?: number | null;
  sense?: Sense | null;
  margin?: number | null;
  uncertainty?: number | null;
  method: string;
  evidence: string[];
  requirement_id?: string | null;
  reason: string;
}

export interface Scheme {
  family: string;
  material: string;
  parameters: Record<string, Quantity>;
  choices: Record<string, string>;
  free: string[];
  mass_g?: Quantity | null;
  checks: Check[];
  assumptions: Assumption[];
  governing: string;
  trace: string[];
}

export type Vec3 = [number, number, number];

export interface NamedFace {
  name: string;
  text: string;
  face_index: number;
  solid_index: number;
  surface: string;
  area_mm2: number;
  centroid_mm: Vec3;
  normal?: Vec3 | null;
  radius_mm?: number | null;
}

export interface Compiled {
  volume_mm3: number;
  area_mm2: number;
  center_of_mass_mm: Vec3;
  bounding_box_mm: { min: Vec3; max: Vec3 };
  solids: number;
  valid: boolean;
  bodies: { index: number; name: string; volume_mm3: number; valid: boolean }[];
  named_faces: NamedFace[];
  files: Record<string, string>;
  timings_s: Record<string, number>;
  diagnostics: string[];
}

export interface Verification {
  status: CheckStatus;
  checks: Check[];
  summary: string;
  failed: string[];
  not_verified: string[];
}

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
