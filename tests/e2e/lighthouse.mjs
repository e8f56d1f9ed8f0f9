// Lighthouse's scores for accessibility and best practices, of the first page, a conversation and a workspace, in both
// themes. Lighthouse and the Node that it needs are not among the front end's packages: a folder of their own has them.
//   npm install --prefix DIR node@22 lighthouse@13
//   LIGHTHOUSE=DIR PYTHON=… PORT=… CHROMIUM=… [PROJECT=id of a finished design in BRICK_DATA_DIR] node tests/e2e/lighthouse.mjs
// Every score must be 1; what costs points is listed. The last line is a JSON summary.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BRACKET, Browser, Server } from "./session.mjs";

const CATEGORIES = ["accessibility", "best-practices"];
const folder = process.env.LIGHTHOUSE;
assert.ok(folder, "LIGHTHOUSE names no folder: npm install --prefix DIR node@22 lighthouse@13, then LIGHTHOUSE=DIR");
const tool = (path) => join(folder, "node_modules", path);
const work = mkdtempSync(join(tmpdir(), "brick-lighthouse-"));
process.env.BRICK_DATA_DIR ??= join(work, "data");
const server = new Server(8770);
const debugPort = server.port + 1;

/** Scores of one address, and the audits that are not passed. */
async function measure(url) {
  const target = join(work, "report.json");
  const flags = [`--port=${debugPort}`, `--only-categories=${CATEGORIES}`, "--preset=desktop", "--disable-storage-reset", "--output=json", `--output-path=${target}`, "--quiet"];
  const child = spawn(tool(".bin/node"), [tool("lighthouse/cli/index.js"), url, ...flags], { stdio: ["ignore", "inherit", "inherit"] });
  const code = await new Promise((resolve) => child.once("exit", resolve));
  assert.equal(code, 0, `lighthouse ended with ${code}`);
  const { categories, audits, runtimeError, lighthouseVersion } = JSON.parse(readFileSync(target, "utf8"));
  assert.ok(!runtimeError, runtimeError?.message);
  const failed = CATEGORIES.flatMap((name) => categories[name].auditRefs.filter(({ id, weight }) => weight > 0 && audits[id].score !== null && audits[id].score < 1).map(({ id }) => id));
  const where = failed.map((id) => `${id}: ${audits[id].title} ${JSON.stringify((audits[id].details?.items ?? []).slice(0, 3)).slice(0, 600)}`);
  return { scores: Object.fromEntries(CATEGORIES.map((name) => [name, categories[name].score])), where, version: lighthouseVersion };
}

let context = null;
try {
  await server.start();
  const project = process.env.PROJECT ?? (await server.design(BRACKET));
  context = await new Browser().profile(join(work, "profile"), debugPort);
  const page = await context.newPage();
  const results = [];
  let version = "";
  for (const theme of ["light", "dark"]) {
    await page.goto(server.url);
    await page.evaluate((chosen) => localStorage.setItem("brick.settings", JSON.stringify({ state: { theme: chosen }, version: 0 })), theme);
    for (const path of ["/", "/new", `/p/${project}`]) {
      const found = await measure(`${server.url}${path}`);
      version = found.version;
      results.push({ theme, path: path.replace(project, "…"), ...found.scores });
      console.log(JSON.stringify(results.at(-1)));
      for (const line of found.where) console.log(`  ${line}`);
    }
  }
  const ok = results.every((row) => CATEGORIES.every((name) => row[name] === 1));
  console.log(JSON.stringify({ ok, lighthouse: version, results }));
  process.exitCode = ok ? 0 : 1;
} catch (error) {
  console.error(error);
  console.error("server's last words:", server.log.slice(-2000));
  process.exitCode = 1;
} finally {
  await context?.close();
  await server.stop();
  rmSync(work, { recursive: true, force: true });
}
