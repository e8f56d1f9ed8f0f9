/** The one door to the server. JSON in, JSON out; errors carry the server's own words. */
import type { AgentState, CheckStatus, Intent, Question } from "@/lib/types";

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
  try {
    response = await fetch(path, init);
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new ApiError("The server can't be reached.", {
      code: "unreachable",
      nextAction: "Check that ./brick serve is running; the page reconnects by itself.",
    });
  }
  if (!response.ok) throw await errorFrom(response);
  return response;
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
  approval?: "approved" | "rejected";
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
  };
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
}

const id = encodeURIComponent;

export const api = {
  health: (signal?: AbortSignal) => getJson<Health>("/api/health", signal),
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
  revisionState: (artifactId: string, signal?: AbortSignal) => getJson<AgentState>(artifactUrl(artifactId), signal),
  chat: (message: string, sessionId: string, userIntent: string) =>
    postJson<ChatReply>("/api/chat/requirements", {
      message,
      session_id: sessionId,
      user_intent: userIntent,
      conversation_history: [],
      mode: "requirements_gathering",
    }),
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
