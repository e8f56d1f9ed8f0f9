// The viewer's figures for docs/ui.md, in a real Chromium that draws in software: how long from a click on a project to
// its picture, whether memory comes back after many changes of model, and how fast large meshes turn.
//   PYTHON=… PORT=… CHROMIUM=… [SWITCHES=50] [TRIANGLES=100000,1000000] node tests/e2e/figures.mjs
// The last line is a JSON summary. Times are of this machine and its load: the ratios between them are what carries over.
import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Browser, Server } from "./session.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
process.env.BRICK_DATA_DIR ??= mkdtempSync(join(tmpdir(), "brick-figures-"));
const server = new Server({ python: process.env.PYTHON ?? `${root}/.venv/bin/python`, root, port: Number(process.env.PORT ?? 8768) });
const browser = new Browser();
const SWITCHES = Number(process.env.SWITCHES ?? 50);
const TRIANGLES = (process.env.TRIANGLES ?? "100000,1000000").split(",").map(Number);
const BRIEF =
  "An aluminium 6061-T6 shelf bracket, 6 in wide, legs 5 in and 2 in, holds 300 lb at 12 in from the wall, factor of safety 1.2, four 1/2 in holes";
const WAIT_MS = 300_000;

/** three.js tells its developer tools of each renderer: the same way tells this script what it holds and when it draws. */
function observe() {
  const seen = { renderer: null, scene: null, camera: null, frames: 0, model: null, drawnAt: 0 };
  window.figures = seen;
  window.__THREE_DEVTOOLS__ = new EventTarget();
  window.__THREE_DEVTOOLS__.addEventListener("observe", ({ detail: renderer }) => {
    if (!renderer.isWebGLRenderer) return;
    seen.renderer = renderer;
    const render = renderer.render;
    renderer.render = function timed(scene, camera) {
      render.call(this, scene, camera);
      let model = null;
      scene.traverse((object) => {
        if (model === null && object.isMesh && object.renderOrder === 6) model = object.geometry.uuid;
      });
      Object.assign(seen, { scene, camera, model, frames: seen.frames + 1 });
      if (model !== null && seen.drawnAt === 0) seen.drawnAt = performance.timeOrigin + performance.now();
    };
  });
}

async function json(path, body) {
  const answer = await fetch(`${server.url}${path}`, body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  assert.ok(answer.ok, `${path}: ${answer.status} ${answer.ok ? "" : await answer.text()}`);
  return answer.json();
}

async function finished(project) {
  const end = Date.now() + WAIT_MS;
  while (Date.now() < end) {
    const state = await json(`/api/state/${project}`);
    if (state.status !== "running" && state.status !== "queued") return state;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  throw new Error(`the design of ${project} took more than ${WAIT_MS / 1000} s`);
}

/** A wavy ring of about `triangles` triangles as a GLB (metres, Y up), with a stress and a displacement at each vertex. */
function ring(triangles) {
  const around = Math.round(Math.sqrt(triangles));
  const across = Math.round(triangles / 2 / around);
  const count = (around + 1) * (across + 1);
  const [place, normal, stress, moved] = [new Float32Array(count * 3), new Float32Array(count * 3), new Float32Array(count), new Float32Array(count * 3)];
  const index = new Uint32Array(around * across * 6);
  const [low, high] = [[Infinity, Infinity, Infinity], [-Infinity, -Infinity, -Infinity]];
  for (let i = 0, v = 0; i <= around; i += 1)
    for (let j = 0; j <= across; j += 1, v += 1) {
      const [u, w] = [(2 * Math.PI * i) / around, (2 * Math.PI * j) / across];
      const r = 0.03 + 0.004 * Math.sin(9 * u);
      const [nx, ny, nz] = [Math.cos(w) * Math.cos(u), Math.sin(w), Math.cos(w) * Math.sin(u)];
      const at = [(0.08 + r * Math.cos(w)) * Math.cos(u), r * Math.sin(w), (0.08 + r * Math.cos(w)) * Math.sin(u)];
      place.set(at, 3 * v);
      at.forEach((value, axis) => {
        low[axis] = Math.min(low[axis], value);
        high[axis] = Math.max(high[axis], value);
      });
      normal.set([nx, ny, nz], 3 * v);
      stress[v] = 100 + 90 * Math.sin(5 * u) * Math.cos(w);
      moved.set([0, 0.2 * Math.sin(u), 0], 3 * v);
    }
  for (let i = 0, at = 0; i < around; i += 1)
    for (let j = 0; j < across; j += 1, at += 6) {
      const a = i * (across + 1) + j;
      index.set([a, a + 1, a + across + 1, a + 1, a + across + 2, a + across + 1], at);
    }
  const parts = [place, normal, stress, moved, index];
  const views = [];
  let length = 0;
  for (const part of parts) {
    views.push({ buffer: 0, byteOffset: length, byteLength: part.byteLength });
    length += part.byteLength;
  }
  const accessor = (bufferView, type, count_, componentType = 5126) => ({ bufferView, type, count: count_, componentType });
  const head = Buffer.from(
    JSON.stringify({
      asset: { version: "2.0" },
      scene: 0,
      scenes: [{ nodes: [0] }],
      nodes: [{ mesh: 0, name: "ring" }],
      meshes: [{ primitives: [{ attributes: { POSITION: 0, NORMAL: 1, _VON_MISES: 2, _DISPLACEMENT: 3 }, indices: 4 }] }],
      accessors: [
        { ...accessor(0, "VEC3", count), min: low, max: high },
        accessor(1, "VEC3", count),
        accessor(2, "SCALAR", count),
        accessor(3, "VEC3", count),
        accessor(4, "SCALAR", index.length, 5125),
      ],
      bufferViews: views,
      buffers: [{ byteLength: length }],
    }),
  );
  const text = Buffer.concat([head, Buffer.alloc((4 - (head.length % 4)) % 4, 32)]);
  const chunk = (size, kind) => {
    const header = Buffer.alloc(8);
    header.writeUInt32LE(size, 0);
    header.write(kind, 4, "latin1");
    return header;
  };
  const whole = Buffer.alloc(12);
  whole.write("glTF", 0, "latin1");
  whole.writeUInt32LE(2, 4);
  whole.writeUInt32LE(12 + 8 + text.length + 8 + length, 8);
  return Buffer.concat([whole, chunk(text.length, "JSON"), text, chunk(length, "BIN\0"), ...parts.map((part) => Buffer.from(part.buffer))]);
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

async function held(page) {
  const session = await page.context().newCDPSession(page);
  for (let round = 0; round < 3; round += 1) await session.send("HeapProfiler.collectGarbage");
  const { usedSize, backingStorageSize = 0 } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  const gpu = await page.evaluate(() => {
    const { memory, programs } = window.figures.renderer.info;
    return { geometries: memory.geometries, textures: memory.textures, programs: programs.length };
  });
  return { ...gpu, heap_mb: Number((usedSize / 1e6).toFixed(1)), buffers_mb: Number((backingStorageSize / 1e6).toFixed(1)) };
}

async function firstPicture(page, project) {
  await page.goto(server.url);
  const link = page.locator(`a[href="/p/${project}"]`);
  await link.waitFor();
  await page.evaluate(() => (window.figures.drawnAt = 0));
  const clicked = Date.now();
  await link.click();
  await page.waitForFunction(() => window.figures.drawnAt > 0, null, { timeout: WAIT_MS });
  return (await page.evaluate(() => window.figures.drawnAt)) - clicked;
}

/** Seconds from the click on a project to a mesh of that size on screen; then frames a second of a drag, and of the bare drawing. */
async function large(page, project, triangles) {
  const body = ring(triangles);
  await page.unrouteAll();
  await page.route("**/api/geometry/model/*", (route) => route.fulfill({ body, contentType: "model/gltf-binary" }));
  const first_ms = await firstPicture(page, project);
  await page.locator('[data-ready="true"]').waitFor({ timeout: WAIT_MS });
  const shown = await page.evaluate(() => window.figures.renderer.info.render.triangles);
  assert.ok(shown >= triangles * 0.99, `${shown} triangles are drawn of ${triangles}`);
  const box = await page.locator("canvas").first().boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  const before = await page.evaluate(() => window.figures.frames);
  const began = Date.now();
  let moves = 0;
  for (; moves < 240 && Date.now() - began < 15_000; moves += 1)
    await page.mouse.move(box.x + box.width * (0.5 + 0.2 * Math.sin(moves / 12)), box.y + box.height * (0.5 + 0.1 * Math.cos(moves / 17)));
  const frames = (await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => resolve(window.figures.frames))))) - before;
  const seconds = (Date.now() - began) / 1000;
  await page.mouse.up();
  // reading a pixel back waits until everything is drawn
  const times = await page.evaluate(() => {
    const { renderer, scene, camera } = window.figures;
    const gl = renderer.getContext();
    const pixel = new Uint8Array(4);
    const frame = () => {
      const from = performance.now();
      renderer.render(scene, camera);
      gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
      return performance.now() - from;
    };
    frame();
    return Array.from({ length: 9 }, frame);
  });
  return { triangles: shown, first_picture_ms: Math.round(first_ms), drag_fps: Number((frames / seconds).toFixed(1)), frame_ms: Number(median(times).toFixed(1)) };
}

try {
  await server.start();
  const { project_id: project } = await json("/api/orchestrator/run", { user_intent: BRIEF });
  const page = await browser.open(process.env.CHROMIUM ?? "/usr/bin/chromium", server.url);
  await page.addInitScript(observe);
  await finished(project);
  await json("/api/design/recompute", { project_id: project, parameters: { thickness: 12 } });

  const cold = await firstPicture(page, project);
  const warm = [];
  for (let round = 0; round < 3; round += 1) warm.push(await firstPicture(page, project));
  console.log(`first picture ${Math.round(cold)} ms with an empty cache, ${Math.round(median(warm))} ms after`);

  await page.goto(`${server.url}/p/${project}?panel=history`);
  await page.locator('[data-ready="true"]').waitFor({ timeout: WAIT_MS });
  const swap = async () => {
    const model = await page.evaluate(() => window.figures.model);
    await page.getByRole("button", { name: "Show", exact: true }).click();
    await page.waitForFunction((old) => window.figures.model !== null && window.figures.model !== old, model, { timeout: WAIT_MS });
  };
  // both models have been seen once, so that what is loaded but once is there
  await swap();
  await swap();
  await page.waitForTimeout(2000);
  const before = await held(page);
  const switches = SWITCHES + (SWITCHES % 2);
  for (let count = 0; count < switches; count += 1) await swap();
  await page.waitForTimeout(2000);
  const after = await held(page);
  console.log(`before ${JSON.stringify(before)}; after ${switches} changes of model ${JSON.stringify(after)}`);
  assert.deepEqual([after.geometries, after.textures], [before.geometries, before.textures], "the graphics memory of a model that is gone is freed");

  const small = await large(page, project, 1000);
  const sizes = [small];
  for (const triangles of TRIANGLES) {
    sizes.push(await large(page, project, triangles));
    console.log(JSON.stringify(sizes.at(-1)));
  }
  for (const size of sizes) size.relative = Number((size.frame_ms / small.frame_ms).toFixed(1));
  assert.deepEqual(browser.problems, []);
  console.log(JSON.stringify({ ok: true, first_picture_ms: { cold: Math.round(cold), warm: Math.round(median(warm)) }, switches, before, after, sizes }));
} catch (error) {
  console.error(error);
  console.error("problems:", browser.problems);
  console.error("server's last words:", server.log.slice(-2000));
  process.exitCode = 1;
} finally {
  await browser.browser?.close();
  await server.stop();
}
