import { useQuery } from "@tanstack/react-query";
import { api } from "@/lib/api";
import { Dialog } from "@/ui/Dialog";
import { Segmented } from "@/ui/Segmented";
import { KeysEditor } from "./KeysEditor";
import styles from "./SettingsPanel.module.css";
import { type MouseScheme, useSettings } from "./store";

export const MOUSE_WORDS: Record<MouseScheme, { label: string; about: string }> = {
  brick: { label: "BRICK", about: "Left turns, right or middle moves, wheel zooms; a click probes." },
  onshape: { label: "Onshape", about: "Right turns, middle moves, wheel zooms; left only probes." },
  solidworks: { label: "SolidWorks", about: "Middle turns, right or Ctrl + middle moves, wheel zooms; left only probes." },
  blender: { label: "Blender", about: "Middle turns, Shift + middle moves, right drags the zoom; left only probes." },
};

/** What this browser remembers of a person's taste. */
export function SettingsPanel({ onClose }: { onClose: () => void }) {
  const { theme, units, mouse, provider, set } = useSettings();
  const health = useQuery({ queryKey: ["health"], queryFn: ({ signal }) => api.health(signal), staleTime: 60_000 });
  return (
    <Dialog title="Settings" onClose={onClose}>
      <div className={styles.body}>
        <div className={styles.row}>
          <div>
            <h3>Theme</h3>
            <p>System follows the setting of your computer.</p>
          </div>
          <Segmented
            label="Theme"
            value={theme}
            onChange={(value) => set({ theme: value })}
            options={[
              { value: "light", label: "Light" },
              { value: "dark", label: "Dark" },
              { value: "system", label: "System" },
            ]}
          />
        </div>
        <div className={styles.row}>
          <div>
            <h3>Units</h3>
            <p>How values are shown: mm, N, MPa, g; or in, lbf, ksi, lb. Files keep their own.</p>
          </div>
          <Segmented
            label="Units"
            value={units}
            onChange={(value) => set({ units: value })}
            options={[
              { value: "brief", label: "As the brief" },
              { value: "mm", label: "mm" },
              { value: "in", label: "in" },
            ]}
          />
        </div>
        <div className={styles.row}>
          <div>
            <h3>Mouse in the viewer</h3>
            <p>{MOUSE_WORDS[mouse].about}</p>
          </div>
          <Segmented
            label="Mouse scheme"
            value={mouse}
            onChange={(value) => set({ mouse: value })}
            options={(Object.keys(MOUSE_WORDS) as MouseScheme[]).map((value) => ({ value, label: MOUSE_WORDS[value].label }))}
          />
        </div>
        <div className={styles.row}>
          <div>
            <h3>Who reads words</h3>
            <p>
              {health.data?.llm_provider && health.data.llm_provider !== "offline"
                ? `The server uses the language model ${health.data.llm_provider}; rules alone read the brief without any.`
                : "The server has no language model: rules read the brief. BRICK_LLM_PROVIDER on the server sets one."}
            </p>
          </div>
          <Segmented
            label="Who reads words"
            value={provider}
            onChange={(value) => set({ provider: value })}
            options={[
              { value: "server", label: health.data?.llm_provider ?? "As the server" },
              { value: "offline", label: "Rules alone", disabled: health.data?.llm_provider === "offline" },
            ]}
          />
        </div>
        <KeysEditor />
      </div>
    </Dialog>
  );
}
