import { ArrowLeft, ArrowUp, Play, RotateCcw } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { Link, useNavigate } from "react-router";
import { useRun } from "@/features/project/runStore";
import { toastError } from "@/features/toasts/store";
import { api, type ChatReply, newId } from "@/lib/api";
import { Button, IconButton } from "@/ui/Button";
import { Logo } from "@/ui/Logo";
import { useChat } from "./chatStore";
import styles from "./RequirementsGatheringPage.module.css";
import { Understood } from "./Understood";

/** What keeps the design from being run. */
function stillNeeded({ questions }: ChatReply): string {
  if (questions.some(({ id }) => id === "brief" || id === "family")) return "First say which part it is.";
  return `${questions.length === 1 ? "One answer is" : `${questions.length} answers are`} still needed.`;
}

/** The conversation about a brief: it asks for what is missing, one thing at a time, and shows what it understood. */
export default function RequirementsGatheringPage() {
  const { messages, reply, busy, draft: text, pending, type, send, submit: sendDraft, flush, reset } = useChat();
  const [planFirst, setPlanFirst] = useState(false);
  const [starting, setStarting] = useState(false);
  const navigate = useNavigate();
  const end = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    document.title = "New design – BRICK OS";
    input.current?.focus();
  }, []);
  useEffect(() => {
    if (pending !== null) void flush();
  }, [pending, flush]);
  useEffect(() => {
    end.current?.scrollIntoView?.({ block: "end" });
  }, [messages, busy]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    void sendDraft();
  };
  const start = async () => {
    if (!reply) return;
    setStarting(true);
    const projectId = newId("p");
    try {
      useRun.getState().open(projectId);
      await api.run({ project_id: projectId, user_intent: reply.brief, answers: reply.answers, mode: planFirst ? "plan" : "execute" });
      reset();
      await navigate(`/p/${projectId}?panel=compile`); // where the run is told, whichever panel was seen last
    } catch (error) {
      toastError(error);
      setStarting(false);
    }
  };
  const question = reply?.question ?? null;
  const suggestions = question ? (question.options.length > 0 ? question.options : question.default ? [question.default] : []) : [];
  return (
    <div className={styles.page}>
      <header className={styles.top}>
        <Link to="/" className={styles.back} aria-label="All projects">
          <ArrowLeft size={17} aria-hidden /> <Logo size={22} />
        </Link>
        <h1>New design</h1>
        <span className={styles.grow} />
        <Button variant="ghost" size="s" icon={<RotateCcw size={13} />} disabled={messages.length === 0 && !text} onClick={reset}>
          Start over
        </Button>
      </header>
      <main className={styles.main}>
        <section className={styles.chat} aria-label="Conversation">
          {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard */}
          <div className={styles.messages} tabIndex={0} role="log" aria-label="Messages">
            {messages.length === 0 && !busy && <p className={styles.invite}>Say what the part must do: its sizes, what it carries, its material, its limits.</p>}
            {messages.map((message, index) => (
              <div key={index} className={message.role === "user" ? styles.user : styles.assistant}>
                <span className="sr-only">{message.role === "user" ? "You: " : "BRICK: "}</span>
                {message.text}
              </div>
            ))}
            {busy && (
              <div className={styles.assistant} role="status">
                <span className={styles.dots}>
                  <i /> <i /> <i />
                </span>
                <span className="sr-only">Reading</span>
              </div>
            )}
            <div ref={end} />
          </div>
          {suggestions.length > 0 && !busy && (
            <div className={styles.suggestions} role="group" aria-label="Answers to choose from">
              {suggestions.slice(0, 8).map((option) => (
                <button key={option} type="button" onClick={() => void send(option)}>
                  {option.replaceAll("_", " ")}
                </button>
              ))}
            </div>
          )}
          <form className={styles.compose} onSubmit={submit}>
            <label htmlFor="message" className="sr-only">
              {question ? "Your answer" : "Your message"}
            </label>
            <textarea
              id="message"
              ref={input}
              rows={2}
              maxLength={20_000}
              value={text}
              placeholder={question ? (question.example ? `for example: ${question.example}` : "Your answer") : reply ? "Say what should differ" : "A steel bracket that holds…"}
              onChange={(event) => type(event.target.value)}
              onKeyDown={(event) => {
                if (event.key === "Enter" && !event.shiftKey) submit(event);
              }}
            />
            <IconButton type="submit" label="Send" icon={<ArrowUp size={18} />} disabled={busy || !text.trim()} className={styles.send} />
          </form>
        </section>
        <aside className={styles.side} aria-label="What is understood">
          <Understood reply={reply} />
          <div className={styles.go}>
            <label>
              <input type="checkbox" checked={planFirst} onChange={(event) => setPlanFirst(event.target.checked)} />
              Show me the plan before anything is built
            </label>
            <Button variant="primary" size="l" icon={<Play size={16} />} disabled={!reply?.ready || busy || starting} onClick={() => void start()}>
              {starting ? "Starting…" : "Run the design"}
            </Button>
            {reply && !reply.ready && <p>{stillNeeded(reply)}</p>}
          </div>
        </aside>
      </main>
    </div>
  );
}
