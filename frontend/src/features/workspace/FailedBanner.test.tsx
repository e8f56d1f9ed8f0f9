import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { bracketView } from "@/test/fixtures";
import { renderPanel } from "@/test/render";
import { FailedBanner } from "./FailedBanner";
import { type PanelApi, PanelContext } from "./PanelContext";

const error = { code: "no_feasible_design", message: "no L-bracket within these sizes meets the requirements", next_action: "Use a stronger material." };
const failed = bracketView({ status: "failed", error });

function show(activeTab: PanelApi["activeTab"], change: Parameters<typeof renderPanel>[1] = { current: failed }) {
  const panels: PanelApi = { openTabs: [], activeTab, open: vi.fn(), close: vi.fn(), resetLayout: vi.fn() };
  const { container } = renderPanel(
    <PanelContext.Provider value={panels}>
      <FailedBanner />
    </PanelContext.Provider>,
    change,
  );
  return { panels, container };
}

it("says that the last run failed whichever panel is seen, and leads to what to do", async () => {
  const { panels } = show("materials");
  expect(screen.getByRole("alert").textContent).toContain("The last run failed: no L-bracket within these sizes");
  await userEvent.click(screen.getByRole("button", { name: "What to do" }));
  expect(panels.open).toHaveBeenCalledWith("compile");
});

it("needs no button where the run is shown, and is silent while one goes, of an older revision, and without an error", () => {
  show("compile");
  expect(screen.queryByRole("button")).toBeNull();
  for (const change of [{ current: failed, running: true }, { current: failed, revisionId: "r1" }, { current: bracketView() }]) expect(show("report", change).container.textContent).toBe("");
});
