import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactElement } from "react";
import { MemoryRouter } from "react-router";
import { vi } from "vitest";
import { WorkspaceContext, type WorkspaceValue } from "@/features/workspace/WorkspaceContext";
import { bracketView } from "./fixtures";

/** A workspace around the finished bracket; its actions are recorded. */
export function workspaceValue(change: Partial<WorkspaceValue> = {}): WorkspaceValue {
  const current = change.current ?? bracketView();
  return {
    projectId: current.project_id,
    state: current,
    current,
    modelId: current.geometry.model_id || null,
    modelState: current,
    revisionId: null,
    showRevision: vi.fn(),
    units: "mm",
    running: false,
    inert: false,
    run: vi.fn(async () => true),
    cancel: vi.fn(async () => true),
    ...change,
  };
}

export function renderPage(ui: ReactElement, path = "/") {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  return render(
    <QueryClientProvider client={client}>
      <MemoryRouter initialEntries={[path]}>{ui}</MemoryRouter>
    </QueryClientProvider>,
  );
}

export function renderPanel(ui: ReactElement, change: Partial<WorkspaceValue> = {}) {
  const value = workspaceValue(change);
  return { value, ...renderPage(<WorkspaceContext.Provider value={value}>{ui}</WorkspaceContext.Provider>) };
}

/** Answers fetch by path; what is not listed is a 404 in the server's form. */
export function serve(routes: Record<string, unknown | ((init?: RequestInit) => unknown)>) {
  const calls: { path: string; body: unknown }[] = [];
  vi.stubGlobal("fetch", async (path: string, init?: RequestInit) => {
    calls.push({ path, body: typeof init?.body === "string" ? JSON.parse(init.body) : undefined });
    const route = routes[path.split("?")[0] ?? path];
    if (route === undefined) return Response.json({ code: "not_found", message: `nothing at ${path}`, next_action: "Look elsewhere.", details: {} }, { status: 404 });
    const answer: unknown = typeof route === "function" ? await (route as (init?: RequestInit) => unknown)(init) : route;
    return answer instanceof Response ? answer : Response.json(answer);
  });
  return calls;
}
