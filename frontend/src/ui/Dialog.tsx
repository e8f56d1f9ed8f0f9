import { X } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { IconButton } from "./Button";
import styles from "./Dialog.module.css";

/** A modal window of the browser's own kind: it keeps the focus inside and closes on Escape. */
export function Dialog({ title, onClose, children, hideTitle }: { title: string; onClose: () => void; children: ReactNode; hideTitle?: boolean }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    if (element && !element.open) element.showModal();
    return () => {
      element?.close();
      // gone from the page it can't give the focus back by itself
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions -- Escape closes it too
    <dialog
      ref={dialog}
      className={styles.dialog}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <div className={styles.inside} tabIndex={-1}>
        <header className={hideTitle ? "sr-only" : styles.head}>
          <h2 id={id}>{title}</h2>
          {!hideTitle && <IconButton label="Close" icon={<X size={17} />} onClick={onClose} />}
        </header>
        {children}
      </div>
    </dialog>
  );
}
