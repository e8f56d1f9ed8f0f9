import type { ReactNode } from "react";
import styles from "./Panel.module.css";

/** The inside of a docked panel: a line of facts and tools above, the content scrolling below. */
export function Panel({ title, tools, children, flush }: { title: string; tools?: ReactNode; children: ReactNode; flush?: boolean }) {
  return (
    <div className={styles.panel}>
      {tools && <div className={styles.tools}>{tools}</div>}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard */}
      <div className={flush ? styles.flush : styles.body} tabIndex={0} role="group" aria-label={`${title}, content`}>
        {children}
      </div>
    </div>
  );
}

/** Says why there is nothing here yet, and what would put something here. */
export function EmptyState({ icon, title, children, action }: { icon?: ReactNode; title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className={styles.empty}>
      {icon && <div className={styles.emptyIcon}>{icon}</div>}
      <p className={styles.emptyTitle}>{title}</p>
      {children && <p className={styles.emptyText}>{children}</p>}
      {action}
    </div>
  );
}

/** A heading with its content. */
export function Section({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className={styles.section}>
      <header className={styles.sectionHead}>
        <h3>{title}</h3>
        {aside}
      </header>
      {children}
    </section>
  );
}
