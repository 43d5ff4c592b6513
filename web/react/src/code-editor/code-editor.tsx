import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching } from "@codemirror/language";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState, type Text } from "@codemirror/state";
import { EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { cedar } from "./cedar";

export interface CodeFinding {
  severity: "error" | "warning";
  /** Both from 1. */
  line: number;
  column: number;
  message: string;
}

export interface CodeEditorProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** Marked where they are, each with its message. */
  findings?: CodeFinding[];
  invalid?: boolean;
  describedBy?: string;
}

/** Cedar with line numbers. Tab leads out of it, as out of every field. */
export function CodeEditor(props: CodeEditorProps) {
  const { label, value, findings = [], invalid = false, describedBy } = props;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const attributes = useRef(new Compartment());
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    const parent = host.current;
    if (!parent) return;
    const editor = new EditorView({
      parent,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          lineNumbers(),
          lintGutter(),
          history(),
          bracketMatching(),
          highlightActiveLine(),
          keymap.of([...defaultKeymap, ...historyKeymap]),
          EditorView.lineWrapping,
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
          attributes.current.of([]),
          theme,
          cedar,
        ],
      }),
    });
    view.current = editor;
    return () => {
      view.current = null;
      editor.destroy();
    };
  }, []);

  useEffect(() => {
    const content: Record<string, string> = { "aria-label": label, spellcheck: "false" };
    if (invalid) content["aria-invalid"] = "true";
    if (describedBy) content["aria-describedby"] = describedBy;
    const extension = EditorView.contentAttributes.of(content);
    view.current?.dispatch({ effects: attributes.current.reconfigure(extension) });
  }, [label, invalid, describedBy]);

  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  const marks = JSON.stringify(findings);
  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const diagnostics = (JSON.parse(marks) as CodeFinding[]).map((each) =>
      diagnostic(editor.state.doc, each),
    );
    editor.dispatch(setDiagnostics(editor.state, diagnostics));
  }, [marks]);

  return <div ref={host} className="overflow-hidden rounded-md border border-line bg-surface shadow-card" />;
}

/** From where the finding is to the end of the word there. */
function diagnostic(doc: Text, { severity, line, column, message }: CodeFinding): Diagnostic {
  const at = doc.line(Math.min(Math.max(1, line), doc.lines));
  const offset = [...at.text].slice(0, Math.max(0, column - 1)).join("").length;
  const from = Math.min(at.from + offset, at.to);
  const word = /^(?:\w+|\S)/.exec(at.text.slice(offset))?.[0] ?? "";
  return { from, to: Math.min(from + Math.max(1, word.length), doc.length), severity, message };
}

const theme = EditorView.theme({
  "&": { fontSize: "0.8125rem", maxHeight: "36rem" },
  ".cm-content, .cm-gutter": { minHeight: "16rem" },
  "&.cm-focused": { outline: "2px solid var(--color-accent)", outlineOffset: "-1px" },
  ".cm-scroller": { fontFamily: "var(--font-mono)", lineHeight: "1.5rem", overflow: "auto" },
  ".cm-content": { padding: "0.5rem 0", caretColor: "var(--color-ink)", color: "var(--color-text)" },
  ".cm-gutters": {
    backgroundColor: "var(--color-sunken)",
    color: "var(--color-faint)",
    border: "none",
    borderRight: "1px solid var(--color-line)",
  },
  ".cm-activeLine": { backgroundColor: "var(--color-hover)" },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": { backgroundColor: "var(--color-accent-soft)" },
  ".cm-cursor": { borderLeftColor: "var(--color-ink)" },
  ".cm-tooltip": {
    backgroundColor: "var(--color-raised)",
    color: "var(--color-text)",
    border: "1px solid var(--color-line)",
    borderRadius: "var(--radius-md)",
    boxShadow: "var(--shadow-pop)",
    maxWidth: "32rem",
  },
  ".cm-diagnostic": { fontFamily: "var(--font-sans)", padding: "0.375rem 0.625rem", borderLeftWidth: "3px" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--color-bad)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--color-warn)" },
});
