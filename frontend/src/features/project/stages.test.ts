import { expect, it } from "vitest";
import type { RunEvent } from "@/lib/types";
import { useRun } from "./runStore";
import { viewOf } from "./stages";

let seq = 0;
function event(kind: RunEvent["kind"], stage = "", second = 0, more: Partial<RunEvent> = {}): RunEvent {
  seq += 1;
  return { seq, ts: new Date(second * 1000).toISOString(), project_id: "p", kind, stage, agent: "", text: kind, data: {}, ...more };
}

it("tells stages with the time each took", () => {
  const view = viewOf([
    event("stage_started", "gather", 0),
    event("stage_finished", "gather", 1, { data: { elapsed_s: 0.9 }, text: "read" }),
    event("stage_started", "plan", 1),
  ]);
  expect(view.phase).toBe("running");
  expect(view.stages.find((stage) => stage.id === "gather")).toMatchObject({ state: "done", elapsedS: 0.9, text: "read" });
  expect(view.stages.find((stage) => stage.id === "plan")).toMatchObject({ state: "running", startedAt: 1000 });
  expect(view.stages.find((stage) => stage.id === "physics")).toMatchObject({ state: "waiting" });
  expect(view.stages.some((stage) => stage.id === "repair")).toBe(false);
});

it("shows the latest run only", () => {
  const view = viewOf([event("stage_started", "gather", 0), event("error", "plan", 1), event("done", "", 1), event("stage_started", "gather", 5), event("done", "", 9)]);
  expect(view).toMatchObject({ phase: "done", startedAt: 5000, endedAt: 9000, error: null });
});

it("counts the rounds of a repair loop", () => {
  const view = viewOf([event("stage_started", "gather"), event("stage_started", "plan"), event("stage_started", "repair"), event("stage_started", "plan")]);
  expect(view.stages.find((stage) => stage.id === "plan")?.rounds).toBe(2);
  expect(view.stages.some((stage) => stage.id === "repair")).toBe(true);
});

it("a failed stage stays failed although it ends", () => {
  const view = viewOf([event("stage_started", "gather"), event("error", "gather", 2, { text: "the brief is empty" }), event("stage_finished", "gather", 2), event("done", "", 2)]);
  expect(view.phase).toBe("failed");
  expect(view.error?.text).toBe("the brief is empty");
  expect(view.stages[0]).toMatchObject({ state: "failed" });
});

it("takes each event once and of its own project only", () => {
  const run = useRun.getState();
  run.open("p");
  const first = event("stage_started", "gather");
  run.receive(first);
  run.receive(first);
  run.receive({ ...event("thought"), project_id: "another" });
  expect(useRun.getState().events).toEqual([first]);
  expect(useRun.getState().lastSeq).toBe(first.seq);
  run.open("q");
  expect(useRun.getState()).toMatchObject({ events: [], lastSeq: 0 });
});
