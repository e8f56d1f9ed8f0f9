import { type DockviewApi, DockviewReact, type DockviewReadyEvent, type IDockviewPanelHeaderProps, type IDockviewPanelProps } from "dockview-react";
import "dockview-react/dist/styles/dockview.css";
import { X } from "lucide-react";
import { useCallback, useEffect, useRef, useState } from "react";
import styles from "./Dock.module.css";
import { PanelBody } from "./PanelBody";
import { type PanelApi, PanelVisible } from "./PanelContext";
import { type PanelId, panelSpec } from "./panels";

const STORED = "brick.layout.v1";

/** A panel tells its content whether it can be seen: what polls rests behind another tab. */
function DockPanel({ api }: IDockviewPanelProps) {
  const [visible, setVisible] = useState(api.isVisible);
  useEffect(() => {
    setVisible(api.isVisible);
    const changed = api.onDidVisibilityChange((event) => setVisible(event.isVisible));
    return () => changed.dispose();
  }, [api]);
  return (
    <PanelVisible.Provider value={visible}>
      <PanelBody id={api.id} />
    </PanelVisible.Provider>
  );
}

const components = { panel: DockPanel };

/** Moves the focus to the tab that is in front in the next group of panels. */
function focusNextGroup(root: HTMLElement, step: 1 | -1): void {
  const tabs = [...root.querySelectorAll<HTMLElement>('[role="tab"][tabindex="0"]')];
  const groups = tabs.map((tab) => tab.closest(".dv-groupview"));
  const here = groups.findIndex((group) => group?.contains(document.activeElement));
  tabs[(here + step + tabs.length) % tabs.length]?.focus();
}

/** A tab whose closing mark is no button within the tab (which would nest two controls): Delete closes it by keyboard. */
function Tab({ api }: IDockviewPanelHeaderProps) {
  const spec = panelSpec(api.id);
  const Icon = spec?.icon;
  return (
    <div
      className={styles.tab}
      onAuxClick={(event) => {
        if (event.button === 1) api.close();
      }}
    >
      {Icon && <Icon size={13} aria-hidden />}
      <span>{spec?.title ?? api.title}</span>
      {api.id !== "model" && (
        <span
          className={styles.close}
          title="Close (Delete)"
          aria-hidden
          onPointerDown={(event) => event.stopPropagation()}
          onClick={(event) => {
            event.stopPropagation();
            api.close();
          }}
        >
          <X size={12} />
        </span>
      )}
    </div>
  );
}

function add(api: DockviewApi, id: PanelId, position?: Parameters<DockviewApi["addPanel"]>[0]["position"], inactive = false) {
  api.addPanel({ id, component: "panel", title: panelSpec(id)?.title ?? id, inactive, ...(position && { position }), ...(id === "model" && { renderer: "always" as const }) });
}

/** The model in the middle, the run and the evidence beside it, what explains the part below. */
export function standardLayout(api: DockviewApi): void {
  api.clear();
  add(api, "model");
  add(api, "compile", { referencePanel: "model", direction: "right" });
  add(api, "requirements", { referencePanel: "compile", direction: "within" }, true);
  add(api, "history", { referencePanel: "compile", direction: "within" }, true);
  add(api, "parameters", { referencePanel: "model", direction: "below" });
  for (const id of ["code", "analysis", "bom", "report"] as const) add(api, id, { referencePanel: "parameters", direction: "within" }, true);
  api.getPanel("compile")?.group.api.setSize({ width: Math.max(360, Math.round(api.width * 0.3)) });
  api.getPanel("parameters")?.group.api.setSize({ height: Math.max(200, Math.round(api.height * 0.32)) });
  api.getPanel("compile")?.api.setActive();
}

/** Puts a panel that was closed where its kind usually is. */
function openPanel(api: DockviewApi, id: PanelId): void {
  const there = api.getPanel(id);
  if (there) return there.api.setActive();
  const beside = (["compile", "requirements", "history"] as PanelId[]).includes(id) ? ["compile", "requirements", "history"] : ["parameters", "code", "analysis", "bom", "report", "parts", "materials", "studies", "performance"];
  const neighbour = beside.map((other) => api.getPanel(other)).find(Boolean);
  if (neighbour) return add(api, id, { referencePanel: neighbour.id, direction: "within" });
  const model = api.getPanel("model");
  add(api, id, model ? { referencePanel: "model", direction: beside[0] === "compile" ? "right" : "below" } : undefined);
}

/** The workspace's panels: moved by dragging their tabs, sized by dragging between them; the layout is remembered. */
export function Dock({ onPanels }: { onPanels: (panels: PanelApi) => void }) {
  const [api, setApi] = useState<DockviewApi | null>(null);
  const root = useRef<HTMLDivElement>(null);

  const onReady = useCallback((event: DockviewReadyEvent) => {
    const stored = localStorage.getItem(STORED);
    try {
      if (stored) event.api.fromJSON(JSON.parse(stored));
    } catch {
      localStorage.removeItem(STORED); // of another version of the page
    }
    if (event.api.panels.length === 0 || !event.api.getPanel("model")) standardLayout(event.api);
    setApi(event.api);
  }, []);

  useEffect(() => {
    if (!api) return;
    const tell = () => {
      localStorage.setItem(STORED, JSON.stringify(api.toJSON()));
      onPanels({
        openTabs: api.panels.map((panel) => panel.id as PanelId),
        activeTab: (api.activePanel?.id as PanelId | undefined) ?? null,
        open: (id) => openPanel(api, id),
        close: (id) => api.getPanel(id)?.api.close(),
        resetLayout: () => standardLayout(api),
      });
    };
    tell();
    const layout = api.onDidLayoutChange(tell);
    const active = api.onDidActivePanelChange(tell);
    return () => {
      layout.dispose();
      active.dispose();
    };
  }, [api, onPanels]);

  // from wherever the focus is, also from the bar and from nowhere
  useEffect(() => {
    const next = (event: KeyboardEvent) => {
      if (event.key !== "F6" || !root.current || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      focusNextGroup(root.current, event.shiftKey ? -1 : 1);
    };
    window.addEventListener("keydown", next);
    return () => window.removeEventListener("keydown", next);
  }, []);

  return (
    <div
      className={styles.dock}
      ref={root}
      onKeyDown={(event) => {
        // Delete on a focused tab closes its panel
        if (event.key !== "Delete" || !(event.target instanceof HTMLElement) || event.target.getAttribute("role") !== "tab") return;
        const panel = api?.panels.find((candidate) => candidate.title === (event.target as HTMLElement).textContent?.trim());
        if (panel && panel.id !== "model") panel.api.close();
      }}
      role="presentation"
    >
      <DockviewReact
        theme={{ name: "brick", className: styles.theme ?? "", gap: 0 }}
        components={components}
        defaultTabComponent={Tab}
        disableFloatingGroups
        onReady={onReady}
      />
    </div>
  );
}
