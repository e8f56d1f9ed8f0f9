// The story of a first-time user, told step by step on standard output; the last line is a JSON summary.
//   PYTHON=… PORT=… CHROMIUM=… node tests/e2e/workspace.mjs
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { BRACKET, clickFor, eventually, RUN_MS, story, verdict } from "./session.mjs";

const BRIEF = BRACKET.replace("holds 300 lb", "load");

await story(8765, async ({ server, browser, page, step }) => {
  await page.goto(server.url);
  await page.getByText("None yet").waitFor();
  await browser.audit("landing");
  step("the landing page is there, with no project yet");

  await page.getByLabel("Brief").fill(BRIEF);
  await page.getByRole("button", { name: "Begin" }).click();
  await page.getByText("One answer is still needed.").waitFor();
  await browser.audit("gathering");
  await page.emulateMedia({ colorScheme: "dark" });
  await page.locator('html[data-theme="dark"]').waitFor();
  await browser.audit("gathering, dark");
  await page.emulateMedia({ colorScheme: "light" });
  await page.locator('html[data-theme="light"]').waitFor();
  await page.locator('button:has-text("Run the design")[disabled]').waitFor();
  step("the load is missing: it is asked for, and nothing can be run before");

  const said = page.getByRole("log").locator("> div");
  const before = await said.count();
  await page.getByLabel("Your answer").fill("300 lb");
  await page.reload();
  await eventually(() => page.getByLabel("Your answer").inputValue({ timeout: 2000 }), (text) => text === "300 lb", "what was typed and not sent is still there");
  assert.equal(await said.count(), before, "nothing was sent by itself");
  await page.getByLabel("Your answer").press("Enter");
  await page.getByLabel("Show me the plan before anything is built").check();
  await page.locator('button:has-text("Run the design"):not([disabled])').click();
  await page.waitForURL(/\/p\/p-/);
  await page.getByRole("region", { name: "Approval of the plan" }).waitFor({ timeout: RUN_MS });
  await browser.audit("approval");
  await page.getByRole("button", { name: "Approve and build" }).click();
  await page.locator('[data-stage="geometry"]:not([data-state="waiting"])').waitFor({ timeout: RUN_MS });
  step("the plan was shown and approved; the run has begun, its stages are followed live");

  browser.serverGone();
  await server.stop("SIGTERM");
  await page.getByRole("alert").filter({ hasText: "can’t be heard" }).waitFor();
  await page.locator("button[disabled]").filter({ hasText: /^(Stop|Run again)$/ }).waitFor();
  step("the server was stopped in the middle: the page says so and its controls are inert");
  await server.start();
  await page.getByText("Live", { exact: true }).waitFor();
  browser.serverBack();
  step("the server is back: the page reconnected by itself");

  await verdict(page, "Pass");
  step("the run went on to its verdict: pass");

  const scene = page.locator('[data-ready="true"]');
  await scene.waitFor();
  const count = (hues, bins) => bins.reduce((sum, bin) => sum + (hues[bin] ?? 0), 0);
  const cold = (hues) => count(hues, [210, 240, 270]);
  const warm = (hues) => count(hues, [60, 90, 120, 150]);
  const canvas = page.locator("canvas");
  const field = await eventually(() => browser.hues(canvas), (hues) => cold(hues) > 2000 && warm(hues) > 2000, "the stress field shows from low to high");
  step(`the model is on screen with its field (${cold(field)} cold and ${warm(field)} warm pixels)`);

  await page.setViewportSize({ width: 1024, height: 768 });
  const over = page.locator("[data-over-picture]");
  const beneath = async () => {
    await page.getByRole("button", { name: /^Fit/ }).click();
    await page.waitForTimeout(600); // the view moves there
    await over.evaluateAll((all) => all.forEach((one) => (one.style.visibility = "hidden")));
    const frame = await page.getByLabel(/^Legend/).boundingBox();
    const hues = await browser.hues(canvas, frame);
    await over.evaluateAll((all) => all.forEach((one) => (one.style.visibility = "")));
    return cold(hues) + warm(hues);
  };
  await eventually(beneath, (pixels) => pixels === 0, "nothing of the model is under the legend at 1024 px");
  await page.setViewportSize({ width: 1440, height: 900 });
  step("the legend leaves the model its room on a small screen");

  const probe = page.getByRole("region", { name: "Probe" });
  await clickFor(async () => {
    const frame = await canvas.boundingBox();
    await page.mouse.click(frame.x + frame.width * 0.45, frame.y + frame.height * 0.5);
  }, probe);
  const reading = (unit) => eventually(() => probe.locator("dd").first().innerText({ timeout: 2000 }), (text) => text.endsWith(unit) && /^[\d.]+\s/.test(text), `the probe reads in ${unit}`);
  const stress = await reading("ksi");
  await page.getByRole("button", { name: /in · lbf/ }).click();
  const metric = await reading("MPa");
  assert.ok(Math.abs(Number.parseFloat(metric) / Number.parseFloat(stress) / 6.894757 - 1) < 0.01, `${stress} is ${metric}`);
  step(`a click reads the field: ${stress} is ${metric}`);

  await scene.focus();
  const view = () => page.locator("[data-view-now]").getAttribute("data-view-now");
  await eventually(view, (name) => name === "iso", "the model is seen as it was put up");
  await page.keyboard.press("5");
  await eventually(view, (name) => name === "top", "a key turns the model to another view");
  await page.getByRole("button", { name: "Section planes" }).click();
  await page.getByLabel("Across Y").check();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Search commands" }).fill("isometric");
  await browser.audit("commands");
  await page.keyboard.press("Enter");
  await eventually(view, (name) => name === "iso", "a command turns it back");
  await eventually(() => browser.hues(canvas), (hues) => (hues[0] ?? 0) > 150, "the section's hatched face shows");
  step("views by key and by command; a section with a hatched face");

  const words = { Requirements: "What the brief asks", History: "Revision 1", KCL: /^\d+ lines$/, Analysis: "Meshes", "Bill of materials": "bom.csv", Report: "model.step", Parameters: "Thickness" };
  const others = { Parts: /^\d+ named faces$/, Materials: /^\d{2,} materials$/, Studies: "Nothing holds the part yet.", Performance: "Agents, the most time first" };
  for (const theme of ["light", "dark"]) {
    await page.getByRole("button", { name: "Settings", exact: true }).click();
    await page.getByRole("dialog").getByText(theme === "light" ? "Light" : "Dark", { exact: true }).click();
    await page.locator(`html[data-theme="${theme}"]`).waitFor();
    await browser.audit(`settings, ${theme}`);
    await page.keyboard.press("Escape");
    for (const [tab, expected] of Object.entries(words)) {
      await page.getByRole("tab", { name: tab }).click();
      await page.getByText(expected).first().waitFor();
      await browser.audit(`${tab}, ${theme}`);
    }
    for (const [name, expected] of Object.entries(others)) {
      await page.getByRole("navigation").getByRole("button", { name, exact: true }).click();
      await page.getByRole("tab", { name, exact: true }).waitFor();
      await page.getByText(expected).first().waitFor();
      await browser.audit(`${name}, ${theme}`);
    }
  }
  step("every panel shows its content and is accessible in both themes");

  await page.getByRole("tab", { name: "Report" }).click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "model.step" }).click()]);
  assert.equal(download.suggestedFilename(), "model.step");
  assert.match(readFileSync(await download.path(), "latin1").slice(0, 40), /^ISO-10303-21;/);
  step("the STEP file was downloaded");

  await page.reload();
  await verdict(page, "Pass");
  await page.setViewportSize({ width: 420, height: 800 });
  await page.getByRole("tab").first().waitFor({ state: "detached" }); // docked panels have tabs, one column has none
  await page.getByRole("navigation").getByRole("button", { name: "Requirements", exact: true }).click();
  await page.getByText("What the brief asks").waitFor();
  await eventually(() => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth), (over) => over <= 1, "a narrow page does not scroll sideways");
  await browser.audit("narrow");
  await page.setViewportSize({ width: 390, height: 844 });
  const workspace = page.url().split("?")[0];
  const sideways = () => page.locator("table").evaluateAll((all) => all.flatMap((one) => (one.scrollWidth > one.parentElement.clientWidth + 1 ? [one.textContent.slice(0, 60)] : [])));
  for (const [panel, heading] of Object.entries({ bom: "L-bracket", parameters: "Thickness", materials: "ABS" })) {
    await page.goto(`${workspace}?panel=${panel}`);
    await page.getByRole("rowheader", { name: heading }).first().waitFor();
    await eventually(sideways, (tables) => tables.length === 0, `no table of ${panel} scrolls sideways on a telephone`);
    await browser.audit(`${panel}, narrow`);
  }
  step("a narrow screen shows one panel at a time, and stacks the rows of tables");
});
