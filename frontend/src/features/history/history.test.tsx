import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { useToasts } from "@/features/toasts/store";
import { useViewer } from "@/features/viewer/store";
import type { Revision } from "@/lib/api";
import { renderPanel, serve } from "@/test/render";
import { Diff } from "./Compare";
import { HistoryPanel } from "./HistoryPanel";
import { placed } from "./tree";

const PROJECT = "/api/projects/p-8fbccb1ef17c";
const revision = (number: number, parent: number | null, more: object = {}): Revision => ({ id: `r${number}`, parent: parent === null ? null : `r${parent}`, number, label: "pass", state: `s${number}`, created_at: 0, figures: { verdict: "pass", mass_g: 670, parameters: { thickness: 10 } }, names: [], ...more });
const tree = [revision(1, null), revision(2, 1, { figures: { verdict: "fail", mass_g: 500, parameters: { thickness: 8 } } }), revision(3, 1, { names: ["as ordered"] })];
const comparison = {
  old: tree[0],
  new: tree[1],
  parameters: { thickness: { old: 10, new: 8, unit: "mm" } },
  kcl: "--- old\n+++ new\n@@ -1,2 +1,2 @@\n-thickness = 10\n+thickness = 8\n width = 6",
  mass_g: { old: 670, new: 500 },
  cost_usd: { old: { low: 10, high: 20 }, new: null },
  verdict: { old: "pass", new: "fail" },
  material: { old: "aluminium_6061_t6", new: "aluminium_6061_t6" },
  model_id: { old: "m1", new: "m2" },
  margins: { bending: { title: "Bending", old: 0.1, new: -0.2, old_status: "pass", new_status: "fail" } },
};
const routes = (head = "r3") => ({
  [`${PROJECT}/revisions`]: { head, revisions: tree },
  [`${PROJECT}/compare`]: comparison,
  [`${PROJECT}/undo`]: { revision: tree[0] },
  [`${PROJECT}/name`]: {},
  [`${PROJECT}/unname`]: {},
});

beforeEach(() => useViewer.getState().reset());
afterEach(() => vi.unstubAllGlobals());

describe("the tree of revisions", () => {
  it("puts each branch beside the one it leaves", () => {
    expect(placed(tree).map(({ revision: { number }, lane, from }) => [number, lane, from?.number ?? null])).toEqual([
      [1, 0, null],
      [2, 0, null],
      [3, 1, 1],
    ]);
  });
});

describe("HistoryPanel", () => {
  it("compares two: figures, margins, words of the program, and both in the picture", async () => {
    const calls = serve(routes());
    const { value } = renderPanel(<HistoryPanel />);
    const boxes = await screen.findAllByRole("checkbox", { name: "Compare" });
    await userEvent.click(boxes[2] as HTMLElement);
    expect(screen.getByText("Choose a second one to compare")).toBeTruthy();
    await userEvent.click(boxes[1] as HTMLElement);
    const panel = await screen.findByRole("region", { name: "Comparison of revisions 1 and 2" });
    const cells = async (name: string) => [...((await within(panel).findByRole("rowheader", { name })).closest("tr")?.querySelectorAll("td") ?? [])].map((cell) => cell.textContent?.replaceAll("\u00a0", " ").replaceAll("\u202f", " "));
    expect(await cells("Thickness")).toEqual(["10 mm", "8 mm"]);
    expect(await cells("Mass")).toEqual(["670 g", "500 g (−25.4 %)"]);
    expect(await cells("Bending, margin")).toEqual(["+10.0 %", "−20.0 %"]);
    expect(await cells("Cost, USD")).toEqual(["10.00 – 20.00", "not priced"]);
    expect(calls.some((call) => call.path === `${PROJECT}/compare?old=r1&new=r2`)).toBe(true);
    await userEvent.click(within(panel).getByRole("button", { name: "Overlaid" }));
    expect(value.showRevision).toHaveBeenCalledWith("r2");
    expect(useViewer.getState().compared).toEqual({ modelId: "m1", label: "Revision 1", mode: "overlay" });
    await userEvent.click(within(panel).getByRole("button", { name: "Close the comparison" }));
    expect(useViewer.getState().compared).toBeNull();
    expect(screen.queryByRole("region", { name: /Comparison/ })).toBeNull();
  });
  it("undoes, and says where that leads; there is nothing to redo at the end of a branch", async () => {
    const calls = serve(routes());
    renderPanel(<HistoryPanel />);
    await userEvent.click(await screen.findByRole("button", { name: "Undo" }));
    await waitFor(() => expect(calls.some((call) => call.path === `${PROJECT}/undo`)).toBe(true));
    expect((screen.getByRole("button", { name: "Redo" }) as HTMLButtonElement).disabled).toBe(true);
  });
  it("a double click on a slow page undoes once, and forks once", async () => {
    let answer: () => void = () => undefined;
    const slow = (body: object) => () => new Promise((resolve) => (answer = () => resolve(body)));
    const calls = serve({ ...routes(), [`${PROJECT}/undo`]: slow({ revision: tree[0] }), [`${PROJECT}/fork`]: slow({}) });
    renderPanel(<HistoryPanel />);
    const count = (action: string) => calls.filter((call) => call.path === `${PROJECT}/${action}`).length;
    await userEvent.dblClick(await screen.findByRole("button", { name: "Undo" }));
    answer();
    await waitFor(() => expect(useToasts.getState().toasts.at(-1)?.title).toBe("Back to revision 1"));
    expect(count("undo")).toBe(1);
    await userEvent.dblClick(screen.getAllByRole("button", { name: "Fork" })[0] as HTMLElement);
    answer();
    await waitFor(() => expect(useToasts.getState().toasts.at(-1)?.title).toMatch(/^New project/));
    expect(count("fork")).toBe(1);
  });
  it("gives names and takes them away", async () => {
    const calls = serve(routes());
    renderPanel(<HistoryPanel />);
    await userEvent.click(await screen.findByRole("button", { name: "Take the name as ordered away" }));
    await userEvent.click((await screen.findAllByRole("button", { name: "+ Name" }))[2] as HTMLElement);
    await userEvent.type(screen.getByRole("textbox", { name: "Name of revision 1" }), "first try{Enter}");
    await waitFor(() => expect(calls.find((call) => call.path === `${PROJECT}/name`)?.body).toEqual({ name: "first try", revision: "r1" }));
    expect(calls.find((call) => call.path === `${PROJECT}/unname`)?.body).toEqual({ name: "as ordered" });
  });
  it("shows what went and what came by sign and colour", () => {
    renderPanel(<Diff text={comparison.kcl} />);
    const lines = [...screen.getByRole("group", { name: "What differs in the program" }).children].map((line) => [line.getAttribute("data-kind"), line.textContent]);
    expect(lines).toEqual([
      ["place", "@@ -1,2 +1,2 @@"],
      ["old", "-thickness = 10"],
      ["new", "+thickness = 8"],
      ["same", " width = 6"],
    ]);
  });
});
