import { render, screen, within } from "@testing-library/react";
import { expect, it } from "vitest";
import { Table } from "./Table";

const rows = (names: string[]) => (
  <Table className="table" name="Screws">
    <thead>
      <tr>
        <th scope="col">Part</th>
        <th scope="col">
          <button type="button">Length</button>
          <small>mm</small>
        </th>
        <th scope="col">Source</th>
      </tr>
    </thead>
    <tbody>
      {names.map((name) => (
        <tr key={name}>
          <th scope="row">{name}</th>
          <td>12</td>
          <td>a standard with a name too long for half of a row</td>
        </tr>
      ))}
    </tbody>
  </Table>
);

it("gives each cell the name of its column, for rows that are stacked, and says what it is", () => {
  const { rerender } = render(rows(["M3"]));
  rerender(rows(["M3", "M4"]));
  const table = screen.getByRole("table", { name: "Screws" });
  const row = within(table).getByRole("row", { name: /^M4/ });
  const [length, source] = within(row).getAllByRole("cell");
  expect(length?.dataset["label"]).toBe("Length, mm");
  expect(length?.hasAttribute("data-wide")).toBe(false);
  expect(source?.dataset["label"]).toBe("Source");
  expect(source?.hasAttribute("data-wide")).toBe(true);
  expect(within(row).getByRole("rowheader").getAttribute("role")).toBe("rowheader");
  expect(within(table).getAllByRole("columnheader")).toHaveLength(3);
});
