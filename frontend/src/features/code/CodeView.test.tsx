import { EditorView } from "@codemirror/view";
import { render } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { bracketView } from "@/test/fixtures";
import CodeView from "./CodeView";

const code = bracketView().geometry.kcl_code;

function open(change: Partial<React.ComponentProps<typeof CodeView>> = {}) {
  const props = { code, readOnly: false, marks: [], problem: null, reveal: null, onEdit: vi.fn(), onLine: vi.fn(), ...change };
  const { container, rerender } = render(<CodeView {...props} />);
  const root = container.querySelector("[data-editor]")?.shadowRoot;
  const editor = EditorView.findFromDOM(root?.querySelector<HTMLElement>(".cm-editor") as HTMLElement) as EditorView;
  return { editor, props, again: (more: Partial<typeof props>) => rerender(<CodeView {...props} {...more} />) };
}

describe("CodeView", () => {
  it("holds the program letter for letter, and tells what a person changes", () => {
    const { editor, props } = open();
    expect(editor.state.doc.toString()).toBe(code);
    expect(props.onEdit).not.toHaveBeenCalled();
    editor.dispatch({ changes: { from: 0, insert: "// mine\n" }, userEvent: "input.type" });
    expect(props.onEdit).toHaveBeenCalledWith(`// mine\n${code}`);
  });
  it("tells the line that a person goes to, and not the one that the page shows", () => {
    const { editor, props, again } = open();
    editor.dispatch({ selection: { anchor: editor.state.doc.line(5).from }, userEvent: "select.pointer" });
    expect(props.onLine).toHaveBeenCalledExactlyOnceWith(5);
    again({ reveal: 9 });
    expect(props.onLine).toHaveBeenCalledTimes(1);
  });
  it("keeps every letter where the page answers more slowly than a hand types, with the cursor where it was", () => {
    const { editor, props, again } = open({ code: "a = 1\nb = 2\n" });
    const type = (letter: string) => editor.dispatch({ ...editor.state.replaceSelection(letter), userEvent: "input.type" });
    editor.dispatch({ selection: { anchor: 5 } });
    for (const letter of "234") type(letter);
    const told = vi.mocked(props.onEdit).mock.calls.map(([text]) => text);
    expect(told).toEqual(["a = 12\nb = 2\n", "a = 123\nb = 2\n", "a = 1234\nb = 2\n"]);
    again({ code: told[0] ?? "" });
    expect(editor.state.doc.toString()).toBe(told[2]);
    type("5");
    again({ code: told[2] ?? "" });
    expect(editor.state.doc.toString()).toBe("a = 12345\nb = 2\n");
    expect(editor.state.selection.main.head).toBe(9);
    again({ code: "a = 12345\nb = 3\n" }); // from elsewhere: taken, and the cursor stays with its words
    expect(editor.state.doc.toString()).toBe("a = 12345\nb = 3\n");
    expect(editor.state.selection.main.head).toBe(9);
  });
  it("takes no letter while it is locked", () => {
    const { editor } = open({ readOnly: true });
    expect(editor.state.readOnly).toBe(true);
  });
  it("marks the words of a selection and what was changed, and puts an error at its line", () => {
    const { editor, again } = open();
    again({ marks: [{ line: 3, kind: "source" }, { line: 3, kind: "changed" }, { line: 900, kind: "source" }], problem: { line: 4, column: 2, message: "unknown name" } });
    const marked = [...editor.dom.querySelectorAll(".cm-line")].map((line, index) => [index + 1, line.className] as const).filter(([, name]) => /source|changed/.test(name));
    expect(marked).toHaveLength(1);
    expect(marked[0]?.[0]).toBe(3);
    expect(editor.dom.querySelector(".cm-lint-marker-error")).toBeTruthy();
  });
});
