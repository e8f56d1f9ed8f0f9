/** The one door to the server. JSON in, JSON out; errors carry the server's own words. */
import { useSettings } from "@/features/settings/store";
import { useAccess } from "@/features/access/store";
import type { AgentState, Check, CheckStatus, Compiled, Intent, Question, Scheme, Vec3 } from "@/lib/types";

export class ApiError extends Error {
  readonly code: string;
  readonly nextAction: string;
  readonly status: number;
  readonly details: Record<string, unknown>;

  constructor(message: string, options: { code: string; nextAction?: string; status?: number; details?: Record<string, unknown> }) {
    super(message);
    this.name = "ApiError";
    this.code = options.code;
    this.nextAction = options.nextAction ?? "";
    this.status = options.status ?? 0;
    this.details = options.details ?? {};
  }
}

interface Problem {
  code?: string;
  message?: string;
  next_action?: string;
  details?: Record<string, unknown>;
}

function problemOf(body: unknown): Problem {
  if (typeof body !== "object" || body === null) return {};
  const record = body as Record<string, unknown>;
  for (const key of ["error", "detail"]) {
    const inner = record[key];
    if (typeof inner === "string") return { message: inner };
    if (Array.isArray(inner)) {
      // FastAPI's own validation errors: a list of {loc, msg}
      const words = inner.map((item: { loc?: unknown[]; msg?: string }) => `${(item.loc ?? []).slice(1).join(".")}: ${item.msg ?? ""}`);
      return { code: "bad_input", message: words.join("; ") };
    }
    if (typeof inner === "object" && inner !== null) return inner;
  }
  return record as Problem;
}

export async function errorFrom(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => ({}));
  const problem = problemOf(body);
  return new ApiError(problem.message ?? `The server answered ${response.status}.`, {
    code: problem.code ?? `http_${response.status}`,
    nextAction: problem.next_action ?? "",
    status: response.status,
    details: problem.details ?? {},
  });
}

async function send(path: string, init?: RequestInit): Promise<Response> {
  let response: Response;
  const sentAt = useAccess.getState().times;
  try {
    response = await fetch(path, init);
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new ApiError("The server can't be reached.", {
      code: "unreachable",
      nextAction: "Check that ./brick serve is running; the page reconnects by itself.",
    });
  }
  if (!response.ok) {
    const problem = await errorFrom(response);
    if (problem.status === 401) useAccess.getState().require(sentAt);
    throw problem;
  }
  return response;
}

/** What is only tried out is answered with its error inside: it is no failure of the request. */
function orThrow<T extends { error?: ServerError | null }>(answer: T): T {
  if (answer.error) throw new ApiError(answer.error.message, { code: answer.error.code, nextAction: answer.error.next_action ?? "", details: answer.error.details ?? {} });
  return answer;
}

async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await send(path, { headers: { accept: "application/json" }, signal: signal ?? null });
  return (await response.json()) as T;
}

async function postJson<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const response = await send(path, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify(body),
    signal: signal ?? null,
  });
  return (await response.json()) as T;
}

export interface RunRequest {
  project_id: string;
  /** left out: the brief that the project has */
  user_intent?: string;
  mode?: "execute" | "plan";
  answers?: Record<string, string>;
  /** the conversation that settled brief and answers */
  session_id?: string;
  approval?: "approved" | "rejected";
  reason?: string;
}

export type RunStatus = "new" | "queued" | "running" | "waiting" | "questions" | "done" | "failed" | "cancelled" | "rejected";

export interface ServerError {
  code: string;
  message: string;
  next_action?: string;
  stage?: string;
  details?: Record<string, unknown>;
}

/** The state of a project with the server's short view of its latest run. */
export interface ProjectView extends AgentState {
  project_id: string;
  status: RunStatus;
  error: ServerError | null;
  files: Record<string, string>;
}

export interface ProjectRow {
  id: string;
  name: string;
  brief: string;
  head: string | null;
  created_at: number;
  updated_at: number;
  /** of the revision that it shows */
  figures?: Revision["figures"] | null;
}

export interface Revision {
  id: string;
  parent: string | null;
  number: number;
  label: string;
  /** artefact that holds the whole state */
  state: string;
  created_at: number;
  figures: {
    verdict?: CheckStatus | null;
    mass_g?: number | null;
    family?: string | null;
    material?: string | null;
    rounds?: number;
    failed?: string[];
    parameters?: Record<string, number>;
    /** "fast" where the finite elements were left out */
    depth?: Depth;
    /** what was answered, and corrected, by the id of its question */
    answers?: Record<string, string>;
  };
  names?: string[];
}

export interface AgentStats {
  count: number;
  failures: number;
  slow: number;
  avg: number;
  min: number;
  max: number;
  p50: number;
  p95: number;
  p99: number;
}

export interface Health {
  status: string;
  version: string;
  sessions?: { store: string; reachable: boolean };
  workers?: unknown;
  llm_provider?: string;
}

export interface ChatReply {
  session_id: string;
  reply: string;
  question: Question | null;
  questions: Question[];
  answers: Record<string, string>;
  intent: Partial<Intent>;
  brief: string;
  ready: boolean;
  /** whether the message altered what is understood */
  changed: boolean;
}

/** What can be set anew of a designed part, by the id that an answer goes by. */
export interface Adjustable {
  family: string | null;
  parameters: AdjustableParameter[];
  choices: { name: string; meaning: string; value: string; options: string[] }[];
  loads: { name: string; meaning: string; unit: string; value: number; given: string | null }[];
  material: string | null;
  /** the program is no longer the one that these sizes make */
  edited: boolean;
}

export interface AdjustableParameter {
  name: string;
  meaning: string;
  dimension: string;
  unit: string;
  value: number;
  given: string | null;
  origin: string;
  free: boolean;
  bounds: [number, number] | null;
}

/** A part with other sizes, compiled and held against the closed forms; nothing is kept of it. */
export interface Preview {
  questions: Question[];
  scheme?: Scheme;
  checks?: Check[];
  kcl_code?: string;
  model_id?: string;
  mass_g?: number;
  valid?: boolean;
}

export type Depth = "fast" | "full";

/** A part that was compiled only to look into it. */
export interface Look {
  look_id: string;
  model_id: string;
  compiled: Compiled;
}

export interface TopologyFace {
  index: number;
  body: number;
  surface: string;
  area_mm2: number;
  centroid_mm: Vec3;
  normal: Vec3 | null;
  radius_mm: number | null;
  axis: { point_mm: Vec3; direction: Vec3 } | null;
  /** nine numbers a triangle, mm */
  triangles: number[];
}

export interface TopologyEdge {
  index: number;
  faces: number[];
  kind: string;
  length_mm: number;
  radius_mm: number | null;
  center_mm: Vec3 | null;
  closed: boolean;
  points_mm: Vec3[];
}

export interface TopologyBody {
  index: number;
  name: string;
  volume_mm3: number;
  area_mm2: number;
  center_of_mass_mm: Vec3;
  valid: boolean;
}

export interface Topology {
  faces: TopologyFace[];
  edges: TopologyEdge[];
  bodies: TopologyBody[];
  volume_mm3: number;
}

export interface SourcePlace {
  line: number;
  column: number;
  command: string;
}

export interface Sources {
  faces: { face_index: number; places: SourcePlace[] }[];
  commands: number;
  complete: boolean;
}

export type MeasurePick = { face: number } | { edge: number } | { body: number } | { point_mm: Vec3 };

export interface Distance {
  distance_mm: number;
  from_mm: Vec3;
  to_mm: Vec3;
  components_mm: Vec3;
  angle_deg: number | null;
  parallel: boolean | null;
  axis_distance_mm: number | null;
  exact: boolean;
}

interface Pair<T> {
  old: T | null;
  new: T | null;
}

/** Two revisions side by side. */
export interface Comparison {
  old: Revision;
  new: Revision;
  parameters: Record<string, Pair<number> & { unit: string }>;
  kcl: string;
  mass_g: Pair<number>;
  cost_usd?: Pair<{ low: number; high: number }>;
  verdict: Pair<CheckStatus>;
  material: Pair<string>;
  model_id?: Pair<string>;
  margins: Record<string, Pair<number> & { title?: string; old_status?: CheckStatus | null; new_status?: CheckStatus | null }>;
}

/** A study of the part with loads and supports of one's own; `study` is that of ./brick check. */
export interface StudyRow {
  id: string;
  project_id: string;
  revision: string;
  revision_number: number;
  study: { title?: string; [key: string]: unknown };
  status: "running" | "done" | "failed" | "stopped";
  lines: string[];
  verdict: { status: CheckStatus; summary: string; checks: Check[] } | null;
  files: Record<string, string>;
  error?: ServerError | null;
  created_at: number;
  elapsed_s: number | null;
  result?: { warnings?: string[]; [key: string]: unknown };
}

export interface MaterialQuery {
  text?: string;
  /** such as "yield>250 MPa" */
  where?: string[];
  show?: string[];
}

export type MaterialRow = { id: string; name: string; family: string; form: string } & Record<string, string | number | null>;

export interface MaterialList {
  materials: MaterialRow[];
  properties: Record<string, { unit: string; meaning: string }>;
  indices: PerformanceIndex[];
}

/** One of Ashby's performance indices: the material with the most of it serves a purpose best. */
export interface PerformanceIndex {
  id: string;
  title: string;
  /** the properties it is made of */
  needs: string[];
  unit: string;
  /** of the lines of equal index on logarithmic axes, first property up, second across; null of three properties */
  slope: number | null;
}

export interface Ranking {
  index: string;
  ranking: { id: string; name: string; index: number }[];
}

export interface MaterialEntry {
  property: string;
  meaning: string;
  unit: string;
  value: number | null;
  points: [number, number][];
  low: number | null;
  high: number | null;
  basis: string;
  direction: string;
  range_c: [number, number];
  uncertainty_rel: number | null;
  note: string;
  source: string;
  source_seen: boolean;
}

export interface MaterialRecord {
  id: string;
  name: string;
  family: string;
  category: string;
  form: string;
  designations: string[];
  processes: string[];
  note: string;
  entries: MaterialEntry[];
  unknown: string[];
}

/** Who reads words: the server's language model, unless the person wants the rules alone or there is none. */
async function reader(): Promise<string> {
  if (useSettings.getState().provider === "offline") return "offline";
  return (await api.health().catch(() => null))?.llm_provider ?? "offline";
}

const id = encodeURIComponent;

export const api = {
  health: (signal?: AbortSignal) => getJson<Health>("/api/health", signal),
  /** Gives the access token; the server answers with a cookie. */
  enter: (token: string) => postJson<unknown>("/api/session", { token }),
  performance: (signal?: AbortSignal) => getJson<{ agents: Record<string, AgentStats> }>("/api/monitoring/performance", signal),
  /** Answers at once; the run is followed by its events. */
  run: (request: RunRequest) => postJson<Record<string, unknown>>("/api/orchestrator/run", { ...request, wait: false }),
  cancel: (projectId: string) => postJson<Record<string, unknown>>("/api/orchestrator/cancel", { project_id: projectId }),
  state: (projectId: string, signal?: AbortSignal) => getJson<ProjectView>(`/api/state/${id(projectId)}`, signal),
  projects: (signal?: AbortSignal) => getJson<{ projects: ProjectRow[] }>("/api/projects?limit=60", signal),
  revisions: (projectId: string, signal?: AbortSignal) =>
    getJson<{ head: string | null; revisions: Revision[] }>(`/api/projects/${id(projectId)}/revisions`, signal),
  /** Makes an earlier revision the present one; nothing is lost. */
  rewind: (projectId: string, revision: string) => postJson<Record<string, unknown>>(`/api/projects/${id(projectId)}/rewind`, { revision }),
  /** A new project that begins with a revision of this one. */
  fork: (projectId: string, revision: string, newProjectId: string) =>
    postJson<Record<string, unknown>>(`/api/projects/${id(projectId)}/fork`, { revision, new_project_id: newProjectId }),
  undo: (projectId: string) => postJson<{ revision: Revision }>(`/api/projects/${id(projectId)}/undo`, {}),
  redo: (projectId: string) => postJson<{ revision: Revision }>(`/api/projects/${id(projectId)}/redo`, {}),
  compare: (projectId: string, old: string, other: string, signal?: AbortSignal) =>
    getJson<Comparison>(`/api/projects/${id(projectId)}/compare?old=${id(old)}&new=${id(other)}`, signal),
  nameRevision: (projectId: string, revision: string, name: string) => postJson<unknown>(`/api/projects/${id(projectId)}/name`, { name, revision }),
  unname: (projectId: string, name: string) => postJson<unknown>(`/api/projects/${id(projectId)}/unname`, { name }),
  nameProject: (projectId: string, name: string) => postJson<unknown>(`/api/projects/${id(projectId)}/name`, { name, project: true }),
  adjustable: (projectId: string, signal?: AbortSignal) => getJson<Adjustable>(`/api/projects/${id(projectId)}/parameters`, signal),
  /** The part with other answers; no language model, no run, no revision. */
  preview: async (projectId: string, answers: Record<string, string>, signal?: AbortSignal): Promise<Preview> =>
    orThrow(await postJson<Preview & { error?: ServerError }>(`/api/projects/${id(projectId)}/preview`, { answers }, signal)),
  /** Changes sizes without words; a run makes the revision and is followed by its events. */
  recompute: (projectId: string, parameters: Record<string, string>, depth: Depth) =>
    postJson<unknown>("/api/design/recompute", { project_id: projectId, parameters, depth, wait: false }),
  /** Builds an edited program; one that doesn't compile is refused with its line. */
  editProgram: (projectId: string, kclCode: string, depth: Depth) =>
    postJson<unknown>("/api/design/kcl", { project_id: projectId, kcl_code: kclCode, depth, wait: false }),
  look: async (what: { kcl_code: string } | { artifact_id: string }, signal?: AbortSignal): Promise<Look> =>
    orThrow(await postJson<Look & { error?: ServerError }>("/api/geometry/look", what, signal)),
  topology: (lookId: string, signal?: AbortSignal) => getJson<Topology>(`/api/geometry/looks/${id(lookId)}/topology`, signal),
  sources: (lookId: string, signal?: AbortSignal) => getJson<Sources>(`/api/geometry/looks/${id(lookId)}/sources`, signal),
  measure: (lookId: string, a: MeasurePick, b: MeasurePick, signal?: AbortSignal) =>
    postJson<Distance>(`/api/geometry/looks/${id(lookId)}/measure`, { a, b }, signal),
  /** A project from a file: a KCL program, or a part that another program drew. */
  takeIn: async (file: File): Promise<{ project_id: string }> => {
    const response = await send(`/api/projects/import?name=${id(file.name)}`, { method: "POST", body: file });
    return (await response.json()) as { project_id: string };
  },
  materials: ({ text, where = [], show = [] }: MaterialQuery, signal?: AbortSignal) => {
    const query = new URLSearchParams();
    if (text) query.set("text", text);
    for (const filter of where) query.append("where", filter);
    for (const property of show) query.append("show", property);
    return getJson<MaterialList>(`/api/materials?${query.toString()}`, signal);
  },
  ranking: (index: string, per: string, signal?: AbortSignal) =>
    getJson<Ranking>(`/api/materials/ranking/${id(index)}?limit=500${per ? `&per=${id(per)}` : ""}`, signal),
  material: (materialId: string, signal?: AbortSignal) => getJson<MaterialRecord>(`/api/materials/${id(materialId)}`, signal),
  studies: (projectId: string, signal?: AbortSignal) => getJson<{ studies: StudyRow[] }>(`/api/projects/${id(projectId)}/studies`, signal),
  study: (projectId: string, studyId: string, signal?: AbortSignal) => getJson<StudyRow>(`/api/projects/${id(projectId)}/studies/${id(studyId)}`, signal),
  startStudy: async (projectId: string, study: object): Promise<StudyRow> =>
    orThrow(await postJson<StudyRow>(`/api/projects/${id(projectId)}/studies`, { study })),
  stopStudy: (projectId: string, studyId: string) => postJson<StudyRow>(`/api/projects/${id(projectId)}/studies/${id(studyId)}/cancel`, {}),
  revisionState: (artifactId: string, signal?: AbortSignal) => getJson<AgentState>(artifactUrl(artifactId), signal),
  /** One message; of a conversation about a project's design, which starts from its brief and answers, with `about`. */
  chat: async (message: string, sessionId: string, userIntent: string, about: { project_id: string; face?: string } | null = null) =>
    postJson<ChatReply>("/api/chat/requirements", {
      ...about,
      ai_model: await reader(),
      message,
      session_id: sessionId,
      user_intent: userIntent,
      conversation_history: [],
      mode: "requirements_gathering",
    }),
  /** A change in words of a part that no family describes: the language model reads it with the brief. */
  say: (projectId: string, message: string, face: string | null) =>
    postJson<Record<string, unknown>>("/api/design/say", { project_id: projectId, message, ...(face ? { face } : {}), depth: "full", wait: false }),
  model: async (modelId: string, signal?: AbortSignal): Promise<ArrayBuffer> => {
    const response = await send(modelUrl(modelId), { signal: signal ?? null });
    return response.arrayBuffer();
  },
};

/** The address of a file that a run made. */
export function artifactUrl(artifactId: string): string {
  return `/api/artifacts/${encodeURIComponent(artifactId)}`;
}

export function modelUrl(modelId: string): string {
  return `/api/geometry/model/${encodeURIComponent(modelId)}`;
}

/** A fresh id in the form that the server gives. */
export function newId(prefix: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(6));
  return `${prefix}-${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
