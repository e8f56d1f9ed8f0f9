// What a person does with a part that is there: leads from face to words and back, changes sizes and the program, sees a
// design fail and mends it, compares, undoes, forks, looks up a material, solves a study. The last line is a JSON summary.
//   PYTHON=… PORT=… CHROMIUM=… [PROJECT=id of a finished bracket in BRICK_DATA_DIR] node tests/e2e/editing.mjs
import { BRACKET, eventually, RUN_MS, story, verdict } from "./session.mjs";

await story(8767, async ({ server, browser, page, step }) => {
  const project = process.env.PROJECT ?? (await server.design(BRACKET));
  step("a bracket is designed");
  await page.goto(`${server.url}/p/${project}`);
  const footer = page.locator("footer");
  const canvas = page.locator("canvas");
  const bar = page.getByRole("navigation", { name: "Workspace" });
  const panel = (name) => bar.getByRole("button", { name, exact: true }).click();
  /** Picks a face by its name in the part tree. */
  const pick = async (face) => {
    await panel("Parts");
    await page.getByRole("button", { name: face, exact: true }).click();
    await page.locator('button[aria-pressed="true"]').filter({ hasText: new RegExp(`^${face}$`) }).waitFor();
  };
  await page.getByRole("button", { name: /in · lbf/ }).click();
  await footer.getByText("mm · N · MPa · g").waitFor();
  await verdict(page, "Pass");
  await page.locator('[data-ready="true"]').waitFor();

  const apart = () =>
    page.locator("[data-tag], [data-over-picture]").evaluateAll((all) => {
      const boxes = all.filter((one) => getComputedStyle(one).visibility === "visible").map((one) => [one, one.getBoundingClientRect()]);
      const tags = boxes.filter(([one]) => one.hasAttribute("data-tag"));
      const clash = ([one, a], [other, b]) => one !== other && a.width > 0 && b.width > 0 && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
      return { tags: tags.length, clashes: tags.flatMap((tag) => boxes.filter((box) => clash(tag, box)).map(([other]) => `${tag[0].textContent} / ${other.textContent}`)) };
    });
  await eventually(apart, ({ tags, clashes }) => tags >= 3 && clashes.length === 0, "the words of marked points stand apart");
  await page.getByRole("button", { name: "Named faces" }).click();
  await eventually(apart, ({ tags, clashes }) => tags >= 6 && clashes.length === 0, "those of the named faces too");
  await page.getByRole("button", { name: "Named faces" }).click();
  step("the words of marked points stand apart, and off the legend");

  // what the page says of one place: the face, the words that made it, and back
  await pick("shelf");
  const card = page.getByRole("region", { name: "Measure" });
  await card.getByText(/^line \d+, \d+$/).waitFor();
  await page.waitForURL(/sel=f\d+/);
  await card.getByRole("button", { name: "Show the words that made it" }).click();
  await page.locator(".cm-source").filter({ hasText: "shelfFace" }).waitFor();
  await page.locator(".cm-line").filter({ hasText: /^\s*tipFace = / }).click();
  await card.getByText("Plane", { exact: true }).waitFor();
  await page.reload();
  await card.getByText("Plane", { exact: true }).waitFor();
  step("a named face leads to its words, a line of the program to its face, and a reload keeps the selection");

  // sizes
  await page.getByRole("tab", { name: "Parameters" }).click();
  const thickness = page.getByRole("spinbutton", { name: "Thickness" });
  await thickness.fill("4");
  await page.getByRole("alert").filter({ hasText: "meets the requirements" }).waitFor();
  await page.locator("button[disabled]").filter({ hasText: /^Keep$/ }).waitFor();
  step("4 mm can't hold: the page says why, and there is nothing to keep");
  await thickness.fill("12");
  await page.getByText("Recomputed", { exact: true }).waitFor();
  await page.getByText("Tried out, not kept.").waitFor();
  await page.getByRole("tab", { name: "KCL" }).click();
  await page.locator(".cm-changed").filter({ hasText: "thickness" }).first().waitFor();
  await page.getByRole("tab", { name: "Parameters" }).click();
  await browser.audit("sizes tried out");
  await page.getByRole("button", { name: "Keep", exact: true }).click();
  await footer.getByText("Not verified").waitFor({ timeout: RUN_MS });
  step("12 mm holds: the program changes with it, and it is kept; finite elements are not verified");

  // the program
  await page.getByRole("tab", { name: "KCL" }).click();
  const sized = page.locator(".cm-line").filter({ hasText: /^thickness = / });
  await sized.click();
  await page.keyboard.press("Home");
  await page.keyboard.press("Shift+End");
  await page.keyboard.type("thickness = = 5");
  await page.getByText(/^Line \d+: /).waitFor();
  await page.keyboard.press("Home");
  await page.keyboard.press("Shift+End");
  await page.keyboard.type("thickness = 6 / 25.4 // too thin");
  await page.getByText("Edited, compiles; not kept yet").waitFor();
  await page.reload();
  await page.getByText("Edited, compiles; not kept yet").waitFor();
  await page.locator(".cm-line").filter({ hasText: /too thin$/ }).waitFor();
  browser.serverGone();
  await server.stop("SIGKILL");
  await page.getByText("Edited; compiled when the server is back").waitFor();
  await server.start();
  await footer.getByText("Live", { exact: true }).waitFor();
  browser.serverBack();
  await page.getByText("Edited, compiles; not kept yet").waitFor();
  await page.getByText("Tried out, not kept.").waitFor();
  step("the edit is still there after a reload, and after the server was killed and started anew");
  await page.getByRole("button", { name: "Keep and prove" }).click();
  await footer.getByText("Running").waitFor();
  await footer.getByText(/^(Pass|Fail)$/).waitFor({ timeout: RUN_MS });
  await verdict(page, "Fail");
  await page.getByRole("tab", { name: "Requirements" }).click();
  await page.getByText(/against yield/).first().waitFor();
  step("an edit with an error shows its line; one that is too thin compiles, is proved, and fails");

  // history
  await page.getByRole("tab", { name: "History" }).click();
  await page.getByText("Revision 3").waitFor();
  const compare = page.getByRole("checkbox", { name: "Compare" });
  await compare.nth(0).click(); // the address changes first, then the mark: check() would look too early
  await page.getByText("Choose a second one to compare").waitFor();
  await compare.nth(2).click();
  const table = page.getByRole("region", { name: "Comparison of revisions 1 and 3" });
  await table.getByRole("rowheader", { name: "Mass" }).waitFor();
  await table.getByText("too thin").waitFor();
  await browser.audit("comparison");
  await table.getByRole("button", { name: "Overlaid" }).click();
  await page.getByText(/Revision 1, shown through/).waitFor();
  await eventually(() => browser.hues(canvas), (hues) => (hues[210] ?? 0) > 500, "the other revision is in the picture");
  await table.getByRole("button", { name: "Close the comparison" }).click();
  step("two revisions compared: figures, words, and both in the picture");
  /** Which revision is the present one, by the list and by the verdict: a notice in the corner goes by itself. */
  const present = async (revision, stands) => {
    await page.getByRole("listitem").filter({ hasText: new RegExp(`^Revision ${revision}`) }).filter({ hasText: "the present one" }).waitFor();
    await footer.getByText(stands, { exact: true }).waitFor();
  };
  await page.getByRole("button", { name: "Undo" }).click();
  await present(2, "Not verified");
  await page.getByRole("button", { name: "Undo" }).click();
  await present(1, "Pass");
  await page.getByRole("button", { name: "Redo" }).click();
  await present(2, "Not verified");
  await page.getByRole("button", { name: "Undo" }).click();
  await present(1, "Pass");
  step("undone twice: the failing design is mended, the approved one is the present one again; redo and undo");
  const original = page.url().match(/\/p\/([^?]+)/)[1];
  await page.getByRole("button", { name: "Fork" }).nth(2).click();
  await page.waitForURL((url) => url.pathname.startsWith("/p/") && !url.pathname.endsWith(original));
  await page.getByText("Revision 3").waitFor({ state: "detached" }); // what is seen belongs to the new project
  await present(1, "Pass");
  await page.locator('[data-ready="true"]').waitFor();
  step("forked into a project of its own");

  // a change in words, at a place that was picked
  await pick("shelf");
  await card.getByRole("button", { name: "Thicken here" }).click();
  const form = page.getByRole("form", { name: "Ask for a change" });
  await form.getByText("shelf", { exact: false }).first().waitFor();
  const proposed = await eventually(() => form.getByRole("textbox").inputValue({ timeout: 2000 }), (text) => /^make it [\d.]+ mm thick$/.test(text), "the words are ready");
  await browser.audit("a change");
  await form.getByRole("button", { name: "Change and run" }).click();
  await footer.getByText("Running").waitFor();
  await verdict(page, "Pass");
  await page.getByRole("tab", { name: "History" }).click();
  await present(2, "Pass");
  step(`a face was picked to be thicker: the words "${proposed}" were ready, the run made a revision that passes`);

  // what else is there
  await panel("Materials");
  await page.getByRole("searchbox", { name: "Search materials" }).fill("S235");
  await page.getByRole("button", { name: /S235/ }).first().click();
  await page.getByRole("group", { name: /^Values of/ }).waitFor();
  await browser.audit("Materials");
  await page.getByRole("searchbox", { name: "Search materials" }).fill("");
  await page.getByLabel("Best for").selectOption({ label: "Light, stiff beam: E½/ρ" });
  await page.getByText(/Along the dashed line/).waitFor();
  const indices = page.locator("td:has(small)"); // the ranking is asked for apart from the table
  const numbers = async () => (await indices.allInnerTexts()).slice(0, 8).map((text) => Number.parseFloat(text));
  await eventually(numbers, (ranked) => ranked.length === 8 && ranked.every((value, at) => at === 0 || value <= ranked[at - 1]), "the best comes first");
  await browser.audit("Materials, ranked");
  await pick("wall");
  await panel("Studies");
  await page.getByRole("button", { name: "Support", exact: true }).click();
  await page.getByRole("button", { name: "Without wall" }).waitFor();
  await pick("shelf");
  await panel("Studies");
  await page.getByRole("button", { name: "Load", exact: true }).click();
  await page.getByRole("button", { name: "Without shelf" }).waitFor();
  await page.getByRole("button", { name: "Solve" }).click();
  await page.locator('[data-study="done"]').waitFor({ timeout: RUN_MS });
  await page.getByRole("button", { name: "Field in the model" }).click();
  await page.getByText("Field of a study.").waitFor();
  await browser.audit("Studies");
  await page.getByRole("link", { name: "volume.vtu" }).waitFor();
  step("a material with its sources, others ranked; a study with a support and a load on picked faces, solved and shown");
  await page.getByLabel("What is asked").selectOption("modal");
  await page.getByLabel("First frequency at least").fill("20 Hz");
  await page.getByRole("button", { name: "Solve" }).click();
  await page.getByRole("button", { name: "Mode shapes in the model" }).click({ timeout: RUN_MS });
  const mode = page.getByRole("combobox").filter({ hasText: "Mode 1 ·" });
  await mode.waitFor();
  const listed = async () => (await mode.locator("option").allInnerTexts()).map((text) => Number.parseFloat(text.match(/· ([\d.,]+)/)[1].replace(",", "")));
  await eventually(listed, (hertz) => hertz.length >= 3 && hertz.every((value, at) => value > 0 && (at === 0 || value >= hertz[at - 1])), "three frequencies, in order");
  const swing = async () => {
    const first = await canvas.screenshot();
    await page.waitForTimeout(600); // between two looks at what may move
    return !first.equals(await canvas.screenshot());
  };
  await eventually(swing, Boolean, "the shape swings");
  const coloured = async () => Object.values(await browser.hues(canvas)).reduce((sum, count) => sum + count, 0);
  await eventually(coloured, (pixels) => pixels > 5000, "its displacement is on its surface");
  await mode.selectOption({ index: 1 });
  await page.getByLabel(/^Legend/).getByText(/^Mode 2/).waitFor();
  await browser.audit("a mode shape");
  await page.getByRole("button", { name: "Show the run’s own" }).click();
  await mode.waitFor({ state: "detached" });
  await eventually(swing, (moves) => !moves, "back at rest");
  step("natural frequencies: each mode shape is shown by its frequency, moving, and the part rests after it");
});
