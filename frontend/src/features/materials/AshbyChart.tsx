import { useMemo } from "react";
import { formatNumber } from "@/lib/format";
import { guideLine, logScale, markOf, placeNames, type Point, shapePath, spread } from "./ashby";
import styles from "./MaterialsBrowser.module.css";

interface AshbyChartProps {
  points: readonly Point[];
  families: readonly string[];
  x: { label: string; unit: string };
  y: { label: string; unit: string };
  chosen: string | null;
  present: string | null;
  /** the best by an index, best first, and the slope of its lines in this chart */
  best?: { ids: readonly string[]; slope: number | null } | null;
  onChoose: (id: string) => void;
}

const W = 620;
const H = 340;
const LEFT = 64;
const BOTTOM = 44;
const TOP = 12;
const RIGHT = 12;

/** Two properties against each other on logarithmic scales, as M. F. Ashby draws them. */
export function AshbyChart({ points, families, x, y, chosen, present, best = null, onChoose }: AshbyChartProps) {
  const scales = useMemo(() => (points.length > 0 ? { x: logScale(points.map((point) => point.x)), y: logScale(points.map((point) => point.y)) } : null), [points]);
  const px = (value: number) => LEFT + (scales?.x.at(value) ?? 0) * (W - LEFT - RIGHT);
  const py = (value: number) => H - BOTTOM - (scales?.y.at(value) ?? 0) * (H - BOTTOM - TOP);
  // eslint-disable-next-line react-hooks/exhaustive-deps -- px and py follow the scales, and those the points
  const marks = useMemo(() => spread(points, px, py), [points]);
  if (!scales) return <p className={styles.quiet}>No material of this list has both properties.</p>;
  const axis = ({ label, unit }: { label: string; unit: string }) => (unit ? `${label}, ${unit}` : label);
  const names = placeNames(marks, [chosen, present, ...(best?.ids.slice(0, 6) ?? [])].filter((one) => one !== null), { left: LEFT, top: 0, right: W, bottom: H - BOTTOM });
  const through = points.find((point) => point.id === (chosen ?? present)) ?? points.find((point) => point.id === best?.ids[0]);
  const guide = through && best?.slope ? guideLine(through, best.slope, scales.x, scales.y) : null;
  return (
    <figure className={styles.chart}>
      <svg viewBox={`0 0 ${W} ${H}`} role="group" aria-label={`${axis(y)} against ${axis(x)}; ${points.length} materials`}>
        {scales.x.ticks.map((tick) => (
          <g key={`x${tick}`}>
            <line x1={px(tick)} x2={px(tick)} y1={TOP} y2={H - BOTTOM} className={styles.grid} />
            <text x={px(tick)} y={H - BOTTOM + 16} textAnchor="middle">
              {formatNumber(tick, 2)}
            </text>
          </g>
        ))}
        {scales.y.ticks.map((tick) => (
          <g key={`y${tick}`}>
            <line x1={LEFT} x2={W - RIGHT} y1={py(tick)} y2={py(tick)} className={styles.grid} />
            <text x={LEFT - 8} y={py(tick) + 4} textAnchor="end">
              {formatNumber(tick, 2)}
            </text>
          </g>
        ))}
        <text x={(LEFT + W) / 2} y={H - 8} textAnchor="middle" className={styles.axis}>
          {axis(x)}
        </text>
        <text transform={`translate(14 ${(H - BOTTOM) / 2}) rotate(-90)`} textAnchor="middle" className={styles.axis}>
          {axis(y)}
        </text>
        {guide && (
          <line
            className={styles.guide}
            x1={LEFT + guide[0][0] * (W - LEFT - RIGHT)}
            y1={H - BOTTOM - guide[0][1] * (H - BOTTOM - TOP)}
            x2={LEFT + guide[1][0] * (W - LEFT - RIGHT)}
            y2={H - BOTTOM - guide[1][1] * (H - BOTTOM - TOP)}
          />
        )}
        {marks.map((mark) => {
          if (Math.hypot(mark.atX - mark.trueX, mark.atY - mark.trueY) < 3) return null;
          return <line key={`l${mark.id}`} className={styles.leader} x1={mark.trueX} y1={mark.trueY} x2={mark.atX} y2={mark.atY} />;
        })}
        {marks.map((mark) => {
          const { shape, tone, open } = markOf(Math.max(0, families.indexOf(mark.family)));
          return (
            <path
              key={mark.id}
              d={shapePath(shape, mark.atX, mark.atY, mark.id === chosen ? 6 : 4.2)}
              className={styles.point}
              data-tone={tone}
              data-open={open}
              data-chosen={mark.id === chosen}
              role="button"
              tabIndex={0}
              aria-label={`${mark.name}: ${formatNumber(mark.x)}, ${formatNumber(mark.y)}`}
              onClick={() => onChoose(mark.id)}
              onKeyDown={(event) => (event.key === "Enter" || event.key === " ") && onChoose(mark.id)}
            >
              <title>{`${mark.name}: ${formatNumber(mark.x)} ${x.unit}, ${formatNumber(mark.y)} ${y.unit}`}</title>
            </path>
          );
        })}
        {names.map((name) => (
          <text key={`n${name.id}`} x={name.x} y={name.y} className={styles.pointName}>
            {name.name}
          </text>
        ))}
      </svg>
      {guide && <p className={styles.quiet}>Along the dashed line, through {through?.name}, the index is the same; what lies above it serves better.</p>}
      <figcaption className={styles.families}>
        {families.map((family, index) => {
          if (!points.some((point) => point.family === family)) return null;
          const { shape, tone, open } = markOf(index);
          return (
            <span key={family}>
              <svg viewBox="0 0 14 14" width={13} height={13} aria-hidden>
                <path d={shapePath(shape, 7, 7, 4)} className={styles.point} data-tone={tone} data-open={open} />
              </svg>
              {family.replaceAll("_", " ")}
            </span>
          );
        })}
      </figcaption>
    </figure>
  );
}
