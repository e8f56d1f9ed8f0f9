import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { useSettings } from "@/features/settings/store";
import { type PanelApi, PanelContext } from "@/features/workspace/PanelContext";
import { PANELS } from "@/features/workspace/panels";
import { renderPage } from "@/test/render";
import { useOverlays } from "@/ui/overlays";
import { fitting, LockedSidebar } from "./LockedSidebar";

const show = (change: Partial<PanelApi> = {}) => {
  const panels: PanelApi = { openTabs: ["model", "compile"], activeTab: "compile", open: vi.fn(), close: vi.fn(), resetLayout: vi.fn(), ...change };
  renderPage(
    <PanelContext.Provider value={panels}>
      <LockedSidebar />
    </PanelContext.Provider>,
  );
  return panels;
};

const sized = (width: number, height: number) => {
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(width);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(height);
  vi.spyOn(window, "matchMedia").mockImplementation((query) => ({ matches: width <= 820, media: query, addEventListener: () => undefined, removeEventListener: () => undefined }) as unknown as MediaQueryList);
};

beforeEach(() => useSettings.getState().set({ theme: "light" }));
afterEach(() => vi.restoreAllMocks());

describe("LockedSidebar", () => {
  it("has a button for every panel, marks the one in use, and opens others", async () => {
    const panels = show();
    for (const { title } of PANELS) expect(screen.getByRole("button", { name: title })).toBeTruthy();
    expect(screen.getByRole("button", { name: "Run" }).getAttribute("aria-current")).toBe("true");
    expect(screen.getByRole("button", { name: "Model" }).dataset["open"]).toBe("true");
    await userEvent.click(screen.getByRole("button", { name: "Report" }));
    expect(panels.open).toHaveBeenCalledWith("report");
    expect(screen.queryByRole("button", { name: "More panels" })).toBeNull();
  });
  it("leads home and to a new design, goes through the themes, opens commands and settings", async () => {
    show();
    expect(screen.getByRole("link", { name: "All projects" }).getAttribute("href")).toBe("/");
    expect(screen.getByRole("link", { name: "New design" }).getAttribute("href")).toBe("/new");
    for (const next of ["dark", "system", "light"] as const) {
      await userEvent.click(screen.getByRole("button", { name: new RegExp(`change to ${next}`) }));
      expect(useSettings.getState().theme).toBe(next);
    }
    const shown = vi.spyOn(useOverlays.getState(), "show");
    useOverlays.setState({ show: useOverlays.getState().show });
    await userEvent.click(screen.getByRole("button", { name: "Settings" }));
    expect(shown).toHaveBeenCalledWith("settings", true);
  });
  it("puts what has no room into a menu: panels in a low window, the tools too on a telephone", async () => {
    sized(1200, 600);
    const panels = show();
    expect(screen.queryByRole("button", { name: "Performance" })).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "More panels" }));
    await userEvent.click(within(screen.getByRole("group", { name: "More panels" })).getByRole("button", { name: "Performance" }));
    expect(panels.open).toHaveBeenCalledWith("performance");
    expect(screen.queryByRole("group", { name: "More panels" })).toBeNull();
    expect(screen.getByRole("button", { name: "Settings" })).toBeTruthy();
  });
  it("on a telephone the tools are in the menu too", async () => {
    sized(390, 60);
    show();
    expect(screen.queryByRole("button", { name: "Settings" })).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "More panels" }));
    const menu = within(screen.getByRole("group", { name: "More panels" }));
    for (const name of ["Settings", "Commands"]) expect(menu.getByRole("button", { name })).toBeTruthy();
    expect(menu.getByRole("link", { name: "New design" })).toBeTruthy();
  });
  it("keeps a button for the panel in use", () => {
    const panels = ["a", "b", "c", "d", "e", "f"].map((id) => ({ id }));
    const ids = (list: { id: string }[]) => list.map(({ id }) => id).join("");
    expect(fitting(panels, 0, 50, null).menu).toEqual([]);
    expect(fitting(panels, 300, 50, null).menu).toEqual([]);
    const { shown, menu } = fitting(panels, 200, 50, "f");
    expect([ids(shown), ids(menu)]).toEqual(["abf", "cde"]);
  });
});
