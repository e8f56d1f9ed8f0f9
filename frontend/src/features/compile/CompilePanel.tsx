import { Activity, CircleAlert, MessageSquarePlus, Pencil, Play, RotateCcw, Square } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useRevisions } from "@/features/project/useProject";
import { useRun } from "@/features/project/runStore";
import { useUnsent, useUnsentWords } from "@/features/project/unsentStore";
import { useWorkspace } from "@/features/workspace/WorkspaceContext";
import type { Revision } from "@/lib/api";
import { formatSeconds, humanize, type UnitSystem } from "@/lib/format";
import type { RunEvent } from "@/lib/types";
import { useNow } from "@/lib/useNow";
import { Button } from "@/ui/Button";
import { EmptyState, Panel, Section } from "@/ui/Panel";
import { StatusBadge, type StatusTone } from "@/ui/Status";
import { Words } from "@/ui/Words";
import { ApprovalDialog } from "./ApprovalDialog";
import { ChangeForm } from "./ChangeForm";
import { useChange } from "./changeStore";
import styles from "./CompilePanel.module.css";
import { QuestionForm } from "./QuestionForm";
import { StageList } from "./StageList";

const AGENT = /Agent$/;
/** The field of the unsent words that hold a changed brief. */
const BRIEF = "brief";

/** The run: what is asked, what happens stage by stage, what the agents think, and how it ended. */
export function CompilePanel() {
  const { projectId, current, units, running, inert, run, cancel } = useWorkspace();
  const revisions = useRevisions(projectId).data;
  const view = useRun((store) => store.view);
  const now = useNow(running);
  const [editing, setEditing] = useState(() => useUnsent.getState().words[projectId]?.[BRIEF] !== undefined);
  const asked = useChange((change) => change.asked[projectId]);
  const changing = asked !== undefined;
  const status = current?.status ?? "new";
  const verdict = current?.validation.verification_report;
  const tone: StatusTone = running ? "running" : status === "questions" ? "open" : (verdict?.status ?? "none");
  const ended = view.endedAt ?? (running ? now : null);
  const elapsed = view.startedAt !== null && ended !== null ? Math.max(0, (ended - view.startedAt) / 1000) : null;
  // after going back the last run is not what made the present revision
  const last = revisions?.revisions.reduce<Revision | null>((newest, revision) => (revision.number > (newest?.number ?? 0) ? revision : newest), null);
  const elsewhere = !running && last && revisions?.head !== last.id ? last.number : null;
  const later = Object.entries(revisions?.revisions.find(({ id }) => id === revisions.head)?.figures?.answers ?? {});
  if (!current) return <EmptyState icon={<Activity size={36} strokeWidth={1.2} />} title="Reading the project…" />;
  return (
    <Panel
      title="Run"
      tools={
        <>
          <StatusBadge status={tone} {...(status === "failed" && !running && { status: "fail", words: "Failed" })} {...(status === "cancelled" && !running && { words: "Stopped" })} {...(status === "waiting" && { words: "Waits for approval" })} />
          {elapsed !== null && elsewhere === null && <span className="num">{formatSeconds(elapsed)}</span>}
          <span className={styles.grow} />
          {running ? (
            <Button size="s" icon={<Square size={12} />} disabled={inert} onClick={() => void cancel()}>
              Stop
            </Button>
          ) : (
            <>
              <Button size="s" icon={<Pencil size={12} />} disabled={inert} aria-expanded={editing} onClick={() => setEditing(!editing)}>
                Change the brief
              </Button>
              <Button size="s" icon={status === "new" ? <Play size={12} /> : <RotateCcw size={12} />} disabled={inert} onClick={() => void run()}>
                {status === "new" ? "Run" : "Run again"}
              </Button>
            </>
          )}
        </>
      }
    >
      {editing && !running && (
        <BriefForm
          projectId={projectId}
          brief={current.core.user_intent}
          onClose={() => setEditing(false)}
          onRun={(brief) => run({ user_intent: brief })}
        />
      )}
      {asked && !running && <ChangeForm key={asked.wish} asked={asked} />}
      {!editing && (
        <blockquote className={styles.brief}>
          {current.core.user_intent}
          {later.length > 0 && (
            <footer>
              Since then: {later.map(([name, words]) => `${humanize(name)} ${words}`).join(", ")}
            </footer>
          )}
        </blockquote>
      )}
      {!editing && !changing && !running && status !== "new" && (
        <button type="button" className={styles.ask} disabled={inert} onClick={() => useChange.getState().ask(projectId, null, null)}>
          <MessageSquarePlus size={15} aria-hidden /> Ask for a change
        </button>
      )}
      {status === "waiting" && <ApprovalDialog />}
      {status === "questions" && !running && <QuestionForm questions={current.design.questions} />}
      {!running && current.error && (
        <div className={styles.error} role="alert">
          <CircleAlert size={18} aria-hidden />
          <div>
            <strong>
              <Words units={units}>{current.error.message}</Words>
            </strong>
            {current.error.next_action && (
              <p>
                <Words units={units}>{current.error.next_action}</Words>
              </p>
            )}
          </div>
        </div>
      )}
      {!running && verdict?.status && (
        <p className={`${styles.verdict} ${styles[verdict.status.replace(" ", "-")]}`}>
          <Words units={units}>{verdict.summary}</Words>
        </p>
      )}
      <Section title="Stages" aside={elsewhere !== null && <span className={styles.hint}>of the last run, which made revision {elsewhere}</span>}>
        <StageList stages={view.stages} now={now} running={running} units={units} />
      </Section>
      <Section title="Agent activity">
        <ActivityFeed events={view.activity} units={units} />
      </Section>
    </Panel>
  );
}

function BriefForm({ projectId, brief, onRun, onClose }: { projectId: string; brief: string; onRun: (brief: string) => Promise<boolean>; onClose: () => void }) {
  const [text, setText, drop] = useUnsentWords(projectId, BRIEF, brief);
  const leave = () => {
    drop();
    onClose();
  };
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <form
      className={styles.edit}
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim()) void onRun(text.trim()).then((started) => started && leave());
      }}
    >
      <label htmlFor="brief-edit">Brief</label>
      <textarea id="brief-edit" ref={box} rows={5} maxLength={20_000} value={text} onChange={(event) => setText(event.target.value)} />
      <p className={styles.hint}>The run makes a new revision; the earlier ones stay in the history.</p>
      <div className={styles.buttons}>
        <Button size="s" variant="ghost" onClick={leave}>
          Leave it
        </Button>
        <Button size="s" variant="primary" type="submit" disabled={!text.trim()}>
          Run with this brief
        </Button>
      </div>
    </form>
  );
}

const KIND_WORDS: Partial<Record<RunEvent["kind"], string>> = { question: "asks", error: "failed", verdict: "verdict", approval: "plan" };

/** "QualityReviewAgent" -> "Quality review"; what no agent says is said by its stage. */
function agentWords({ agent, stage }: RunEvent): string {
  return humanize(agent.replace(AGENT, "").replace(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase() || stage);
}

/** What the agents said, newest last; follows the end unless the person scrolled away from it. */
function ActivityFeed({ events, units }: { events: RunEvent[]; units: UnitSystem }) {
  const list = useRef<HTMLOListElement>(null);
  const follow = useRef(true);
  useEffect(() => {
    if (follow.current && list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [events]);
  const said = events.filter((event) => event.kind !== "stage_finished");
  if (said.length === 0) return <p className={styles.hint}>Nothing said yet.</p>;
  return (
    <ol
      ref={list}
      className={styles.feed}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard
      tabIndex={0}
      aria-label="Agent activity"
      onScroll={(event) => {
        const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
        follow.current = scrollHeight - scrollTop - clientHeight < 24;
      }}
    >
      {said.map((event) => (
        <li key={event.seq} className={event.kind === "error" ? styles.feedError : undefined}>
          <span className={styles.agent}>
            {agentWords(event)}
            {event.agent && KIND_WORDS[event.kind] && <em> {KIND_WORDS[event.kind]}</em>}
          </span>
          <span>
            <Words units={units}>{event.text}</Words>
          </span>
        </li>
      ))}
    </ol>
  );
}
