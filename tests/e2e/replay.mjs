// The server's answers, kept in a file and given again by a small server in this process: a page can then be measured on
// a machine that has a graphics card and Node, but not the geometry kernel. Live events are not kept: the page runs as if disconnected.
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";

const DROPPED = new Set(["content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive", "date"]);

/** Keeps each answer that `page` receives, but for models; the function it returns writes them to `file`. */
export function record(page, file) {
  const answers = {};
  const pending = [];
  page.on("response", (response) => {
    const { protocol, pathname, search } = new URL(response.url());
    if (protocol !== "http:" || pathname.startsWith("/api/geometry/model/") || response.request().method() !== "GET") return;
    const path = pathname + search;
    pending.push(
      response.body().then(
        (body) => (answers[path] = { status: response.status(), headers: response.headers(), body: body.toString("base64") }),
        () => {}, // a redirect or an answer that was broken off has no body
      ),
    );
  });
  return async (more) => {
    await Promise.all(pending);
    writeFileSync(file, JSON.stringify({ ...more, answers }));
  };
}

/** Stands in for `Server` of session.mjs, with the answers of a file that `record` wrote. */
export class Replay {
  constructor(file, port) {
    Object.assign(this, JSON.parse(readFileSync(file, "utf8")), { port, log: "" });
    this.url = `http://127.0.0.1:${port}`;
  }

  async start() {
    this.server = createServer((request, response) => {
      const answer = this.answers[request.url] ?? (request.headers.accept?.includes("text/html") ? this.answers["/"] : undefined);
      if (!answer) {
        this.log += `${request.method} ${request.url}: not kept\n`;
        return response.writeHead(404, { "content-type": "application/json" }).end('{"error": {"message": "not kept"}}');
      }
      const headers = Object.entries(answer.headers).filter(([name]) => !DROPPED.has(name));
      return response.writeHead(answer.status, Object.fromEntries(headers)).end(Buffer.from(answer.body, "base64"));
    });
    await new Promise((resolve) => this.server.listen(this.port, "127.0.0.1", resolve));
  }

  async stop() {
    this.server.close();
    this.server.closeAllConnections();
  }
}
