import { Command, Ellipsis, Monitor, Moon, Plus, Settings, Sun } from "lucide-react";
import { type RefObject, useLayoutEffect, useRef, useState } from "react";
import { Link } from "react-router";
import { type ThemeChoice, useSettings } from "@/features/settings/store";
import { usePanel } from "@/features/workspace/PanelContext";
import { PANELS } from "@/features/workspace/panels";
import { useNarrow } from "@/features/workspace/useNarrow";
import { Logo } from "@/ui/Logo";
import { useOverlays } from "@/ui/overlays";
import { Popover } from "@/ui/Popover";
import styles from "./LockedSidebar.module.css";

const NEXT: Record<ThemeChoice, ThemeChoice> = { light: "dark", dark: "system", system: "light" };
const THEME_ICON = { light: Sun, dark: Moon, system: Monitor };

/** Space of a panel's button, of the tools, and of what else stands in the bar, px: along the bar, upright and lying. */
const SPACE = { upright: { item: 46, tools: 160, rest: 72 }, lying: { item: 58, tools: 232, rest: 60 } };
/** A lying bar that is shorter than this has its tools in the menu too. */
const TOOLS_FROM = 640;

/** How long the bar is along its panels, px; 0 before it is known. */
function useLength(bar: RefObject<HTMLElement | null>, lying: boolean): number {
  const [length, setLength] = useState(0);
  useLayoutEffect(() => {
    const element = bar.current;
    if (!element) return;
    const measure = () => setLength(lying ? element.clientWidth : element.clientHeight);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [bar, lying]);
  return length;
}

/** Which panels have a button in a bar of that length, and which stand in its menu; the one in use always has a button. */
export function fitting<T extends { id: string }>(panels: readonly T[], room: number, item: number, active: string | null): { shown: T[]; menu: T[] } {
  if (room <= 0 || panels.length * item <= room) return { shown: [...panels], menu: [] };
  const count = Math.max(2, Math.floor(room / item) - 1);
  const shown = panels.slice(0, count);
  const used = panels.find((panel) => panel.id === active);
  if (used && !shown.includes(used)) shown[shown.length - 1] = used;
  return { shown, menu: panels.filter((panel) => !shown.includes(panel)) };
}

/** The bar that always stays: a button a panel, and the ways out of the project. What has no room stands in a menu. */
export function LockedSidebar() {
  const { openTabs, activeTab, open } = usePanel();
  const { theme, set } = useSettings();
  const overlay = useOverlays((overlays) => overlays.show);
  const lying = useNarrow();
  const bar = useRef<HTMLElement>(null);
  const length = useLength(bar, lying);
  const space = lying ? SPACE.lying : SPACE.upright;
  const toolsInMenu = lying && length > 0 && length < TOOLS_FROM;
  const { shown, menu } = fitting(PANELS, length && length - space.rest - (toolsInMenu ? 0 : space.tools), space.item, activeTab);
  const ThemeIcon = THEME_ICON[theme];
  const tools = [
    { label: "Commands", title: "Commands (Ctrl K)", icon: <Command size={17} aria-hidden />, onClick: () => overlay("commands", true) },
    { label: `Theme: ${theme}; change to ${NEXT[theme]}`, title: `Theme: ${theme}`, icon: <ThemeIcon size={17} aria-hidden />, onClick: () => set({ theme: NEXT[theme] }) },
    { label: "Settings", title: "Settings", icon: <Settings size={17} aria-hidden />, onClick: () => overlay("settings", true) },
  ];
  return (
    <nav className={styles.bar} aria-label="Workspace" ref={bar}>
      <Link to="/" className={styles.home} aria-label="All projects" title="All projects">
        <Logo size={28} />
      </Link>
      <ul className={styles.panels}>
        {shown.map(({ id, title, short, about, icon: Icon }) => (
          <li key={id}>
            <button
              type="button"
              className={styles.item}
              data-open={openTabs.includes(id)}
              aria-current={activeTab === id ? "true" : undefined}
              title={`${title}: ${about}`}
              onClick={() => open(id)}
            >
              <Icon size={18} strokeWidth={1.8} aria-hidden />
              <span aria-hidden>{short}</span>
              <span className="sr-only">{title}</span>
            </button>
          </li>
        ))}
        {(menu.length > 0 || toolsInMenu) && (
          <li>
            <Popover label="More panels" text="More" icon={<Ellipsis size={18} aria-hidden />} className={styles.item} place={lying ? "end" : "beside"}>
              {(close) => (
                <div>
                  {menu.map(({ id, title, icon: Icon }) => (
                    <button
                      key={id}
                      type="button"
                      className={styles.line}
                      onClick={() => {
                        close();
                        open(id);
                      }}
                    >
                      <Icon size={17} strokeWidth={1.8} aria-hidden /> {title}
                    </button>
                  ))}
                  {toolsInMenu && (
                    <>
                      <Link to="/new" className={styles.line} onClick={close}>
                        <Plus size={17} aria-hidden /> New design
                      </Link>
                      {tools.map(({ label, icon, onClick }) => (
                        <button
                          key={label}
                          type="button"
                          className={styles.line}
                          onClick={() => {
                            close();
                            onClick();
                          }}
                        >
                          {icon} {label}
                        </button>
                      ))}
                    </>
                  )}
                </div>
              )}
            </Popover>
          </li>
        )}
      </ul>
      {!toolsInMenu && (
        <div className={styles.tools}>
          <Link to="/new" className={styles.item} title="New design">
            <Plus size={18} aria-hidden />
            <span className="sr-only">New design</span>
          </Link>
          {tools.map(({ label, title, icon, onClick }) => (
            <button key={title} type="button" className={styles.item} title={title} aria-label={label} onClick={onClick}>
              {icon}
            </button>
          ))}
        </div>
      )}
    </nav>
  );
}
