import { HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { Tag, tags } from "@lezer/highlight";
import { type Token, tokenize } from "./kcl";

const label = Tag.define();
const tagName = Tag.define();

const STYLE_OF: Record<Token["kind"], string | null> = {
  comment: "comment",
  string: "string",
  number: "number",
  keyword: "keyword",
  function: "function",
  label: "label",
  tag: "tag",
  operator: "operator",
  plain: null,
};

interface State {
  block: boolean;
  line: string;
  tokens: Token[];
  ends: number[];
}

/** KCL for the editor, by the scanner that the rest of the page colours with; line by line, block comments carried over. */
export const kclLanguage = StreamLanguage.define<State>({
  name: "kcl",
  startState: () => ({ block: false, line: "", tokens: [], ends: [] }),
  copyState: (state) => ({ ...state }),
  token: (stream, state) => {
    if (state.block) {
      if (stream.skipTo("*/")) {
        stream.match("*/");
        state.block = false;
      } else stream.skipToEnd();
      return "comment";
    }
    if (stream.match("/*")) {
      state.block = true;
      return "comment";
    }
    if (state.line !== stream.string) {
      state.line = stream.string;
      state.tokens = tokenize(stream.string);
      let at = 0;
      state.ends = state.tokens.map((token) => (at += token.text.length));
    }
    const index = state.ends.findIndex((end) => end > stream.pos);
    const end = state.ends[index];
    if (end === undefined) {
      stream.skipToEnd();
      return null;
    }
    stream.pos = end;
    const kind = state.tokens[index]?.kind ?? "plain";
    return STYLE_OF[kind];
  },
  tokenTable: { function: tags.function(tags.variableName), label, tag: tagName },
  languageData: { commentTokens: { line: "//", block: { open: "/*", close: "*/" } }, closeBrackets: { brackets: ["(", "[", "{", '"'] } },
});

const color = (name: string) => `var(--code-${name})`;

export const kclColors = syntaxHighlighting(
  HighlightStyle.define([
    { tag: tags.comment, color: color("comment"), fontStyle: "italic" },
    { tag: tags.string, color: color("string") },
    { tag: tags.number, color: color("number") },
    { tag: tags.keyword, color: color("keyword") },
    { tag: tags.function(tags.variableName), color: color("function") },
    { tag: label, color: "var(--text-2)" },
    { tag: tagName, color: "var(--accent)" },
    { tag: tags.operator, color: "var(--text-2)" },
  ]),
);
