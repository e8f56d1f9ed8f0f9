import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import buttons from "./Button.module.css";
import styles from "./Popover.module.css";

interface PopoverProps {
  label: string;
  icon: ReactNode;
  /** marks the button while what it governs is in effect */
  active?: boolean;
  text?: string;
  /** the look of the button, where it is not that of a tool */
  className?: string;
  /** where the panel opens: below from the left edge, below to the right edge, or beside */
  place?: "start" | "end" | "beside";
  children: ReactNode | ((close: () => void) => ReactNode);
}

/** A button that opens a small panel below itself; Escape or a click elsewhere closes it. */
export function Popover({ label, icon, active, text, className, place = "start", children }: PopoverProps) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const trigger = useRef<HTMLButtonElement>(null);
  const id = useId();
  useEffect(() => {
    if (!open) return;
    const outside = (event: globalThis.PointerEvent) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    const escape = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      setOpen(false);
      trigger.current?.focus();
    };
    document.addEventListener("pointerdown", outside);
    document.addEventListener("keydown", escape);
    return () => {
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("keydown", escape);
    };
  }, [open]);
  return (
    <div className={styles.root} ref={root}>
      <button
        ref={trigger}
        type="button"
        className={className ?? `${buttons.icon} ${text ? styles.wide : ""} ${active ? styles.active : ""}`}
        // what is written on it belongs to its name
        aria-label={text && !className ? `${label} ${text}` : label}
        title={label}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        {icon}
        {text && <span aria-hidden={Boolean(className)}>{text}</span>}
      </button>
      {open && (
        <div id={id} role="group" aria-label={label} className={styles.panel} data-place={place}>
          {typeof children === "function" ? children(() => setOpen(false)) : children}
        </div>
      )}
    </div>
  );
}
