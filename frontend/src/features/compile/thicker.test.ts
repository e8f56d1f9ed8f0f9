import { afterEach, expect, it, vi } from "vitest";
import { serve } from "@/test/render";
import { steps, thicker } from "./thicker";

afterEach(() => vi.unstubAllGlobals());

const sizes = { thickness: { value: 11.1125, unit: "mm" }, width: { value: 150, unit: "mm" } };
const signal = new AbortController().signal;
const check = (status: string) => ({ id: "c", title: "Bending", status });

/** A server on which a part of up to `most` mm can be laid out. */
const upTo = (most: number) =>
  serve({
    "/api/projects/p/preview": (init?: RequestInit) => {
      const { thickness } = (JSON.parse(String(init?.body)) as { answers: { thickness: string } }).answers;
      if (Number.parseFloat(thickness) > most) return { questions: [], error: { code: "no_feasible_design", message: "no thickness fits the legs", next_action: "", details: {} } };
      return { questions: [], scheme: { parameters: {} }, checks: [check("pass")], valid: true };
    },
  });

it("thinks of round thicknesses up to a fifth more, where there is one to grow", () => {
  expect(steps(sizes, "mm")).toEqual({ name: "thickness", words: ["11.5 mm", "12 mm", "12.5 mm", "13 mm", "13.5 mm"] });
  expect(steps({ wall: { value: 2, unit: "mm" } }, "mm")?.words).toEqual(["2.5 mm"]);
  expect(steps({ thickness: { value: 11.1125, unit: "mm" } }, "in")?.words).toEqual(["0.46875 in", "0.5 in", "0.53125 in"]);
  expect(steps({ base_thickness: { value: 5, unit: "mm" }, wall: { value: 2, unit: "mm" } }, "mm")).toBeNull();
});

it("proposes the thickest that the design can hold, and says what stands against more", async () => {
  for (const [most, words, cap] of [
    [20, "make it 13.5 mm thick", ""],
    [12.7, "make it 12.5 mm thick", "Not 13 mm: no thickness fits the legs."],
    [11.6, "make it 11.5 mm thick", "Not 12 mm: no thickness fits the legs."],
    [11.2, "", "It can’t be thicker: no thickness fits the legs."],
  ] as const) {
    const calls = upTo(most);
    expect(await thicker("p", sizes, "mm", signal)).toEqual({ words, cap });
    expect(calls.length).toBeLessThanOrEqual(4);
  }
});

it("does not propose what a check of the design fails, and proposes the most where nobody can be asked", async () => {
  serve({ "/api/projects/p/preview": { questions: [], scheme: { parameters: {} }, checks: [check("fail")], valid: true } });
  expect(await thicker("p", sizes, "mm", signal)).toEqual({ words: "", cap: "It can’t be thicker: Bending." });
  serve({});
  expect(await thicker("p", sizes, "mm", signal)).toEqual({ words: "make it 13.5 mm thick", cap: "" });
});
