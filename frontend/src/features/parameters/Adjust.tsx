import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Check, CircleAlert, Loader, RotateCcw, ShieldCheck } from "lucide-react";
import { useCallback, useEffect, useMemo, useState } from "react";
import { adjustableKey, useSteerRun } from "@/features/project/useProject";
import { usePreview } from "@/features/preview/store";
import { useWorkspace } from "@/features/workspace/WorkspaceContext";
import { type Adjustable, type AdjustableParameter, api, ApiError, type Depth } from "@/lib/api";
import { convert, convertBack, formatNumber, formatMargin, formatQuantity, humanize, unitLabel, type UnitSystem } from "@/lib/format";
import { Button } from "@/ui/Button";
import { Section } from "@/ui/Panel";
import { StatusMark } from "@/ui/Status";
import { Words } from "@/ui/Words";
import styles from "./Adjust.module.css";
import { answerText, sliderRange } from "./answers";
import { useTried, useWish, wishesOf, type Wishes } from "./wishStore";
import { usePreviewRun } from "./usePreviewRun";

/** Sliders for everything that can be set anew; each move sizes, checks and compiles the part, and changes its program. */
export function Adjust() {
  const { projectId, units, running, inert, revisionId, state } = useWorkspace();
  const kept = state?.geometry.model_id ?? "";
  const { data } = useQuery({
    queryKey: adjustableKey(projectId, kept),
    queryFn: ({ signal }) => api.adjustable(projectId, signal),
    enabled: revisionId === null && Boolean(kept),
    staleTime: Infinity,
  });
  if (revisionId !== null || !data?.family) return null;
  return <Sliders key={`${projectId}/${kept}`} data={data} units={units} inert={inert || running} />;
}

function Sliders({ data, units, inert }: { data: Adjustable; units: UnitSystem; inert: boolean }) {
  const { projectId, state, inert: offline } = useWorkspace();
  const client = useQueryClient();
  const kept = state?.geometry.model_id ?? "";
  const wishes = useTried((store) => wishesOf(store, projectId, kept));
  const setWishes = useCallback(
    (change: (old: Wishes) => Wishes) => {
      const { put } = useTried.getState();
      put(projectId, kept, change(wishesOf(useTried.getState(), projectId, kept)));
    },
    [projectId, kept],
  );
  const asked = useWish((store) => store.wish);
  useEffect(() => {
    if (!asked) return;
    setWishes((old) => ({ ...old, ...asked }));
    useWish.getState().take();
  }, [asked, setWishes]);
  const units_ = useMemo(() => new Map([...data.parameters, ...data.loads].map((entry) => [entry.name, entry.unit])), [data]);
  const answers = useMemo(
    () => Object.fromEntries(Object.entries(wishes).map(([name, wish]) => [name, typeof wish === "number" ? answerText(wish, units_.get(name) ?? "1", units) : wish])),
    [wishes, units, units_],
  );
  const { result, error, busy } = usePreviewRun(projectId, answers, offline);
  const { steer } = useSteerRun(projectId);
  const materials = useQuery({ queryKey: ["material-names"], queryFn: ({ signal }) => api.materials({}, signal), staleTime: Infinity });
  const changed = Object.keys(wishes).length;
  const wish = (name: string, value: number | string | null) =>
    setWishes((old) => {
      const { [name]: _before, ...others } = old;
      return value === null ? others : { ...others, [name]: value };
    });
  const keep = async (depth: Depth) => {
    if (!(await steer(() => api.recompute(projectId, answers, depth)))) return;
    setWishes(() => ({}));
    usePreview.getState().clear();
    void client.invalidateQueries({ queryKey: ["adjustable", projectId] });
  };
  const mass = state?.geometry.mass_properties.mass_g ?? null;
  const sized = result?.scheme?.parameters ?? {};
  const held = (result?.checks ?? []).filter((check) => check.value != null && check.limit != null);
  const tightest = held.filter((check) => check.margin != null && check.sense !== "==").sort((a, b) => (a.margin ?? 0) - (b.margin ?? 0))[0];
  return (
    <Section
      title="Change sizes"
      aside={
        <span className={styles.state} role="status">
          {busy ? (
            <>
              <Loader size={13} className={styles.spin} aria-hidden /> Recomputing
            </>
          ) : changed > 0 ? (
            result?.scheme ? "Recomputed" : "Not possible"
          ) : (
            "Recomputed as you move; nothing is kept before you say so"
          )}
        </span>
      }
    >
      {changed > 0 && (
        <div className={styles.bar}>
          <div className={styles.words} aria-live="polite">
            {error && (
              <p className={styles.refused} role="alert">
                <CircleAlert size={16} aria-hidden />
                <span>
                  <strong>
                    <Words units={units}>{error.message}</Words>
                  </strong>{" "}
                  {error instanceof ApiError && <Words units={units}>{error.nextAction}</Words>}
                </span>
              </p>
            )}
            {result?.questions.map((question) => (
              <p key={question.id} className={styles.refused} role="alert">
                <CircleAlert size={16} aria-hidden />
                <span>
                  <strong>
                    <Words units={units}>{question.text}</Words>
                  </strong>{" "}
                  <Words units={units}>{question.reason}</Words>
                </span>
              </p>
            ))}
            {result?.mass_g !== undefined && (
              <p className={styles.mass}>
                Mass <strong>{formatQuantity(result.mass_g, "g", units)}</strong>
                {mass ? `, ${formatMargin(result.mass_g / mass - 1)} against the kept one` : ""}
              </p>
            )}
            {tightest && (
              <p className={styles.tightest}>
                <StatusMark status={tightest.status} /> <span className="num">
                  <Words units={units}>{`Tightest: ${tightest.title}, ${formatMargin(tightest.margin)}`}</Words>
                </span>
              </p>
            )}
          </div>
          <div className={styles.buttons}>
            <Button size="s" variant="ghost" icon={<RotateCcw size={13} />} onClick={() => setWishes(() => ({}))}>
              Discard
            </Button>
            <Button size="s" icon={<Check size={13} />} disabled={inert || busy || !result?.scheme} title="Solid and closed forms; finite elements stay not verified" onClick={() => void keep("fast")}>
              Keep
            </Button>
            <Button size="s" variant="primary" icon={<ShieldCheck size={13} />} disabled={inert || busy || !result?.scheme} onClick={() => void keep("full")}>
              Keep and prove
            </Button>
          </div>
        </div>
      )}
      {data.edited && <p className={styles.note}>The program was edited by hand. Keeping other sizes writes it anew and leaves those edits in the history.</p>}
      <ul className={styles.list}>
        {data.parameters.map((parameter) => (
          <SliderRow
            key={parameter.name}
            parameter={parameter}
            units={units}
            wish={wishes[parameter.name] as number | undefined}
            follows={sized[parameter.name]?.value}
            disabled={inert}
            onWish={(value) => wish(parameter.name, value)}
          />
        ))}
        {data.loads.map((load) => (
          <SliderRow
            key={load.name}
            parameter={{ ...load, dimension: "load", origin: "brief", free: false, bounds: null }}
            units={units}
            wish={wishes[load.name] as number | undefined}
            follows={undefined}
            disabled={inert}
            onWish={(value) => wish(load.name, value)}
          />
        ))}
      </ul>
      <div className={styles.choices}>
        {data.choices.map((choice) => (
          <label key={choice.name}>
            <span title={choice.meaning}>{humanize(choice.name)}</span>
            <select value={(wishes[choice.name] as string | undefined) ?? choice.value} disabled={inert} onChange={(event) => wish(choice.name, event.target.value === choice.value ? null : event.target.value)}>
              {choice.options.map((option) => (
                <option key={option} value={option}>
                  {option.replaceAll("_", " ")}
                </option>
              ))}
            </select>
          </label>
        ))}
        {data.material && materials.data && (
          <label>
            <span>Material</span>
            <select value={(wishes["material"] as string | undefined) ?? data.material} disabled={inert} onChange={(event) => wish("material", event.target.value === data.material ? null : event.target.value)}>
              {materials.data.materials.map((material) => (
                <option key={material.id} value={material.id}>
                  {material.name}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      {changed > 0 && held.length > 0 && (
        <ul className={styles.checks} aria-label="Closed-form checks of these sizes">
          {held.map((check) => (
            <li key={check.id}>
              <StatusMark status={check.status} />
              <span>
                <Words units={units}>{check.title}</Words>
              </span>
              <span className="num">{check.margin != null ? formatMargin(check.margin) : ""}</span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

interface RowProps {
  parameter: AdjustableParameter;
  units: UnitSystem;
  wish: number | undefined;
  /** what the sizing makes of it with the wishes for others */
  follows: number | undefined;
  disabled: boolean;
  onWish: (value: number | null) => void;
}

function SliderRow({ parameter, units, wish, follows, disabled, onWish }: RowProps) {
  const { name, unit, value: kept, meaning } = parameter;
  const range = useMemo(() => sliderRange(parameter, units), [parameter, units]);
  const value = wish ?? follows ?? kept;
  const shown = convert(value, unit, units);
  const label = humanize(name === "load" ? "Load" : name);
  const text = Number(shown.value.toPrecision(6));
  const [typed, setTyped] = useState<string | null>(null); // while a person types: what stands there may be no number yet
  const moved = wish === undefined && follows !== undefined && Math.abs(follows - kept) > 1e-6 * Math.abs(kept);
  return (
    <li className={styles.row} data-changed={wish !== undefined} data-moved={moved}>
      <span className={styles.name} title={meaning}>
        {label}
      </span>
      <input
        type="range"
        aria-label={`${label}, slider`}
        aria-valuetext={`${formatNumber(shown.value)} ${unitLabel(shown.unit)}`}
        min={Math.min(range.min, value)}
        max={Math.max(range.max, value)}
        step={range.step}
        value={value}
        disabled={disabled}
        onChange={(event) => onWish(Number(event.target.value))}
      />
      <input
        type="number"
        aria-label={label}
        step="any"
        value={typed ?? text}
        disabled={disabled}
        onChange={(event) => {
          setTyped(event.target.value);
          const number = Number.parseFloat(event.target.value);
          if (Number.isFinite(number)) onWish(convertBack(number, unit, units));
        }}
        onBlur={() => setTyped(null)}
      />
      <span className={styles.unit}>{unitLabel(shown.unit)}</span>
      <button type="button" className={styles.reset} disabled={wish === undefined} aria-label={`Reset ${label}`} title={`Kept: ${formatQuantity(kept, unit, units)}`} onClick={() => onWish(null)}>
        <RotateCcw size={12} aria-hidden />
      </button>
    </li>
  );
}
