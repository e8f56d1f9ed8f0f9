// A browser and a server for the end-to-end story: real Chromium, the real page, the real `brick serve`.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const require = createRequire(new URL("../../frontend/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
/** The longest that a run, a study or a picture of it may take on a busy machine: it ends what hangs, it judges no speed. */
export const RUN_MS = 480_000;
const PAGE_MS = 120_000;
export const BRACKET =
  "An aluminium 6061-T6 shelf bracket, 6 in wide, legs 5 in and 2 in, holds 300 lb at 12 in from the wall, factor of safety 1.2, four 1/2 in holes";
const IN_SOFTWARE = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"];
const ON_CARD = ["--use-angle=gl-egl", "--ozone-platform=headless", "--disable-gpu-sandbox"];
/**
 * What the browser itself says of drawing without a graphics card; no word of it is about the page.
 * ReadPixels: a screenshot reads the picture back. Fallback: the flag above asks for drawing in software.
 */
const OF_THE_MACHINE = [/GPU stall due to ReadPixels/, /[Ff]allback to software WebGL/];
/** What the browser says by itself of a request that could not be answered while the server was down, or was refused. */
const UNANSWERED = /^(Failed to load resource|WebSocket connection to )/;
/** So long after the server is back such a note may still come. */
const GRACE_MS = 15_000;
const FLAGS = ["--no-sandbox", "--ignore-gpu-blocklist", ...(process.env.GPU ? ON_CARD : IN_SOFTWARE)];

export class Server {
  /** On the port of the environment, or on `port`; run by the python of the environment, or the repository's own. */
  constructor(port) {
    Object.assign(this, { port: Number(process.env.PORT ?? port), process: null, log: "" });
    this.url = `http://127.0.0.1:${this.port}`;
  }

  async start(environment = {}) {
    const python = process.env.PYTHON ?? `${ROOT}/.venv/bin/python`;
    this.process = spawn(python, ["-m", "backend.cli", "serve", "--port", String(this.port)], { cwd: ROOT, env: { ...process.env, ...environment } });
    for (const stream of [this.process.stdout, this.process.stderr]) stream.on("data", (chunk) => (this.log += chunk));
    const end = Date.now() + 120_000;
    while (Date.now() < end) {
      if (this.process.exitCode !== null) throw new Error(`the server ended at once:\n${this.log}`);
      if (await fetch(`${this.url}/api/health`).then((answer) => answer.ok, () => false)) return;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error(`the server did not answer within 120 s:\n${this.log}`);
  }

  async json(path, body) {
    const answer = await fetch(`${this.url}${path}`, body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  /** Begins the run of a brief; returns the project's id. */
  async design(brief) {
    return (await this.json("/api/orchestrator/run", { user_intent: brief })).project_id;
  }

  async stop(signal = "SIGTERM") {
    const { process } = this;
    if (!process || process.exitCode !== null) return;
    const ended = new Promise((resolve) => process.once("exit", resolve));
    process.kill(signal);
    const force = setTimeout(() => process.kill("SIGKILL"), 15_000);
    await ended; // its port is free only then
    clearTimeout(force);
  }
}

export class Browser {
  constructor() {
    this.problems = [];
    this.forgiven = 0; // until when the server may be missed
  }

  /** The server goes down, or refuses: the browser tells each request that fails so. */
  serverGone() {
    this.forgiven = Infinity;
  }

  serverBack() {
    this.forgiven = Date.now() + GRACE_MS;
  }

  hear(message) {
    const text = message.text();
    if (!["error", "warning"].includes(message.type()) || OF_THE_MACHINE.some((known) => known.test(text))) return;
    if (UNANSWERED.test(text) && Date.now() < this.forgiven) return;
    this.problems.push(`console, ${message.type()}: ${text} ${message.location().url}`);
  }

  async open(base, colorScheme = "light", viewport = { width: 1440, height: 900 }) {
    this.browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
    const context = await this.browser.newContext({ viewport, colorScheme, acceptDownloads: true });
    this.page = await context.newPage();
    this.page.setDefaultTimeout(PAGE_MS);
    this.page.on("console", (message) => this.hear(message));
    if (process.env.THROTTLE) {
      const session = await context.newCDPSession(this.page);
      await session.send("Emulation.setCPUThrottlingRate", { rate: Number(process.env.THROTTLE) });
    }
    this.page.on("pageerror", (error) => this.problems.push(`page: ${error.message}`));
    const hosts = [base].flat().map((address) => new URL(address).host);
    context.on("request", (request) => {
      const url = new URL(request.url());
      if (["http:", "https:", "ws:", "wss:"].includes(url.protocol) && !hosts.includes(url.host)) {
        this.problems.push(`request to another host: ${request.url()}`);
      }
    });
    return this.page;
  }

  /** A browser with a profile of its own that another program may steer too. */
  profile(folder, debugPort) {
    return chromium.launchPersistentContext(folder, { executablePath: CHROMIUM, args: [...FLAGS, `--remote-debugging-port=${debugPort}`] });
  }

  /** Every violation that axe calls serious or critical, in words. axe is run by the debugger: the page's policy stays. */
  async audit(name) {
    // a colour on its way to another is neither
    await this.page.waitForFunction(() => document.getAnimations().every((one) => one.playState !== "running" || one.effect?.getComputedTiming().endTime === Infinity));
    const session = await this.page.context().newCDPSession(this.page);
    await session.send("Runtime.evaluate", { expression: AXE });
    await session.detach();
    const violations = await this.page.evaluate(async () => {
      const result = await window.axe.run(document, { resultTypes: ["violations"] });
      return result.violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes[0].html.slice(0, 160)} (${nodes.length})`);
    });
    for (const violation of violations) this.problems.push(`axe, ${name}: ${violation}`);
  }

  /** How many of the pixels of an element, or of a part of the window, have a strong colour, by hue in steps of 30 degrees. */
  async hues(locator, clip = null) {
    const picture = (await (clip ? this.page.screenshot({ clip }) : locator.screenshot())).toString("base64");
    return this.page.evaluate(async (data) => {
      const image = new Image();
      image.src = `data:image/png;base64,${data}`;
      await image.decode();
      const canvas = document.createElement("canvas");
      canvas.width = image.width;
      canvas.height = image.height;
      const context = canvas.getContext("2d");
      context.drawImage(image, 0, 0);
      const { data: pixels } = context.getImageData(0, 0, canvas.width, canvas.height);
      const counts = {};
      for (let at = 0; at < pixels.length; at += 4) {
        const [r, g, b] = [pixels[at] / 255, pixels[at + 1] / 255, pixels[at + 2] / 255];
        const high = Math.max(r, g, b);
        const span = high - Math.min(r, g, b);
        if (span < 0.25) continue;
        const hue = 60 * (high === r ? ((g - b) / span + 6) % 6 : high === g ? (b - r) / span + 2 : (r - g) / span + 4);
        const bin = Math.floor(hue / 30) * 30;
        counts[bin] = (counts[bin] ?? 0) + 1;
      }
      return counts;
    }, picture);
  }
}

/**
 * Reads until `check` holds of what was read, and returns it. A page shows the effect of an action when it is ready to:
 * nothing is asserted of a first look. The error names what was expected (`words`) and what was read last.
 */
export async function eventually(read, check, words, within = PAGE_MS) {
  const end = Date.now() + within;
  let last;
  do {
    try {
      last = await read();
      if (check(last)) return last;
    } catch (error) {
      last = `${error}`.split("\n")[0]; // it was replaced while it was read
    }
    await new Promise((resolve) => setTimeout(resolve, 150));
  } while (Date.now() < end);
  throw new Error(`not within ${within / 1000} s: ${words}; read last: ${JSON.stringify(last)}`);
}

/** Waits until the status bar says `expected` as the verdict of a run; any other verdict that stands is an error. */
export async function verdict(page, expected) {
  const words = page.locator("footer").getByText(/^(Pass|Fail|Not verified)$/);
  await words.waitFor({ timeout: RUN_MS });
  await eventually(() => words.innerText({ timeout: 2000 }), (text) => text === expected, `the verdict is ${expected}`, 20_000);
}

/** Clicks, until what the click is to bring is there: the first may meet a picture that is still being put up. */
export async function clickFor(click, there) {
  await eventually(
    async () => {
      await click();
      await there.waitFor({ timeout: 5000 });
      return true;
    },
    Boolean,
    "a click has its effect",
  );
}

/**
 * Tells a story, step by step on standard output, with a server and a page of its own; the last line is a JSON summary. In
 * the end nothing may have been said on the console, nothing asked of another host, and nothing serious found by axe.
 */
export async function story(port, tell) {
  const server = new Server(port);
  const browser = new Browser();
  const started = Date.now();
  const step = (text) => console.log(`${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}`);
  try {
    await server.start();
    const page = await browser.open(server.url);
    await tell({ server, browser, page, step });
    assert.deepEqual(browser.problems, []);
    step("no error and no warning on the console, no request to another host, no serious finding of axe");
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
}
