import { describe, expect, it } from "vitest";
import { convert, formatAgo, formatMargin, formatNumber, formatQuantity, formatSeconds, humanize, materialWords } from "./format";

describe("materialWords", () => {
  it.each([
    ["steel_a36", "Steel A36"],
    ["aluminium_6061_t6", "Aluminium 6061-T6"],
    ["stainless_17_4ph_h900", "Stainless 17-4PH-H900"],
    ["pc_abs", "PC ABS"],
    ["silicon_nitride", "Silicon nitride"],
    [null, ""],
  ])("%s is %s", (id, words) => expect(materialWords(id)).toBe(words));
});

describe("formatNumber", () => {
  it.each([
    [0, "0"],
    [1334.4664, "1334"],
    [0.40625, "0.4063"],
    [196.1463, "196.1"],
    [12, "12"],
    [248237.35, "248\u202f237"],
    [-0.5, "\u22120.5"],
    [2.3448e-16, "2.345×10⁻¹⁶"],
    [3.2e9, "3.2×10⁹"],
    [Number.POSITIVE_INFINITY, "∞"],
  ])("%d is %s", (value, text) => expect(formatNumber(value)).toBe(text));

  it("shows a dash for what is not known", () => {
    expect(formatNumber(null)).toBe("–");
    expect(formatNumber(undefined)).toBe("–");
    expect(formatNumber(Number.NaN)).toBe("–");
  });
});

describe("units", () => {
  it("converts by the exact definitions", () => {
    expect(convert(25.4, "mm", "in").value).toBeCloseTo(1, 12);
    expect(convert(25.4, "mm", "in").unit).toBe("in");
    expect(convert(4.4482216152605, "N", "in").value).toBeCloseTo(1, 12);
    expect(convert(453.59237, "g", "in").value).toBeCloseTo(1, 12);
    // 1 ksi = 6.894757293168 MPa
    expect(convert(6.894757293168, "MPa", "in").value).toBeCloseTo(1, 9);
    expect(convert(100, "degC", "in")).toEqual({ value: 212, unit: "degF" });
    expect(convert(5, "W", "in")).toEqual({ value: 5, unit: "W" });
  });
  it("writes value and unit together", () => {
    expect(formatQuantity(152.4, "mm", "in")).toBe("6\u00a0in");
    expect(formatQuantity(152.4, "mm", "mm")).toBe("152.4\u00a0mm");
    expect(formatQuantity(1.24, "", "mm")).toBe("1.24");
    expect(formatQuantity(null, "mm")).toBe("–");
  });
});

it("margins carry their sign", () => {
  expect(formatMargin(0.0327)).toBe("+3.3\u202f%");
  expect(formatMargin(-0.2)).toBe("\u221220.0\u202f%");
  expect(formatMargin(52)).toBe("> 999\u202f%");
});

it("durations read as people say them", () => {
  expect(formatSeconds(0.84)).toBe("0.8\u00a0s");
  expect(formatSeconds(42.4)).toBe("42\u00a0s");
  expect(formatSeconds(125)).toBe("2:05\u00a0min");
  expect(formatAgo(0, 30_000)).toBe("just now");
  expect(formatAgo(0, 3_600_000)).toBe("1 hour ago");
});

it("ids become words", () => {
  expect(humanize("wall_leg")).toBe("Wall leg");
  expect(humanize("wall_mm")).toBe("Wall");
});
