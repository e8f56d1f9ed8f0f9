import { RotateCcw } from "lucide-react";
import { useMemo, useState } from "react";
import { comboOf, keysOf } from "@/features/commands/keys";
import { useCommandRegistry } from "@/features/commands/registry";
import styles from "./SettingsPanel.module.css";
import { useSettings } from "./store";

/** Every command with its keys; press new ones to change them. */
export function KeysEditor() {
  const sources = useCommandRegistry((registry) => registry.sources);
  const { keys, set } = useSettings();
  const [recording, setRecording] = useState<string | null>(null);
  const [filter, setFilter] = useState("");
  const [told, setTold] = useState("");
  const commands = useMemo(() => Object.values(sources).flat(), [sources]);
  const shown = commands.filter((command) => `${command.title} ${command.group}`.toLowerCase().includes(filter.toLowerCase()));
  const bind = (id: string, combo: string) => {
    const { [id]: _old, ...others } = keys;
    const usual = commands.find((command) => command.id === id)?.keys;
    // one that had these keys gives them up
    const taken = commands.find((command) => command.id !== id && combo !== "" && keysOf(command, keys) === combo);
    set({ keys: { ...others, ...(taken && { [taken.id]: "" }), ...(combo !== (usual ?? "") && { [id]: combo }) } });
    setTold(taken ? `${combo} belonged to “${taken.title}”, which has no keys now.` : "");
    setRecording(null);
  };
  return (
    <>
      <div className={styles.keysHead}>
        <h3>Keys</h3>
        <input type="search" aria-label="Search keys" placeholder="Search" value={filter} onChange={(event) => setFilter(event.target.value)} />
        <button
          type="button"
          disabled={Object.keys(keys).length === 0}
          onClick={() => {
            set({ keys: {} });
            setTold("Every command has its usual keys again.");
          }}
        >
          <RotateCcw size={12} aria-hidden /> Usual keys
        </button>
      </div>
      <p className={styles.hint} role="status">
        {told}
      </p>
      <ul className={styles.keyList}>
        {shown.map((command) => {
          const combo = keysOf(command, keys);
          const open = recording === command.id;
          return (
            <li key={command.id}>
              <span>{command.title}</span>
              <small>{command.group}</small>
              <button
                type="button"
                data-own={keys[command.id] !== undefined}
                aria-label={open ? `Press keys… for ${command.title}; Escape leaves it, Delete takes them away` : `${command.title}: ${combo ?? "none"}; change its keys`}
                onClick={() => setRecording(open ? null : command.id)}
                onBlur={() => open && setRecording(null)}
                onKeyDown={(event) => {
                  if (!open || event.key === "Tab") return; // Tab leaves, as everywhere
                  event.preventDefault();
                  event.stopPropagation();
                  if (event.key === "Escape") return setRecording(null);
                  if (event.key === "Delete" || event.key === "Backspace") return bind(command.id, "");
                  const pressed = comboOf(event);
                  if (pressed) bind(command.id, pressed);
                }}
              >
                {open ? "Press keys…" : combo ? <kbd>{combo}</kbd> : <span className={styles.noKeys}>none</span>}
              </button>
            </li>
          );
        })}
      </ul>
      <p className={styles.hint}>In the picture: arrows turn, + and − zoom, Escape clears the selection. F6 goes to the next group of panels.</p>
    </>
  );
}
