import { HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { tags } from "@lezer/highlight";

const EFFECTS = new Set(["permit", "forbid"]);
const KEYWORDS = new Set(["when", "unless", "in", "is", "has", "like", "if", "then", "else"]);
const VARIABLES = new Set(["principal", "action", "resource", "context"]);

/** https://docs.cedarpolicy.com/policies/syntax-grammar.html, as far as colours go. */
const language = StreamLanguage.define<null>({
  name: "cedar",
  startState: () => null,
  token(stream) {
    if (stream.eatSpace()) return null;
    if (stream.match("//")) {
      stream.skipToEnd();
      return "comment";
    }
    if (stream.match(/^"(?:[^"\\]|\\.)*"?/)) return "string";
    if (stream.match(/^-?\d+/)) return "number";
    const word = stream.match(/^[A-Za-z_]\w*/);
    if (!Array.isArray(word)) {
      stream.next();
      return null;
    }
    return tokenOf(word[0], stream.match(/^\s*::/, false) !== null, stream.peek() === "(");
  },
  languageData: { commentTokens: { line: "//" }, closeBrackets: { brackets: ["(", "[", "{", '"'] } },
});

function tokenOf(word: string, ofType: boolean, called: boolean): string | null {
  if (ofType) return "typeName";
  if (EFFECTS.has(word)) return "keyword";
  if (KEYWORDS.has(word)) return "keyword";
  if (VARIABLES.has(word)) return "variableName";
  if (word === "true" || word === "false") return "bool";
  return called ? "propertyName" : null;
}

const style = HighlightStyle.define([
  { tag: tags.comment, color: "var(--color-faint)", fontStyle: "italic" },
  { tag: tags.keyword, color: "var(--color-accent)", fontWeight: "500" },
  { tag: tags.variableName, color: "var(--color-busy)" },
  { tag: [tags.string, tags.number, tags.bool], color: "var(--color-good)" },
  { tag: tags.typeName, color: "var(--color-warn)" },
]);

export const cedar = [language, syntaxHighlighting(style)];
