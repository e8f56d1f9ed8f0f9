import { Box } from "lucide-react";
import { usePreview } from "@/features/preview/store";
import { useWorkspace } from "@/features/workspace/WorkspaceContext";
import { EmptyState } from "@/ui/Panel";
import ModelViewer from "./ModelViewer";

/** The viewer in the workspace: the last model stays while a new one is made. */
export default function ModelPanel() {
  const { projectId, modelId, modelState, units, running } = useWorkspace();
  const draft = usePreview((preview) => preview.draft);
  if (!modelId || !modelState) {
    return (
      <EmptyState icon={<Box size={44} strokeWidth={1.1} />} title={running ? "The model is being built" : "No model yet"}>
        {running ? "It appears here as soon as the engine has compiled it." : "A run that gets as far as the geometry puts its model here."}
      </EmptyState>
    );
  }
  return <ModelViewer modelId={modelId} draft={draft?.projectId === projectId && draft.modelId === modelId} state={modelState} units={units} />;
}
