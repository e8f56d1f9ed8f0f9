import { CircleAlert, CircleCheck, Info, LoaderCircle, X } from "lucide-react";
import { useEffect, useState } from "react";
import { formatSeconds } from "@/lib/format";
import { useNow } from "@/lib/useNow";
import { IconButton } from "@/ui/Button";
import { type Toast, type ToastTone, useToasts } from "./store";
import styles from "./Toasts.module.css";

const ICON: Record<ToastTone, typeof Info> = { info: Info, ok: CircleCheck, bad: CircleAlert, busy: LoaderCircle };
const STAYS_MS = 5000;

/** Short notices in a corner, read out by screen readers. Errors stay until they are closed. */
export function Toasts() {
  const toasts = useToasts((store) => store.toasts);
  return (
    <div className={styles.stack} role="region" aria-label="Notices">
      {toasts.map((toast) => (
        <Notice key={toast.id} toast={toast} />
      ))}
    </div>
  );
}

function Notice({ toast }: { toast: Toast }) {
  const dismiss = useToasts((store) => store.dismiss);
  useEffect(() => {
    if (toast.tone === "bad" || toast.tone === "busy") return;
    const timer = setTimeout(() => dismiss(toast.id), STAYS_MS);
    return () => clearTimeout(timer);
  }, [toast, dismiss]);
  const Icon = ICON[toast.tone];
  return (
    <div className={`${styles.toast} ${styles[toast.tone]}`} role={toast.tone === "bad" ? "alert" : "status"}>
      <Icon size={17} aria-hidden />
      <div>
        <strong>{toast.title}</strong>
        {toast.tone === "busy" && <Elapsed />}
        {toast.detail && <p>{toast.detail}</p>}
      </div>
      {toast.tone !== "busy" && <IconButton label="Close this notice" icon={<X size={15} />} onClick={() => dismiss(toast.id)} />}
    </div>
  );
}

/** How long it has been going on; not read out at each second. */
function Elapsed() {
  const now = useNow(true);
  const [began] = useState(now);
  return (
    <p className="num" aria-live="off">
      {formatSeconds(Math.max(0, (now - began) / 1000))}
    </p>
  );
}
