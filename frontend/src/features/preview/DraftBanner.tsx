import { useWorkspace } from "@/features/workspace/WorkspaceContext";
import { formatQuantity } from "@/lib/format";
import { Button } from "@/ui/Button";
import styles from "./DraftBanner.module.css";
import { usePreview } from "./store";

/** Says that what is on screen has not been kept, and that the results beside it belong to the kept revision. */
export function DraftBanner() {
  const { projectId, revisionId, units } = useWorkspace();
  const { draft, clear } = usePreview();
  if (draft?.projectId !== projectId) return null;
  if (revisionId !== null && draft.from !== "study") return null; // an earlier revision is in the picture
  return (
    <p className={styles.banner} role="status">
      {draft.from === "study" ? (
        <>
          <strong>Field of a study.</strong> The loads and supports are those of the study, not those of the brief.
        </>
      ) : (
        <>
          <strong>Tried out, not kept.</strong> {draft.from === "code" ? "The model is that of the edited program" : "The model has the sizes under Parameters"}
          {draft.massG !== null && <>, {formatQuantity(draft.massG, "g", units)}</>}; verdict, fields and files are still those of the kept revision.
        </>
      )}
      <Button size="s" onClick={clear}>
        {draft.from === "study" ? "Show the run’s own" : "Show the kept one"}
      </Button>
    </p>
  );
}
