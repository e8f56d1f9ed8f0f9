/** A small scanner of KCL for colouring: enough to tell comments, strings, numbers, keywords, calls, labels and tags. */

export type TokenKind = "comment" | "string" | "number" | "keyword" | "function" | "label" | "tag" | "operator" | "plain";

export interface Token {
  kind: TokenKind;
  text: string;
}

const KEYWORDS = new Set(["fn", "return", "if", "else", "import", "export", "as", "from", "true", "false", "none", "type", "record", "var", "sketch"]);

const SCANNER = new RegExp(
  [
    /(?<comment>\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$))/,
    /(?<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')/,
    /(?<number>\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?:mm|cm|m|in|ft|yd|deg|rad|_)?\b)/,
    /(?<tag>\$[A-Za-z_]\w*)/,
    /(?<annotation>@[A-Za-z_]\w*)/,
    /(?<word>[A-Za-z_]\w*(?:::[A-Za-z_]\w*)*)/,
    /(?<operator>\|>|==|!=|<=|>=|=>|[-+*/%^=<>&|!])/,
  ]
    .map((part) => part.source)
    .join("|"),
  "g",
);

/** Tokens whose texts, put together, are the code. */
export function tokenize(code: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (const match of code.matchAll(SCANNER)) {
    if (match.index > at) tokens.push({ kind: "plain", text: code.slice(at, match.index) });
    const text = match[0];
    tokens.push({ kind: kindOf(match.groups ?? {}, text, code, match.index + text.length), text });
    at = match.index + text.length;
  }
  if (at < code.length) tokens.push({ kind: "plain", text: code.slice(at) });
  return tokens;
}

function kindOf(groups: Record<string, string | undefined>, text: string, code: string, end: number): TokenKind {
  if (groups["comment"]) return "comment";
  if (groups["string"]) return "string";
  if (groups["number"]) return "number";
  if (groups["tag"]) return "tag";
  if (groups["annotation"]) return "keyword";
  if (groups["operator"]) return "operator";
  if (KEYWORDS.has(text)) return "keyword";
  const next = code.slice(end).match(/^\s*(.)(.?)/);
  if (next?.[1] === "(") return "function";
  // `name = value` inside brackets is a labelled argument; at the start of a line it is a variable
  if (next?.[1] === "=" && next[2] !== "=" && !/(^|\n)\s*(export\s+)?$/.test(code.slice(0, end - text.length))) return "label";
  return "plain";
}

/** Tokens by line; one that spans lines is cut at their ends. */
export function tokenLines(code: string): Token[][] {
  const lines: Token[][] = [[]];
  for (const token of tokenize(code)) {
    token.text.split("\n").forEach((part, index) => {
      if (index > 0) lines.push([]);
      if (part) lines.at(-1)?.push({ kind: token.kind, text: part });
    });
  }
  return lines;
}
