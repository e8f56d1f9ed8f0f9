import { useEffect } from "react";
import { create } from "zustand";

export interface Command {
  id: string;
  title: string;
  group: string;
  keys?: string;
  run: () => void;
}

interface Commands {
  sources: Record<string, Command[]>;
  put: (source: string, commands: Command[]) => void;
  drop: (source: string) => void;
}

/** What can be done on the page as it is now; each part of the page puts its own commands here while it is shown. */
export const useCommandRegistry = create<Commands>()((set) => ({
  sources: {},
  put: (source, commands) => set((state) => ({ sources: { ...state.sources, [source]: commands } })),
  drop: (source) =>
    set((state) => ({ sources: Object.fromEntries(Object.entries(state.sources).filter(([name]) => name !== source)) })),
}));

export function useCommands(source: string, commands: Command[]): void {
  const { put, drop } = useCommandRegistry.getState();
  useEffect(() => put(source, commands), [put, source, commands]);
  useEffect(() => () => drop(source), [drop, source]);
}

/** Whether the letters of `query` come in order in `text`, and how well: starts of words and runs count more. */
export function score(query: string, text: string): number {
  const wanted = query.toLowerCase().replace(/\s+/g, "");
  const where = text.toLowerCase();
  let at = 0;
  let points = 0;
  let last = -2;
  for (const letter of wanted) {
    const found = where.indexOf(letter, at);
    if (found < 0) return 0;
    points += found === last + 1 ? 3 : 1;
    if (found === 0 || /[\s:(]/.test(where[found - 1] ?? "")) points += 2;
    last = found;
    at = found + 1;
  }
  return points / Math.sqrt(text.length) + (where.startsWith(query.toLowerCase()) ? 5 : 0);
}

export function search(commands: readonly Command[], query: string): Command[] {
  if (!query.trim()) return [...commands];
  return commands
    .map((command) => ({ command, points: score(query, `${command.title} ${command.group}`) }))
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points)
    .map(({ command }) => command);
}
