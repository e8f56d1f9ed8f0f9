import type { RunEvent } from "@/lib/types";

/** The stages of a run in the order of the graph (backend/orchestration), with the words a person reads. */
export const STAGES = [
  { id: "gather", label: "Read the brief" },
  { id: "plan", label: "Size the part" },
  { id: "geometry", label: "Build the model" },
  { id: "validate_geometry", label: "Check the mesh" },
  { id: "physics", label: "Prove strength and heat" },
  { id: "verify", label: "Hold against requirements" },
  { id: "repair", label: "Go round again" },
  { id: "manufacture", label: "Bill of materials" },
  { id: "document", label: "Write the dossier" },
  { id: "quality_review", label: "Review the package" },
] as const;

export type StageState = "waiting" | "running" | "done" | "failed";

export interface StageRecord {
  id: string;
  label: string;
  state: StageState;
  text: string;
  startedAt: number | null;
  elapsedS: number | null;
  rounds: number;
}

export type RunPhase = "idle" | "running" | "question" | "approval" | "done" | "failed";

export interface RunView {
  phase: RunPhase;
  stages: StageRecord[];
  activity: RunEvent[];
  startedAt: number | null;
  endedAt: number | null;
  error: RunEvent | null;
  /** highest event number that may have changed the stored state */
  changeSeq: number;
}

const SHOWN = new Set(["thought", "question", "approval", "verdict", "error", "stage_finished"]);

/** What the latest run of a project looks like, told by its events alone: a reload shows the same as watching did. */
export function viewOf(events: readonly RunEvent[]): RunView {
  let first = 0;
  events.forEach((event, index) => {
    if (event.kind === "stage_started" && event.stage === "gather") first = index;
  });
  const stages = new Map<string, StageRecord>();
  for (const { id, label } of STAGES) {
    stages.set(id, { id, label, state: "waiting", text: "", startedAt: null, elapsedS: null, rounds: 0 });
  }
  const view: RunView = { phase: "idle", stages: [], activity: [], startedAt: null, endedAt: null, error: null, changeSeq: 0 };
  for (const event of events.slice(first)) {
    const at = Date.parse(event.ts);
    const stage = stages.get(event.stage);
    if (SHOWN.has(event.kind)) view.activity.push(event);
    switch (event.kind) {
      case "stage_started":
        view.startedAt ??= at;
        view.phase = "running";
        view.endedAt = null;
        if (stage) Object.assign(stage, { state: "running", text: event.text, startedAt: at, elapsedS: null, rounds: stage.rounds + 1 });
        break;
      case "stage_finished":
        if (stage) {
          const told = event.data["elapsed_s"];
          const elapsedS = typeof told === "number" ? told : stage.startedAt === null ? null : (at - stage.startedAt) / 1000;
          Object.assign(stage, { state: stage.state === "failed" ? "failed" : "done", text: event.text, elapsedS });
        }
        view.changeSeq = event.seq;
        break;
      case "question":
        view.phase = "question";
        view.changeSeq = event.seq;
        break;
      case "approval":
        view.phase = "approval";
        view.changeSeq = event.seq;
        break;
      case "error":
        if (stage) stage.state = "failed";
        view.phase = "failed";
        view.error = event;
        view.endedAt = at;
        view.changeSeq = event.seq;
        break;
      case "status":
      case "verdict":
        view.changeSeq = event.seq;
        break;
      case "done":
        if (view.phase === "running" || view.phase === "idle") view.phase = "done";
        view.endedAt = at;
        view.changeSeq = event.seq;
        break;
    }
  }
  // A loop that was not needed is not a stage that is still to come.
  view.stages = [...stages.values()].filter((stage) => stage.id !== "repair" || stage.rounds > 0);
  return view;
}
