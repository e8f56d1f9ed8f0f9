import { createContext, useContext } from "react";
import type { PanelId } from "./panels";

/** Which panels are open, and how to open others. */
export interface PanelApi {
  openTabs: readonly PanelId[];
  activeTab: PanelId | null;
  open: (id: PanelId) => void;
  close: (id: PanelId) => void;
  resetLayout: () => void;
}

export const PanelContext = createContext<PanelApi | null>(null);

/** Whether the panel that a component is in can be seen. */
export const PanelVisible = createContext(true);

/** The same where there may be no workspace around. */
export function usePanels(): PanelApi | null {
  return useContext(PanelContext);
}

export function usePanel(): PanelApi {
  const panels = useContext(PanelContext);
  if (!panels) throw new Error("usePanel is for components inside the workspace");
  return panels;
}
