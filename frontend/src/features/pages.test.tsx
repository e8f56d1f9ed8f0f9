import { act, renderHook, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Route, Routes } from "react-router";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ErrorBoundary } from "@/ui/ErrorBoundary";
import { bracketState } from "@/test/fixtures";
import { renderPage, serve } from "@/test/render";
import { ApiError } from "@/lib/api";
import { CommandMenu } from "./commands/CommandMenu";
import { score, search, useCommandRegistry } from "./commands/registry";
import Landing from "./landing/Landing";
import { useChat } from "./requirements/chatStore";
import RequirementsGatheringPage from "./requirements/RequirementsGatheringPage";
import { SettingsPanel } from "./settings/SettingsPanel";
import { useSettings } from "./settings/store";
import { resolveTheme } from "./settings/theme";
import { toastError, useToasts } from "./toasts/store";
import { Toasts } from "./toasts/Toasts";
import { useModelMemory } from "./workspace/useModelMemory";

beforeEach(() => {
  sessionStorage.clear();
  useChat.getState().reset();
  useToasts.setState({ toasts: [] });
  useSettings.setState({ theme: "system", units: "brief", mouse: "brick" });
});
afterEach(() => vi.unstubAllGlobals());

describe("Landing", () => {
  const page = (
    <Routes>
      <Route path="/" element={<Landing />} />
      <Route path="/new" element={<p>gathering</p>} />
    </Routes>
  );
  it("takes a brief to the conversation", async () => {
    serve({ "/api/projects": { projects: [] } });
    renderPage(page);
    expect(await screen.findByText(/None yet/)).toBeTruthy();
    expect((screen.getByRole("button", { name: /Begin/ }) as HTMLButtonElement).disabled).toBe(true);
    await userEvent.type(screen.getByLabelText("Brief"), "A steel hook for 2 kN");
    await userEvent.click(screen.getByRole("button", { name: /Begin/ }));
    expect(screen.getByText("gathering")).toBeTruthy();
    expect(useChat.getState().pending).toBe("A steel hook for 2 kN");
  });
  it("lists the server's projects", async () => {
    serve({ "/api/projects": { projects: [{ id: "p-1", name: "A bracket", brief: "A bracket", head: null, created_at: 0, updated_at: Date.now() / 1000 }] } });
    renderPage(page);
    expect((await screen.findByRole("link", { name: /A bracket/ })).getAttribute("href")).toBe("/p/p-1");
  });
  it("tells projects of one name apart by what they are", async () => {
    const project = { name: "A bracket", brief: "A bracket", head: "r", created_at: 0, updated_at: Date.now() / 1000 };
    const figures = { verdict: "pass", family: "l_bracket", material: "steel_a36", mass_g: 1723 };
    serve({ "/api/projects": { projects: [{ ...project, id: "p-1", figures }, { ...project, id: "p-2", figures: null }] } });
    renderPage(page);
    const [first, second] = await screen.findAllByRole("link", { name: /A bracket/ });
    expect(first?.textContent).toMatch(/^PassA bracketL bracket · Steel A36 · 1723.g/);
    expect(second?.textContent).toMatch(/^A bracketjust now/);
  });
  it("says when the server is not there", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("down")));
    renderPage(page);
    expect((await screen.findByRole("alert")).textContent).toContain("can't be reached");
  });
});

describe("RequirementsGatheringPage", () => {
  const intent = bracketState().design.intent;
  const question = { id: "load_force", text: "How much must it carry?", reason: "Strength depends on it.", options: [], example: "300 lb", default: "100 lb" };
  const page = (
    <Routes>
      <Route path="/new" element={<RequirementsGatheringPage />} />
      <Route path="/p/:projectId" element={<p>workspace</p>} />
    </Routes>
  );
  it("asks what is open, takes the answer, and runs", async () => {
    let turn = 0;
    const calls = serve({
      "/api/chat/requirements": () => {
        turn += 1;
        const open = turn === 1;
        return { session_id: "s", reply: open ? "How much must it carry?" : "Understood.", question: open ? question : null, questions: open ? [question] : [], answers: open ? {} : { load_force: "100 lb" }, intent, brief: intent.brief, ready: !open };
      },
      "/api/orchestrator/run": { status: "queued" },
    });
    useChat.getState().begin("a bracket");
    renderPage(page, "/new");
    expect(await screen.findByText("How much must it carry?")).toBeTruthy();
    const run = screen.getByRole("button", { name: "Run the design" }) as HTMLButtonElement;
    expect(run.disabled).toBe(true);
    expect(screen.getByText("One answer is still needed.")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "100 lb" }));
    expect(await screen.findByText("Understood.")).toBeTruthy();
    expect(run.disabled).toBe(false);
    await userEvent.click(screen.getByLabelText(/Show me the plan/));
    await userEvent.click(run);
    expect(await screen.findByText("workspace")).toBeTruthy();
    const body = calls.find((call) => call.path === "/api/orchestrator/run")?.body;
    expect(body).toMatchObject({ user_intent: intent.brief, answers: { load_force: "100 lb" }, mode: "plan", wait: false });
    expect(calls.filter((call) => call.path === "/api/chat/requirements")).toHaveLength(2);
  });
  it("shows what was understood, word by word", async () => {
    serve({ "/api/chat/requirements": { session_id: "s", reply: "Understood.", question: null, questions: [], answers: {}, intent, brief: intent.brief, ready: true } });
    renderPage(page, "/new");
    await userEvent.type(screen.getByLabelText("Your message"), "a bracket{Enter}");
    expect(await screen.findByText("aluminium 6061-T6", { selector: "mark" })).toBeTruthy();
    expect(screen.getByText("300 lb at 12 in, down")).toBeTruthy();
  });
  it("a message that the server refuses is taken back, with the reason", async () => {
    serve({ "/api/chat/requirements": () => Response.json({ code: "message_too_long", message: "the message has 30000 characters", next_action: "Say less." }, { status: 422 }) });
    renderPage(page, "/new");
    await userEvent.type(screen.getByLabelText("Your message"), "a bracket{Enter}");
    await waitFor(() => expect(useToasts.getState().toasts[0]).toMatchObject({ tone: "bad", title: "the message has 30000 characters", detail: "Say less." }));
    expect(useChat.getState().messages).toEqual([]);
  });
});

describe("SettingsPanel", () => {
  it("changes theme, units and mouse, and remembers them", async () => {
    const close = vi.fn();
    renderPage(<SettingsPanel onClose={close} />);
    await userEvent.click(screen.getByLabelText("Dark"));
    await userEvent.click(screen.getByLabelText("in"));
    await userEvent.click(screen.getByLabelText("Onshape"));
    expect(useSettings.getState()).toMatchObject({ theme: "dark", units: "in", mouse: "onshape" });
    expect(JSON.parse(localStorage.getItem("brick.settings") ?? "{}")).toMatchObject({ state: { theme: "dark" } });
    await userEvent.click(screen.getByRole("button", { name: "Close" }));
    expect(close).toHaveBeenCalled();
  });
  it("system follows the system", () => {
    expect(resolveTheme("system", true)).toBe("dark");
    expect(resolveTheme("light", true)).toBe("light");
  });
});

describe("CommandMenu", () => {
  const run = vi.fn();
  beforeEach(() => {
    run.mockReset();
    useCommandRegistry.setState({
      sources: { test: [{ id: "fit", title: "Fit the model", group: "Viewer", keys: "F", run }, { id: "dark", title: "Dark theme", group: "Theme", run: () => undefined }] },
    });
  });
  it("finds by letters in order and runs with Enter", async () => {
    const close = vi.fn();
    renderPage(<CommandMenu onClose={close} />);
    await userEvent.type(screen.getByRole("combobox"), "fitm");
    expect(screen.getAllByRole("option").map((option) => option.textContent)).toEqual(["Fit the modelViewerF"]);
    await userEvent.keyboard("{Enter}");
    expect(close).toHaveBeenCalled();
    expect(run).toHaveBeenCalledOnce();
  });
  it("moves with the arrows, and says when there is nothing", async () => {
    renderPage(<CommandMenu onClose={() => undefined} />);
    await userEvent.type(screen.getByRole("combobox"), "{ArrowDown}");
    expect(screen.getAllByRole("option")[1]?.getAttribute("aria-selected")).toBe("true");
    await userEvent.type(screen.getByRole("combobox"), "zzz");
    expect(screen.getByText("No command is named so.")).toBeTruthy();
  });
  it("scores starts of words higher", () => {
    expect(score("th", "Dark theme")).toBeGreaterThan(score("th", "Other thing with much text about it"));
    expect(score("xyz", "Dark theme")).toBe(0);
    expect(search([{ id: "a", title: "A", group: "", run }], " ")).toHaveLength(1);
  });
});

describe("Toasts", () => {
  it("errors stay until closed; others go by themselves", async () => {
    renderPage(<Toasts />);
    vi.useFakeTimers();
    act(() => {
      toastError(new ApiError("no room", { code: "x", nextAction: "Make room." }));
      useToasts.getState().push({ tone: "ok", title: "saved" });
    });
    expect(screen.getByRole("alert").textContent).toBe("no roomMake room.");
    act(() => vi.advanceTimersByTime(6000));
    vi.useRealTimers();
    expect(screen.queryByText("saved")).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "Close this notice" }));
    expect(screen.queryByRole("alert")).toBeNull();
  });
});

describe("a fault in a panel", () => {
  it("stays in the panel and can be tried again", async () => {
    const quiet = vi.spyOn(console, "error").mockImplementation(() => undefined);
    let broken = true;
    const Faulty = () => {
      if (broken) throw new Error("no data");
      return <p>fine</p>;
    };
    renderPage(
      <ErrorBoundary what="The model">
        <Faulty />
      </ErrorBoundary>,
    );
    expect(screen.getByRole("alert").textContent).toContain("The model could not be shown");
    broken = false;
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(screen.getByText("fine")).toBeTruthy();
    quiet.mockRestore();
  });
});

describe("the model on screen", () => {
  it("stays while a new run has none yet, and goes with its project", () => {
    const { result, rerender } = renderHook(
      ({ at, modelId }) => {
        const state = bracketState();
        state.geometry.model_id = modelId;
        return useModelMemory(at, state).modelId;
      },
      { initialProps: { at: "a", modelId: "m1" } },
    );
    const seen = [result.current];
    for (const next of [{ at: "a", modelId: "" }, { at: "a", modelId: "m2" }, { at: "b", modelId: "" }]) {
      rerender(next);
      seen.push(result.current);
    }
    expect(seen).toEqual(["m1", "m1", "m2", null]);
  });
});
