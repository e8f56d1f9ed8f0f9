import { type ReactNode, useLayoutEffect, useRef } from "react";

/** What takes the whole width of a narrow row, in letters. */
const WIDE = 36;

const wordsOf = (element: Element) => [...element.childNodes].map((node) => (node.textContent ?? "").trim()).filter(Boolean).join(", ");

/** Tells each cell the name of its column, and its part in the table, which a row that is stacked would lose. */
function label(table: HTMLTableElement): void {
  const heads = [...table.querySelectorAll("thead th")].map(wordsOf);
  for (const group of table.querySelectorAll("thead, tbody")) group.setAttribute("role", "rowgroup");
  for (const head of table.querySelectorAll("thead th")) head.setAttribute("role", "columnheader");
  for (const row of table.rows) {
    row.setAttribute("role", "row");
    if (row.parentElement?.tagName !== "TBODY") continue;
    [...row.cells].forEach((cell, at) => {
      cell.setAttribute("role", cell.tagName === "TH" ? "rowheader" : "cell");
      cell.setAttribute("data-label", heads[at] ?? "");
      cell.toggleAttribute("data-short", cell.tagName === "TH" && /^\d+$/.test(cell.textContent ?? ""));
      cell.toggleAttribute("data-wide", (cell.textContent ?? "").length > WIDE);
    });
  }
}

/** A table whose rows are stacked where its panel is narrow (Table.module.css): each cell then has its column's name above it. */
export function Table({ className, name, children }: { className: string | undefined; name?: string; children: ReactNode }) {
  const table = useRef<HTMLTableElement>(null);
  useLayoutEffect(() => {
    if (table.current) label(table.current);
  });
  return (
    <table ref={table} role="table" className={className} aria-label={name}>
      {children}
    </table>
  );
}
