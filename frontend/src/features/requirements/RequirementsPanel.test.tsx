import { fireEvent, screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { bracketState, bracketView } from "@/test/fixtures";
import { renderPanel } from "@/test/render";
import { markSpans, spansOf, unreadWords } from "./BriefSpans";
import { requirementStatus, RequirementsPanel } from "./RequirementsPanel";

it("lists what the sizing assumed beside what the reading did, each once", () => {
  renderPanel(<RequirementsPanel />);
  expect(screen.getByText(/bolts hold the rims of their holes; the wall only pushes/)).toBeTruthy();
  expect(screen.getAllByText(/temperature of the part in service: 20 °C/)).toHaveLength(1);
});

it("lists words without effect once, and of very many the first", () => {
  const span = (text: string) => ({ start: 0, end: 0, text });
  expect(unreadWords([span("nice"), span("nice"), span("calm")])).toBe("“nice”, “calm”");
  expect(unreadWords(Array.from({ length: 15 }, (_, at) => span(`w${at}`)))).toMatch(/“w11” and 3 more$/);
});

describe("marks in the brief", () => {
  const span = (start: number, end: number, brief: string) => ({ span: { start, end, text: brief.slice(start, end) }, id: `${start}`, title: "" });

  it("cuts without losing a letter", () => {
    const { intent } = bracketState().design;
    const pieces = markSpans(intent.brief ?? "", spansOf(intent));
    expect(pieces.map((piece) => piece.text).join("")).toBe(intent.brief);
    const marked = pieces.filter((piece) => piece.id !== null).map((piece) => piece.text);
    expect(marked).toContain("6 in");
    expect(marked).toContain("300 lb");
    expect(marked).toContain("aluminium 6061-T6");
  });

  it("takes overlapping spans once, and drops spans beyond the text", () => {
    const brief = "12 in wide";
    const pieces = markSpans(brief, [span(0, 5, brief), span(0, 2, brief), span(3, 8, brief), { ...span(0, 3, brief), span: { start: 90, end: 95, text: "" } }]);
    expect(pieces.map((piece) => [piece.text, piece.id])).toEqual([
      ["12 in", "0"],
      [" wide", null],
    ]);
  });
});

describe("status of a requirement", () => {
  const requirement = { id: "sf", kind: "safety_factor", statement: "", origin: "brief" as const, span: null, quantity: null, sense: null };
  const check = (status: "pass" | "fail" | "not verified", requirement_id: string | null = "sf") => ({ id: status, title: "", status, value: null, limit: null, sense: null, margin: null, uncertainty: null, unit: "", method: "", evidence: [], reason: "", requirement_id });
  it("is the worst of its checks", () => {
    expect(requirementStatus(requirement, [check("pass"), check("fail"), check("not verified")])).toBe("fail");
    expect(requirementStatus(requirement, [check("pass"), check("not verified")])).toBe("not verified");
    expect(requirementStatus(requirement, [check("pass"), check("fail", "other")])).toBe("pass");
  });
  it("is never a pass without a check", () => expect(requirementStatus(requirement, [check("pass", null)])).toBe("not verified"));
});

it("shows each requirement with its words, figures and verdict", () => {
  renderPanel(<RequirementsPanel />);
  expect(screen.getByText("24 passed, 0 failed, 6 not verified")).toBeTruthy();
  const width = screen.getByText("width of the bracket, along the wall: 6 in").closest("li");
  expect(width?.textContent).toContain("“6 in” in the brief");
  expect(width?.textContent).toContain("152.4\u00a0mm");
});

it("a requirement and its words light up together", () => {
  renderPanel(<RequirementsPanel />);
  const words = screen.getAllByText("6 in", { selector: "mark" })[0];
  expect(words?.className).toContain("mark");
  const item = screen.getByText("width of the bracket, along the wall: 6 in").closest("li");
  if (item) fireEvent.pointerEnter(item);
  expect(words?.className).toContain("markActive");
});

it("says in inches what the person reads in inches", () => {
  renderPanel(<RequirementsPanel />, { units: "in" });
  expect(screen.getByText("width of the bracket, along the wall: 6 in").closest("li")?.textContent).toContain("6\u00a0in");
});

it("a failed check shows its reason and a negative margin", () => {
  const current = bracketView();
  const report = current.validation.verification_report;
  const first = report.checks?.find((check) => check.id.includes("fe_safety_factor"));
  Object.assign(first ?? {}, { status: "fail", margin: -0.25, reason: "240 MPa against yield 241 MPa" });
  report.status = "fail";
  renderPanel(<RequirementsPanel />, { current, state: current });
  expect(screen.getByText(/\u221225\.0/).dataset["sign"]).toBe("minus");
  expect(screen.getByText(/240 MPa against yield/)).toBeTruthy();
  expect(screen.getByText("23 passed, 1 failed, 6 not verified")).toBeTruthy();
});
