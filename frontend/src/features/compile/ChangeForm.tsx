import { useQuery } from "@tanstack/react-query";
import { MapPin, X } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { answerText } from "@/features/parameters/answers";
import { useSettings } from "@/features/settings/store";
import { toastError } from "@/features/toasts/store";
import { useWorkspace } from "@/features/workspace/WorkspaceContext";
import { api, type ChatReply, newId } from "@/lib/api";
import { Button, IconButton } from "@/ui/Button";
import { useChange } from "./changeStore";
import styles from "./CompilePanel.module.css";

/** The words that ask for more matter, where the design has one thickness to grow: by a fifth. */
export function thickerWords(parameters: Record<string, { value: number; unit: string }> | undefined, units: "mm" | "in"): string {
  const found = Object.entries(parameters ?? {}).filter(([name]) => /(^|_)(thickness|wall)$/.test(name));
  const [name, quantity] = found[0] ?? [];
  if (!name || !quantity || found.length > 1) return "";
  const step = units === "in" ? 25.4 / 32 : 0.5;
  const thicker = Math.ceil((quantity.value * 1.2) / step) * step;
  return `make it ${answerText(thicker, quantity.unit, units)} thick`;
}

/** A change in words, at a place of the part where one was picked; what it leaves open is asked before anything runs. */
export function ChangeForm({ onClose }: { onClose: () => void }) {
  const { current, units, run, inert } = useWorkspace();
  const { about, line, done } = useChange();
  const provider = useSettings((settings) => settings.provider);
  const [text, setText] = useState(() => (about ? thickerWords(current?.design.design_scheme.parameters, units) : ""));
  const [reply, setReply] = useState<ChatReply | null>(null);
  const [busy, setBusy] = useState(false);
  const session = useRef(newId("session"));
  const begun = useRef(false);
  const box = useRef<HTMLTextAreaElement>(null);
  const health = useQuery({ queryKey: ["health"], queryFn: ({ signal }) => api.health(signal), staleTime: 60_000 });
  const understandsPlaces = provider !== "offline" && health.data?.llm_provider !== undefined && health.data.llm_provider !== "offline";
  useEffect(() => box.current?.focus(), []);
  const close = () => {
    done();
    onClose();
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!text.trim() || !current) return;
    setBusy(true);
    try {
      if (!begun.current) await api.chat(current.core.user_intent, session.current, current.core.user_intent);
      begun.current = true;
      const place = about && understandsPlaces && !reply ? ` (at the face ${about}${line ? `, made by line ${line} of the program` : ""})` : "";
      const answer = await api.chat(text.trim() + place, session.current, current.core.user_intent);
      setReply(answer);
      setText("");
      if (answer.ready && (await run({ user_intent: answer.brief, answers: answer.answers }))) close();
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
          <IconButton label="Not about this place" icon={<X size={12} />} onClick={done} />
        </p>
      )}
      {reply && !reply.ready && <p role="status">{reply.reply}</p>}
      <label htmlFor="change-words">{reply?.question ? reply.question.text : "What should differ?"}</label>
      <textarea
        id="change-words"
        ref={box}
        rows={2}
        maxLength={20_000}
        value={text}
        placeholder={reply?.question?.example ? `for example: ${reply.question.example}` : "make it 12 mm thick; use steel S235; 8 in wide"}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && !event.shiftKey) void submit(event);
        }}
      />
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
