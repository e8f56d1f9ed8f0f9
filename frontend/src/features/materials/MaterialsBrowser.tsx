import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ArrowDown, ArrowUp, Search, Sparkles } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useWish } from "@/features/parameters/wishStore";
import { usePanels } from "@/features/workspace/PanelContext";
import { useWorkspace } from "@/features/workspace/WorkspaceContext";
import { api, ApiError, type MaterialEntry, type MaterialRow } from "@/lib/api";
import { convert, convertBack, formatNumber, humanize, rawText, unitLabel, type UnitSystem } from "@/lib/format";
import { Button } from "@/ui/Button";
import { EmptyState, Panel, Section } from "@/ui/Panel";
import { Table } from "@/ui/Table";
import { pointsOf } from "./ashby";
import { AshbyChart } from "./AshbyChart";
import styles from "./MaterialsBrowser.module.css";

const SHOWN = ["fatigue_strength_mpa", "thermal_expansion_1_k", "max_service_c", "price_usd_kg", "co2_kg_kg"] as const;
const COLUMNS = ["density_kg_m3", "youngs_modulus_mpa", "yield_strength_mpa", "ultimate_strength_mpa", "thermal_conductivity_w_m_k", ...SHOWN] as const;
const short = (name: string) => humanize(name.replace(/_(kg_m3|mpa|1_k|w_m_k|j_kg_k|c|usd_kg|kg_kg|ohm_m|kv_mm|hb|pct)$/, ""));
const unitOf = (unit: string, units: UnitSystem) => unitLabel(convert(1, unit, units).unit);
const shownOf = (value: number, unit: string, units: UnitSystem) => formatNumber(convert(value, unit, units).value);

const PER = { "": "", price: " per USD/kg", co2: " per kg CO₂/kg" } as const;

/** "Light, stiff beam: E^(1/2)/rho" as it is printed. */
function titleOf(title: string): string {
  return title
    .replace("^(1/2)", "^½")
    .replace("^(1/3)", "^⅓")
    .replace("^(2/3)", "^⅔")
    .replace("^2", "²")
    .replaceAll(/\^([½⅓⅔])/g, "$1")
    .replace("sigma_y", "σy")
    .replace("lambda", "λ")
    .replace("alpha", "α")
    .replace("rho", "ρ")
    .replace("*", "·");
}

const LIMITS = [
  ["yield", "Yield ≥", "MPa"],
  ["density", "Density ≤", "kg/m3"],
  ["service", "Service ≥", "degC"],
] as const;

type Limits = Record<(typeof LIMITS)[number][0], string> & { units: UnitSystem };

/** The limits as they read in the units of the page, whichever they were typed in. */
function limitsIn(typed: Limits, units: UnitSystem): Limits {
  if (typed.units === units) return typed;
  const read = (text: string, unit: string) => (text === "" ? "" : String(Number(convert(convertBack(Number(text), unit, typed.units), unit, units).value.toPrecision(6))));
  return { units, ...Object.fromEntries(LIMITS.map(([name, , unit]) => [name, read(typed[name], unit)])) } as Limits;
}

/** The library of materials: search and filters, one chart of Ashby's, and each value with its source and basis. */
export function MaterialsBrowser() {
  const { modelState, state, revisionId, units } = useWorkspace();
  const [text, setText] = useState("");
  const [family, setFamily] = useState("");
  const [typed, setTyped] = useState({ units, yield: "", density: "", service: "" });
  const limits = limitsIn(typed, units);
  const [sort, setSort] = useState<{ by: string; up: boolean }>({ by: "name", up: true });
  const [axes, setAxes] = useState({ x: "density_kg_m3", y: "yield_strength_mpa" });
  const [chosen, setChosen] = useState<string | null>(null);
  const [goal, setGoal] = useState({ index: "", per: "" });
  const where = [
    ...(limits.yield ? [`yield>=${convertBack(Number(limits.yield), "MPa", units)} MPa`] : []),
    ...(limits.density ? [`density<=${convertBack(Number(limits.density), "kg/m3", units)} kg/m3`] : []),
    ...(limits.service ? [`max_service_c>=${convertBack(Number(limits.service), "degC", units)} °C`] : []),
  ];
  const { data, error } = useQuery({
    queryKey: ["materials", text, where, axes.x, axes.y],
    queryFn: ({ signal }) => api.materials({ text, where, show: [...new Set([...SHOWN, axes.x, axes.y])] }, signal),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });
  const ranked = useQuery({
    queryKey: ["materials", "ranking", goal],
    queryFn: ({ signal }) => api.ranking(goal.index, goal.per, signal),
    enabled: goal.index !== "",
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });
  const index = data?.indices.find((one) => one.id === goal.index) ?? null;
  const scores = useMemo(() => new Map(goal.index ? ranked.data?.ranking.map((row) => [row.id, row.index]) : []), [goal.index, ranked.data]);
  const families = useMemo(() => [...new Set(data?.materials.map((row) => row.family))].sort(), [data]);
  const rows = useMemo(() => {
    const found = (data?.materials ?? []).filter((row) => !family || row.family === family);
    const key = (row: MaterialRow) => (sort.by === "index" ? (scores.get(row.id) ?? null) : (row[sort.by] ?? null));
    return found.sort((a, b) => {
      const [p, q] = [key(a), key(b)];
      if (p === null || q === null) return p === q ? 0 : p === null ? 1 : -1; // unknown last, whichever way
      return (p < q ? -1 : p > q ? 1 : 0) * (sort.up ? 1 : -1);
    });
  }, [data, family, sort, scores]);
  const present = (modelState ?? state)?.design.design_scheme.material ?? null;
  const properties = data?.properties ?? {};
  const best = useMemo(() => (index ? rows.filter((row) => scores.has(row.id)).sort((a, b) => (scores.get(b.id) ?? 0) - (scores.get(a.id) ?? 0)).map((row) => row.id) : []), [index, rows, scores]);
  const points = useMemo(() => {
    const [x, y] = [data?.properties[axes.x]?.unit ?? "", data?.properties[axes.y]?.unit ?? ""];
    return pointsOf(rows, axes.x, axes.y).map((point) => ({ ...point, x: convert(point.x, x, units).value, y: convert(point.y, y, units).value }));
  }, [rows, axes, data, units]);
  const ofIndex = index && index.needs[0] === axes.y && index.needs[1] === axes.x && !goal.per;
  const aim = (id: string) => {
    setGoal({ ...goal, index: id });
    const [y, x] = data?.indices.find((one) => one.id === id)?.needs ?? [];
    if (y && x) setAxes({ x, y });
    setSort(id ? { by: "index", up: false } : { by: "name", up: true });
  };
  const plottable = Object.keys(properties).filter((name) => !["poisson_ratio", "glass_transition_c", "min_service_c", "heat_deflection_c"].includes(name));
  if (error)
    return (
      <EmptyState title="The library can't be read">
        {error.message} {error instanceof ApiError && error.nextAction}
      </EmptyState>
    );
  return (
    <Panel
      title="Materials"
      tools={
        <>
          <label className={styles.search}>
            <Search size={14} aria-hidden />
            <input type="search" placeholder="Name, designation, form…" aria-label="Search materials" value={text} onChange={(event) => setText(event.target.value)} />
          </label>
          <label className={styles.filter}>
            Family
            <select value={family} onChange={(event) => setFamily(event.target.value)}>
              <option value="">all</option>
              {families.map((name) => (
                <option key={name} value={name}>
                  {name.replaceAll("_", " ")}
                </option>
              ))}
            </select>
          </label>
          {LIMITS.map(([name, label, unit]) => (
            <label key={name} className={styles.filter}>
              {label}
              <input type="number" min={0} step="any" value={limits[name]} onChange={(event) => setTyped({ ...limits, [name]: event.target.value })} />
              {unitOf(unit, units)}
            </label>
          ))}
          <span role="status">{rows.length} materials</span>
        </>
      }
    >
      <div className={styles.split} data-chosen={chosen !== null}>
        <div>
          <div className={styles.axes}>
            <label>
              Best for
              <select value={goal.index} onChange={(event) => aim(event.target.value)}>
                <option value="">nothing in particular</option>
                {data?.indices.map((one) => (
                  <option key={one.id} value={one.id}>
                    {titleOf(one.title)}
                  </option>
                ))}
              </select>
            </label>
            {index && (
              <label>
                per
                <select value={goal.per} onChange={(event) => setGoal({ ...goal, per: event.target.value })}>
                  <option value="">–</option>
                  <option value="price">price</option>
                  <option value="co2">CO₂</option>
                </select>
              </label>
            )}
            {(["y", "x"] as const).map((which) => (
              <label key={which}>
                {which === "y" ? "Up" : "Across"}
                <select value={axes[which]} onChange={(event) => setAxes({ ...axes, [which]: event.target.value })}>
                  {plottable.map((name) => (
                    <option key={name} value={name}>
                      {short(name)}
                    </option>
                  ))}
                </select>
              </label>
            ))}
          </div>
          <AshbyChart
            points={points}
            families={families}
            x={{ label: short(axes.x), unit: unitOf(properties[axes.x]?.unit ?? "", units) }}
            y={{ label: short(axes.y), unit: unitOf(properties[axes.y]?.unit ?? "", units) }}
            chosen={chosen}
            present={present}
            best={index && { ids: best, slope: ofIndex ? index.slope : null }}
            onChoose={setChosen}
          />
        </div>
        {chosen ? <Record id={chosen} present={present} editable={revisionId === null && Boolean(present)} /> : <p className={styles.quiet}>Choose a material in the chart or the list to see every value with its source.</p>}
      </div>
      <div className={styles.scroll}>
        <Table className={styles.table}>
          <thead>
            <tr>
              {["name", ...(index ? ["index"] : []), "family", ...COLUMNS].map((name) => (
                <th key={name} scope="col" aria-sort={sort.by === name ? (sort.up ? "ascending" : "descending") : undefined}>
                  <button type="button" onClick={() => setSort({ by: name, up: sort.by === name ? !sort.up : name !== "index" })} title={properties[name]?.meaning}>
                    {name === "name" ? "Material" : name === "index" ? "Index" : short(name)}
                    {sort.by === name && (sort.up ? <ArrowUp size={11} aria-hidden /> : <ArrowDown size={11} aria-hidden />)}
                  </button>
                  {properties[name]?.unit && <small>{unitOf(properties[name].unit, units)}</small>}
                  {name === "index" && index && <small>{index.unit.replace("^", "") + PER[goal.per as keyof typeof PER]}</small>}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.id} data-chosen={row.id === chosen}>
                <th scope="row">
                  <button type="button" onClick={() => setChosen(row.id)}>
                    {row.name}
                  </button>
                  {row.id === present && <span className={styles.present}>in this design</span>}
                </th>
                {index && (
                  <td className="num">
                    {scores.has(row.id) ? (
                      <>
                        {formatNumber(scores.get(row.id) ?? 0, 3)} <small className={styles.rank}>{best.indexOf(row.id) + 1}.</small>
                      </>
                    ) : (
                      <span className={styles.unknown}>{ranked.isPending ? "…" : "unknown"}</span>
                    )}
                  </td>
                )}
                <td>{row.family.replaceAll("_", " ")}</td>
                {COLUMNS.map((name) => (
                  <td key={name} className="num" title={typeof row[name] === "number" ? rawText(row[name], properties[name]?.unit ?? "", units) : undefined}>
                    {typeof row[name] === "number" ? shownOf(row[name], properties[name]?.unit ?? "", units) : <span className={styles.unknown}>unknown</span>}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </Table>
      </div>
      {rows.length === 0 && data && <p className={styles.quiet}>No material meets this. One whose value is unknown never meets a limit on it.</p>}
    </Panel>
  );
}

function valueOf(entry: MaterialEntry, units: UnitSystem): string {
  const show = (value: number) => shownOf(value, entry.unit, units);
  if (entry.value !== null) return entry.low !== null && entry.high !== null ? `${show(entry.low)} – ${show(entry.high)}` : show(entry.value);
  const [first, last] = [entry.points[0], entry.points.at(-1)];
  const at = ([temperature, value]: readonly [number, number]) => `${show(value)} at ${shownOf(temperature, "degC", units)} ${unitOf("degC", units)}`;
  return first && last ? `${at(first)} … ${at(last)}` : "";
}

/** One material in full: what is known, from where, and what is not. */
function Record({ id, present, editable }: { id: string; present: string | null; editable: boolean }) {
  const { data } = useQuery({ queryKey: ["material", id], queryFn: ({ signal }) => api.material(id, signal), staleTime: Infinity });
  const { units } = useWorkspace();
  const panels = usePanels();
  const wish = useWish((store) => store.ask);
  const there = Boolean(data);
  const top = useRef<HTMLDivElement>(null);
  // chosen in the list below, it would open out of sight
  useEffect(() => {
    // in braces: what newer browsers answer here is a promise, which is no clean-up
    top.current?.scrollIntoView?.({ block: "nearest" });
  }, [id, there]);
  if (!data) return <p className={styles.quiet}>Reading…</p>;
  return (
    <div ref={top}>
      <Section
        title={data.name}
        aside={
          editable &&
          id !== present && (
            <Button
              size="s"
              icon={<Sparkles size={13} />}
              onClick={() => {
                wish({ material: id });
                panels?.open("parameters");
              }}
            >
              Try it in this design
            </Button>
          )
        }
      >
        <p className={styles.quiet}>
          {[data.form, data.designations.join(", "), data.processes.length > 0 && `made by ${data.processes.join(", ")}`].filter(Boolean).join(" · ")}
          {data.note && <> {data.note}</>}
        </p>
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard */}
        <div className={styles.record} tabIndex={0} role="group" aria-label={`Values of ${data.name}`}>
          <Table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">Property</th>
                <th scope="col">Value</th>
                <th scope="col">Basis</th>
                <th scope="col">Source</th>
              </tr>
            </thead>
            <tbody>
              {data.entries.map((entry, index) => (
                <tr key={index}>
                  <th scope="row">
                    {short(entry.property)}
                    {entry.direction && ` ${entry.direction}`}
                  </th>
                  <td className="num" title={entry.value === null ? undefined : rawText(entry.value, entry.unit, units)}>
                    {valueOf(entry, units)} {unitOf(entry.unit, units)}
                    {entry.uncertainty_rel ? ` ± ${formatNumber(entry.uncertainty_rel * 100, 2)} %` : ""}
                  </td>
                  <td>{entry.basis}</td>
                  <td className={styles.source}>
                    {entry.source}
                    {entry.note && <em> {entry.note}</em>}
                  </td>
                </tr>
              ))}
            </tbody>
          </Table>
        </div>
        {data.unknown.length > 0 && <p className={styles.quiet}>Unknown: {data.unknown.map((name) => short(name).toLowerCase()).join(", ")}.</p>}
      </Section>
    </div>
  );
}
