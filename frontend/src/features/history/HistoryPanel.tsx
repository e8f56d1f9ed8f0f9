import { useQueryClient } from "@tanstack/react-query";
import { Eye, GitFork, History, Redo2, Tag, Undo2 } from "lucide-react";
import { useRef, useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { revisionsKey, stateKey, useRevisions } from "@/features/project/useProject";
import { toastError, useToasts } from "@/features/toasts/store";
import { useWorkspace } from "@/features/workspace/WorkspaceContext";
import { latest } from "@/lib/search";
import { api, newId, type Revision } from "@/lib/api";
import { formatAgo, formatNumber, formatQuantity, humanize, materialWords, type UnitSystem } from "@/lib/format";
import { Button } from "@/ui/Button";
import { EmptyState, Panel } from "@/ui/Panel";
import { StatusBadge } from "@/ui/Status";
import { Compare } from "./Compare";
import styles from "./HistoryPanel.module.css";
import { placed } from "./tree";

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

/** All revisions as a tree, newest first, each with its verdict and what it changed; any two can be compared. */
export function HistoryPanel() {
  const { projectId, revisionId, showRevision, units, running, inert } = useWorkspace();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { data, isLoading } = useRevisions(projectId);
  const [search, setSearch] = useSearchParams();
  const underWay = useRef(false);
  const revisions = data?.revisions ?? [];
  const chosen = (search.get("cmp") ?? "").split(",").filter((id) => revisions.some((revision) => revision.id === id));
  const choose = (ids: string[]) =>
    setSearch((before) => {
      const params = latest(before);
      if (ids.length > 0) params.set("cmp", ids.join(","));
      else params.delete("cmp");
      return params;
    });
  if (isLoading || revisions.length === 0) {
    return (
      <EmptyState icon={<History size={36} strokeWidth={1.2} />} title={isLoading ? "Reading the history…" : "No revision yet"}>
        Every run that ends makes one; none is ever changed.
      </EmptyState>
    );
  }
  const head = revisions.find((revision) => revision.id === data?.head);
  /** One thing at a time: what is clicked before the last click has had its effect is not meant twice. */
  const once = async (action: () => Promise<void>) => {
    if (underWay.current) return;
    underWay.current = true;
    try {
      await action();
    } catch (error) {
      toastError(error);
    } finally {
      underWay.current = false;
    }
  };
  const steer = (action: () => Promise<unknown>, title: (answer: unknown) => string, detail?: string) =>
    once(async () => {
      const answer = await action();
      showRevision(null);
      await Promise.all([client.invalidateQueries({ queryKey: stateKey(projectId) }), client.invalidateQueries({ queryKey: revisionsKey(projectId) })]);
      useToasts.getState().push({ tone: "ok", title: title(answer), ...(detail && { detail }) });
    });
  const fork = (revision: Revision) =>
    once(async () => {
      const created = newId("p");
      await api.fork(projectId, revision.id, created);
      useToasts.getState().push({ tone: "ok", title: `New project from revision ${revision.number}` });
      await navigate(`/p/${created}`);
    });
  const [first, second] = chosen.map((id) => revisions.find((revision) => revision.id === id)).sort((a, b) => (a?.number ?? 0) - (b?.number ?? 0));
  const busy = running || inert;
  return (
    <Panel
      title="History"
      tools={
        <>
          <Button size="s" icon={<Undo2 size={13} />} disabled={busy || !head?.parent} onClick={() => void steer(() => api.undo(projectId), (answer) => `Back to revision ${numberOf(answer)}`)}>
            Undo
          </Button>
          <Button
            size="s"
            icon={<Redo2 size={13} />}
            disabled={busy || !revisions.some((revision) => revision.parent === data?.head)}
            onClick={() => void steer(() => api.redo(projectId), (answer) => `Forward to revision ${numberOf(answer)}`)}
          >
            Redo
          </Button>
          <span>{revisions.length > 1 ? (chosen.length === 1 ? "Choose a second one to compare" : "Choose two to compare") : ""}</span>
        </>
      }
    >
      {first && second && <Compare old={first} other={second} head={data?.head ?? null} onClose={() => choose([])} />}
      <ol className={styles.list}>
        {placed(revisions)
          .reverse()
          .map(({ revision, lane, from }) => {
            const parent = revisions.find((other) => other.id === revision.parent);
            const shown = revisionId === revision.id || (revisionId === null && revision.id === data?.head);
            const picked = chosen.includes(revision.id);
            return (
              <li key={revision.id} className={shown ? styles.shown : undefined} aria-current={shown ? "true" : undefined} data-lane={Math.min(lane, 4)}>
                <header>
                  <strong>Revision {revision.number}</strong>
                  {revision.figures.verdict ? <StatusBadge status={revision.figures.verdict} /> : <span className={styles.label}>{revision.label}</span>}
                  <span className={styles.grow} />
                  {shown ? (
                    <span className={styles.here}>shown</span>
                  ) : (
                    <Button size="s" icon={<Eye size={13} />} onClick={() => showRevision(revision.id === data?.head ? null : revision.id)}>
                      Show
                    </Button>
                  )}
                </header>
                <Names revision={revision} projectId={projectId} inert={inert} />
                <p className={styles.facts}>
                  {[
                    formatAgo(revision.created_at * 1000),
                    from && `from revision ${from.number}`,
                    revision.figures.family && humanize(revision.figures.family),
                    materialWords(revision.figures.material),
                    revision.figures.mass_g != null && formatQuantity(revision.figures.mass_g, "g", units),
                    revision.figures.depth === "fast" && "finite elements not run",
                    revision.id === data?.head && "the present one",
                  ]
                    .filter(Boolean)
                    .join(" · ")}
                </p>
                <div className={styles.tools}>
                  {revisions.length > 1 && (
                    <label className={styles.pick}>
                      <input
                        type="checkbox"
                        checked={picked}
                        onChange={() => choose(picked ? chosen.filter((id) => id !== revision.id) : [...chosen.slice(-1), revision.id])}
                      />
                      Compare
                    </label>
                  )}
                  {revision.id !== data?.head && (
                    <Button
                      size="s"
                      variant="ghost"
                      icon={<Undo2 size={13} />}
                      disabled={busy}
                      onClick={() => void steer(() => api.rewind(projectId, revision.id), () => `Revision ${revision.number} is the present one`, "The others stay in the history.")}
                    >
                      Go back to this
                    </Button>
                  )}
                  <Button size="s" variant="ghost" icon={<GitFork size={13} />} disabled={inert} onClick={() => void fork(revision)}>
                    Fork
                  </Button>
                </div>
                {parent && <Changes list={changes(parent.figures.parameters, revision.figures.parameters)} units={units} parent={parent} label={revision.label} />}
              </li>
            );
          })}
      </ol>
    </Panel>
  );
}

function numberOf(answer: unknown): number {
  return (answer as { revision: Revision }).revision.number;
}

/** The names of a revision, and a way to give it one. */
function Names({ revision, projectId, inert }: { revision: Revision; projectId: string; inert: boolean }) {
  const [naming, setNaming] = useState(false);
  const [name, setName] = useState("");
  const client = useQueryClient();
  const act = async (action: () => Promise<unknown>) => {
    try {
      await action();
      setNaming(false);
      setName("");
      await client.invalidateQueries({ queryKey: revisionsKey(projectId) });
    } catch (error) {
      toastError(error);
    }
  };
  return (
    <div className={styles.names}>
      {(revision.names ?? []).map((known) => (
        <span key={known} className={styles.nameTag}>
          <Tag size={11} aria-hidden /> {known}
          <button type="button" aria-label={`Take the name ${known} away`} disabled={inert} onClick={() => void act(() => api.unname(projectId, known))}>
            ×
          </button>
        </span>
      ))}
      {naming ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim()) void act(() => api.nameRevision(projectId, revision.id, name.trim()));
          }}
        >
          {/* eslint-disable-next-line jsx-a11y/no-autofocus -- it was just asked for */}
          <input autoFocus aria-label={`Name of revision ${revision.number}`} maxLength={80} value={name} onChange={(event) => setName(event.target.value)} onKeyDown={(event) => event.key === "Escape" && setNaming(false)} />
          <Button size="s" type="submit" disabled={!name.trim()}>
            Name it
          </Button>
        </form>
      ) : (
        <button type="button" className={styles.addName} disabled={inert} onClick={() => setNaming(true)}>
          + Name
        </button>
      )}
    </div>
  );
}

const LENGTHLESS = /count|force|load_force|temperature|factor|pressure|power|angle/;

function Changes({ list, units, parent, label }: { list: Change[]; units: UnitSystem; parent: Revision; label: string }) {
  if (list.length === 0) return <p className={styles.facts}>{/edited/.test(label) ? "Program edited" : `Same sizes as revision ${parent.number}`}</p>;
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
