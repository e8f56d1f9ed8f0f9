import type { Intent, Span } from "@/lib/types";
import styles from "./RequirementsPanel.module.css";

export interface Marked {
  text: string;
  id: string | null;
  title: string;
  unread: boolean;
}

/** The brief cut into plain and marked pieces. Where spans overlap, the one that starts first, then the longer, wins. */
export function markSpans(brief: string, spans: readonly { span: Span; id: string; title: string; unread?: boolean }[]): Marked[] {
  const sorted = [...spans]
    .filter(({ span }) => span.start >= 0 && span.end <= brief.length && span.end > span.start)
    .sort((a, b) => a.span.start - b.span.start || b.span.end - a.span.end);
  const pieces: Marked[] = [];
  let at = 0;
  for (const { span, id, title, unread } of sorted) {
    if (span.start < at) continue;
    if (span.start > at) pieces.push({ text: brief.slice(at, span.start), id: null, title: "", unread: false });
    pieces.push({ text: brief.slice(span.start, span.end), id, title, unread: unread ?? false });
    at = span.end;
  }
  if (at < brief.length) pieces.push({ text: brief.slice(at), id: null, title: "", unread: false });
  return pieces;
}

const MOST_UNREAD = 12;

/** The words that had no effect, each once; of very many the first, and how many more. */
export function unreadWords(unread: readonly Span[]): string {
  const words = [...new Set(unread.map((span) => `“${span.text}”`))];
  const more = words.length - MOST_UNREAD;
  return words.slice(0, MOST_UNREAD).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** All pieces of the brief that something was read from. */
export function spansOf(intent: Partial<Intent>) {
  const spans: { span: Span; id: string; title: string; unread?: boolean }[] = [];
  for (const requirement of intent.requirements ?? []) {
    if (requirement.span) spans.push({ span: requirement.span, id: requirement.id, title: requirement.statement });
  }
  for (const [name, quantity] of Object.entries(intent.parameters ?? {})) {
    if (quantity.span) spans.push({ span: quantity.span, id: name, title: name.replaceAll("_", " ") });
  }
  for (const load of intent.loads ?? []) if (load.span) spans.push({ span: load.span, id: load.id, title: load.kind });
  if (intent.material_span) spans.push({ span: intent.material_span, id: "material", title: "material" });
  for (const span of intent.unread ?? []) spans.push({ span, id: `unread-${span.start}`, title: "not understood", unread: true });
  return spans;
}

/** The brief with every piece marked that was read; in step with the list below it. */
export function BriefSpans({ intent, active, onActive }: { intent: Partial<Intent>; active: string | null; onActive: (id: string | null) => void }) {
  return (
    <blockquote className={styles.brief}>
      {markSpans(intent.brief ?? "", spansOf(intent)).map((piece, index) =>
        piece.id === null ? (
          <span key={index}>{piece.text}</span>
        ) : (
          <mark
            key={index}
            title={piece.title}
            className={piece.unread ? styles.markUnread : active === piece.id ? styles.markActive : styles.mark}
            onPointerEnter={() => onActive(piece.id)}
            onPointerLeave={() => onActive(null)}
          >
            {piece.text}
          </mark>
        ),
      )}
    </blockquote>
  );
}
