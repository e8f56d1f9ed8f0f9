// The viewer's figures for docs/ui.md, in a real Chromium that draws in software: how long from a click on a project to
// its picture, whether memory comes back after many changes of model, and how fast large meshes turn.
//   PYTHON=… PORT=… CHROMIUM=… [SWITCHES=50] [TRIANGLES=100000,1000000] node tests/e2e/figures.mjs
// RECORD=FILE keeps the server's answers; REPLAY=FILE measures the large meshes with them, without the server; GPU=1 draws on the graphics card.
// The last line is a JSON summary. Times are of this machine and its load: the ratios between them are what carries over.
import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { record, Replay } from "./replay.mjs";
import { BRACKET, Browser, Server } from "./session.mjs";

process.env.BRICK_DATA_DIR ??= mkdtempSync(join(tmpdir(), "brick-figures-"));
const { RECORD, REPLAY } = process.env;
const server = REPLAY ? new Replay(REPLAY, Number(process.env.PORT ?? 8768)) : new Server(8768);
const browser = new Browser();
const SWITCHES = Number(process.env.SWITCHES ?? 50);
const TRIANGLES = (process.env.TRIANGLES ?? "100000,1000000").split(",").map(Number);
const WAIT_MS = 300_000;

/** three.js tells its developer tools of each renderer: the same way tells this script what it holds and when it draws. */
function observe() {
  const seen = { renderer: null, scene: null, camera: null, frames: 0, model: null, drawnAt: 0 };
  // reading a pixel back waits until everything is drawn
  seen.finish = (renderer) => {
    const gl = renderer.getContext();
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
  };
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
      if (model !== null && seen.drawnAt === 0) {
        seen.finish(this);
        seen.drawnAt = performance.timeOrigin + performance.now();
      }
    };
  });
}

async function finished(project) {
  const end = Date.now() + WAIT_MS;
  while (Date.now() < end) {
    const state = await server.json(`/api/state/${project}`);
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

/** Stands in front of the server: hands everything on but models, in whose place it answers with `front.model`. */
class Front {
  constructor(port) {
    this.url = `http://127.0.0.1:${port}`;
    this.model = null;
    const to = { host: "127.0.0.1", port: new URL(server.url).port };
    const own = (headers) => ({ ...headers, host: `${to.host}:${to.port}`, ...(headers.origin && { origin: server.url }) });
    this.http = http.createServer((request, answer) => {
      if (this.model && request.url.startsWith("/api/geometry/model/")) {
        answer.writeHead(200, { "content-type": "model/gltf-binary", "content-length": this.model.length, "cache-control": "no-store" });
        return answer.end(this.model);
      }
      const onward = http.request({ ...to, path: request.url, method: request.method, headers: own(request.headers) }, (back) => {
        answer.writeHead(back.statusCode, back.headers);
        back.pipe(answer);
      });
      onward.on("error", () => answer.destroy());
      request.pipe(onward);
    });
    this.http.on("upgrade", (request, socket, head) => {
      const onward = net.connect(to.port, to.host, () => {
        const headers = Object.entries(own(request.headers)).map(([name, value]) => `${name}: ${value}\r\n`);
        onward.write(`${request.method} ${request.url} HTTP/1.1\r\n${headers.join("")}\r\n`);
        onward.write(head);
        onward.pipe(socket).pipe(onward);
      });
      for (const end of [onward, socket]) end.on("error", () => (onward.destroy(), socket.destroy()));
    });
    this.http.listen(port, "127.0.0.1");
  }
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

async function firstPicture(page, project, url = server.url) {
  await page.goto(url);
  const link = page.locator(`a[href="/p/${project}"]`);
  await link.waitFor();
  await page.evaluate(() => (window.figures.drawnAt = 0));
  const clicked = Date.now();
  await link.click();
  await page.waitForFunction(() => window.figures.drawnAt > 0, null, { timeout: WAIT_MS });
  return (await page.evaluate(() => window.figures.drawnAt)) - clicked;
}

/** Waits until nothing has been drawn for a while: the picture rests. */
async function rested(page, quiet_ms = 2500) {
  for (let frames = -1, end = Date.now() + WAIT_MS; Date.now() < end; ) {
    const now = await page.evaluate(() => window.figures.frames);
    if (now === frames) return;
    frames = now;
    await page.waitForTimeout(quiet_ms);
  }
  throw new Error("the picture never comes to rest");
}

/** Milliseconds to draw what the scene holds now, to the last pixel, and how many triangles that is. */
function frameTime(page, rounds = 7) {
  return page.evaluate((count) => {
    const { renderer, scene, camera, finish } = window.figures;
    const { render } = Object.getPrototypeOf(renderer);
    const frame = () => {
      const from = performance.now();
      (render ?? renderer.render).call(renderer, scene, camera);
      finish(renderer);
      return performance.now() - from;
    };
    frame();
    const times = Array.from({ length: count }, frame).sort((a, b) => a - b);
    return { ms: times[Math.floor(count / 2)], triangles: renderer.info.render.triangles };
  }, rounds);
}

/** From the click on a project to a mesh of that size on screen, what a whole frame takes, and how it turns. */
async function large(page, project, triangles) {
  front.model = ring(triangles);
  const first_ms = await firstPicture(page, project, front.url);
  await page.locator('[data-ready="true"]').waitFor({ timeout: WAIT_MS });
  // of a large mesh a thread beside the page makes a coarser one, in seconds in which nothing need be drawn
  await rested(page, triangles > 60_000 ? 45_000 : undefined);
  const whole = await frameTime(page);
  assert.ok(whole.triangles >= triangles * 0.99, `${whole.triangles} triangles are drawn of ${triangles}`);
  const box = await page.locator("canvas").first().boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 + 9, box.y + box.height / 2);
  const before = await page.evaluate(() => window.figures.frames);
  const began = Date.now();
  for (let moves = 0; moves < 240 && Date.now() - began < 10_000; moves += 1)
    await page.mouse.move(box.x + box.width * (0.5 + 0.2 * Math.sin(moves / 12)), box.y + box.height * (0.5 + 0.1 * Math.cos(moves / 17)));
  const frames = (await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => resolve(window.figures.frames))))) - before;
  const seconds = (Date.now() - began) / 1000;
  const turning = await frameTime(page);
  await page.mouse.up();
  await rested(page);
  const again = await page.evaluate(() => window.figures.renderer.info.render.triangles);
  assert.ok(again >= triangles * 0.99, `at rest ${again} triangles are drawn of ${triangles}`);
  const idle = await page.evaluate(() => window.figures.frames);
  await page.waitForTimeout(3000);
  assert.equal(await page.evaluate(() => window.figures.frames), idle, "nothing is drawn while nothing changes");
  return {
    triangles: whole.triangles,
    first_picture_ms: Math.round(first_ms),
    whole_ms: Number(whole.ms.toFixed(1)),
    turning_triangles: turning.triangles,
    turning_ms: Number(turning.ms.toFixed(1)),
    drag_fps: Number((frames / seconds).toFixed(1)),
  };
}

/** What is measured of meshes of several sizes, each against one of a thousand triangles. */
async function largeMeshes(page, project) {
  // code and styles are kept by the browser of each address: they are there before it is timed
  front.model = ring(1000);
  await firstPicture(page, project, front.url);
  const small = await large(page, project, 1000);
  const sizes = [small];
  for (const triangles of TRIANGLES) {
    sizes.push(await large(page, project, triangles));
    console.log(JSON.stringify(sizes.at(-1)));
  }
  for (const size of sizes)
    Object.assign(size, { whole_relative: Number((size.whole_ms / small.whole_ms).toFixed(1)), turning_relative: Number((size.turning_ms / small.turning_ms).toFixed(1)) });
  return sizes;
}

const open = () => browser.open([server.url, front.url]);

async function replayed() {
  const page = await open();
  await page.addInitScript(observe);
  const sizes = await largeMeshes(page, server.project);
  const card = await page.evaluate(() => {
    const gl = window.figures.renderer.getContext();
    const names = gl.getExtension("WEBGL_debug_renderer_info");
    return gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER);
  });
  console.log(JSON.stringify({ ok: true, card, sizes }));
}

async function measured() {
  const project = await server.design(BRACKET);
  const page = await open();
  const keep = RECORD && record(page, RECORD);
  await page.addInitScript(observe);
  await finished(project);
  await server.json("/api/design/recompute", { project_id: project, parameters: { thickness: 12 } });

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

  const sizes = await largeMeshes(page, project);
  await keep?.({ project });
  assert.deepEqual(browser.problems, []);
  console.log(JSON.stringify({ ok: true, first_picture_ms: { cold: Math.round(cold), warm: Math.round(median(warm)) }, switches, before, after, sizes }));
}

let front = null;
try {
  await server.start();
  front = new Front(server.port + 1);
  await (REPLAY ? replayed() : measured());
} catch (error) {
  console.error(error);
  console.error("problems:", browser.problems);
  console.error("server's last words:", server.log.slice(-2000));
  process.exitCode = 1;
} finally {
  await browser.browser?.close();
  front?.http.close();
  await server.stop();
}
