import { afterEach, expect, it, vi } from "vitest";
import { serve } from "@/test/render";
import { api, ApiError, newId } from "./api";

afterEach(() => vi.unstubAllGlobals());

it("an error carries the server's own words", async () => {
  serve({ "/api/state/p-1": () => Response.json({ code: "not_found", message: "there is no project 'p-1'", next_action: "Check the id.", details: {} }, { status: 404 }) });
  const error = await api.state("p-1").catch((problem: unknown) => problem);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ code: "not_found", message: "there is no project 'p-1'", nextAction: "Check the id.", status: 404 });
});

it("a server that is down is an error with a next action", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
  await expect(api.health()).rejects.toMatchObject({ code: "unreachable", nextAction: expect.stringContaining("brick serve") as unknown });
});

it("an answer that is no JSON is an error too", async () => {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response("<html>", { status: 502 })));
  await expect(api.health()).rejects.toMatchObject({ code: "http_502", message: "The server answered 502." });
});

it("a run is started without waiting for its end", async () => {
  const calls = serve({ "/api/orchestrator/run": { status: "queued" } });
  await api.run({ project_id: "p-1", user_intent: "a plate" });
  expect(calls[0]?.body).toEqual({ project_id: "p-1", user_intent: "a plate", wait: false });
});

it("ids are fresh and of the server's form", () => {
  expect(newId("p")).toMatch(/^p-[0-9a-f]{12}$/);
  expect(newId("p")).not.toBe(newId("p"));
});
