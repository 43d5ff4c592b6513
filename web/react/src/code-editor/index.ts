export { CodeEditor, type CodeEditorProps, type CodeFinding } from "./code-editor";
