import { useQuery } from "@tanstack/react-query";
import { MapPin, X } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useSteerRun } from "@/features/project/useProject";
import { useSettings } from "@/features/settings/store";
import { toastError } from "@/features/toasts/store";
import { useWorkspace } from "@/features/workspace/WorkspaceContext";
import { api } from "@/lib/api";
import { Button, IconButton } from "@/ui/Button";
import { type Asked, useChange } from "./changeStore";
import styles from "./CompilePanel.module.css";
import { thicker } from "./thicker";

/** A change in words, at a place of the part where one was picked; what it leaves open is asked before anything runs. */
export function ChangeForm({ asked }: { asked: Asked }) {
  const { projectId, current, units, run, inert } = useWorkspace();
  const { about, line, face, text, reply, session } = asked;
  const { put, drop } = useChange.getState();
  const { steer } = useSteerRun(projectId);
  const provider = useSettings((settings) => settings.provider);
  const [cap, setCap] = useState<string | null>(about ? null : ""); // null: how thick it can be is being found out
  const [busy, setBusy] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  const health = useQuery({ queryKey: ["health"], queryFn: ({ signal }) => api.health(signal), staleTime: 60_000 });
  const understandsPlaces = provider !== "offline" && health.data?.llm_provider !== undefined && health.data.llm_provider !== "offline";
  useEffect(() => box.current?.focus(), []);
  const first = useRef({ parameters: current?.design.design_scheme.parameters, units, about });
  useEffect(() => {
    if (!first.current.about) return;
    const control = new AbortController();
    void thicker(projectId, first.current.parameters, first.current.units, control.signal).then((found) => {
      if (control.signal.aborted) return;
      setCap(found.cap);
      const { asked, put } = useChange.getState();
      if (!asked[projectId]?.typed) put(projectId, { text: found.words });
    });
    return () => control.abort();
  }, [projectId]);
  const close = () => drop(projectId);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!text.trim() || !current) return;
    setBusy(true);
    try {
      if (current.design.intent.family === "open_part") {
        if (await steer(() => api.say(projectId, text.trim(), face))) close();
        return;
      }
      const place = about && understandsPlaces && !reply ? ` (at the face ${about}${line ? `, made by line ${line} of the program` : ""})` : "";
      const answer = await api.chat(text.trim() + place, session, current.core.user_intent, { project_id: projectId, ...(about && face ? { face } : {}) });
      put(projectId, { reply: answer, text: "", typed: false });
      if (answer.ready && answer.changed && (await run({ session_id: session }))) close();
    } catch (error) {
      toastError(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className={styles.edit} onSubmit={(event) => void submit(event)} aria-label="Ask for a change">
      {about && (
        <p className={styles.place}>
          <MapPin size={13} aria-hidden /> {about}
          {line !== null && `, line ${line}`}
          <IconButton label="Not about this place" icon={<X size={12} />} onClick={() => put(projectId, { about: null, line: null, face: null })} />
        </p>
      )}
      {reply && !(reply.ready && reply.changed) && <p role="status">{reply.reply}</p>}
      <label htmlFor="change-words">{reply?.question ? reply.question.text : "What should differ?"}</label>
      <textarea
        id="change-words"
        ref={box}
        rows={2}
        maxLength={20_000}
        value={text}
        placeholder={reply?.question?.example ? `for example: ${reply.question.example}` : "make it 12 mm thick; use steel S235; 8 in wide"}
        onChange={(event) => put(projectId, { text: event.target.value, typed: event.target.value !== "" })}
        onKeyDown={(event) => {
          if (event.key === "Enter" && !event.shiftKey) void submit(event);
        }}
      />
      <p className={styles.hint} role="status">
        {cap === null ? "Finding how thick it can be… " : cap && `${cap} `}
      </p>
      <p className={styles.hint}>The run makes a new revision; the earlier ones stay in the history.</p>
      <div className={styles.buttons}>
        <Button size="s" variant="ghost" onClick={close}>
          Leave it
        </Button>
        <Button size="s" variant="primary" type="submit" disabled={inert || busy || !text.trim()}>
          {busy ? "Reading…" : "Change and run"}
        </Button>
      </div>
    </form>
  );
}
