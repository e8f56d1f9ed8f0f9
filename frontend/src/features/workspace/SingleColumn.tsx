import { useEffect, useState } from "react";
import { PanelBody } from "./PanelBody";
import type { PanelApi } from "./PanelContext";
import type { PanelId } from "./panels";

/** One panel at a time, for narrow screens; the bar above chooses it. */
export function SingleColumn({ onPanels }: { onPanels: (panels: PanelApi) => void }) {
  const [active, setActive] = useState<PanelId>("compile");
  useEffect(() => {
    onPanels({ openTabs: [active], activeTab: active, open: setActive, close: () => setActive("compile"), resetLayout: () => setActive("compile") });
  }, [active, onPanels]);
  return <PanelBody id={active} />;
}
