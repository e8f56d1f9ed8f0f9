import { Download, ExternalLink, FileText } from "lucide-react";
import { useWorkspace } from "@/features/workspace/WorkspaceContext";
import { artifactUrl } from "@/lib/api";
import { EmptyState, Panel } from "@/ui/Panel";
import { fileName, FILES } from "./files";
import styles from "./ReportPanel.module.css";

/** The design dossier as it was written, and every file of the run to take along. */
export function ReportPanel() {
  const { state } = useWorkspace();
  const artifacts = state?.geometry.artifacts ?? {};
  const report = artifacts["report"];
  const ready = Boolean(state?.geometry.model_id);
  if (!ready || !report) {
    return (
      <EmptyState icon={<FileText size={36} strokeWidth={1.2} />} title="No dossier yet">
        It is written at the end of a run, with the files to hand over.
      </EmptyState>
    );
  }
  return (
    <Panel
      title="Report"
      flush
      tools={
        <>
          <ul className={styles.files} aria-label="Files of this revision">
            {Object.entries(artifacts).map(([kind, id]) => (
                <li key={kind}>
                  <a href={artifactUrl(id)} download={fileName(kind)} title={FILES[kind]?.about}>
                    <Download size={12} aria-hidden /> {fileName(kind)}
                  </a>
                </li>
              ))}
          </ul>
          <a className={styles.open} href={artifactUrl(report)} target="_blank" rel="noreferrer">
            <ExternalLink size={13} aria-hidden /> Open alone
          </a>
        </>
      }
    >
      <iframe className={styles.frame} src={artifactUrl(report)} title="Design dossier" sandbox="" />
    </Panel>
  );
}
