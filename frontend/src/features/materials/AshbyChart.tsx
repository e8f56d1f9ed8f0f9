import { useMemo } from "react";
import { formatNumber, unitLabel } from "@/lib/format";
import { logScale, markOf, type Point, shapePath } from "./ashby";
import styles from "./MaterialsBrowser.module.css";

interface AshbyChartProps {
  points: readonly Point[];
  families: readonly string[];
  x: { label: string; unit: string };
  y: { label: string; unit: string };
  chosen: string | null;
  present: string | null;
  onChoose: (id: string) => void;
}

const W = 620;
const H = 340;
const LEFT = 64;
const BOTTOM = 44;

/** Two properties against each other on logarithmic scales, as M. F. Ashby draws them. */
export function AshbyChart({ points, families, x, y, chosen, present, onChoose }: AshbyChartProps) {
  const scales = useMemo(() => (points.length > 0 ? { x: logScale(points.map((point) => point.x)), y: logScale(points.map((point) => point.y)) } : null), [points]);
  if (!scales) return <p className={styles.quiet}>No material of this list has both properties.</p>;
  const px = (value: number) => LEFT + scales.x.at(value) * (W - LEFT - 12);
  const py = (value: number) => H - BOTTOM - scales.y.at(value) * (H - BOTTOM - 12);
  const axis = ({ label, unit }: { label: string; unit: string }) => (unit ? `${label}, ${unitLabel(unit.replace("^3", "3"))}` : label);
  const named = points.filter((point) => point.id === chosen || point.id === present);
  return (
    <figure className={styles.chart}>
      <svg viewBox={`0 0 ${W} ${H}`} role="group" aria-label={`${axis(y)} against ${axis(x)}; ${points.length} materials`}>
        {scales.x.ticks.map((tick) => (
          <g key={`x${tick}`}>
            <line x1={px(tick)} x2={px(tick)} y1={12} y2={H - BOTTOM} className={styles.grid} />
            <text x={px(tick)} y={H - BOTTOM + 16} textAnchor="middle">
              {formatNumber(tick, 2)}
            </text>
          </g>
        ))}
        {scales.y.ticks.map((tick) => (
          <g key={`y${tick}`}>
            <line x1={LEFT} x2={W - 12} y1={py(tick)} y2={py(tick)} className={styles.grid} />
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
        {points.map((point) => {
          const { shape, tone, open } = markOf(Math.max(0, families.indexOf(point.family)));
          return (
            <path
              key={point.id}
              d={shapePath(shape, px(point.x), py(point.y), point.id === chosen ? 7 : 5)}
              className={styles.point}
              data-tone={tone}
              data-open={open}
              data-chosen={point.id === chosen}
              role="button"
              tabIndex={0}
              aria-label={`${point.name}: ${formatNumber(point.x)}, ${formatNumber(point.y)}`}
              onClick={() => onChoose(point.id)}
              onKeyDown={(event) => (event.key === "Enter" || event.key === " ") && onChoose(point.id)}
            >
              <title>{`${point.name}: ${formatNumber(point.x)} ${x.unit}, ${formatNumber(point.y)} ${y.unit}`}</title>
            </path>
          );
        })}
        {named.map((point) => (
          <text key={`n${point.id}`} x={px(point.x) + (px(point.x) > W * 0.66 ? -10 : 10)} y={py(point.y) - 8} textAnchor={px(point.x) > W * 0.66 ? "end" : "start"} className={styles.pointName}>
            {point.name}
          </text>
        ))}
      </svg>
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
