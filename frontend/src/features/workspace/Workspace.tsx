import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { Link, useParams, useSearchParams } from "react-router";
import { useWebSocket } from "@/features/connection/useWebSocket";
import { useRun } from "@/features/project/runStore";
import { useProjectState, useRevisions, useRevisionState, useSteerRun, useUnits } from "@/features/project/useProject";
import { useSelectionSync } from "@/features/inspect/useSelectionSync";
import { DraftBanner } from "@/features/preview/DraftBanner";
import { usePreview } from "@/features/preview/store";
import { LockedSidebar } from "@/features/sidebar/LockedSidebar";
import { ApiError } from "@/lib/api";
import { latest } from "@/lib/search";
import { Button } from "@/ui/Button";
import { EmptyState } from "@/ui/Panel";
import { FailedBanner } from "./FailedBanner";
import { useWorkspaceCommands } from "./commands";
import { Dock } from "./Dock";
import { type PanelApi, PanelContext } from "./PanelContext";
import { SingleColumn } from "./SingleColumn";
import { StatusBar } from "./StatusBar";
import { useAddress } from "./useAddress";
import { useModelMemory } from "./useModelMemory";
import { useNarrow } from "./useNarrow";
import styles from "./Workspace.module.css";
import { WorkspaceContext, type WorkspaceValue } from "./WorkspaceContext";

/** A project: its panels around the model. Nothing of one that was open before is left in it. */
export default function Workspace() {
  const { projectId = "" } = useParams();
  return <Project key={projectId} projectId={projectId} />;
}

function Project({ projectId }: { projectId: string }) {
  const [search, setSearch] = useSearchParams();
  const { connection } = useWebSocket(projectId);
  const { data: current, error } = useProjectState(projectId);
  const starting = useRun((run) => run.starting);
  const units = useUnits(current);
  const { run, cancel } = useSteerRun(projectId);
  const running = starting || current?.status === "running" || current?.status === "queued";
  const revisionId = search.get("rev");
  const revisions = useRevisions(projectId);
  const revision = revisions.data?.revisions.find((known) => known.id === revisionId) ?? null;
  const older = useRevisionState(revision?.state ?? null);
  const state = revision ? older.data : current;
  const { modelId: keptModel, modelState } = useModelMemory(`${projectId}/${revision?.id ?? ""}`, state);
  const inert = connection === "closed";
  useReadAgain(inert);
  const draft = usePreview((preview) => preview.draft);
  const modelId = draft?.projectId === projectId && (revision === null || draft.from === "study") && modelState ? draft.modelId : keptModel;

  const showRevision = useCallback(
    (id: string | null) =>
      setSearch((before) => {
        const params = latest(before);
        if (id) params.set("rev", id);
        else params.delete("rev");
        return params;
      }),
    [setSearch],
  );
  const value = useMemo<WorkspaceValue>(
    () => ({
      projectId,
      state,
      current,
      modelId,
      modelState,
      revisionId: revision?.id ?? null,
      showRevision,
      units,
      running,
      inert,
      run: async (request) => {
        showRevision(null);
        return run(request);
      },
      cancel,
    }),
    [projectId, state, current, modelId, modelState, revision, showRevision, units, running, inert, run, cancel],
  );
  useEffect(() => {
    const brief = current?.core.user_intent;
    document.title = brief ? `${brief.slice(0, 60)} – BRICK OS` : "BRICK OS";
  }, [current?.core.user_intent]);

  if (error && !current) {
    const missing = error instanceof ApiError && error.status === 404;
    return (
      <main className={styles.missing}>
        <EmptyState
          title={missing ? "There is no such project" : "The project can't be read"}
          action={
            <Link to="/" className={styles.back}>
              All projects
            </Link>
          }
        >
          {error.message} {error instanceof ApiError && !missing ? error.nextAction : ""}
        </EmptyState>
      </main>
    );
  }
  return (
    <WorkspaceContext.Provider value={value}>
      <Frame>
        <DraftBanner />
        <FailedBanner />
        {connection === "closed" && (
          <div className={styles.offline} role="alert">
            The server can’t be heard. What you see is the last state; the page goes on by itself when it is back.
          </div>
        )}
        {revision && (
          <div className={styles.revision} role="status">
            You look at revision {revision.number}.
            <Button size="s" onClick={() => showRevision(null)}>
              Back to the present
            </Button>
          </div>
        )}
      </Frame>
    </WorkspaceContext.Provider>
  );
}

/** What could not be read while the server was not heard is read again when it is; parts it looked into it may have forgotten. */
function useReadAgain(inert: boolean) {
  const client = useQueryClient();
  useEffect(() => {
    if (!inert) return;
    return () => {
      client.removeQueries({ queryKey: ["look"], type: "inactive" });
      void client.invalidateQueries({ queryKey: ["look"] });
      void client.refetchQueries({ predicate: (query) => query.state.status === "error" && query.isActive() });
    };
  }, [client, inert]);
}

/** Sidebar, panels and status bar; wide as docked groups, narrow as one column. */
function Frame({ children }: { children: React.ReactNode }) {
  const narrow = useNarrow();
  const [panels, setPanels] = useState<PanelApi>(() => ({
    openTabs: [],
    activeTab: null,
    open: () => undefined,
    close: () => undefined,
    resetLayout: () => undefined,
  }));
  useWorkspaceCommands(panels);
  return (
    <PanelContext.Provider value={panels}>
      <InStep panels={panels} />
      <div className={styles.frame}>
        <LockedSidebar />
        <main className={styles.main}>
          {children}
          <div className={styles.panels}>{narrow ? <SingleColumn onPanels={setPanels} /> : <Dock onPanels={setPanels} />}</div>
          <StatusBar />
        </main>
      </div>
    </PanelContext.Provider>
  );
}

/** What keeps the parts of the workspace in step and needs no place on the page. */
function InStep({ panels }: { panels: PanelApi }) {
  useSelectionSync();
  useAddress(panels);
  return null;
}
