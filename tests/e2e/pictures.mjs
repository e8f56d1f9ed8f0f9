// Makes the pictures of docs/images: designs two parts on a server of its own and photographs the page.
//   node tests/e2e/pictures.mjs [FOLDER]
import { mkdtempSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Browser, Server } from "./session.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = process.argv[2] ?? join(root, "docs", "images");
mkdirSync(folder, { recursive: true });
process.env.BRICK_DATA_DIR ??= mkdtempSync(join(tmpdir(), "brick-pictures-"));
const server = new Server({ python: process.env.PYTHON ?? `${root}/.venv/bin/python`, root, port: Number(process.env.PORT ?? 8766) });

const BRIEFS = {
  bracket:
    "An aluminium 6061-T6 shelf bracket, 6 in wide, legs 5 in and 2 in, holds 300 lb at 12 in from the wall, factor of safety 1.2, four 1/2 in holes",
  enclosure:
    "An ABS enclosure for electronics, 120 x 80 x 40 mm outside, printed, wall 2.5 mm, lid with four M3 screws, four M3 standoffs for a board 80 x 50 mm",
};

async function design(brief) {
  const answer = await fetch(`${server.url}/api/orchestrator/run`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ user_intent: brief }),
  });
  return (await answer.json()).project_id;
}

try {
  await server.start();
  const bracket = await design(BRIEFS.bracket);
  const enclosure = await design(BRIEFS.enclosure);
  for (const theme of ["light", "dark"]) {
    const browser = new Browser();
    const page = await browser.open(process.env.CHROMIUM ?? "/usr/bin/chromium", server.url, theme, { width: 1200, height: 760 });
    const shot = async (name) => {
      await page.waitForTimeout(1500);
      await page.screenshot({ path: join(folder, `ui-${name}-${theme}.png`) });
    };
    await page.goto(`${server.url}/p/${bracket}`);
    await page.locator('[data-ready="true"]').waitFor();
    await shot("workspace");
    await page.getByRole("tab", { name: "Requirements" }).click();
    await page.getByRole("tab", { name: "KCL" }).click();
    await shot("requirements");
    await page.goto(`${server.url}/p/${enclosure}`);
    await page.locator('[data-ready="true"]').waitFor();
    await page.getByRole("button", { name: "Explode" }).click();
    await page.getByLabel("Distance between the parts").fill("0.6");
    await page.getByRole("button", { name: "Section planes" }).click();
    await page.getByLabel("Across Y").check();
    await page.keyboard.press("Escape");
    await page.getByRole("tab", { name: "Bill of materials" }).click();
    await shot("section");
    await page.goto(server.url);
    await page.getByText("just now").first().waitFor();
    await shot("landing");
    await browser.browser.close();
    for (const problem of browser.problems) console.error(problem);
  }
} finally {
  await server.stop();
}
