// The whole way without a mouse: from the brief through chat, approval, panels, selection, section, measuring, comparison
// and export, then keys bound anew. Wherever the focus stops it can be seen. The last line is a JSON summary.
//   PYTHON=… PORT=… CHROMIUM=… node tests/e2e/keyboard.mjs
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { BRACKET, eventually, RUN_MS, story, verdict } from "./session.mjs";

/** Where the focus is, in words, whether a ring around it (or what stands for it) shows, and whether it is in the window. */
function focused(page) {
  return page.evaluate(() => {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    if (!at || at === document.body) return null;
    const ring = (element) =>
      [null, "::after"].some((part) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(element, part);
        return outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2;
      });
    // a radio button shows it on its words, a field in a frame on the frame, an editor by its cursor
    const around = [at, at.nextElementSibling, at.parentElement, at.parentElement?.parentElement].filter(Boolean);
    const box = at.getBoundingClientRect();
    return {
      words: (at.getAttribute("aria-label") ?? at.textContent ?? "").trim().slice(0, 60) || at.tagName,
      seen: around.some(ring) || at.isContentEditable,
      inside: box.bottom > 0 && box.right > 0 && box.top < window.innerHeight && box.left < window.innerWidth,
    };
  });
}

await story(8771, async ({ server, browser, page, step }) => {
  const hidden = new Set();
  /** Presses Tab until the element that `target` names has the focus. */
  const reach = async (target, key = "Tab", most = 120) => {
    await target.waitFor();
    const stops = [];
    for (let presses = 0; presses <= most; presses += 1) {
      if (await target.evaluate((element) => element.getRootNode().activeElement === element).catch(() => false)) return;
      await page.keyboard.press(key);
      const now = await focused(page);
      stops.push(now?.words ?? "nowhere");
      if (now && !(now.seen && now.inside)) hidden.add(`${now.words}${now.seen ? " (outside of the window)" : ""}`);
    }
    throw new Error(`${target} is not reached by ${key}: ${stops.join(" | ")}`);
  };
  const press = async (target, key = "Enter") => {
    await reach(target);
    await page.keyboard.press(key);
  };
  const kept = (words) => eventually(() => focused(page), Boolean, `the focus is not lost after ${words}`, 20_000);
  const command = async (words) => {
    await page.keyboard.press("Control+k");
    const field = page.getByRole("combobox", { name: "Search commands" });
    await eventually(() => field.evaluate((element) => document.activeElement === element), Boolean, "the commands take what is typed");
    await page.keyboard.type(words);
    await page.getByRole("option", { selected: true }).filter({ hasText: words }).waitFor();
    await page.keyboard.press("Enter");
    await field.waitFor({ state: "detached" });
  };
  /** To the tab that is in front in the group of panels with that tab. */
  const group = async (name) => {
    const tab = page.getByRole("tab", { name, exact: true });
    await tab.waitFor();
    await reach(tab, "F6", 6);
  };

  await page.goto(server.url);
  await page.getByText("None yet").waitFor();
  await reach(page.getByLabel("Brief"));
  await page.keyboard.type(BRACKET.replace("holds 300 lb", "load"));
  await press(page.getByRole("button", { name: "Begin" }));
  await page.getByText("One answer is still needed.").waitFor();
  await eventually(() => page.getByLabel("Your answer").evaluate((element) => document.activeElement === element), Boolean, "an answer can be typed at once");
  await page.keyboard.type("300 lb");
  await page.keyboard.press("Enter");
  await page.locator('button:has-text("Run the design"):not([disabled])').waitFor();
  await press(page.getByLabel("Show me the plan before anything is built"), "Space");
  await press(page.getByRole("button", { name: "Run the design" }));
  await page.waitForURL(/\/p\/p-/);
  step("a brief and its answer, from the first page to the run");

  const approve = page.getByRole("button", { name: "Approve and build" });
  await approve.waitFor({ timeout: RUN_MS });
  await group("Run");
  await press(approve);
  await page.locator("footer").getByText("Running").waitFor();
  await kept("the approval, whose buttons are gone");
  step("the plan is approved");
  await verdict(page, "Pass");
  await page.locator('[data-ready="true"]').waitFor();

  await group("Parameters");
  await reach(page.getByRole("tab", { name: "Report" }), "ArrowRight", 6);
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "model.step" }).waitFor();
  await reach(page.getByRole("tab", { name: "KCL" }), "ArrowLeft", 6);
  await page.keyboard.press("Enter");
  const editor = page.getByRole("textbox", { name: "KCL program" });
  await reach(editor);
  await press(page.getByRole("tab", { name: "Run", exact: true }), "ArrowRight"); // and out of it again
  step("tabs by arrows; the editor lets the focus out");

  await command("Measure");
  await command("Parts");
  await group("Parts");
  await press(page.getByRole("button", { name: "shelf", exact: true }));
  const card = page.getByRole("region", { name: "Measure" });
  await card.getByText("Plane “shelf”").waitFor();
  await press(page.getByRole("button", { name: "toe", exact: true }));
  await card.getByText("Distance", { exact: true }).waitFor();
  await command("Measure");
  step("two faces of the part tree are measured");

  await group("Model");
  await press(page.getByRole("button", { name: "Section planes" }));
  await press(page.getByLabel("Across Y"), "Space");
  const position = page.getByRole("slider", { name: "Position along Y" });
  await reach(position);
  const from = await position.inputValue();
  await page.keyboard.press("ArrowRight");
  await eventually(() => position.inputValue({ timeout: 2000 }), (value) => value !== from, "an arrow moves the plane");
  await page.keyboard.press("Escape");
  await position.waitFor({ state: "detached" });
  await kept("the section's tools are closed");
  await eventually(() => browser.hues(page.locator("canvas")), (hues) => (hues[0] ?? 0) > 150, "the section's hatched face shows");
  const view = () => page.locator("[data-view-now]").getAttribute("data-view-now");
  await reach(page.getByRole("group", { name: /^Picture of the model/ }));
  await page.keyboard.press("ArrowLeft");
  await eventually(view, (name) => name === "free", "an arrow turns the model");
  await page.keyboard.press("5");
  await eventually(view, (name) => name === "top", "a number is a view");
  step("a section, its position, and the view");

  await command("History");
  await group("History");
  const boxes = page.getByRole("checkbox", { name: "Compare" });
  await press(boxes.nth(0), "Space");
  await page.getByText("Choose a second one to compare").waitFor();
  await press(boxes.nth(1), "Space");
  const table = page.getByRole("region", { name: "Comparison of revisions 1 and 2" });
  await table.getByRole("rowheader", { name: "Mass" }).waitFor();
  await page.getByText("plan, approved").waitFor(); // what the first revision is by now
  await reach(table.getByRole("button", { name: "Close the comparison" }), "Shift+Tab");
  await page.keyboard.press("Enter");
  await table.waitFor({ state: "detached" });
  await kept("the comparison is closed");
  const download = page.waitForEvent("download");
  await command("Save model.step");
  assert.match(readFileSync(await (await download).path(), "latin1").slice(0, 40), /^ISO-10303-21;/);
  step("two revisions compared; a file exported");

  await command("Settings");
  const settings = page.getByRole("dialog", { name: "Settings" });
  const keys = settings.getByRole("searchbox", { name: "Search keys" });
  const bind = async (title, key) => {
    await reach(keys);
    await page.keyboard.press("Control+a");
    await page.keyboard.type(title);
    await press(settings.getByRole("button", { name: `${title}: ` }));
    await settings.getByRole("button", { name: `Press keys… for ${title}` }).waitFor();
    await page.keyboard.press(key);
  };
  await bind("View: Top", "q");
  await settings.getByRole("button", { name: "View: Top: Q; change its keys" }).waitFor();
  await bind("View: Front", "q");
  await settings.getByText("Q belonged to “View: Top”, which has no keys now.").waitFor();
  await browser.audit("keys");
  await page.keyboard.press("Escape");
  await settings.waitFor({ state: "detached" });
  await kept("the settings are closed");
  await page.keyboard.press("q");
  await eventually(view, (name) => name === "front", "the new key works, for the last that took it");
  await command("Settings");
  await press(settings.getByRole("button", { name: "Usual keys" }));
  await settings.getByText("Every command has its usual keys again.").waitFor();
  await kept("the usual keys are back");
  await page.keyboard.press("Escape");
  await settings.waitFor({ state: "detached" });
  await page.keyboard.press("0");
  await eventually(view, (name) => name === "iso", "the usual key works again");
  step("a key bound anew, taken by another command, and all as usual again");
  assert.deepEqual([...hidden], [], "wherever the focus stops it can be seen");
});
