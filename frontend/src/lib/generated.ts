// Written by `python -m backend.commands.typescript` from the OpenAPI description and backend/schema.py.
// Not edited by hand: a test holds it against the server.

/** What an agent hands back: a failed one is a report, not an exception. */
export interface AgentReport {
  agent: string;
  status: "success" | "failure" | "error" | "not_verified";
  summary: string;
  checks: Check[];
  data: Record<string, unknown>;
  error: Record<string, unknown> | null;
  elapsed_s: number;
}

/** Something the brief didn't say, and what was taken instead. */
export interface Assumption {
  id: string;
  text: string;
  reason: string;
  quantity: Quantity | null;
}

/** One solid of a compiled model. */
export interface Body {
  index: number;
  name: string;
  volume_mm3: number;
  area_mm2: number;
  center_of_mass_mm: [number, number, number];
  bounding_box_mm: BoundingBox;
  valid: boolean;
}

/** Exact axis-aligned bounding box, mm. */
export interface BoundingBox {
  min: [number, number, number];
  max: [number, number, number];
}

/** One computed value held against its limit. */
export interface Check {
  id: string;
  title: string;
  status: Status;
  value: number | null;
  unit: string;
  limit: number | null;
  sense: Sense | null;
  margin: number | null;
  uncertainty: number | null;
  method: string;
  evidence: string[];
  requirement_id: string | null;
  reason: string;
}

/** What the engine made of a KCL program. ``files`` maps a kind (brep, step, glb, stl) to a path. */
export interface CompiledModel {
  volume_mm3: number;
  area_mm2: number;
  center_of_mass_mm: [number, number, number];
  bounding_box_mm: BoundingBox;
  solids: number;
  valid: boolean;
  bodies: Body[];
  named_faces: NamedFace[];
  files: Record<string, string>;
  timings_s: Record<string, number>;
  diagnostics: string[];
}

/** What was read from the words: nothing here is invented without being listed as an assumption. */
export interface Intent {
  brief: string;
  family: string | null;
  parameters: Record<string, Quantity>;
  choices: Record<string, string>;
  material: string | null;
  material_span: Span | null;
  loads: LoadCase[];
  safety_factor: Quantity | null;
  limits: Requirement[];
  requirements: Requirement[];
  assumptions: Assumption[];
  questions: Question[];
  unread: Span[];
  length_unit: "mm" | "in";
}

/** A load read from the brief. */
export interface LoadCase {
  id: string;
  kind: "force" | "pressure" | "acceleration" | "heat";
  magnitude: Quantity;
  direction: string;
  position: Quantity | null;
  target: string | null;
  span: Span | null;
}

/** A face that the KCL author named. ``face_index`` counts faces of the BREP file in file order, from 0. */
export interface NamedFace {
  name: string;
  text: string;
  face_index: number;
  solid_index: number;
  surface: string;
  area_mm2: number;
  centroid_mm: [number, number, number];
  normal: [number, number, number] | null;
  radius_mm: number | null;
}

/** Where a value comes from. */
export type Origin = "brief" | "answer" | "assumption" | "material" | "standard" | "sized" | "computed" | "measured";

/** A value with unit, origin and uncertainty. */
export interface Quantity {
  value: number;
  unit: string;
  origin: Origin;
  given: string | null;
  span: Span | null;
  source: string | null;
  uncertainty_rel: number | null;
}

/** Something that must be known before the design can go on. */
export interface Question {
  id: string;
  text: string;
  reason: string;
  options: string[];
  example: string;
  default: string | null;
}

/** One thing that the design must satisfy, traced to the words that asked for it. */
export interface Requirement {
  id: string;
  kind: string;
  statement: string;
  origin: Origin;
  span: Span | null;
  quantity: Quantity | null;
  sense: Sense | null;
}

/** A sized design: every parameter has a value; the free ones were chosen by the sizing. */
export interface Scheme {
  family: string;
  material: string;
  parameters: Record<string, Quantity>;
  choices: Record<string, string>;
  free: string[];
  mass_g: Quantity | null;
  checks: Check[];
  assumptions: Assumption[];
  governing: string;
  trace: string[];
  corrections: Record<string, number>;
}

/** How a value is compared with its limit. */
export type Sense = "<=" | ">=" | "==";

/** A piece of the brief: ``brief[start:end] == text``. */
export interface Span {
  start: number;
  end: number;
  text: string;
}

/** Outcome of a check. What was not checked is never 'pass'. */
export type Status = "pass" | "fail" | "not verified";

/** The verdict: 'pass' only where every required check ran and passed. */
export interface VerificationReport {
  status: Status;
  checks: Check[];
  summary: string;
  failed: string[];
  not_verified: string[];
}

/** The access token of the server. */
export interface Access {
  token: string;
}

/** Answers by the id of the parameter, choice or load, in words with their unit: {"thickness": "12 mm"}. */
export interface Answers {
  answers?: Record<string, string>;
}

/** One message. The history is kept on the server by ``session_id``; what the client sends of it is not needed. */
export interface ChatRequirementsRequest {
  message: string;
  conversation_history?: Record<string, unknown>[];
  user_intent?: string;
  mode?: string;
  ai_model?: string;
  session_id?: string | null;
  project_id?: string | null;
  face?: string | null;
}

/** ``kcl_code``: the whole program; ``note`` becomes the revision's label. */
export interface EditProgram {
  project_id: string;
  revision?: string | null;
  depth?: "fast" | "full";
  wait?: boolean;
  timeout_s?: number;
  kcl_code: string;
  note?: string;
}

/** Which revision the new project begins with (the one shown, by default), and the new project's id. */
export interface Fork {
  revision?: string | null;
  new_project_id?: string | null;
}

/** A program, or the artefact of an imported file (STEP and kin). */
export interface LookRequest {
  kcl_code?: string | null;
  artifact_id?: string | null;
}

/** What to measure between. */
export interface MeasureRequest {
  a: Place;
  b: Place;
}

/** A name for a revision (the one shown, by default), or with ``project`` for the project itself. */
export interface Name {
  name: string;
  revision?: string | null;
  project?: boolean;
}

/** ``study`` is that of ``./brick check`` (docs/check.md) without its ``model``, which is the revision's part. */
export interface NewStudy {
  study: Record<string, unknown>;
  revision?: string | null;
}

/** One of two things to measure between: a face or an edge by its index, a body, or a point. */
export interface Place {
  face?: number | null;
  edge?: number | null;
  body?: number | null;
  point_mm?: [number, number, number] | null;
}

/** Names a project. */
export interface ProjectRequest {
  project_id: string;
}

/** ``parameters``: name -> number (in the design's unit), words ("8 in"), or null (sized again). */
export interface Recompute {
  project_id: string;
  revision?: string | null;
  depth?: "fast" | "full";
  wait?: boolean;
  timeout_s?: number;
  parameters: Record<string, number | string | null>;
}

/** Which stage; the one that failed by default. */
export interface RetryRequest {
  project_id: string;
  stage?: string | null;
  wait?: boolean;
  timeout_s?: number;
}

/** Names a revision: its id, its number, or "previous". */
export interface Rewind {
  revision: string;
}

/** What to design: a brief, or the ``session_id`` of a conversation that settled one. */
export interface RunRequest {
  user_intent?: string | null;
  session_id?: string | null;
  project_id?: string | null;
  mode?: "plan" | "execute";
  answers?: Record<string, string>;
  approval?: "approved" | "rejected" | null;
  reason?: string | null;
  approve_release?: boolean;
  depth?: "full" | "fast";
  llm?: string | null;
  max_cost_usd?: number | null;
  max_time_s?: number | null;
  wait?: boolean;
  timeout_s?: number;
}

/** ``message``: what should differ; ``face``: the name of the face that was picked, or its number in the model. */
export interface Say {
  project_id: string;
  revision?: string | null;
  depth?: "fast" | "full";
  wait?: boolean;
  timeout_s?: number;
  message: string;
  face?: string | null;
}

/** What to say to it. */
export interface SteerRequest {
  project_id: string;
  message: string;
}

/** A program to compile, with no project behind it. */
export interface TryProgram {
  kcl_code: string;
  material?: string | null;
}

/** Every address that the server answers. */
export const ROUTES = [
  "DELETE /api/session",
  "GET /api/agents",
  "GET /api/agents/thoughts",
  "GET /api/artifacts/{artifact_id}",
  "GET /api/geometry/looks/{look_id}/sources",
  "GET /api/geometry/looks/{look_id}/topology",
  "GET /api/geometry/model/{model_id}",
  "GET /api/health",
  "GET /api/llm",
  "GET /api/materials",
  "GET /api/materials/ranking/{index}",
  "GET /api/materials/{material_id}",
  "GET /api/monitoring/performance",
  "GET /api/projects",
  "GET /api/projects/{project_id}/compare",
  "GET /api/projects/{project_id}/diff",
  "GET /api/projects/{project_id}/events",
  "GET /api/projects/{project_id}/parameters",
  "GET /api/projects/{project_id}/revisions",
  "GET /api/projects/{project_id}/revisions/{revision}",
  "GET /api/projects/{project_id}/studies",
  "GET /api/projects/{project_id}/studies/{study_id}",
  "GET /api/state/{project_id}",
  "GET /metrics",
  "POST /api/chat/requirements",
  "POST /api/design/kcl",
  "POST /api/design/recompute",
  "POST /api/design/say",
  "POST /api/geometry/compile",
  "POST /api/geometry/look",
  "POST /api/geometry/looks/{look_id}/measure",
  "POST /api/orchestrator/cancel",
  "POST /api/orchestrator/pause",
  "POST /api/orchestrator/resume",
  "POST /api/orchestrator/retry",
  "POST /api/orchestrator/run",
  "POST /api/orchestrator/steer",
  "POST /api/projects/import",
  "POST /api/projects/{project_id}/fork",
  "POST /api/projects/{project_id}/name",
  "POST /api/projects/{project_id}/preview",
  "POST /api/projects/{project_id}/redo",
  "POST /api/projects/{project_id}/rewind",
  "POST /api/projects/{project_id}/studies",
  "POST /api/projects/{project_id}/studies/{study_id}/cancel",
  "POST /api/projects/{project_id}/undo",
  "POST /api/projects/{project_id}/unname",
  "POST /api/session",
] as const;
