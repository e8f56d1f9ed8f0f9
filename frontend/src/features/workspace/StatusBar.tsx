import { Plug, Unplug } from "lucide-react";
import { useRun } from "@/features/project/runStore";
import { useSettings } from "@/features/settings/store";
import { formatQuantity, humanize, materialWords } from "@/lib/format";
import { StatusBadge } from "@/ui/Status";
import { useWorkspace } from "./WorkspaceContext";
import styles from "./StatusBar.module.css";

const CONNECTION = { idle: "Not connected", connecting: "Connecting", open: "Live", closed: "Reconnecting" };

/** What the project is, how it stands, and the units: always in view. */
export function StatusBar() {
  const { state, current, units, running } = useWorkspace();
  const connection = useRun((run) => run.connection);
  const setSettings = useSettings((settings) => settings.set);
  const scheme = state?.design.design_scheme;
  const mass = state?.geometry.mass_properties.mass_g;
  const box = state?.geometry.compiled.bounding_box_mm;
  const failed = !running && current?.status === "failed" && state === current;
  const Icon = connection === "closed" ? Unplug : Plug;
  return (
    <footer className={styles.bar}>
      <StatusBadge {...(failed && { words: "Failed" })} status={failed ? "fail" : running ? "running" : current?.status === "questions" ? "open" : (state?.validation.verification_report.status ?? "none")} />
      {scheme?.family && (
        <span className={styles.fact}>
          {humanize(scheme.family)}, {materialWords(scheme.material)}
        </span>
      )}
      {box && <span className={`${styles.fact} num`}>{[0, 1, 2].map((axis) => formatQuantity((box.max[axis] ?? 0) - (box.min[axis] ?? 0), "mm", units).replace(/\u00a0.*/, "")).join(" × ")} {units}</span>}
      {mass != null && <span className={`${styles.fact} num`}>{formatQuantity(mass, "g", units)}</span>}
      <span className={styles.grow} />
      <button type="button" title="Change the units of the page" onClick={() => setSettings({ units: units === "mm" ? "in" : "mm" })}>
        {units === "mm" ? "mm · N · MPa · g" : "in · lbf · ksi · lb"}
      </button>
      <span className={styles.connection} data-connection={connection} role="status">
        <Icon size={13} aria-hidden /> {CONNECTION[connection]}
      </span>
    </footer>
  );
}
