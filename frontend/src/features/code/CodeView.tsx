import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, indentUnit } from "@codemirror/language";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Annotation, Compartment, EditorState, RangeSetBuilder, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { kclColors, kclLanguage } from "./kclLanguage";

export interface Mark {
  line: number;
  kind: "source" | "changed";
}

export interface CodeProblem {
  line: number;
  column: number;
  message: string;
}

interface CodeViewProps {
  code: string;
  readOnly: boolean;
  marks: readonly Mark[];
  problem: CodeProblem | null;
  /** the line to bring into view, when it changes */
  reveal: number | null;
  onEdit: (code: string) => void;
  /** a person put the cursor on a line */
  onLine: (line: number) => void;
}

const fromOutside = Annotation.define<boolean>();
const setMarks = StateEffect.define<readonly Mark[]>();
const STYLE = { source: Decoration.line({ class: "cm-source" }), changed: Decoration.line({ class: "cm-changed" }) };

const markField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (old, change) => {
    for (const effect of change.effects) {
      if (!effect.is(setMarks)) continue;
      const builder = new RangeSetBuilder<Decoration>();
      const lines = change.state.doc.lines;
      for (const mark of [...effect.value].filter(({ line }) => line >= 1 && line <= lines).sort((a, b) => a.line - b.line || (a.kind < b.kind ? -1 : 1))) {
        const at = change.state.doc.line(mark.line).from;
        builder.add(at, at, STYLE[mark.kind]);
      }
      return builder.finish();
    }
    return old.map(change.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

const theme = EditorView.theme({
  "&": { height: "100%", backgroundColor: "var(--surface)", color: "var(--text)", fontSize: "0.75rem" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--font-mono)", fontVariantLigatures: "none", lineHeight: "1.65", overflow: "auto" },
  ".cm-content": { caretColor: "var(--text)", padding: "12px 0" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--text-3)", border: "none" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--text) 5%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--text) 5%, transparent)", color: "var(--text)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-selectionBackground, &.cm-focused .cm-selectionBackground": { backgroundColor: "color-mix(in srgb, var(--accent) 28%, transparent) !important" },
  ".cm-source": { backgroundColor: "var(--info-soft)", boxShadow: "inset 3px 0 0 var(--info)" },
  ".cm-changed": { backgroundColor: "var(--warn-soft)", boxShadow: "inset 3px 0 0 var(--warn)" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--bad) 1px", textUnderlineOffset: "3px" },
  ".cm-tooltip": { border: "1px solid var(--line)", borderRadius: "6px", backgroundColor: "var(--raised)", color: "var(--text)" },
  ".cm-diagnostic-error": { borderLeft: "4px solid var(--bad)" },
  ".cm-panels": { backgroundColor: "var(--raised)", color: "var(--text)", borderTop: "1px solid var(--line)" },
  ".cm-panels input, .cm-panels button": { font: "inherit", color: "inherit", background: "var(--surface)", border: "1px solid var(--line)", borderRadius: "5px" },
});

/** The one piece that differs: what is before and after it keeps its cursor. */
function changeBetween(old: string, code: string): { from: number; to: number; insert: string } {
  const most = Math.min(old.length, code.length);
  let from = 0;
  while (from < most && old[from] === code[from]) from += 1;
  let end = 0;
  while (end < most - from && old[old.length - 1 - end] === code[code.length - 1 - end]) end += 1;
  return { from, to: old.length - end, insert: code.slice(from, code.length - end) };
}

/**
 * The editor proper. It lives in a shadow root: there its styles are adopted sheets, which the server's policy (no inline
 * styles) allows, and nothing of the page's own styles reaches in but the custom properties.
 */
export default function CodeView({ code, readOnly, marks, problem, reveal, onEdit, onLine }: CodeViewProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const locked = useRef(new Compartment());
  const told = useRef({ onEdit, onLine });
  told.current = { onEdit, onLine };
  // what was typed and has not come back as `code` yet: the page is slower than a quick hand
  const typed = useRef<string[]>([]);

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const root = element.shadowRoot ?? element.attachShadow({ mode: "open" });
    const made = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: "",
        extensions: [
          lineNumbers(),
          highlightActiveLineGutter(),
          highlightActiveLine(),
          history(),
          drawSelection(),
          bracketMatching(),
          highlightSelectionMatches(),
          lintGutter(),
          indentUnit.of("  "),
          kclLanguage,
          kclColors,
          markField,
          theme,
          keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap]),
          locked.current.of([]),
          EditorView.contentAttributes.of({ "aria-label": "KCL program", tabindex: "0" }),
          EditorView.updateListener.of((update) => {
            const ours = update.transactions.some((transaction) => transaction.annotation(fromOutside));
            if (ours) return;
            if (update.docChanged) {
              const text = update.state.doc.toString();
              typed.current.push(text);
              told.current.onEdit(text);
            } else if (update.selectionSet && update.transactions.some((transaction) => transaction.isUserEvent("select")))
              told.current.onLine(update.state.doc.lineAt(update.state.selection.main.head).number);
          }),
        ],
      }),
    });
    view.current = made;
    return () => {
      made.destroy();
      view.current = null;
    };
  }, []);

  useEffect(() => {
    const current = view.current;
    if (!current) return;
    const echo = typed.current.indexOf(code);
    typed.current.splice(0, echo < 0 ? typed.current.length : echo + 1);
    const shown = current.state.doc.toString();
    if (echo >= 0 || shown === code) return;
    current.dispatch({ changes: changeBetween(shown, code), annotations: fromOutside.of(true) });
  }, [code]);
  useEffect(() => {
    view.current?.dispatch({ effects: locked.current.reconfigure(readOnly ? [EditorState.readOnly.of(true)] : []) });
  }, [readOnly]);
  useEffect(() => {
    view.current?.dispatch({ effects: setMarks.of(marks), annotations: fromOutside.of(true) });
  }, [marks, code]);
  useEffect(() => {
    const current = view.current;
    if (!current) return;
    const found: Diagnostic[] = [];
    if (problem && problem.line <= current.state.doc.lines) {
      const line = current.state.doc.line(Math.max(1, problem.line));
      const from = Math.min(line.from + Math.max(0, problem.column - 1), line.to);
      found.push({ from, to: Math.max(line.to, from), severity: "error", message: problem.message });
    }
    current.dispatch(setDiagnostics(current.state, found));
  }, [problem, code]);
  useEffect(() => {
    const current = view.current;
    if (!current || reveal === null || reveal < 1 || reveal > current.state.doc.lines) return;
    current.dispatch({ effects: EditorView.scrollIntoView(current.state.doc.line(reveal).from, { y: "center" }), annotations: fromOutside.of(true) });
  }, [reveal]);

  return <div ref={host} style={{ height: "100%" }} data-editor />;
}
