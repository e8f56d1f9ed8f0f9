import { useQueryClient } from "@tanstack/react-query";
import { Eye, GitFork, History, Undo2 } from "lucide-react";
import { useNavigate } from "react-router";
import { revisionsKey, stateKey, useRevisions } from "@/features/project/useProject";
import { toastError, useToasts } from "@/features/toasts/store";
import { useWorkspace } from "@/features/workspace/WorkspaceContext";
import { api, newId, type Revision } from "@/lib/api";
import { formatAgo, formatNumber, formatQuantity, humanize, type UnitSystem } from "@/lib/format";
import { Button } from "@/ui/Button";
import { EmptyState, Panel } from "@/ui/Panel";
import { StatusBadge } from "@/ui/Status";
import styles from "./HistoryPanel.module.css";

export interface Change {
  name: string;
  from: number | null;
  to: number | null;
}

/** What differs between the parameters of two revisions. */
export function changes(before: Record<string, number> = {}, after: Record<string, number> = {}): Change[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => {
      const [a, b] = [before[name], after[name]];
      return a === undefined || b === undefined || Math.abs(a - b) > 1e-9 * Math.max(Math.abs(a), Math.abs(b));
    })
    .map((name) => ({ name, from: before[name] ?? null, to: after[name] ?? null }));
}

/** All revisions, newest first, each with its verdict and what it changed; any can be looked at. */
export function HistoryPanel() {
  const { projectId, revisionId, showRevision, units, running, inert } = useWorkspace();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { data, isLoading } = useRevisions(projectId);
  const revisions = data?.revisions ?? [];
  if (isLoading || revisions.length === 0) {
    return (
      <EmptyState icon={<History size={36} strokeWidth={1.2} />} title={isLoading ? "Reading the history…" : "No revision yet"}>
        Every run that ends makes one; none is ever changed.
      </EmptyState>
    );
  }
  const rewind = async (revision: Revision) => {
    try {
      await api.rewind(projectId, revision.id);
      showRevision(null);
      await Promise.all([client.invalidateQueries({ queryKey: stateKey(projectId) }), client.invalidateQueries({ queryKey: revisionsKey(projectId) })]);
      useToasts.getState().push({ tone: "ok", title: `Revision ${revision.number} is the present one`, detail: "The others stay in the history." });
    } catch (error) {
      toastError(error);
    }
  };
  const fork = async (revision: Revision) => {
    const created = newId("p");
    try {
      await api.fork(projectId, revision.id, created);
      useToasts.getState().push({ tone: "ok", title: `New project from revision ${revision.number}` });
      await navigate(`/p/${created}`);
    } catch (error) {
      toastError(error);
    }
  };
  return (
    <Panel title="History">
      <ol className={styles.list}>
        {[...revisions].reverse().map((revision) => {
          const parent = revisions.find((other) => other.id === revision.parent);
          const shown = revisionId === revision.id || (revisionId === null && revision.id === data?.head);
          return (
            <li key={revision.id} className={shown ? styles.shown : undefined} aria-current={shown ? "true" : undefined}>
              <header>
                <strong>Revision {revision.number}</strong>
                {revision.figures.verdict ? <StatusBadge status={revision.figures.verdict} /> : <span className={styles.label}>{revision.label}</span>}
                <span className={styles.when}>{formatAgo(revision.created_at * 1000)}</span>
                {shown ? (
                  <span className={styles.here}>shown</span>
                ) : (
                  <Button size="s" icon={<Eye size={13} />} onClick={() => showRevision(revision.id === data?.head ? null : revision.id)}>
                    Show
                  </Button>
                )}
              </header>
              <p className={styles.facts}>
                {[
                  revision.figures.family && humanize(revision.figures.family),
                  revision.figures.material?.replaceAll("_", " "),
                  revision.figures.mass_g != null && formatQuantity(revision.figures.mass_g, "g", units),
                  revision.id === data?.head && "the present one",
                ]
                  .filter(Boolean)
                  .join(" · ")}
              </p>
              <div className={styles.tools}>
                {revision.id !== data?.head && (
                  <Button size="s" variant="ghost" icon={<Undo2 size={13} />} disabled={running || inert} onClick={() => void rewind(revision)}>
                    Go back to this
                  </Button>
                )}
                <Button size="s" variant="ghost" icon={<GitFork size={13} />} disabled={inert} onClick={() => void fork(revision)}>
                  Fork
                </Button>
              </div>
              {parent && <Changes list={changes(parent.figures.parameters, revision.figures.parameters)} units={units} parent={parent} />}
            </li>
          );
        })}
      </ol>
    </Panel>
  );
}

const LENGTHLESS = /count|force|load_force|temperature|factor|pressure|power|angle/;

function Changes({ list, units, parent }: { list: Change[]; units: UnitSystem; parent: Revision }) {
  if (list.length === 0) return <p className={styles.facts}>Same sizes as revision {parent.number}</p>;
  // figures carry no unit: lengths are in mm, what is named otherwise is shown as the plain number
  const show = (name: string, value: number | null) => (value === null ? "none" : LENGTHLESS.test(name) ? formatNumber(value) : formatQuantity(value, "mm", units));
  return (
    <ul className={styles.changes}>
      {list.slice(0, 12).map((change) => (
        <li key={change.name}>
          {humanize(change.name)} <span className="num">{show(change.name, change.from)}</span> → <span className="num">{show(change.name, change.to)}</span>
        </li>
      ))}
      {list.length > 12 && <li>and {list.length - 12} more</li>}
    </ul>
  );
}
