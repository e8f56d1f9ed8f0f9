// The story of a first-time user, told step by step on standard output; the last line is a JSON summary.
//   PYTHON=… PORT=… CHROMIUM=… node tests/e2e/workspace.mjs
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Browser, Server } from "./session.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const server = new Server({ python: process.env.PYTHON ?? `${root}/.venv/bin/python`, root, port: Number(process.env.PORT ?? 8765) });
const browser = new Browser();
const RUN_MS = 240_000;
const started = Date.now();
const step = (text) => console.log(`${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}`);
const BRIEF = "An aluminium 6061-T6 shelf bracket, 6 in wide, legs 5 in and 2 in, load at 12 in from the wall, factor of safety 1.2, four 1/2 in holes";

async function verdict(page) {
  await page.locator("footer").getByText(/^(Pass|Fail|Not verified)$/).waitFor({ timeout: RUN_MS });
  return page.locator("footer").getByText(/^(Pass|Fail|Not verified)$/).innerText();
}

try {
  await server.start();
  const page = await browser.open(process.env.CHROMIUM ?? "/usr/bin/chromium", server.url);

  await page.goto(server.url);
  await page.getByText("None yet").waitFor();
  await browser.audit("landing");
  step("the landing page is there, with no project yet");

  await page.getByLabel("Brief").fill(BRIEF);
  await page.getByRole("button", { name: "Begin" }).click();
  await page.getByText("One answer is still needed.").waitFor();
  await browser.audit("gathering");
  assert.equal(await page.getByRole("button", { name: "Run the design" }).isDisabled(), true);
  step("the load is missing: it is asked for, and nothing can be run before");

  await page.getByLabel("Your answer").fill("300 lb");
  await page.keyboard.press("Enter");
  await page.getByLabel("Show me the plan before anything is built").check();
  await page.locator('button:has-text("Run the design"):not([disabled])').click();
  await page.waitForURL(/\/p\/p-/);
  await page.getByRole("region", { name: "Approval of the plan" }).waitFor({ timeout: RUN_MS });
  await browser.audit("approval");
  await page.getByRole("button", { name: "Approve and build" }).click();
  await page.locator('[data-stage="geometry"]:not([data-state="waiting"])').waitFor({ timeout: RUN_MS });
  step("the plan was shown and approved; the run has begun, its stages are followed live");

  browser.serverDown = true;
  await server.stop("SIGTERM");
  await page.getByRole("alert").filter({ hasText: "can’t be heard" }).waitFor();
  assert.equal(await page.getByRole("button", { name: /Stop|Run again/ }).first().isDisabled(), true);
  step("the server was stopped in the middle: the page says so and its controls are inert");
  await server.start();
  await page.getByText("Live", { exact: true }).waitFor({ timeout: 90_000 });
  browser.serverDown = false;
  step("the server is back: the page reconnected by itself");

  assert.equal(await verdict(page), "Pass");
  step("the run went on to its verdict: pass");

  const scene = page.locator('[data-ready="true"]');
  await scene.waitFor({ timeout: 120_000 });
  await page.waitForTimeout(1500);
  const hues = await browser.hues(page.locator("canvas"));
  const cold = (hues[240] ?? 0) + (hues[210] ?? 0) + (hues[270] ?? 0);
  const warm = (hues[120] ?? 0) + (hues[90] ?? 0) + (hues[60] ?? 0) + (hues[150] ?? 0);
  assert.ok(cold > 2000 && warm > 2000, `the stress field shows from low to high: ${JSON.stringify(hues)}`);
  step(`the model is on screen with its field (${cold} cold and ${warm} warm pixels)`);

  const frame = await page.locator("canvas").boundingBox();
  await page.mouse.click(frame.x + frame.width * 0.45, frame.y + frame.height * 0.5);
  const probe = page.getByRole("region", { name: "Probe" });
  await probe.waitFor();
  const stress = await probe.locator("dd").first().innerText();
  assert.match(stress, /^[\d.]+\sksi$/);
  await page.getByRole("button", { name: /in · lbf/ }).click();
  const metric = await probe.locator("dd").first().innerText();
  assert.match(metric, /^[\d.]+\sMPa$/);
  assert.ok(Math.abs(Number.parseFloat(metric) / Number.parseFloat(stress) / 6.894757 - 1) < 0.01, `${stress} is ${metric}`);
  step(`a click reads the field: ${stress} is ${metric}`);

  await scene.focus();
  const before = await page.locator("canvas").screenshot();
  await page.keyboard.press("5");
  await page.waitForTimeout(1200);
  assert.ok(!before.equals(await page.locator("canvas").screenshot()), "a key turns the model to another view");
  await page.getByRole("button", { name: "Section planes" }).click();
  await page.getByLabel("Across Y").check();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Search commands" }).fill("isometric");
  await browser.audit("commands");
  await page.keyboard.press("Enter");
  await page.waitForTimeout(1200);
  const cut = await browser.hues(page.locator("canvas"));
  assert.ok((cut[0] ?? 0) > 150, `the section's hatched face shows: ${JSON.stringify(cut)}`);
  step("views by key and by command; a section with a hatched face");

  const words = { Requirements: "What the brief asks", History: "Revision 1", KCL: /^\d+ lines$/, Analysis: "Meshes", "Bill of materials": "bom.csv", Report: "model.step", Parameters: "Thickness" };
  for (const theme of ["light", "dark"]) {
    await page.getByRole("button", { name: "Settings", exact: true }).click();
    await page.getByRole("dialog").getByText(theme === "light" ? "Light" : "Dark", { exact: true }).click();
    await browser.audit(`settings, ${theme}`);
    await page.keyboard.press("Escape");
    for (const [tab, expected] of Object.entries(words)) {
      await page.getByRole("tab", { name: tab }).click();
      await page.getByText(expected).first().waitFor();
      await browser.audit(`${tab}, ${theme}`);
    }
    for (const name of ["Parts", "Materials", "Studies", "Performance"]) {
      await page.getByRole("navigation").getByRole("button", { name, exact: true }).click();
      await page.getByRole("tab", { name, exact: true }).waitFor();
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
  assert.equal(await verdict(page), "Pass");
  await page.setViewportSize({ width: 420, height: 800 });
  await page.getByRole("navigation").getByRole("button", { name: "Requirements", exact: true }).click();
  await page.getByText("What the brief asks").waitFor();
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth + 1);
  assert.equal(wide, false, "a narrow page does not scroll sideways");
  await browser.audit("narrow");
  step("a narrow screen shows one panel at a time");

  assert.deepEqual(browser.problems, []);
  step("no error on the console, no request to another host, no serious finding of axe");
  console.log(JSON.stringify({ ok: true, seconds: (Date.now() - started) / 1000 }));
} catch (error) {
  console.error(error);
  console.error("problems:", browser.problems);
  console.error("server's last words:", server.log.slice(-3000));
  if (browser.page) await browser.page.screenshot({ path: process.env.FAILED_SHOT ?? "/tmp/e2e-failed.png" }).catch(() => undefined);
  process.exitCode = 1;
} finally {
  await browser.browser?.close();
  await server.stop();
}
