// A browser and a server for the end-to-end story: real Chromium, the real page, the real `brick serve`.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(new URL("../../frontend/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export class Server {
  constructor({ python, root, port }) {
    Object.assign(this, { python, root, port, process: null, log: "" });
    this.url = `http://127.0.0.1:${port}`;
  }

  async start() {
    this.process = spawn(this.python, ["-m", "backend.cli", "serve", "--port", String(this.port)], { cwd: this.root });
    for (const stream of [this.process.stdout, this.process.stderr]) stream.on("data", (chunk) => (this.log += chunk));
    const end = Date.now() + 120_000;
    while (Date.now() < end) {
      if (this.process.exitCode !== null) throw new Error(`the server ended at once:\n${this.log}`);
      if (await fetch(`${this.url}/api/health`).then((answer) => answer.ok, () => false)) return;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error(`the server did not answer within 120 s:\n${this.log}`);
  }

  async stop(signal = "SIGTERM") {
    const { process } = this;
    if (!process || process.exitCode !== null) return;
    const ended = new Promise((resolve) => process.once("exit", resolve));
    process.kill(signal);
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 15_000)).then(() => process.kill("SIGKILL"))]);
  }
}

export class Browser {
  constructor() {
    this.problems = [];
    this.serverDown = false;
  }

  async open(executablePath, base, colorScheme = "light", viewport = { width: 1440, height: 900 }) {
    this.browser = await chromium.launch({
      executablePath,
      args: ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"],
    });
    const context = await this.browser.newContext({ viewport, colorScheme, acceptDownloads: true });
    this.page = await context.newPage();
    this.page.setDefaultTimeout(90_000);
    this.page.on("console", (message) => {
      if (message.type() === "error" && !this.serverDown) this.problems.push(`console: ${message.text()}`);
    });
    this.page.on("pageerror", (error) => this.problems.push(`page: ${error.message}`));
    context.on("request", (request) => {
      const url = new URL(request.url());
      if (["http:", "https:", "ws:", "wss:"].includes(url.protocol) && url.host !== new URL(base).host) {
        this.problems.push(`request to another host: ${request.url()}`);
      }
    });
    return this.page;
  }

  /** Every violation that axe calls serious or critical, in words. axe is run by the debugger: the page's policy stays. */
  async audit(name) {
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

  /** How many of the pixels of an element have a strong colour, by hue in steps of 30 degrees. */
  async hues(locator) {
    const picture = (await locator.screenshot()).toString("base64");
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
