import { useId, useState } from "react";
import { Segmented } from "@/ui/Segmented";
import { convert, factorOf, formatNumber, formatQuantity, unitLabel, type UnitSystem } from "@/lib/format";
import { cssGradient, ticks } from "./colormap";
import { type DisplayRange, fieldInfo } from "./fields";
import styles from "./FieldLegend.module.css";
import { type FieldName, useViewer } from "./store";

interface FieldLegendProps {
  range: DisplayRange;
  field: Exclude<FieldName, "none">;
  units: UnitSystem;
  strengthMpa: number | null;
  /** a mode shape is shown, and what it is called */
  shape?: string | null;
}

type RangeMode = "auto" | "yield" | "fixed";

/** The scale of the field that is shown: what each colour means, in engineering units, and where its ends are set. */
export function FieldLegend({ range, field, units, strengthMpa, shape = null }: FieldLegendProps) {
  const { bands, rangeMax, rangeMin, pinToYield, set } = useViewer();
  const info = fieldInfo(field, shape !== null);
  const factor = factorOf(info.unit, units);
  const unit = unitLabel(convert(1, info.unit, units).unit);
  const falls = field === "safety_factor"; // the small values take the bright end
  const mode: RangeMode = rangeMax !== null || rangeMin !== null ? "fixed" : pinToYield && field === "von_mises" ? "yield" : "auto";
  const span = range.max - range.min;
  const place = (value: number) => 100 * ((value - range.min) / span);
  const choose = (next: RangeMode) =>
    set({
      pinToYield: next === "yield",
      rangeMin: next === "fixed" ? range.min : null,
      rangeMax: next === "fixed" ? range.max : null,
    });
  return (
    <section className={styles.legend} aria-label={`Legend: ${info.label}`}>
      <header className={styles.head}>
        <strong>{info.label}</strong>
        {unit && <span className={styles.unit}>{unit}</span>}
      </header>
      {shape && <p className={styles.note}>{shape}</p>}
      {range.over !== null && (
        <p className={styles.over}>
          <span className={styles.overSwatch} aria-hidden />
          {falls ? "below" : "above"} the scale, to {formatNumber(range.over * factor, 3)}
        </p>
      )}
      <div className={styles.scale}>
        <div
          className={styles.bar}
          ref={(element) => {
            // standing, and lying where the picture is narrow
            element?.style.setProperty("--standing", cssGradient(falls ? "to bottom" : "to top", bands));
            element?.style.setProperty("--lying", cssGradient(falls ? "to left" : "to right", bands));
          }}
        />
        <ol className={styles.ticks}>
          {/* round in the unit that is shown */}
          {ticks(range.min * factor, range.max * factor, 5).map((value, index, all) => (
            <li
              key={value}
              ref={(element) => {
                element?.style.setProperty("--at", `${place(value / factor)}%`);
              }}
            >
              {formatNumber(value, 3)}
              {index === all.length - 1 && range.top && range.top !== "largest value" && <em> {range.top}</em>}
            </li>
          ))}
        </ol>
        {field === "von_mises" && strengthMpa !== null && mode !== "yield" && strengthMpa > range.min && strengthMpa < range.max && (
          <div
            className={styles.yield}
            ref={(element) => {
              element?.style.setProperty("--at", `${place(strengthMpa)}%`);
            }}
          >
            yield
          </div>
        )}
      </div>
      <Segmented
        label="Range of the scale"
        value={mode}
        onChange={choose}
        options={[
          { value: "auto", label: "Auto" },
          ...(field === "von_mises" ? [{ value: "yield" as const, label: "Yield", disabled: strengthMpa === null }] : []),
          { value: "fixed", label: "Fixed" },
        ]}
      />
      {mode === "fixed" && (
        <div className={styles.fixed}>
          <NumberField label="From" value={range.min * factor} onCommit={(value) => set({ rangeMin: value / factor })} />
          <NumberField label="To" value={range.max * factor} onCommit={(value) => set({ rangeMax: value / factor })} />
        </div>
      )}
      <label className={styles.check}>
        <input type="checkbox" checked={bands > 0} onChange={(event) => set({ bands: event.target.checked ? 10 : 0 })} />
        Bands
      </label>
      {field === "von_mises" && strengthMpa !== null && (
        <p className={styles.note}>Yield {formatQuantity(strengthMpa, "MPa", units)}</p>
      )}
    </section>
  );
}

/** A number that takes effect when it is finished, not at each key. */
export function NumberField({ label, value, onCommit }: { label: string; value: number; onCommit: (value: number) => void }) {
  const id = useId();
  const [draft, setDraft] = useState<string | null>(null);
  const finish = () => {
    const number = draft === null ? Number.NaN : Number(draft.replace(",", "."));
    if (draft !== null && draft.trim() !== "" && Number.isFinite(number)) onCommit(number);
    setDraft(null);
  };
  return (
    <label className={styles.number} htmlFor={id}>
      {label}
      <input
        id={id}
        inputMode="decimal"
        value={draft ?? String(Number(value.toPrecision(4)))}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={finish}
        onKeyDown={(event) => event.key === "Enter" && finish()}
      />
    </label>
  );
}
