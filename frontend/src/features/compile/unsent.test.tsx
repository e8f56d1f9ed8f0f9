import { act, cleanup, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Route, Routes } from "react-router";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import Landing from "@/features/landing/Landing";
import { useUnsent } from "@/features/project/unsentStore";
import { useChat } from "@/features/requirements/chatStore";
import RequirementsGatheringPage from "@/features/requirements/RequirementsGatheringPage";
import { api } from "@/lib/api";
import { bracketView } from "@/test/fixtures";
import { renderPage, renderPanel, serve } from "@/test/render";
import { useChange } from "./changeStore";
import { CompilePanel } from "./CompilePanel";

/** What a reload leaves of the page: its stores begin anew and read what the tab has kept. */
async function reload() {
  cleanup();
  const kept = { ...sessionStorage };
  useUnsent.setState({ words: {} });
  useChange.setState({ asked: {} });
  useChat.setState({ draft: "", messages: [], reply: null });
  for (const [key, text] of Object.entries(kept)) sessionStorage.setItem(key, text as string);
  await act(async () => {
    await Promise.all([useUnsent.persist.rehydrate(), useChange.persist.rehydrate(), useChat.persist.rehydrate()]);
  });
}

beforeEach(() => {
  sessionStorage.clear();
  useUnsent.setState({ words: {} });
  useChange.setState({ asked: {} });
  useChat.getState().reset();
  vi.spyOn(api, "revisions").mockResolvedValue({ head: null, revisions: [] } as never);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe("words that were not sent", () => {
  const answer = { session_id: "s", reply: "Understood.", question: null, questions: [], answers: {}, intent: bracketView().design.intent, brief: "b", ready: true };

  it("stay in a changed brief until it is run or left, each project its own", async () => {
    const first = renderPanel(<CompilePanel />);
    await userEvent.click(screen.getByRole("button", { name: "Change the brief" }));
    await userEvent.type(screen.getByLabelText("Brief"), " and light");
    await reload();
    const other = renderPanel(<CompilePanel />, { projectId: "p-other" });
    expect(screen.queryByLabelText("Brief")).toBeNull();
    expect(other.value.run).not.toHaveBeenCalled();
    cleanup();
    const { value } = renderPanel(<CompilePanel />);
    expect((screen.getByLabelText("Brief") as HTMLTextAreaElement).value).toBe(`${value.current?.core.user_intent} and light`);
    expect(first.value.run).not.toHaveBeenCalled();
    expect(value.run).not.toHaveBeenCalled();
    await userEvent.click(screen.getByRole("button", { name: "Run with this brief" }));
    expect(value.run).toHaveBeenCalledWith({ user_intent: `${value.current?.core.user_intent} and light` });
    await reload();
    renderPanel(<CompilePanel />);
    expect(screen.queryByLabelText("Brief")).toBeNull();
  });

  it("stay where a run could not be started, and go when the form is left", async () => {
    renderPanel(<CompilePanel />, { run: vi.fn(async () => false) });
    await userEvent.click(screen.getByRole("button", { name: "Change the brief" }));
    await userEvent.type(screen.getByLabelText("Brief"), " and light");
    await userEvent.click(screen.getByRole("button", { name: "Run with this brief" }));
    expect((screen.getByLabelText("Brief") as HTMLTextAreaElement).value).toMatch(/ and light$/);
    await userEvent.click(screen.getByRole("button", { name: "Leave it" }));
    expect(useUnsent.getState().words).toEqual({});
  });

  it("stay in a change with its place and its conversation", async () => {
    const { value } = renderPanel(<CompilePanel />);
    serve({
      "/api/chat/requirements": { ...answer, ready: false, reply: "How much must it carry?", question: { id: "load", text: "How much must it carry?", reason: "", options: [], example: "", default: null } },
      "/api/health": { llm_provider: "offline" },
    });
    act(() => useChange.getState().ask(value.projectId, "Plane “shelf”", 12, "shelf"));
    const box = await screen.findByLabelText("What should differ?");
    await userEvent.clear(box);
    await userEvent.type(box, "another load{Enter}");
    await userEvent.type(await screen.findByLabelText("How much must it carry?"), "300 l");
    const { session } = useChange.getState().asked[value.projectId] ?? {};
    await reload();
    const calls = serve({ "/api/chat/requirements": { ...answer, changed: true }, "/api/health": { llm_provider: "offline" } });
    const again = renderPanel(<CompilePanel />);
    const field = (await screen.findByLabelText("How much must it carry?")) as HTMLTextAreaElement;
    expect(field.value).toBe("300 l");
    expect(screen.getByText("Plane “shelf”", { exact: false })).toBeTruthy();
    expect(calls.filter(({ path }) => path.startsWith("/api/chat"))).toEqual([]);
    await userEvent.type(field, "b{Enter}");
    await waitFor(() => expect(again.value.run).toHaveBeenCalledWith({ session_id: session }));
    expect(calls.find(({ path }) => path.startsWith("/api/chat"))?.body).toMatchObject({ message: "300 lb", session_id: session });
    await waitFor(() => expect(useChange.getState().asked).toEqual({}));
  });

  it("that a person typed are not replaced by what is proposed at another place", () => {
    const { ask, put } = useChange.getState();
    ask("p", "Plane “wall”", null, "wall");
    put("p", { text: "make it 12 mm thick" });
    ask("p", "Plane “shelf”", null, "shelf");
    expect(useChange.getState().asked["p"]).toMatchObject({ about: "Plane “shelf”", text: "" });
    put("p", { text: "make it blue", typed: true });
    ask("p", "Plane “wall”", null, "wall");
    expect(useChange.getState().asked["p"]).toMatchObject({ about: "Plane “wall”", text: "make it blue" });
  });

  it("stay in the answers to what a brief leaves open", async () => {
    const current = bracketView({ status: "questions" });
    current.design.questions = [{ id: "load_force", text: "How much must it carry?", reason: "", options: [], example: "", default: null }];
    renderPanel(<CompilePanel />, { current });
    await userEvent.type(screen.getByLabelText("How much must it carry?"), "250 lb");
    await reload();
    const { value } = renderPanel(<CompilePanel />, { current });
    expect((screen.getByLabelText("How much must it carry?") as HTMLInputElement).value).toBe("250 lb");
    await userEvent.click(screen.getByRole("button", { name: "Answer and go on" }));
    expect(value.run).toHaveBeenCalledWith({ answers: { load_force: "250 lb" } });
    await waitFor(() => expect(useUnsent.getState().words).toEqual({}));
  });

  it("stay in the conversation, are gone when sent, and come back when the server refuses them", async () => {
    let refused = true;
    const calls = serve({
      "/api/chat/requirements": () => (refused ? Response.json({ code: "x", message: "not now", next_action: "" }, { status: 503 }) : answer),
    });
    renderPage(<RequirementsGatheringPage />, "/new");
    await userEvent.type(screen.getByLabelText("Your message"), "a steel bracket");
    await reload();
    renderPage(<RequirementsGatheringPage />, "/new");
    const field = screen.getByLabelText("Your message") as HTMLTextAreaElement;
    expect(field.value).toBe("a steel bracket");
    expect(calls).toEqual([]);
    await userEvent.type(field, "{Enter}");
    await waitFor(() => expect(useChat.getState().busy).toBe(false));
    expect(field.value).toBe("a steel bracket");
    refused = false;
    await userEvent.type(field, "{Enter}");
    expect(await screen.findByText("Understood.")).toBeTruthy();
    expect(field.value).toBe("");
    await reload();
    expect(useChat.getState()).toMatchObject({ draft: "", messages: [{ text: "a steel bracket" }, { text: "Understood." }] });
  });

  it("stay on the first page until they begin a conversation", async () => {
    serve({ "/api/projects": { projects: [] } });
    const page = (
      <Routes>
        <Route path="/" element={<Landing />} />
        <Route path="/new" element={<p>gathering</p>} />
      </Routes>
    );
    renderPage(page);
    await userEvent.type(screen.getByLabelText("Brief"), "A steel hook");
    await reload();
    renderPage(page);
    expect((screen.getByLabelText("Brief") as HTMLTextAreaElement).value).toBe("A steel hook");
    expect(useChat.getState().pending).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: /Begin/ }));
    expect(useChat.getState().pending).toBe("A steel hook");
    expect(useUnsent.getState().words).toEqual({});
  });
});
