import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";
import { useRun } from "@/features/project/runStore";
import { viewOf } from "@/features/project/stages";
import { api } from "@/lib/api";
import type { RunEvent } from "@/lib/types";
import { bracketView } from "@/test/fixtures";
import { renderPanel, serve } from "@/test/render";
import { CompilePanel } from "./CompilePanel";

const events: RunEvent[] = (
  [
    ["stage_started", "gather", "", "Reading the brief", {}],
    ["thought", "gather", "ConversationalAgent", "Understood: L-bracket", {}],
    ["stage_finished", "gather", "", "Read the brief", { elapsed_s: 0.2 }],
    ["stage_started", "plan", "", "Sizing the part", {}],
  ] as const
).map(([kind, stage, agent, text, data], index) => ({ seq: index + 1, ts: new Date(index * 1000).toISOString(), project_id: "p", kind, stage, agent, text, data }));

const revisions = (head: number) => ({ head: `r${head}`, revisions: [1, 2].map((number) => ({ id: `r${number}`, number })) }) as never;

beforeEach(() => {
  useRun.setState({ view: viewOf(events) });
  vi.spyOn(api, "revisions").mockResolvedValue(revisions(2));
});

it("says of which revision the stages are, once one has gone back to another", async () => {
  vi.mocked(api.revisions).mockResolvedValue(revisions(1));
  renderPanel(<CompilePanel />, { current: bracketView({}) });
  expect(await screen.findByText("of the last run, which made revision 2")).toBeTruthy();
});

it("shows stages, times and what agents say while a run goes, and stops it", async () => {
  const { value } = renderPanel(<CompilePanel />, { running: true, current: bracketView({ status: "running" }) });
  const gather = screen.getByText("Read the brief", { selector: "[class*=stageName]" }).closest("li");
  expect(gather?.dataset["state"]).toBe("done");
  expect(gather?.textContent).toContain("0.2");
  expect(document.querySelector('[data-stage="plan"]')?.getAttribute("data-state")).toBe("running");
  expect(within(screen.getByRole("list", { name: "Agent activity" })).getByText("Understood: L-bracket")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Stop" }));
  expect(value.cancel).toHaveBeenCalledOnce();
});

it("shows the verdict, and runs again", async () => {
  const { value } = renderPanel(<CompilePanel />);
  expect(screen.getByText("Pass")).toBeTruthy();
  expect(screen.getByText(/All 24 checks passed/)).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Run again" }));
  expect(value.run).toHaveBeenCalledWith();
});

it("says before a release what is not verified, and releases only by that name", async () => {
  const question = "Not verified: 1 requirement (Stress). Release anyway?";
  const project = bracketView({ status: "waiting" });
  const manufacturing = { ...project.manufacturing, release: { status: "waiting", digest: "0123456789abcdef", verdict: "not verified", question } };
  const { value } = renderPanel(<CompilePanel />, { current: { ...project, manufacturing } });
  expect(screen.getByText(question)).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Release" })).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Release anyway" }));
  expect(value.run).toHaveBeenCalledWith({ approval: "approved" });
});

it("takes a change up where the design stands, runs only what was understood, and with the conversation's answers", async () => {
  const project = bracketView();
  const answer = { session_id: "s", question: null, questions: [], answers: { thickness: "9 mm" }, intent: {}, brief: "b", ready: true };
  let changed = false;
  const calls = serve({
    "/api/chat/requirements": () => ({ ...answer, changed, reply: changed ? "Thickness is 9 mm." : "I did not understand: “blue”." }),
    "/api/health": { llm_provider: "offline" },
    "/api/llm": { providers: [], chosen: "offline" },
  });
  const { value } = renderPanel(<CompilePanel />);
  await userEvent.click(screen.getByRole("button", { name: "Ask for a change" }));
  const box = screen.getByLabelText("What should differ?");
  await userEvent.type(box, "make it blue{Enter}");
  expect(await screen.findByText("I did not understand: “blue”.")).toBeTruthy();
  expect(value.run).not.toHaveBeenCalled();
  changed = true;
  await userEvent.type(screen.getByLabelText("What should differ?"), "9 mm thick{Enter}");
  await vi.waitFor(() => expect(value.run).toHaveBeenCalledOnce());
  const sent = calls.filter(({ path }) => path === "/api/chat/requirements").map(({ body }) => body as Record<string, string>);
  expect(sent).toHaveLength(2);
  expect(sent[0]).toMatchObject({ project_id: project.project_id, message: "make it blue" });
  expect(value.run).toHaveBeenCalledWith({ session_id: sent[0]?.["session_id"] });
  vi.unstubAllGlobals();
});

it("says beside the brief what was answered and corrected since, and who speaks in words", async () => {
  vi.mocked(api.revisions).mockResolvedValue({ head: "r2", revisions: [{ id: "r2", number: 2, figures: { answers: { load: "40 kg", wall_leg: "8 cm" } } }] } as never);
  const said = { kind: "thought", stage: "review", agent: "QualityReviewAgent", text: "7 of 7 agree", data: {} } as const;
  useRun.setState({ view: viewOf([...events, { ...said, seq: 9, ts: new Date(9000).toISOString(), project_id: "p" }]) });
  renderPanel(<CompilePanel />);
  expect(await screen.findByText("Since then: Load 40 kg, Wall leg 8 cm")).toBeTruthy();
  expect(within(screen.getByRole("list", { name: "Agent activity" })).getByText("Quality review")).toBeTruthy();
});

it("says that a run failed, and why", () => {
  renderPanel(<CompilePanel />, { current: bracketView({ status: "failed", error: { code: "x", message: "nothing holds", next_action: "Use steel." } }) });
  expect(screen.getByText("Failed")).toBeTruthy();
  expect(screen.getByRole("alert").textContent).toBe("nothing holdsUse steel.");
});

it("shows with the plan what the sizing assumed", () => {
  renderPanel(<CompilePanel />, { current: bracketView({ status: "waiting" }) });
  const plan = screen.getByRole("region", { name: "Approval of the plan" });
  expect(within(plan).getByText("the load is static and acts straight down")).toBeTruthy();
});

it("runs with a changed brief", async () => {
  const { value } = renderPanel(<CompilePanel />);
  await userEvent.click(screen.getByRole("button", { name: "Change the brief" }));
  const box = screen.getByLabelText("Brief");
  await userEvent.clear(box);
  await userEvent.type(box, "A steel plate");
  await userEvent.click(screen.getByRole("button", { name: "Run with this brief" }));
  expect(value.run).toHaveBeenCalledWith({ user_intent: "A steel plate" });
});

it("asks what is open, with reason and default, and goes on with the answers", async () => {
  const current = bracketView({ status: "questions" });
  current.validation.verification_report = {};
  current.design.questions = [
    { id: "load_force", text: "How much must it carry?", reason: "Strength depends on it.", options: [], example: "300 lb", default: null },
    { id: "material", text: "Which material?", reason: "Strength and mass depend on it.", options: ["steel_a36", "aluminium_6061_t6"], example: "", default: "steel_a36" },
  ];
  const { value } = renderPanel(<CompilePanel />, { current });
  expect(screen.getByText("2 things are open")).toBeTruthy();
  expect(screen.getByLabelText("How much must it carry?").getAttribute("placeholder")).toBe("for example: 300 lb");
  expect((screen.getByLabelText("Which material?") as HTMLSelectElement).value).toBe("steel_a36");
  await userEvent.type(screen.getByLabelText("How much must it carry?"), "250 lb");
  await userEvent.click(screen.getByRole("button", { name: "Answer and go on" }));
  expect(value.run).toHaveBeenCalledWith({ answers: { load_force: "250 lb", material: "steel_a36" } });
});

it("says what failed and what to do next", () => {
  const current = bracketView({ status: "failed", error: { code: "no_feasible_design", message: "no thickness up to 200 mm holds", next_action: "Allow more mass." } });
  current.validation.verification_report = {};
  renderPanel(<CompilePanel />, { current });
  expect(screen.getByRole("alert").textContent).toBe("no thickness up to 200 mm holdsAllow more mass.");
});

it("a plan waits for approval and can be refused", async () => {
  const current = bracketView({ status: "waiting" });
  const { value } = renderPanel(<CompilePanel />, { current });
  const dialog = screen.getByRole("region", { name: "Approval of the plan" });
  expect(dialog.textContent).toContain("Thickness 10.32\u00a0mm");
  await userEvent.click(within(dialog).getByRole("button", { name: "Approve and build" }));
  expect(value.run).toHaveBeenLastCalledWith({ approval: "approved" });
  await userEvent.click(within(dialog).getByRole("button", { name: "Reject" }));
  expect(value.run).toHaveBeenLastCalledWith({ mode: "plan", approval: "rejected" });
});

it("nothing can be started while the server can't be heard", () => {
  renderPanel(<CompilePanel />, { inert: true });
  expect((screen.getByRole("button", { name: "Run again" }) as HTMLButtonElement).disabled).toBe(true);
  expect((screen.getByRole("button", { name: "Change the brief" }) as HTMLButtonElement).disabled).toBe(true);
});
