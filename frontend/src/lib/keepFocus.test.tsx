import { render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, it } from "vitest";
import { keepFocus } from "./keepFocus";

let end: () => void;
beforeEach(() => {
  end = keepFocus();
});
afterEach(() => end());

const Panel = ({ asks, off = false }: { asks: boolean; off?: boolean }) => (
  <div>
    <button type="button">elsewhere</button>
    {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- as a panel is */}
    <div tabIndex={0} role="group" aria-label="panel">
      <section>{asks && <button type="button" disabled={off}>Approve</button>}</section>
    </div>
  </div>
);

it("goes to the part around when the element that has it goes, or is switched off", async () => {
  for (const after of [<Panel key="a" asks={false} />, <Panel key="a" asks off />]) {
    const { rerender, unmount } = render(<Panel key="a" asks />);
    screen.getByRole("button", { name: "Approve" }).focus();
    rerender(after);
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("group")));
    unmount();
  }
});

it("takes no focus from where a person went", async () => {
  const { rerender } = render(<Panel asks />);
  screen.getByRole("button", { name: "Approve" }).focus();
  screen.getByRole("button", { name: "elsewhere" }).focus();
  rerender(<Panel asks={false} />);
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(document.activeElement).toBe(screen.getByRole("button", { name: "elsewhere" }));
  screen.getByRole("button", { name: "elsewhere" }).blur();
  rerender(<Panel asks />);
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(document.activeElement).toBe(document.body);
});
