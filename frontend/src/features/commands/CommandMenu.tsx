import { Search } from "lucide-react";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { useSettings } from "@/features/settings/store";
import { Dialog } from "@/ui/Dialog";
import styles from "./CommandMenu.module.css";
import { keysOf } from "./keys";
import { useCommandRegistry, search } from "./registry";

/** Everything that can be done here, by name. */
export function CommandMenu({ onClose }: { onClose: () => void }) {
  const sources = useCommandRegistry((registry) => registry.sources);
  const own = useSettings((settings) => settings.keys);
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const found = useMemo(() => search(Object.values(sources).flat(), query), [sources, query]);
  useEffect(() => input.current?.focus(), []);
  useEffect(() => {
    list.current?.querySelector(`[data-index="${chosen}"]`)?.scrollIntoView?.({ block: "nearest" });
  }, [chosen]);
  const run = (index: number) => {
    const command = found[index];
    if (!command) return;
    onClose();
    command.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      setChosen((chosen + step + found.length) % Math.max(found.length, 1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(chosen);
    }
  };
  return (
    <Dialog title="Commands" hideTitle onClose={onClose}>
      <div className={styles.search}>
        <Search size={16} aria-hidden />
        <input
          ref={input}
          role="combobox"
          aria-label="Search commands"
          aria-expanded
          aria-controls="command-list"
          aria-activedescendant={found[chosen] ? `command-${found[chosen].id}` : undefined}
          placeholder="What do you want to do?"
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setChosen(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <ul id="command-list" role="listbox" aria-label="Commands" className={styles.list} ref={list}>
        {found.map((command, index) => (
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events -- keys are taken by the search field
          <li
            key={command.id}
            id={`command-${command.id}`}
            role="option"
            aria-selected={index === chosen}
            data-index={index}
            className={index === chosen ? styles.chosen : undefined}
            onPointerMove={() => setChosen(index)}
            onClick={() => run(index)}
          >
            <span>{command.title}</span>
            <span className={styles.group}>{command.group}</span>
            {keysOf(command, own) && <kbd>{keysOf(command, own)}</kbd>}
          </li>
        ))}
      </ul>
      {found.length === 0 && <p className={styles.none}>No command is named so.</p>}
    </Dialog>
  );
}
