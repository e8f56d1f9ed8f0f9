import { answerText } from "@/features/parameters/answers";
import { api, ApiError, type Preview } from "@/lib/api";
import type { UnitSystem } from "@/lib/format";

type Sizes = Record<string, { value: number; unit: string }>;

/** More matter, where the design has one thickness to grow. */
export interface Thicker {
  /** what asks for it, in words; "" where there is nothing to propose */
  words: string;
  /** why it is not more, where the part can't hold more */
  cap: string;
}

/** The thicknesses to think of, the least first: on round steps, up to a fifth more. */
export function steps(parameters: Sizes | undefined, units: UnitSystem): { name: string; words: string[] } | null {
  const found = Object.entries(parameters ?? {}).filter(([name]) => /(^|_)(thickness|wall)$/.test(name));
  const [name, quantity] = found[0] ?? [];
  if (!name || !quantity || found.length > 1) return null;
  const step = units === "in" ? 25.4 / 32 : 0.5;
  const first = Math.floor(quantity.value / step + 1e-6) + 1;
  const last = Math.ceil((quantity.value * 1.2) / step - 1e-6);
  return { name, words: Array.from({ length: Math.max(1, last - first + 1) }, (_, index) => answerText((first + index) * step, quantity.unit, units)) };
}

const holds = ({ scheme, checks, valid }: Preview) => Boolean(scheme) && valid !== false && !checks?.some((check) => check.status === "fail");

/**
 * The thickest of the steps that the design's own sizing and checks allow, found by halving: each is tried as a slider
 * would. Where the server can't be asked the most is proposed; the run checks it anyway.
 */
export async function thicker(projectId: string, parameters: Sizes | undefined, units: UnitSystem, signal: AbortSignal): Promise<Thicker> {
  const wanted = steps(parameters, units);
  if (!wanted) return { words: "", cap: "" };
  const { name, words } = wanted;
  let [held, refused] = [-1, words.length]; // held: the thickest that is known to hold
  let reason = "";
  for (let at = words.length - 1; refused - held > 1; at = Math.floor((held + refused) / 2)) {
    try {
      const found = await api.preview(projectId, { [name]: words[at] ?? "" }, signal);
      if (holds(found)) held = at;
      else {
        refused = at;
        reason = found.checks?.find((check) => check.status === "fail")?.title ?? found.questions[0]?.text ?? "";
      }
    } catch (error) {
      if (!(error instanceof ApiError) || error.status >= 400 || error.code === "unreachable") {
        held = at;
        break;
      }
      refused = at;
      reason = error.message;
    }
  }
  const best = words[held];
  const cap = refused < words.length ? `${best ? `Not ${words[refused]}` : "It can’t be thicker"}: ${reason || "its own checks refuse it"}.` : "";
  return { words: best ? `make it ${best} thick` : "", cap };
}
