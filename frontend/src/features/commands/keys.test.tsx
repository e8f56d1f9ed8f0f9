import { fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { KeysEditor } from "@/features/settings/KeysEditor";
import { useSettings } from "@/features/settings/store";
import { comboOf, keysOf, useKeys } from "./keys";
import { useCommandRegistry } from "./registry";

const press = (key: string, more: object = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });
const fit = vi.fn();
const undo = vi.fn();

function Page() {
  useKeys();
  return <textarea aria-label="words" />;
}

beforeEach(() => {
  useSettings.setState({ keys: {} });
  fit.mockClear();
  undo.mockClear();
  useCommandRegistry.setState({
    sources: {
      test: [
        { id: "fit", title: "Fit the model", group: "Viewer", keys: "F", run: fit },
        { id: "undo", title: "Undo", group: "Design", keys: "Ctrl+Z", run: undo },
        { id: "bare", title: "Bare", group: "Design", run: vi.fn() },
      ],
    },
  });
});

describe("keys", () => {
  it("are written in one way", () => {
    expect(comboOf(press("f"))).toBe("F");
    expect(comboOf(press("F", { shiftKey: true }))).toBe("Shift+F");
    expect(comboOf(press("z", { metaKey: true, shiftKey: true }))).toBe("Ctrl+Shift+Z");
    expect(comboOf(press("+", { shiftKey: true }))).toBe("+");
    expect(comboOf(press("Control", { ctrlKey: true }))).toBeNull();
    expect(comboOf(press("ArrowLeft"))).toBe("←");
  });
  it("run their command, but not while words are typed", () => {
    render(<Page />);
    fireEvent.keyDown(document.body, { key: "f" });
    expect(fit).toHaveBeenCalledTimes(1);
    const words = screen.getByRole("textbox", { name: "words" });
    fireEvent.keyDown(words, { key: "f" });
    fireEvent.keyDown(words, { key: "z", ctrlKey: true });
    expect(fit).toHaveBeenCalledTimes(1);
    expect(undo).not.toHaveBeenCalled();
    fireEvent.keyDown(document.body, { key: "z", ctrlKey: true });
    expect(undo).toHaveBeenCalledTimes(1);
  });
  it("can be bound anew: one that had them gives them up, and all go back to the usual", async () => {
    render(<KeysEditor />);
    await userEvent.click(screen.getByRole("button", { name: "Bare: none; change its keys" }));
    fireEvent.keyDown(screen.getByRole("button", { name: /^Press keys… for Bare/ }), { key: "f" });
    const { keys } = useSettings.getState();
    expect(keysOf({ id: "bare" }, keys)).toBe("F");
    expect(keysOf({ id: "fit", keys: "F" }, keys)).toBeUndefined();
    await userEvent.click(screen.getByRole("button", { name: "Undo: Ctrl+Z; change its keys" }));
    fireEvent.keyDown(screen.getByRole("button", { name: /^Press keys… for Undo/ }), { key: "Delete" });
    expect(keysOf({ id: "undo", keys: "Ctrl+Z" }, useSettings.getState().keys)).toBeUndefined();
    await userEvent.click(screen.getByRole("button", { name: "Usual keys" }));
    expect(useSettings.getState().keys).toEqual({});
  });
  it("bound where not all commands are at hand are taken from the usual ones all the same", () => {
    useSettings.setState({ keys: { bare: "F" } });
    const bare = useCommandRegistry.getState().sources["test"]?.find(({ id }) => id === "bare");
    render(<Page />);
    fireEvent.keyDown(document.body, { key: "f" });
    expect(fit).not.toHaveBeenCalled();
    expect(bare?.run).toHaveBeenCalledTimes(1);
    expect(keysOf({ id: "fit", keys: "F" }, { bare: "F" })).toBeUndefined();
    expect(keysOf({ id: "undo", keys: "Ctrl+Z" }, { bare: "F" })).toBe("Ctrl+Z");
  });
});
