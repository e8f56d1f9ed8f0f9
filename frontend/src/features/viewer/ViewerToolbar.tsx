import {
  AudioWaveform,
  Axis3d,
  Box,
  Camera,
  Crosshair,
  Ellipsis,
  Grid3x3,
  Maximize,
  Minus,
  PencilRuler,
  Plus,
  RotateCcw,
  Ruler,
  Scissors,
  Spline,
  Tags,
  Ungroup,
  View,
  Waves,
} from "lucide-react";
import type { ReactNode } from "react";
import { formatNumber, formatQuantity, type UnitSystem } from "@/lib/format";
import { IconButton } from "@/ui/Button";
import { Popover } from "@/ui/Popover";
import { Segmented } from "@/ui/Segmented";
import { Slider } from "@/ui/Slider";
import { availableFields, fieldInfo } from "./fields";
import type { Model } from "./model";
import { AXES, sectionPosition } from "./sections";
import { type FieldName, useViewer } from "./store";
import { saveScreenshot } from "./screenshot";
import styles from "./ViewerToolbar.module.css";
import { VIEW_NAMES, VIEWS } from "./views";

const ICON = 17;

/** A scale that makes the largest displacement about a twelfth of the model. */
export function visibleScale(model: Model): number {
  const largest = model.displacement?.max.value ?? 0;
  if (largest <= 0) return 1;
  const raw = model.size / 12 / largest;
  const power = 10 ** Math.floor(Math.log10(raw));
  return ([1, 2, 5].findLast((nice) => nice * power <= raw) ?? 1) * power;
}

interface Tool {
  label: string;
  icon: ReactNode;
  pressed: boolean;
  shortcut?: string;
  onClick: () => void;
}

export function ViewerToolbar({ model, units, strengthMpa, name, modes = [] }: { model: Model; units: UnitSystem; strengthMpa: number | null; name: string; modes?: readonly string[] }) {
  const viewer = useViewer();
  const { set, setSection, controls } = viewer;
  const fields = availableFields(model, strengthMpa);
  const natural = model.displacement ? visibleScale(model) : 1;
  const several = model.bodies.length > 1;
  // where the bar has no room for them they are lines of a menu, with their names
  const toggles: Tool[] = [
    { label: "Edges", icon: <Box size={ICON} />, pressed: viewer.edges, onClick: () => set({ edges: !viewer.edges }) },
    { label: "See through", icon: <View size={ICON} />, pressed: viewer.xray, onClick: () => set({ xray: !viewer.xray }) },
    { label: "Grid", icon: <Grid3x3 size={ICON} />, pressed: viewer.grid, onClick: () => set({ grid: !viewer.grid }) },
    { label: "Markers of least and largest value", icon: <Crosshair size={ICON} />, pressed: viewer.markers, onClick: () => set({ markers: !viewer.markers }) },
    { label: "Named faces", icon: <Tags size={ICON} />, pressed: viewer.faces, onClick: () => set({ faces: !viewer.faces }) },
    {
      label: viewer.orthographic ? "Orthographic; switch to perspective" : "Perspective; switch to orthographic",
      icon: viewer.orthographic ? <PencilRuler size={ICON} /> : <Axis3d size={ICON} />,
      pressed: viewer.orthographic,
      shortcut: "O",
      onClick: () => set({ orthographic: !viewer.orthographic }),
    },
  ];
  const actions = [
    { label: "Zoom in", icon: <Plus size={ICON} />, shortcut: "+", onClick: () => controls?.zoom(1.35) },
    { label: "Zoom out", icon: <Minus size={ICON} />, shortcut: "−", onClick: () => controls?.zoom(1 / 1.35) },
    {
      label: "Reset the view's settings",
      icon: <RotateCcw size={ICON} />,
      onClick: () => {
        viewer.reset();
        controls?.view("iso");
      },
    },
    { label: "Save a picture", icon: <Camera size={ICON} />, onClick: () => void saveScreenshot(name) },
  ];
  return (
    <div className={styles.bar} role="toolbar" aria-label="Viewer tools" data-shapes={model.modes > 0}>
      <IconButton
        label="Measure: pick one or two faces, edges or points"
        icon={<Ruler size={ICON} />}
        pressed={viewer.tool === "measure"}
        shortcut="M"
        onClick={() => set({ tool: viewer.tool === "measure" ? "select" : "measure" })}
      />
      <span className={styles.divider} />
      {fields.length > 1 && (
        <label className={styles.field}>
          <Waves size={15} aria-hidden />
          <span className="sr-only">Field on the surface</span>
          <select
            value={fields.includes(viewer.field) ? viewer.field : "none"}
            onChange={(event) => set({ field: event.target.value as FieldName, rangeMin: null, rangeMax: null })}
          >
            {fields.map((field) => (
              <option key={field} value={field}>
                {field === "none" ? "No field" : fieldInfo(field, model.modes > 0).label}
              </option>
            ))}
          </select>
        </label>
      )}
      {model.modes > 0 && (
        <label className={styles.field}>
          <AudioWaveform size={15} aria-hidden />
          <span className="sr-only">Mode shape</span>
          <select value={viewer.mode} onChange={(event) => set({ mode: Number(event.target.value), probe: null })}>
            {Array.from({ length: model.modes }, (_, index) => (
              <option key={index} value={index + 1}>
                {modes[index] ?? `Mode ${index + 1}`}
              </option>
            ))}
          </select>
        </label>
      )}
      {model.displacement && (
        <Popover label="Deformation" icon={<Spline size={ICON} />} active={viewer.deformation > 0} {...(viewer.deformation > 0 && { text: `×${formatNumber(viewer.deformation, 3)}` })}>
          <Slider
            label="Scale of the deformation"
            min={0}
            max={natural * 4}
            step={natural / 10}
            value={viewer.deformation}
            shown={`×${formatNumber(viewer.deformation, 3)}`}
            onChange={(deformation) => set({ deformation, probe: null, ...(deformation === 0 && { animate: false }) })}
          />
          <div className={styles.row}>
            <Segmented
              label="Usual scales"
              value={viewer.deformation === 0 ? "off" : viewer.deformation === 1 ? "true" : viewer.deformation === natural ? "visible" : ("other" as string)}
              options={[
                { value: "off", label: "Off" },
                // a mode shape has no true size
                ...(model.modes > 0 ? [] : [{ value: "true", label: "True ×1" }]),
                { value: "visible", label: `Visible ×${formatNumber(natural, 3)}` },
              ]}
              onChange={(value) =>
                set({ deformation: value === "off" ? 0 : value === "true" ? 1 : natural, probe: null, ...(value === "off" && { animate: false }) })
              }
            />
          </div>
          <label className={styles.check}>
            <input
              type="checkbox"
              checked={viewer.animate}
              disabled={viewer.deformation === 0}
              onChange={(event) => set({ animate: event.target.checked, probe: null })}
            />
            Move to and fro
          </label>
        </Popover>
      )}
      {(fields.length > 1 || model.displacement) && <span className={styles.divider} />}
      <Popover label="Section planes" icon={<Scissors size={ICON} />} active={AXES.some((axis) => viewer.sections[axis].on)}>
        {AXES.map((axis) => {
          const plane = viewer.sections[axis];
          return (
            <div key={axis} className={styles.section}>
              <div className={styles.row}>
                <label className={styles.check}>
                  <input type="checkbox" checked={plane.on} onChange={(event) => setSection(axis, { on: event.target.checked })} />
                  Across {axis.toUpperCase()}
                </label>
                <label className={styles.check}>
                  <input type="checkbox" checked={plane.flip} disabled={!plane.on} onChange={(event) => setSection(axis, { flip: event.target.checked })} />
                  Other side
                </label>
              </div>
              {plane.on && (
                <Slider
                  label={`Position along ${axis.toUpperCase()}`}
                  min={0}
                  max={1}
                  step={0.005}
                  value={plane.at}
                  shown={formatQuantity(sectionPosition(model.box, axis, plane.at), "mm", units)}
                  onChange={(at) => setSection(axis, { at })}
                />
              )}
            </div>
          );
        })}
      </Popover>
      {several && (
        <Popover label="Explode" icon={<Ungroup size={ICON} />} active={viewer.explode > 0}>
          <Slider
            label="Distance between the parts"
            min={0}
            max={1}
            step={0.01}
            value={viewer.explode}
            shown={`${Math.round(viewer.explode * 100)} %`}
            onChange={(explode) => set({ explode, probe: null })}
          />
        </Popover>
      )}
      {toggles.map(({ label, icon, pressed, shortcut, onClick }) => (
        <span key={label} className={styles.roomy}>
          <IconButton label={label} icon={icon} pressed={pressed} {...(shortcut && { shortcut })} onClick={onClick} />
        </span>
      ))}
      <span className={styles.divider} />
      <label className={styles.field}>
        <span className="sr-only">Named view</span>
        <select value="" disabled={!controls} onChange={(event) => controls?.view(event.target.value as (typeof VIEW_NAMES)[number])}>
          <option value="" disabled>
            View
          </option>
          {VIEW_NAMES.map((view) => (
            <option key={view} value={view}>
              {VIEWS[view].label} ({VIEWS[view].key})
            </option>
          ))}
        </select>
      </label>
      <IconButton label="Fit" icon={<Maximize size={ICON} />} shortcut="F" disabled={!controls} onClick={() => controls?.fit()} />
      {actions.slice(0, 2).map((action) => (
        <span key={action.label} className={styles.medium}>
          <IconButton {...action} disabled={!controls} />
        </span>
      ))}
      <span className={styles.grow} />
      {actions.slice(2).map((action) => (
        <span key={action.label} className={styles.medium}>
          <IconButton {...action} disabled={!controls} />
        </span>
      ))}
      <span className={styles.more}>
        <Popover label="More tools" icon={<Ellipsis size={ICON} />} place="end">
          {(close) => (
            <div>
              {toggles.map(({ label, icon, pressed, onClick }) => (
                <button key={label} type="button" className={styles.line} aria-pressed={pressed} onClick={onClick}>
                  {icon} {label}
                </button>
              ))}
              <div className={styles.compact}>
                {actions.map(({ label, icon, onClick }) => (
                  <button
                    key={label}
                    type="button"
                    className={styles.line}
                    disabled={!controls}
                    onClick={() => {
                      close();
                      onClick();
                    }}
                  >
                    {icon} {label}
                  </button>
                ))}
              </div>
            </div>
          )}
        </Popover>
      </span>
    </div>
  );
}
