import { useEffect, useState } from "react";
import { PanelBody } from "./PanelBody";
import { type PanelApi, usePanels } from "./PanelContext";
import type { PanelId } from "./panels";

/** One panel at a time, for narrow screens; the bar above chooses it. */
export function SingleColumn({ onPanels }: { onPanels: (panels: PanelApi) => void }) {
  // a window that was made narrow goes on with the panel that was in use
  const before = usePanels()?.activeTab;
  const [active, setActive] = useState<PanelId>(before ?? "compile");
  useEffect(() => {
    onPanels({ openTabs: [active], activeTab: active, open: setActive, close: () => setActive("compile"), resetLayout: () => setActive("compile") });
  }, [active, onPanels]);
  return <PanelBody id={active} />;
}
