import { useEffect } from "react";
import { useSettings } from "@/features/settings/store";
import { type Command, useCommandRegistry } from "./registry";

const NAMES: Record<string, string> = { " ": "Space", ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓" };

/** "Ctrl+Shift+Z", "F", "0": the keys of an event in one way of writing; null for a modifier alone. */
export function comboOf(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">): string | null {
  if (["Control", "Shift", "Alt", "Meta", "Tab", "Dead", "AltGraph"].includes(event.key)) return null;
  const key = NAMES[event.key] ?? (event.key.length === 1 ? event.key.toUpperCase() : event.key);
  const letter = /^[A-Z]$/.test(key) || event.key.length > 1;
  return [event.ctrlKey || event.metaKey ? "Ctrl" : "", event.altKey ? "Alt" : "", event.shiftKey && letter ? "Shift" : "", key].filter(Boolean).join("+");
}

/** The keys of a command: the person's, else the usual ones where the person has not given those to another. */
export function keysOf(command: Pick<Command, "id" | "keys">, own: Record<string, string>): string | undefined {
  const chosen = own[command.id];
  if (chosen !== undefined) return chosen || undefined;
  return Object.values(own).includes(command.keys ?? "") ? undefined : command.keys;
}

/** Whether letters go into a text where the event comes from, within the editor's shadow root too. */
function typing(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0];
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest?.("[contenteditable=true]")) return true;
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "button", "range"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

/** Runs the command of the keys that are pressed, on the page as it is now. */
export function useKeys(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      const combo = comboOf(event);
      if (!combo || (typing(event) && !/^(Ctrl|Alt)\+/.test(combo))) return;
      // undo and redo belong to the text that is being edited
      if (typing(event) && /^Ctrl\+(Shift\+)?[ZYACVX]$/.test(combo)) return;
      const own = useSettings.getState().keys;
      const command = Object.values(useCommandRegistry.getState().sources)
        .flat()
        .find((one) => keysOf(one, own) === combo);
      if (!command || (document.querySelector("dialog[open]") && command.id !== "commands")) return;
      event.preventDefault();
      command.run();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}
