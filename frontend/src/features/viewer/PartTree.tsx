import { Blend, Eye, EyeOff, Focus, ListTree } from "lucide-react";
import { useSelection } from "@/features/inspect/selection";
import { useWorkspace } from "@/features/workspace/WorkspaceContext";
import { formatQuantity, humanize } from "@/lib/format";
import { IconButton } from "@/ui/Button";
import { EmptyState, Panel, Section } from "@/ui/Panel";
import { useModelInfo } from "./modelInfo";
import styles from "./PartTree.module.css";
import { useViewer } from "./store";

/** Bodies with eye and isolate, and the faces that the program names. */
export function PartTree() {
  const { modelState, units } = useWorkspace();
  const drawn = useModelInfo((info) => info.bodies);
  const { hidden, ghosts, faces, tool, toggleBody, toggleGhost, isolate, set } = useViewer();
  const { picked, pick } = useSelection();
  const selected = (kind: "face" | "body", index: number) => picked.some((one) => one.kind === kind && one.index === index);
  const compiled = modelState?.geometry.compiled;
  const named = compiled?.named_faces ?? [];
  // on a narrow screen the picture is not there: the compiler knows the bodies too
  const bodies = drawn.length > 0 ? drawn : (compiled?.bodies ?? []).map((body, index) => body.name || `Body ${index + 1}`);
  if (!compiled?.solids) {
    return (
      <EmptyState icon={<ListTree size={36} strokeWidth={1.2} />} title="No parts yet">
        Bodies and named faces are listed here once the engine has compiled the model.
      </EmptyState>
    );
  }
  return (
    <Panel title="Parts">
      {bodies.length > 0 && (
        <Section title={bodies.length === 1 ? "Body" : `${bodies.length} bodies`}>
          <ul className={styles.list}>
            {bodies.map((name, index) => {
              const shown = !hidden.includes(name);
              const solid = compiled.bodies?.find((body) => body.name === name) ?? (bodies.length === compiled.bodies?.length ? compiled.bodies[index] : undefined);
              return (
                <li key={name} className={shown ? "" : styles.off}>
                  <IconButton label={shown ? `Hide ${name}` : `Show ${name}`} icon={shown ? <Eye size={15} /> : <EyeOff size={15} />} pressed={shown} onClick={() => toggleBody(name)} />
                  <button type="button" className={styles.name} aria-pressed={selected("body", index)} onClick={(event) => pick({ kind: "body", index }, event.shiftKey || tool === "measure")}>
                    {bodies.length === 1 ? humanize(modelState?.design.design_scheme.family ?? name) : name}
                  </button>
                  {solid && <span className={styles.fact}>{formatQuantity(solid.volume_mm3, "mm3", units)}</span>}
                  <IconButton label={ghosts.includes(name) ? `Show ${name} solid` : `Show through ${name}`} icon={<Blend size={15} />} pressed={ghosts.includes(name)} onClick={() => toggleGhost(name)} />
                  {bodies.length > 1 && <IconButton label={`Show only ${name}, or all again`} icon={<Focus size={15} />} onClick={() => isolate(name, bodies)} />}
                </li>
              );
            })}
          </ul>
        </Section>
      )}
      {named.length > 0 && (
        <Section
          title={`${named.length} named faces`}
          aside={
            <label className={styles.toggle}>
              <input type="checkbox" checked={faces} onChange={(event) => set({ faces: event.target.checked })} /> In the picture
            </label>
          }
        >
          <ul className={styles.list}>
            {named.map((face, index) => (
              <li key={`${face.name}-${index}`}>
                <button type="button" className={styles.face} aria-pressed={selected("face", face.face_index)} onClick={(event) => pick({ kind: "face", index: face.face_index }, event.shiftKey || tool === "measure")}>
                  {face.name}
                </button>
                <span className={styles.text}>{face.text}</span>
                <span className={styles.fact}>
                  {face.surface}
                  {face.radius_mm ? ` R ${formatQuantity(face.radius_mm, "mm", units)}` : ""}, {formatQuantity(face.area_mm2, "mm2", units, 3)}
                </span>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </Panel>
  );
}
