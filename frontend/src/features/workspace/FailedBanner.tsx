import { CircleAlert } from "lucide-react";
import { Button } from "@/ui/Button";
import { Words } from "@/ui/Words";
import { usePanels } from "./PanelContext";
import styles from "./Workspace.module.css";
import { useWorkspace } from "./WorkspaceContext";

/** That the last run failed, and why, whichever panels are in sight. */
export function FailedBanner() {
  const { current, units, running, revisionId } = useWorkspace();
  const panels = usePanels();
  const error = current?.error;
  if (!error || running || revisionId !== null) return null;
  return (
    <div className={styles.failed} role="alert">
      <CircleAlert size={15} aria-hidden />
      <p title={error.message}>The last run failed: <Words units={units}>{error.message}</Words></p>
      {panels && panels.activeTab !== "compile" && (
        <Button size="s" onClick={() => panels.open("compile")}>
          What to do
        </Button>
      )}
    </div>
  );
}
