import { render, waitFor } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { type PanelApi, PanelContext } from "./PanelContext";
import { SingleColumn } from "./SingleColumn";

vi.mock("./PanelBody", () => ({ PanelBody: ({ id }: { id: string }) => <p>{id}</p> }));

const panels = (activeTab: PanelApi["activeTab"]): PanelApi => ({ activeTab, openTabs: [], open: vi.fn(), close: vi.fn(), resetLayout: vi.fn() });

it("goes on with the panel that was in use when the window became narrow, else with the run", async () => {
  for (const [before, shown] of [["history", "history"], [null, "compile"]] as const) {
    const onPanels = vi.fn();
    const { container, unmount } = render(
      <PanelContext.Provider value={panels(before)}>
        <SingleColumn onPanels={onPanels} />
      </PanelContext.Provider>,
    );
    expect(container.textContent).toBe(shown);
    await waitFor(() => expect(onPanels).toHaveBeenLastCalledWith(expect.objectContaining({ activeTab: shown })));
    unmount();
  }
});
