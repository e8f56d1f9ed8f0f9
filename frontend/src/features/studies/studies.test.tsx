import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { useSelection } from "@/features/inspect/selection";
import { usePreview } from "@/features/preview/store";
import type { StudyRow } from "@/lib/api";
import { bracketView } from "@/test/fixtures";
import { renderPanel, serve } from "@/test/render";
import { emptyStudy, missing, selectorsOf, studyOf, useStudyDraft } from "./draft";
import { modeNames, StudyPanel } from "./StudyPanel";

const view = bracketView();
const URL_ = `/api/projects/${view.project_id}/studies`;
const check = { id: "safety_factor", title: "Safety factor against yield", status: "pass" as const, value: 2.4, limit: 1.5, sense: ">=" as const, margin: 0.6, uncertainty: 0.1, unit: "", method: "", evidence: [], requirement_id: null, reason: "" };
const row = (id: string, more: Partial<StudyRow> = {}): StudyRow => ({ id, project_id: view.project_id, revision: "r1", revision_number: 1, study: { title: `Study ${id}` }, status: "done", lines: [], verdict: { status: "pass", summary: "All checks passed.", checks: [check] }, files: { report: "art-report", field_glb: "art-glb" }, created_at: 0, elapsed_s: 3, ...more });

beforeEach(() => {
  useSelection.getState().clear();
  usePreview.getState().clear();
  useStudyDraft.setState({ drafts: {} });
});
afterEach(() => vi.unstubAllGlobals());

describe("a study", () => {
  it("names faces as the program does, and by number where it doesn't", () => {
    const named = view.geometry.compiled.named_faces ?? [];
    const shelf = named.find((face) => face.name === "shelf")?.face_index ?? -1;
    expect(selectorsOf([{ kind: "face", index: shelf }, { kind: "face", index: 0 }, { kind: "edge", index: 3 }], named)).toEqual(["shelf", { index: 0 }]);
    // two holes carry one name: each is meant alone
    const hole = named.find((face) => face.name === "wall_bolts")?.face_index ?? -1;
    expect(selectorsOf([{ kind: "face", index: hole }], named)).toEqual([{ index: hole }]);
  });
  it("says what is still needed, and becomes what ./brick check reads", () => {
    expect(missing(emptyStudy())).toEqual(["what holds the part", "a load"]);
    const draft = { ...emptyStudy(), supports: [{ id: 1, type: "fixed" as const, faces: ["wall"], stiffness: "" }], loads: [{ id: 2, type: "force" as const, faces: ["shelf", { index: 3 }], value: "2 kN", direction: "-Z" }, { id: 3, type: "gravity" as const, faces: [], value: "", direction: "-Z" }], displacement: "0.5 mm" };
    expect(missing(draft)).toEqual([]);
    expect(studyOf(draft, "aluminium_6061_t6")).toEqual({
      title: "Study",
      material: { name: "aluminium_6061_t6", temperature: "20 degC" },
      analysis: { type: "static" },
      supports: [{ type: "fixed", faces: "wall" }],
      loads: [{ type: "force", faces: ["shelf", { index: 3 }], force: "2 kN", direction: "-Z" }, { type: "gravity", direction: "-Z" }],
      results: [{ type: "safety_factor", at_least: 1.5 }, { type: "von_mises" }, { type: "displacement", at_most: "0.5 mm" }],
    });
    expect(studyOf({ ...draft, analysis: "modal" }, "x")).not.toHaveProperty("loads");
  });
});

describe("StudyPanel", () => {
  it("puts picked faces under supports and loads, and runs them", async () => {
    const calls = serve({ [URL_]: (init?: RequestInit) => (init?.method === "POST" ? row("s-1", { status: "running" }) : { studies: [] }) });
    renderPanel(<StudyPanel />);
    const solve = screen.getByRole("button", { name: "Solve" }) as HTMLButtonElement;
    expect(solve.disabled).toBe(true);
    useSelection.getState().set([{ kind: "face", index: 0 }]);
    await userEvent.click(screen.getByRole("button", { name: "Support" }));
    useSelection.getState().set([{ kind: "face", index: 3 }]);
    await userEvent.click(screen.getByRole("button", { name: "Load" }));
    const size = screen.getByRole("textbox", { name: "Size of the load, with unit" });
    await userEvent.clear(size);
    await userEvent.type(size, "500 lbf");
    await userEvent.click(solve);
    await waitFor(() => expect(calls.some((call) => (call.body as { study?: object } | undefined)?.study)).toBe(true));
    const sent = (calls.find((call) => (call.body as { study?: object } | undefined)?.study)?.body as { study: Record<string, unknown> }).study;
    expect(sent["loads"]).toEqual([{ type: "force", faces: expect.anything(), force: "500 lbf", direction: "-Z" }]);
  });
  it("shows a mistake in the server's words", async () => {
    serve({ [URL_]: (init?: RequestInit) => (init?.method === "POST" ? { id: null, error: { code: "study_file", message: "loads[0].force is 500; a unit is missing", next_action: "Write 500 lbf." } } : { studies: [] }) });
    useStudyDraft.getState().change(view.project_id, { supports: [{ id: 1, type: "fixed", faces: ["wall"], stiffness: "" }], loads: [{ id: 2, type: "force", faces: ["shelf"], value: "500", direction: "-Z" }] });
    renderPanel(<StudyPanel />);
    await userEvent.click(screen.getByRole("button", { name: "Solve" }));
    expect((await screen.findByRole("alert")).textContent).toContain("a unit is missing Write 500 lbf.");
  });
  it("opens the mode shapes of a study with their frequencies, and lists the volume's fields among its files", async () => {
    const modal = row("m", { study: { title: "Swinging", analysis: { type: "modal" } }, files: { field_glb: "art-modes", volume_vtu: "art-volume" } });
    const result = { result: { frequencies_hz: [{ value: 118.4 }, { value: 402.7 }] } };
    serve({ [URL_]: { studies: [modal] }, [`${URL_}/m`]: { ...modal, result } });
    renderPanel(<StudyPanel />);
    expect((await screen.findByRole("link", { name: "volume.vtu" })).getAttribute("href")).toContain("art-volume");
    await userEvent.click(screen.getByRole("button", { name: "Mode shapes in the model" }));
    await waitFor(() => expect(usePreview.getState().draft).toMatchObject({ modelId: "art-modes", modes: ["Mode 1 · 118.4\u00a0Hz", "Mode 2 · 402.7\u00a0Hz"] }));
    expect(modeNames({ result: { load_factors: [{ value: 3.456 }] } }, "mm")).toEqual(["Mode 1 · load × 3.46"]);
  });
  it("shows each study with its checks, its field and its files, and two side by side", async () => {
    serve({ [URL_]: { studies: [row("b"), row("a", { verdict: { status: "fail", summary: "One check failed.", checks: [{ ...check, status: "fail", value: 1.1 }] } }), row("c", { status: "running", verdict: null, files: {}, lines: ["read: Study c"] })] } });
    renderPanel(<StudyPanel />);
    expect(await screen.findByText("read: Study c")).toBeTruthy();
    await userEvent.click(screen.getAllByRole("button", { name: "Field in the model" })[0] as HTMLElement);
    expect(usePreview.getState().draft).toMatchObject({ from: "study", modelId: "art-glb" });
    for (const box of screen.getAllByRole("checkbox", { name: "Compare" })) await userEvent.click(box);
    const table = screen.getByRole("table", { name: "Comparison of two studies" });
    const cells = [...(within(table).getByRole("rowheader", { name: "Safety factor against yield" }).closest("tr")?.querySelectorAll("td") ?? [])].map((cell) => cell.textContent);
    expect(cells).toEqual(["Fail 1.1 ± 0.1", "Pass 2.4 ± 0.1"]);
  });
});
