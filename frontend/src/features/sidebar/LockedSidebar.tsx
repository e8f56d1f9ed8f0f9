import { Command, Monitor, Moon, Plus, Settings, Sun } from "lucide-react";
import { Link } from "react-router";
import { type ThemeChoice, useSettings } from "@/features/settings/store";
import { usePanel } from "@/features/workspace/PanelContext";
import { PANELS } from "@/features/workspace/panels";
import { Logo } from "@/ui/Logo";
import { useOverlays } from "@/ui/overlays";
import styles from "./LockedSidebar.module.css";

const NEXT: Record<ThemeChoice, ThemeChoice> = { light: "dark", dark: "system", system: "light" };
const THEME_ICON = { light: Sun, dark: Moon, system: Monitor };

/** The bar that always stays: a button a panel, and the ways out of the project. */
export function LockedSidebar() {
  const { openTabs, activeTab, open } = usePanel();
  const { theme, set } = useSettings();
  const show = useOverlays((overlays) => overlays.show);
  const ThemeIcon = THEME_ICON[theme];
  return (
    <nav className={styles.bar} aria-label="Workspace">
      <Link to="/" className={styles.home} aria-label="All projects" title="All projects">
        <Logo size={28} />
      </Link>
      <ul className={styles.panels}>
        {PANELS.map(({ id, title, short, about, icon: Icon }) => (
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
      </ul>
      <div className={styles.tools}>
        <Link to="/new" className={styles.item} title="New design">
          <Plus size={18} aria-hidden />
          <span className="sr-only">New design</span>
        </Link>
        <button type="button" className={styles.item} title="Commands (Ctrl K)" aria-label="Commands" onClick={() => show("commands", true)}>
          <Command size={17} aria-hidden />
        </button>
        <button type="button" className={styles.item} title={`Theme: ${theme}`} aria-label={`Theme: ${theme}; change to ${NEXT[theme]}`} onClick={() => set({ theme: NEXT[theme] })}>
          <ThemeIcon size={17} aria-hidden />
        </button>
        <button type="button" className={styles.item} title="Settings" aria-label="Settings" onClick={() => show("settings", true)}>
          <Settings size={17} aria-hidden />
        </button>
      </div>
    </nav>
  );
}
