// What comes in from outside: a brief, a program and a part dropped on the page, the bar that always stays, and a server
// that asks for an access token. The last line is a JSON summary.
//   PYTHON=… PORT=… CHROMIUM=… node tests/e2e/intake.mjs
import assert from "node:assert/strict";
import { RUN_MS, story } from "./session.mjs";

const TOKEN = "a token that nobody else has";
const PLATE = `@settings(defaultLengthUnit = mm)

width = 60
plate = startSketchOn(XY)
  |> startProfile(at = [0, 0])
  |> xLine(length = width)
  |> yLine(length = 40)
  |> xLine(length = -width)
  |> close()
  |> extrude(length = 8)
`;

/** Drags a file over the page and lets it fall. */
async function drop(page, name, content) {
  const data = await page.evaluateHandle(
    ([file, base64]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], file));
      return transfer;
    },
    [name, Buffer.from(content).toString("base64")],
  );
  await page.dispatchEvent("body", "dragenter", { dataTransfer: data });
  await page.getByText("Drop it here").waitFor();
  await page.dispatchEvent("body", "drop", { dataTransfer: data });
}

await story(8769, async ({ server, browser, page, step }) => {
  await page.goto(server.url);
  await page.getByText("None yet").waitFor();
  await drop(page, "brief.txt", "A steel S235 shelf bracket, 150 mm wide, legs 120 mm and 50 mm, load at 300 mm from the wall, safety factor 1.5");
  await page.waitForURL(/\/new$/);
  await page.getByText("150 mm", { exact: false }).first().waitFor();
  await page.getByText(/still needed/).waitFor();
  step("a brief was dropped: it was read, and what it leaves open is asked");

  await drop(page, "photo.jpg", "no part");
  await page.getByText("photo.jpg is no kind of file that can be taken in").waitFor();
  await drop(page, "plate.kcl", PLATE);
  await page.waitForURL(/\/p\/p-/);
  await page.locator('[data-ready="true"]').waitFor({ timeout: RUN_MS });
  step("a picture was refused in words; a program became a project and its model is on screen");

  await page.getByRole("tab", { name: "KCL" }).click();
  const line = page.locator(".cm-line").filter({ hasText: /^width = / });
  await line.click();
  await page.keyboard.press("Home");
  await page.keyboard.press("Shift+End");
  await page.keyboard.type("width = 75");
  await page.getByText("Edited, compiles; not kept yet").waitFor();
  // nothing was asked of it, nothing is there to prove
  await page.getByRole("button", { name: "Keep and prove" }).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Keep", exact: true }).click();
  await page.getByText(/^\d+ lines$/).waitFor();
  await page.getByRole("tab", { name: "History" }).click();
  await page.getByText("Revision 2").waitFor();
  step("its program was edited and kept, though nothing is known of its material");

  const project = page.url().match(/\/p\/([^?]+)/)[1];
  const { geometry } = await server.json(`/api/state/${project}`);
  assert.ok(Math.abs(geometry.compiled.volume_mm3 - 75 * 40 * 8) < 1e-3, `${geometry.compiled.volume_mm3} mm³`);
  const solid = Buffer.from(await (await fetch(`${server.url}/api/artifacts/${geometry.artifacts.step}`)).arrayBuffer());
  const told = page.getByText("plate.step is a project now").waitFor(); // a notice goes by itself
  await drop(page, "plate.step", solid);
  await told;
  await page.waitForURL((url) => url.pathname.startsWith("/p/") && !url.pathname.endsWith(project));
  await page.locator('[data-ready="true"]').waitFor({ timeout: RUN_MS });
  await page.getByRole("tab", { name: "KCL" }).click();
  await page.getByText("it has no program").waitFor();
  const other = await server.json(`/api/state/${page.url().match(/\/p\/([^?]+)/)[1]}`);
  assert.ok(Math.abs(other.geometry.compiled.volume_mm3 - 75 * 40 * 8) < 1e-3);
  await browser.audit("a part taken in");
  step("its STEP file became a project of its own: the same solid");

  const bar = page.getByRole("navigation", { name: "Workspace" });
  for (const name of ["Parts", "Requirements"]) {
    await bar.getByRole("button", { name, exact: true }).click();
    await page.getByRole("tab", { name, exact: true }).waitFor();
    await bar.locator('button[aria-current="true"]').filter({ hasText: name }).waitFor();
  }
  for (const theme of ["light", "dark"]) {
    await bar.getByRole("button", { name: new RegExp(`change to ${theme}`) }).click();
    await page.locator(`html[data-theme="${theme}"]`).waitFor();
  }
  await bar.getByRole("button", { name: "Commands" }).click();
  await page.getByRole("combobox", { name: "Search commands" }).waitFor();
  await page.keyboard.press("Escape");
  await bar.getByRole("link", { name: "All projects" }).click();
  await page.getByRole("link", { name: /plate\.step/ }).waitFor();
  await page.goBack();
  await page.waitForURL(/\/p\/p-/);
  step("the bar opens panels, changes the theme, opens the commands and leads home");

  browser.serverGone(); // what is refused is told on the console too
  await server.stop();
  await server.start({ BRICK_ACCESS_TOKEN: TOKEN });
  await page.goto(server.url);
  const dialog = page.getByRole("dialog", { name: "This server asks for an access token" });
  await dialog.getByLabel("Access token").fill("not this one, but long enough");
  await page.keyboard.press("Enter");
  await dialog.getByRole("alert").waitFor();
  await browser.audit("access token");
  await dialog.getByLabel("Access token").fill(TOKEN);
  await page.keyboard.press("Enter");
  await dialog.waitFor({ state: "hidden" });
  await page.getByRole("link", { name: /plate\.step/ }).waitFor();
  await page.reload();
  await page.getByRole("link", { name: /plate\.step/ }).waitFor();
  browser.serverBack();
  assert.ok(!(await page.evaluate(() => document.cookie)).includes(TOKEN), "no script can read the token");
  step("a server with an access token asks for it once, and refuses another");
});
