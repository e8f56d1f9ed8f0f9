import { inUnits } from "@/lib/figures";
import type { UnitSystem } from "@/lib/units";

/** Running text with its figures in the units of the page; as it was written, it stands in the tooltip. */
export function Words({ units, children }: { units: UnitSystem; children: string | null | undefined }) {
  const shown = inUnits(children ?? "", units);
  return shown === (children ?? "") ? shown : <span title={children ?? ""}>{shown}</span>;
}
