// Makes the pictures of docs/images: designs two parts on a server of its own and photographs the page.
//   [BRICK_DATA_DIR=… BRACKET=id ENCLOSURE=id of finished projects in it] node tests/e2e/pictures.mjs [FOLDER]
import { mkdtempSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BRACKET, Browser, ROOT, Server } from "./session.mjs";

const folder = process.argv[2] ?? join(ROOT, "docs", "images");
mkdirSync(folder, { recursive: true });
process.env.BRICK_DATA_DIR ??= mkdtempSync(join(tmpdir(), "brick-pictures-"));
const server = new Server(8766);

const BRIEFS = {
  bracket: BRACKET,
  enclosure:
    "An ABS enclosure for electronics, 120 x 80 x 40 mm outside, printed, wall 2.5 mm, lid with four M3 screws, four M3 standoffs for a board 80 x 50 mm",
};

const PANELS = ["compile", "requirements", "history", "parameters", "code", "analysis", "bom", "report", "parts", "studies", "materials", "performance"];

/** Two revisions more, a study and a name, so that no panel is photographed empty. */
async function fill(project) {
  await server.json("/api/design/recompute", { project_id: project, parameters: { thickness: 12 } });
  await server.json(`/api/projects/${project}/undo`, {});
  await server.json("/api/design/recompute", { project_id: project, parameters: { hole_diameter: 10 } });
  await server.json(`/api/projects/${project}/name`, { name: "first one that passed", revision: "1" });
  await server.json(`/api/projects/${project}/rewind`, { revision: "1" });
  const study = {
    title: "Own weight and a pull",
    material: { name: "aluminium 6061-T6", temperature: "20 degC" },
    analysis: { type: "static" },
    supports: [{ type: "fixed", faces: "wall" }],
    loads: [{ type: "force", faces: "shelf", force: "800 N", direction: "-Z" }, { type: "gravity", direction: "-Z" }],
    results: [{ type: "safety_factor", at_least: 1.5 }, { type: "displacement", at_most: "0.5 mm" }],
  };
  const { id } = await server.json(`/api/projects/${project}/studies`, { study });
  for (let tries = 0; tries < 240; tries += 1) {
    const row = await server.json(`/api/projects/${project}/studies/${id}`);
    if (row.status !== "running") return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

try {
  await server.start();
  const bracket = process.env.BRACKET ?? (await server.design(BRIEFS.bracket));
  const enclosure = process.env.ENCLOSURE ?? (await server.design(BRIEFS.enclosure));
  if (!process.env.BRACKET) await fill(bracket);
  for (const theme of ["light", "dark"]) {
    const browser = new Browser();
    const page = await browser.open(server.url, theme, { width: 1200, height: 760 });
    const settle = () => page.waitForTimeout(1500);
    const shot = async (name) => {
      await settle();
      await page.screenshot({ path: join(folder, `ui-${name}-${theme}.jpg`), type: "jpeg", quality: 72 });
    };
    const part = async (name, locator) => {
      await settle();
      await locator.screenshot({ path: join(folder, `ui-${name}-${theme}.jpg`), type: "jpeg", quality: 72 });
    };
    const ready = () => page.locator('[data-ready="true"]').waitFor();
    await page.goto(server.url);
    await page.getByText(/just now|minute/).first().waitFor();
    await shot("landing");
    await page.getByLabel("Brief").fill(BRIEFS.bracket.replace("holds 300 lb", "load"));
    await page.getByRole("button", { name: "Begin" }).click();
    await page.getByText("still needed").waitFor();
    await shot("gathering");

    const exact = page.waitForResponse((response) => response.url().includes("/topology") && response.ok());
    await page.goto(`${server.url}/p/${bracket}`);
    await ready();
    await shot("workspace");
    await page.getByRole("button", { name: "Measure: pick" }).click();
    const frame = await page.locator("canvas").boundingBox();
    await exact; // before, a click picks a point of the mesh
    await settle();
    const measure = page.getByRole("region", { name: "Measure" });
    // the walls of the two holes in the shelf
    await page.mouse.click(frame.x + frame.width * 0.363, frame.y + frame.height * 0.656);
    await measure.getByText("Diameter", { exact: true }).waitFor();
    await page.mouse.click(frame.x + frame.width * 0.506, frame.y + frame.height * 0.493);
    await measure.getByText("Axis to axis", { exact: true }).waitFor();
    await part("measure", page.getByRole("region", { name: "Model viewer" }));
    await page.keyboard.press("Escape");

    // each panel alone, as wide as a narrow screen allows
    await page.setViewportSize({ width: 800, height: 620 });
    for (const id of PANELS) {
      await page.goto(`${server.url}/p/${bracket}?panel=${id}`);
      await page.getByRole("navigation").waitFor();
      if (id === "parts") await page.goto(`${server.url}/p/${enclosure}?panel=parts`);
      await shot(`panel-${id}`);
    }
    await page.goto(`${server.url}/p/${bracket}?panel=history`);
    const boxes = page.getByRole("checkbox", { name: "Compare" });
    await boxes.nth(1).click();
    await page.getByText("Choose a second one to compare").waitFor();
    await boxes.nth(2).click();
    await page.getByRole("rowheader", { name: "Mass" }).waitFor();
    await shot("panel-comparison");
    await page.goto(`${server.url}/p/${bracket}?panel=materials`);
    await page.getByRole("rowheader", { name: /^Aluminium 6061-T6/ }).getByRole("button").click();
    await page.getByRole("group", { name: /^Values of/ }).waitFor();
    await shot("panel-material");

    await page.setViewportSize({ width: 1200, height: 760 });
    await page.goto(`${server.url}/p/${bracket}`);
    await ready();
    await page.getByRole("tab", { name: "Parameters" }).click();
    await page.getByRole("spinbutton", { name: "Thickness" }).fill("0.47");
    await page.getByText("Recomputed", { exact: true }).waitFor();
    await shot("sizes");
    await page.getByRole("button", { name: "Discard" }).click();
    await page.getByRole("button", { name: "Settings", exact: true }).click();
    await part("settings", page.getByRole("dialog"));
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await part("commands", page.getByRole("dialog"));
    await page.keyboard.press("Escape");
    await page.goto(`${server.url}/p/${enclosure}`);
    await ready();
    await page.getByRole("button", { name: "Explode" }).click();
    await page.getByLabel("Distance between the parts").fill("0.6");
    await page.getByRole("button", { name: "Section planes" }).click();
    await page.getByLabel("Across Y").check();
    await page.keyboard.press("Escape");
    await page.getByRole("tab", { name: "Bill of materials" }).click();
    await shot("section");
    await page.setViewportSize({ width: 420, height: 760 });
    await page.goto(`${server.url}/p/${bracket}?panel=requirements`);
    await page.getByText("What the brief asks").waitFor();
    await shot("narrow");
    await browser.browser.close();
    for (const problem of browser.problems) console.error(problem);
  }
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await server.stop();
}
