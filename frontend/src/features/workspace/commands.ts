import { useMemo } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { type Command, useCommands } from "@/features/commands/registry";
import { useChange } from "@/features/compile/changeStore";
import { useSelection } from "@/features/inspect/selection";
import { revisionsKey, stateKey } from "@/features/project/useProject";
import { fileName, save, saveBlob } from "@/features/report/files";
import { useSettings } from "@/features/settings/store";
import { toastError, useToasts } from "@/features/toasts/store";
import { useModelInfo } from "@/features/viewer/modelInfo";
import { useViewer } from "@/features/viewer/store";
import { VIEW_NAMES, VIEWS } from "@/features/viewer/views";
import { saveScreenshot } from "@/features/viewer/screenshot";
import { api, artifactUrl } from "@/lib/api";
import type { PanelApi } from "./PanelContext";
import { PANELS } from "./panels";
import { useWorkspace } from "./WorkspaceContext";

/** Everything that can be done in the workspace, for the palette and for keys. */
export function useWorkspaceCommands({ open, resetLayout }: PanelApi): void {
  const { projectId, state, running, inert, run, cancel, showRevision } = useWorkspace();
  const client = useQueryClient();
  const setSettings = useSettings((settings) => settings.set);
  const artifacts = state?.geometry.artifacts;
  const still = useMemo<Command[]>(() => {
    const viewer = useViewer.getState;
    const toggle = (name: "edges" | "grid" | "xray" | "markers" | "faces" | "orthographic" | "animate") => () => viewer().set({ [name]: !viewer()[name] });
    const field = (name: "none" | "von_mises" | "displacement" | "safety_factor") => () => viewer().set({ field: name, rangeMin: null, rangeMax: null });
    return [
      ...PANELS.map((panel) => ({ id: `panel-${panel.id}`, title: panel.title, group: "Panel", run: () => open(panel.id) })),
      { id: "layout-reset", title: "Reset the layout", group: "Panel", run: resetLayout },
      ...VIEW_NAMES.map((name) => ({ id: `view-${name}`, title: `View: ${VIEWS[name].label}`, group: "Viewer", keys: VIEWS[name].key, run: () => viewer().controls?.view(name) })),
      { id: "fit", title: "Fit the model", group: "Viewer", keys: "F", run: () => viewer().controls?.fit() },
      { id: "zoom-in", title: "Zoom in", group: "Viewer", run: () => viewer().controls?.zoom(1.35) },
      { id: "zoom-out", title: "Zoom out", group: "Viewer", run: () => viewer().controls?.zoom(1 / 1.35) },
      { id: "ortho", title: "Orthographic or perspective", group: "Viewer", keys: "O", run: toggle("orthographic") },
      { id: "measure", title: "Measure", group: "Viewer", keys: "M", run: () => viewer().set({ tool: viewer().tool === "measure" ? "select" : "measure" }) },
      { id: "select-none", title: "Clear the selection", group: "Viewer", run: () => useSelection.getState().clear() },
      { id: "show-all", title: "Show all bodies", group: "Viewer", run: () => viewer().set({ hidden: [], ghosts: [] }) },
      { id: "hide-selected", title: "Hide the selected body", group: "Viewer", keys: "H", run: hideSelected },
      { id: "isolate-selected", title: "Show only the selected body", group: "Viewer", keys: "I", run: isolateSelected },
      { id: "edges", title: "Show or hide edges", group: "Viewer", keys: "E", run: toggle("edges") },
      { id: "grid", title: "Show or hide the grid", group: "Viewer", keys: "G", run: toggle("grid") },
      { id: "xray", title: "See through", group: "Viewer", keys: "X", run: toggle("xray") },
      { id: "markers", title: "Markers of least and largest value", group: "Viewer", run: toggle("markers") },
      { id: "faces", title: "Named faces in the picture", group: "Viewer", run: toggle("faces") },
      { id: "animate", title: "Move the deformation to and fro", group: "Viewer", run: toggle("animate") },
      { id: "field-none", title: "No field", group: "Viewer", run: field("none") },
      { id: "field-stress", title: "Field: von Mises stress", group: "Viewer", run: field("von_mises") },
      { id: "field-displacement", title: "Field: displacement", group: "Viewer", run: field("displacement") },
      { id: "field-safety", title: "Field: safety factor", group: "Viewer", run: field("safety_factor") },
      { id: "section-x", title: "Section across X", group: "Viewer", run: () => viewer().setSection("x", { on: !viewer().sections.x.on }) },
      { id: "section-y", title: "Section across Y", group: "Viewer", run: () => viewer().setSection("y", { on: !viewer().sections.y.on }) },
      { id: "section-z", title: "Section across Z", group: "Viewer", run: () => viewer().setSection("z", { on: !viewer().sections.z.on }) },
      { id: "view-reset", title: "Reset the view's settings", group: "Viewer", run: () => viewer().reset() },
      { id: "screenshot", title: "Save a picture", group: "Export", run: () => void saveScreenshot(projectId) },
      { id: "units-mm", title: "Show values in mm", group: "Units", run: () => setSettings({ units: "mm" }) },
      { id: "units-in", title: "Show values in inches", group: "Units", run: () => setSettings({ units: "in" }) },
    ];
  }, [open, resetLayout, setSettings, projectId]);
  useCommands("workspace", still);

  const acting = useMemo<Command[]>(() => {
    const steer = (action: () => Promise<unknown>, title: string) => async () => {
      try {
        await action();
        showRevision(null);
        await Promise.all([client.invalidateQueries({ queryKey: stateKey(projectId) }), client.invalidateQueries({ queryKey: revisionsKey(projectId) })]);
        useToasts.getState().push({ tone: "ok", title });
      } catch (error) {
        toastError(error);
      }
    };
    const commands: Command[] = [];
    const can = (on: boolean, command: Command) => on && commands.push(command);
    can(!running && !inert, { id: "run", title: "Run the design again", group: "Design", keys: "Ctrl+Enter", run: () => void run() });
    can(running && !inert, { id: "stop", title: "Stop the run", group: "Design", run: () => void cancel() });
    can(!running && !inert, {
      id: "ask",
      title: "Ask for a change",
      group: "Design",
      run: () => {
        open("compile");
        useChange.getState().ask(projectId, null, null);
      },
    });
    can(!running && !inert, { id: "undo", title: "Undo: the revision before", group: "Design", keys: "Ctrl+Z", run: () => void steer(() => api.undo(projectId), "Undone")() });
    can(!running && !inert, { id: "redo", title: "Redo: what was undone", group: "Design", keys: "Ctrl+Shift+Z", run: () => void steer(() => api.redo(projectId), "Done again")() });
    for (const [kind, id] of Object.entries(artifacts ?? {}))
      commands.push({ id: `export-${kind}`, title: `Save ${fileName(kind)}`, group: "Export", run: () => save(artifactUrl(id), fileName(kind)) });
    can(Boolean(artifacts && Object.keys(artifacts).length > 0), {
      id: "export-all",
      title: "Save all files",
      group: "Export",
      run: () => Object.entries(artifacts ?? {}).forEach(([kind, id], index) => setTimeout(() => save(artifactUrl(id), fileName(kind)), 250 * index)),
    });
    can(state !== undefined, {
      id: "export-json",
      title: "Save design.json, the whole state",
      group: "Export",
      run: () => saveBlob(new Blob([JSON.stringify(state, null, 1)], { type: "application/json" }), "design.json"),
    });
    return commands;
  }, [artifacts, cancel, client, inert, open, projectId, run, running, showRevision, state]);
  useCommands("design", acting);
}

function selectedBody(): string | null {
  const body = useSelection.getState().picked.find((one) => one.kind === "body");
  return body?.kind === "body" ? (useModelInfo.getState().bodies[body.index] ?? null) : null;
}

function hideSelected(): void {
  const name = selectedBody();
  if (name) useViewer.getState().toggleBody(name);
  else useToasts.getState().push({ tone: "info", title: "No body is selected", detail: "Select one under Parts." });
}

function isolateSelected(): void {
  const name = selectedBody();
  if (name) useViewer.getState().isolate(name, useModelInfo.getState().bodies);
  else useToasts.getState().push({ tone: "info", title: "No body is selected", detail: "Select one under Parts." });
}
