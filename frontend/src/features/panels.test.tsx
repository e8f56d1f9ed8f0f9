import { act, renderHook, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { bracketView } from "@/test/fixtures";
import { renderPanel, serve, workspaceValue } from "@/test/render";
import { WorkspaceContext, type WorkspaceValue } from "@/features/workspace/WorkspaceContext";
import { AnalysisPanel } from "./analysis/AnalysisPanel";
import { BomTable, costRange } from "./bom/BomTable";
import { changedLines } from "./code/diff";
import { KclEditor } from "./code/KclEditor";
import { useDrafts } from "./code/draftStore";
import { problemOf, useDraftProgram } from "./code/useDraftProgram";
import { DraftBanner } from "./preview/DraftBanner";
import { usePreview } from "./preview/store";
import { tokenize, tokenLines } from "./code/kcl";
import { changes, HistoryPanel } from "./history/HistoryPanel";
import { ParameterPanel } from "./parameters/ParameterPanel";
import { PerformanceDashboard } from "./performance/PerformanceDashboard";
import { ReportPanel } from "./report/ReportPanel";
import { useModelInfo } from "./viewer/modelInfo";
import { PartTree } from "./viewer/PartTree";
import { useViewer } from "./viewer/store";

afterEach(() => vi.unstubAllGlobals());

const empty = () => {
  const view = bracketView({ status: "new" });
  view.geometry = { ...view.geometry, kcl_code: "", model_id: "", artifacts: {}, compiled: {} };
  view.design = { ...view.design, design_scheme: {}, design_parameters: {}, intent: {} };
  view.physics = { ...view.physics, structural_analysis: {}, sub_agent_reports: {}, thermal_analysis: {} };
  view.manufacturing = { ...view.manufacturing, bom_analysis: {} };
  return { current: view, state: view, modelId: null, modelState: undefined };
};

describe("ParameterPanel", () => {
  it("shows each size with unit, words and origin, the sized ones first", () => {
    renderPanel(<ParameterPanel />);
    const rows = screen.getAllByRole("row");
    expect(rows[1]?.textContent).toMatch(/Thickness10.32\u00a0mm13\/32 insized|Fillet radius/);
    const width = screen.getByRole("rowheader", { name: "Width" }).closest("tr");
    expect(width?.textContent).toBe("Width152.4\u00a0mm6 inbrief");
  });
  it("shows the material's values with basis and source", () => {
    renderPanel(<ParameterPanel />);
    expect(screen.getByRole("rowheader", { name: "Yield strength" }).closest("tr")?.textContent).toContain("minimum");
  });
  it("is empty before the sizing", () => {
    renderPanel(<ParameterPanel />, empty());
    expect(screen.getByText("No sizes yet")).toBeTruthy();
  });
});

describe("AnalysisPanel", () => {
  it("shows every mesh, what was left out, and the solver's own checks", () => {
    renderPanel(<AnalysisPanel />);
    expect(screen.getAllByRole("row")).toHaveLength(4);
    expect(screen.getByText(/which are not assessed/)).toBeTruthy();
    expect(screen.getByText(/Loads against reactions/)).toBeTruthy();
    expect(screen.getAllByText(/no finite value in linear elasticity/).length).toBeGreaterThan(0);
  });
  it("is empty before the physics", () => {
    renderPanel(<AnalysisPanel />, empty());
    expect(screen.getByText("Nothing analysed yet")).toBeTruthy();
  });
});

describe("KclEditor", () => {
  it("loses no letter of the program", () => {
    const code = bracketView().geometry.kcl_code;
    expect(tokenize(code).map((token) => token.text).join("")).toBe(code);
    expect(tokenLines(code).map((line) => line.map((token) => token.text).join("")).join("\n")).toBe(code);
  });
  it("tells the kinds of words apart", () => {
    const kinds = (code: string) => tokenize(code).filter((token) => token.text.trim()).map((token) => `${token.kind}:${token.text}`);
    expect(kinds("width = 6mm // wide")).toEqual(expect.arrayContaining(["plain:width", "number:6mm", "comment:// wide"]));
    expect(kinds("extrude(profile, length = 2, tag = $top)")).toContain("label:length");
    expect(kinds("extrude(profile, length = 2, tag = $top)")).toContain("tag:$top");
    expect(kinds("x |> fillet()")).toEqual(expect.arrayContaining(["operator:|>", "function:fillet"]));
    expect(kinds('"a // b"')).toEqual(['string:"a // b"']);
    expect(tokenLines("/* a\nb */ c")).toHaveLength(2);
  });
  it("shows a compile error of the run with its line", () => {
    const current = bracketView({ status: "failed", error: { code: "kcl_failed", message: "unknown name 'widht'", details: { source: { line: 4, column: 3 } } } });
    renderPanel(<KclEditor />, { current, state: current });
    expect(screen.getByText("Line 4: unknown name 'widht'")).toBeTruthy();
    expect(problemOf({ message: "x", details: { line: 7, column: 2 } })).toEqual({ line: 7, column: 2, message: "x" });
    expect(problemOf({ message: "x", details: {} })).toBeNull();
  });
  it("finds the lines that differ", () => {
    expect(changedLines("a\nb\nc\n", "a\nB\nc\nd\n")).toEqual([2, 4]);
    expect(changedLines("a\nb\nc", "a\nc")).toEqual([]);
    expect(changedLines("same\n", "same\n")).toEqual([]);
  });
  it("copies the program", async () => {
    const user = userEvent.setup();
    renderPanel(<KclEditor />);
    await user.click(screen.getByRole("button", { name: "Copy" }));
    expect(await navigator.clipboard.readText()).toBe(bracketView().geometry.kcl_code);
  });
});

describe("BomTable", () => {
  it("lists parts with quantity, and gives no price where none is known", () => {
    renderPanel(<BomTable />);
    expect(screen.getAllByRole("row")).toHaveLength(5);
    expect(screen.getByText("9 parts on 4 lines")).toBeTruthy();
    expect(screen.queryByText("USD each")).toBeNull();
  });
  it("shows a range where prices are known", () => {
    const current = bracketView();
    const line = current.manufacturing.bom_analysis.lines?.[0];
    Object.assign(line ?? {}, { cost_low_usd_each: 9.688, cost_high_usd_each: 25.85 });
    renderPanel(<BomTable />, { current, state: current });
    expect(screen.getByText("9.69 – 25.85")).toBeTruthy();
    expect(screen.getAllByText("not priced")).toHaveLength(3);
    expect(costRange(5, 5)).toBe("5.00");
    expect(costRange(null, 5)).toBe("");
  });
});

describe("ReportPanel", () => {
  it("shows the dossier and offers every file under its own name", () => {
    renderPanel(<ReportPanel />);
    expect(screen.getByTitle("Design dossier").getAttribute("src")).toBe("/api/artifacts/report.html");
    const files = within(screen.getByRole("list", { name: "Files of this revision" })).getAllByRole("link");
    expect(files.map((file) => file.getAttribute("download")).sort()).toEqual(["bom.csv", "model.glb", "model.kcl", "model.step", "model.stl", "report.html"]);
  });
  it("says so before there is one", () => {
    renderPanel(<ReportPanel />, empty());
    expect(screen.getByText("No dossier yet")).toBeTruthy();
  });
});

describe("HistoryPanel", () => {
  const revision = (number: number, more: object) => ({ id: `r${number}`, parent: number > 1 ? `r${number - 1}` : null, number, label: "pass", state: `s${number}`, created_at: 0, figures: { verdict: "pass", mass_g: 670, parameters: { thickness: 10 } }, ...more });
  const routes = () => ({
    "/api/projects/p-8fbccb1ef17c/revisions": { head: "r2", revisions: [revision(1, {}), revision(2, { figures: { verdict: "fail", mass_g: 500, parameters: { thickness: 8 } } })] },
    "/api/projects/p-8fbccb1ef17c/rewind": {},
  });
  it("lists revisions with what changed, and shows an earlier one", async () => {
    serve(routes());
    const { value } = renderPanel(<HistoryPanel />);
    expect(await screen.findByText("Revision 2")).toBeTruthy();
    expect(screen.getByText(/Thickness/).textContent).toBe("Thickness 10\u00a0mm → 8\u00a0mm");
    await userEvent.click(screen.getByRole("button", { name: "Show" }));
    expect(value.showRevision).toHaveBeenCalledWith("r1");
  });
  it("goes back to an earlier one", async () => {
    const calls = serve(routes());
    renderPanel(<HistoryPanel />);
    await userEvent.click(await screen.findByRole("button", { name: "Go back to this" }));
    expect(calls.find((call) => call.path.endsWith("/rewind"))?.body).toEqual({ revision: "r1" });
  });
  it("finds what differs", () => {
    expect(changes({ a: 1, b: 2 }, { b: 2, c: 3 })).toEqual([
      { name: "a", from: 1, to: null },
      { name: "c", from: null, to: 3 },
    ]);
    expect(changes({ a: 0.1 + 0.2 }, { a: 0.3 })).toEqual([]);
  });
});

describe("PerformanceDashboard", () => {
  it("shows the agents that take most time first", async () => {
    const stats = (p50: number) => ({ count: 2, failures: 1, slow: 0, avg: p50, min: p50, max: p50 * 2, p50, p95: p50, p99: p50 });
    serve({ "/api/monitoring/performance": { agents: { MaterialAgent: stats(0.004), StructuralAgent: stats(4.2) } }, "/api/health": { status: "ok", version: "0.1.0", llm_provider: "offline" } });
    renderPanel(<PerformanceDashboard />);
    expect(screen.getByText("Reading…")).toBeTruthy(); // nothing is said of what is not known yet
    const rows = await screen.findAllByRole("row");
    expect(rows.map((row) => row.querySelector("th")?.textContent)).toEqual(["Agent", "Structural", "Material"]);
    expect(rows[2]?.textContent).toContain("4.0\u00a0ms");
    expect(await screen.findByText(/language model: offline/)).toBeTruthy();
  });
});

describe("PartTree", () => {
  it("hides, shows and isolates bodies, and lists named faces", async () => {
    useViewer.getState().reset();
    useModelInfo.setState({ bodies: ["base", "lid"] });
    renderPanel(<PartTree />);
    await userEvent.click(screen.getByRole("button", { name: "Hide lid" }));
    expect(useViewer.getState().hidden).toEqual(["lid"]);
    await userEvent.click(screen.getByRole("button", { name: "Show only lid, or all again" }));
    expect(useViewer.getState().hidden).toEqual(["base"]);
    await userEvent.click(screen.getByRole("button", { name: "Show only lid, or all again" }));
    expect(useViewer.getState().hidden).toEqual([]);
    expect(screen.getByText("8 named faces")).toBeTruthy();
    expect(screen.getByText("load: the shelf rests here")).toBeTruthy();
  });
});

describe("an edited program", () => {
  const kept = bracketView().geometry.kcl_code;
  const ID = bracketView().project_id;
  const mine = `${kept}// mine\n`;
  const looked = { "/api/geometry/look": { look_id: "look-1", model_id: "look-1", compiled: { volume_mm3: 1000 } } };
  const edit = (change: Partial<WorkspaceValue> = {}, program = kept) => {
    const around = { value: workspaceValue(change) };
    const hook = renderHook(({ code }) => useDraftProgram(code), {
      initialProps: { code: program },
      wrapper: ({ children }) => <WorkspaceContext.Provider value={around.value}>{children}</WorkspaceContext.Provider>,
    });
    return { ...hook, around };
  };
  beforeEach(() => {
    useDrafts.setState({ drafts: {} });
    usePreview.getState().clear();
  });
  it("is compiled at a pause, and then offered to be kept", async () => {
    serve(looked);
    const { result } = edit();
    act(() => result.current.edit(mine));
    await waitFor(() => expect(result.current.compiles).toBe(true));
    expect(result.current.busy).toBe(false);
    act(() => result.current.discard());
    expect(result.current.text).toBeNull();
  });
  it("is lost neither with its panel nor by a reload, and belongs to its project", async () => {
    serve(looked);
    const { result, unmount } = edit();
    act(() => result.current.edit(mine));
    unmount();
    expect(JSON.parse(sessionStorage.getItem("brick.drafts") ?? "{}").state.drafts[ID]).toEqual({ base: kept, text: mine }); // what a reload reads
    expect(edit().result.current).toMatchObject({ text: mine, moved: false });
    expect(edit({ projectId: "another" }).result.current.text).toBeNull();
  });
  it("stays when another tab makes a revision, and says that the kept one moved on", () => {
    serve(looked);
    const { result, rerender } = edit();
    act(() => result.current.edit(mine));
    rerender({ code: "another = 1" });
    expect(result.current).toMatchObject({ text: mine, moved: true });
    rerender({ code: mine }); // and ends where it is the kept one itself
    expect(result.current.text).toBeNull();
  });
  it("is not there over an earlier revision, and again behind it", () => {
    serve(looked);
    const { result, rerender, around } = edit();
    act(() => result.current.edit(mine));
    around.value = workspaceValue({ revisionId: "r1" });
    rerender({ code: "older = 1" });
    expect(result.current.text).toBeNull();
    around.value = workspaceValue();
    rerender({ code: kept });
    expect(result.current).toMatchObject({ text: mine, moved: false });
  });
  it("made while the server can't be heard is compiled when it is back", async () => {
    const calls = serve(looked);
    const { result, rerender, around } = edit({ inert: true });
    act(() => result.current.edit(mine));
    await new Promise((resolve) => setTimeout(resolve, 700)); // longer than the pause after which it compiles
    expect(calls).toHaveLength(0);
    around.value = workspaceValue();
    rerender({ code: kept });
    await waitFor(() => expect(result.current.compiles).toBe(true));
  });
});

describe("DraftBanner", () => {
  it("is silent over an earlier revision, which is not what was tried out", () => {
    usePreview.getState().show({ projectId: bracketView().project_id, from: "code", modelId: "look-1", kclCode: "", massG: null, checks: [] });
    renderPanel(<DraftBanner />, { revisionId: "r1" });
    expect(screen.queryByRole("status")).toBeNull();
    renderPanel(<DraftBanner />);
    expect(screen.getByRole("status").textContent).toContain("Tried out, not kept.");
    usePreview.getState().clear();
  });
});
