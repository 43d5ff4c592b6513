/** A statement of Cedar in its parts, each as it is written. */
export interface CedarStatement {
  effect: "permit" | "forbid";
  principal: string;
  action: string;
  resource: string;
  conditions: { kind: "when" | "unless"; text: string }[];
}

/**
 * The statements of a policy that is valid. It knows no more of Cedar than where texts, comments and brackets end, so that
 * it has something to say about every policy.
 */
export function statementsOf(text: string): CedarStatement[] {
  const statements: CedarStatement[] = [];
  let rest = tokensOf(text);
  for (;;) {
    const start = rest.findIndex(({ word }) => word === "permit" || word === "forbid");
    if (start < 0) return statements;
    const effect = rest[start]?.word as CedarStatement["effect"];
    const [scope, behind] = bracketed(rest.slice(start + 1));
    const [principal = "", action = "", resource = ""] = split(scope).map((part) => written(text, part));
    const conditions: CedarStatement["conditions"] = [];
    rest = behind;
    while (rest[0]?.word === "when" || rest[0]?.word === "unless") {
      const [condition, next] = bracketed(rest.slice(1));
      conditions.push({ kind: rest[0].word, text: written(text, condition) });
      rest = next;
    }
    statements.push({ effect, principal, action, resource, conditions });
  }
}

/** What there is to say of a statement, in the order of its parts: for whom, what, on what, when. */
export function partsOf(statement: CedarStatement): { name: string; said: string }[] {
  const open = (part: string, variable: string, all: string) => (part === variable ? all : part);
  return [
    { name: "Who", said: open(statement.principal, "principal", "everybody") },
    { name: "What", said: open(statement.action, "action", "everything") },
    { name: "On what", said: open(statement.resource, "resource", "everything") },
    ...statement.conditions.map(({ kind, text }) => ({
      name: kind === "when" ? "When" : "Unless",
      said: text,
    })),
  ];
}

interface Token {
  word: string;
  start: number;
  end: number;
}

function tokensOf(text: string): Token[] {
  const found = text.matchAll(/"(?:\\.|[^"\\])*"|\/\/[^\n]*|\w+|[^\s\w]/gs);
  return [...found]
    .map((match) => ({ word: match[0], start: match.index, end: match.index + match[0].length }))
    .filter(({ word }) => !word.startsWith("//"));
}

const DEPTH: Record<string, number> = { "(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1 };

/** What stands in the brackets that begin here, and what comes behind them. */
function bracketed(tokens: Token[]): [Token[], Token[]] {
  let depth = 0;
  const end = tokens.findIndex(({ word }) => {
    depth += DEPTH[word] ?? 0;
    return depth === 0;
  });
  return end < 0 ? [tokens.slice(1), []] : [tokens.slice(1, end), tokens.slice(end + 1)];
}

/** The parts between the commas that are in no bracket. */
function split(tokens: Token[]): Token[][] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    depth += DEPTH[token.word] ?? 0;
    if (token.word === "," && depth === 0) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

function written(text: string, tokens: Token[]): string {
  const lines = text.slice(tokens[0]?.start ?? 0, tokens.at(-1)?.end ?? 0).split("\n");
  return lines.map((line) => line.trim()).join("\n");
}
