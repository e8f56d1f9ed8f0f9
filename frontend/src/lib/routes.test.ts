import { afterEach, describe, expect, it, vi } from "vitest";
import { api, artifactUrl, modelUrl } from "./api";
import { ROUTES } from "./generated";

/** Calls everything that the page can ask for, and notes what was asked. */
async function asked(): Promise<string[]> {
  const seen: string[] = [];
  vi.stubGlobal("fetch", async (path: string, init?: RequestInit) => {
    seen.push(`${init?.method ?? "GET"} ${path.split("?")[0]}`);
    return Response.json({});
  });
  await Promise.all(
    Object.values(api).map((call) => (call as (...given: unknown[]) => Promise<unknown>)("x", { kcl_code: "" }, "y", "z").catch(() => undefined)),
  );
  return [...new Set(seen)];
}

const known = ROUTES.map((route) => new RegExp(`^${route.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{[^}]+\}/g, "[^/]+")}$`));

afterEach(() => vi.unstubAllGlobals());

describe("every address that the page asks for", () => {
  it("is one that the server answers", async () => {
    const found = await asked();
    expect(found.length).toBeGreaterThan(25);
    expect([...found, `GET ${artifactUrl("a")}`, `GET ${modelUrl("m")}`].filter((route) => !known.some((pattern) => pattern.test(route)))).toEqual([]);
  });
});
