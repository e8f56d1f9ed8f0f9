import { useEffect, useRef } from "react";
import { useSearchParams } from "react-router";
import { readSelection, selectionText, useSelection } from "@/features/inspect/selection";
import { useViewer } from "@/features/viewer/store";
import { latest } from "@/lib/search";
import type { PanelApi } from "./PanelContext";
import { PANELS } from "./panels";
import { useWorkspace } from "./WorkspaceContext";

/**
 * The address of the page says which panel is in front and what is selected (beside project and revision), so that a
 * reload or a link shows the same. Another model clears the selection: its faces are counted anew.
 */
export function useAddress({ activeTab, open, openTabs }: PanelApi): void {
  const { modelId } = useWorkspace();
  const [search, setSearch] = useSearchParams();
  const picked = useSelection((selection) => selection.picked);
  const read = useRef(false);
  const ready = openTabs.length > 0;

  useEffect(() => {
    if (read.current || !ready) return;
    read.current = true;
    const panel = PANELS.find((known) => known.id === search.get("panel"));
    if (panel) open(panel.id);
    const selected = readSelection(search.get("sel"));
    if (selected.length > 0) useSelection.getState().set(selected);
  }, [ready, open, search]);

  const shown = useRef<string | null>(null);
  useEffect(() => {
    if (shown.current !== null && modelId !== shown.current) useSelection.getState().clear();
    if (modelId) shown.current = modelId;
  }, [modelId]);
  useEffect(
    () => () => {
      useSelection.getState().clear();
      useViewer.getState().set({ compared: null });
    },
    [],
  );

  const text = selectionText(picked);
  useEffect(() => {
    if (!read.current) return;
    setSearch(
      (before) => {
        const params = latest(before);
        if (activeTab) params.set("panel", activeTab);
        if (text) params.set("sel", text);
        else params.delete("sel");
        return params;
      },
      { replace: true },
    );
  }, [activeTab, text, setSearch]);
}
