import { HelpCircle } from "lucide-react";
import type { FormEvent } from "react";
import { useUnsent, useUnsentOf } from "@/features/project/unsentStore";
import { useWorkspace } from "@/features/workspace/WorkspaceContext";
import type { Question } from "@/lib/types";
import { Button } from "@/ui/Button";
import styles from "./CompilePanel.module.css";

/** What the brief leaves open, each with its reason; the answers start the next run. */
export function QuestionForm({ questions }: { questions: readonly Question[] }) {
  const { projectId, run, inert } = useWorkspace();
  const typed = useUnsentOf(projectId);
  const fieldOf = (question: Question) => `answer ${question.id}`;
  const answerOf = (question: Question) => (typed[fieldOf(question)] ?? question.default ?? "").trim();
  const given = questions.filter((question) => answerOf(question) !== "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (given.length === 0) return;
    const answers = Object.fromEntries(given.map((question) => [question.id, answerOf(question)]));
    void run({ answers }).then((started) => started && useUnsent.getState().drop(projectId, ...questions.map(fieldOf)));
  };
  return (
    <form className={styles.questions} onSubmit={submit} aria-label="Questions about the brief">
      <h3>
        <HelpCircle size={16} aria-hidden /> {questions.length === 1 ? "One thing is open" : `${questions.length} things are open`}
      </h3>
      {questions.map((question) => {
        const id = `answer-${question.id}`;
        const value = typed[fieldOf(question)] ?? question.default ?? "";
        const change = (text: string) => useUnsent.getState().put(projectId, fieldOf(question), text);
        return (
          <div key={question.id} className={styles.question}>
            <label htmlFor={id}>{question.text}</label>
            <p id={`${id}-why`} className={styles.hint}>
              {question.reason}
            </p>
            {question.options.length > 0 ? (
              <select id={id} aria-describedby={`${id}-why`} value={value} onChange={(event) => change(event.target.value)}>
                <option value="">Choose…</option>
                {question.options.map((option) => (
                  <option key={option} value={option}>
                    {option.replaceAll("_", " ")}
                  </option>
                ))}
              </select>
            ) : (
              <input
                id={id}
                aria-describedby={`${id}-why`}
                value={value}
                placeholder={question.example ? `for example: ${question.example}` : ""}
                onChange={(event) => change(event.target.value)}
              />
            )}
          </div>
        );
      })}
      <div className={styles.buttons}>
        <Button type="submit" variant="primary" size="s" disabled={inert || given.length === 0}>
          Answer and go on
        </Button>
      </div>
    </form>
  );
}
