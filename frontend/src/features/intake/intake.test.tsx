import { fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AccessDialog } from "@/features/access/AccessDialog";
import { useAccess } from "@/features/access/store";
import { useChat } from "@/features/requirements/chatStore";
import { useToasts } from "@/features/toasts/store";
import { Toasts } from "@/features/toasts/Toasts";
import { api } from "@/lib/api";
import { renderPage, serve } from "@/test/render";
import { DropZone } from "./DropZone";

beforeEach(() => {
  useToasts.setState({ toasts: [] });
  useAccess.setState({ needed: false });
});
afterEach(() => vi.unstubAllGlobals());

const drop = (file: File) => fireEvent.drop(window, { dataTransfer: { types: ["Files"], files: [file] } });

describe("DropZone", () => {
  it("shows where to drop, and makes a project of a program or a part", async () => {
    const calls = serve({ "/api/projects/import": { project_id: "p-new" } });
    renderPage(<DropZone />);
    fireEvent.dragEnter(window, { dataTransfer: { types: ["Files"] } });
    expect(await screen.findByText("Drop it here")).toBeTruthy();
    drop(new File(["x = 1"], "plate 2.kcl"));
    await waitFor(() => expect(useToasts.getState().toasts.at(-1)?.title).toBe("plate 2.kcl is a project now"));
    expect(calls[0]?.path).toBe("/api/projects/import?name=plate%202.kcl");
    expect(screen.queryByText("Drop it here")).toBeNull();
  });
  it("says that it reads for as long as it does, and why it could not", async () => {
    let answer: (response: Response) => void = () => undefined;
    serve({ "/api/projects/import": () => new Promise((resolve) => (answer = resolve)) });
    renderPage(
      <>
        <DropZone />
        <Toasts />
      </>,
    );
    vi.useFakeTimers({ shouldAdvanceTime: true });
    drop(new File([new Uint8Array(3_900_000)], "plate.step"));
    expect(await screen.findByText("Reading plate.step (3.9 MB)…")).toBeTruthy();
    await vi.advanceTimersByTimeAsync(42_000);
    expect(screen.getByText("Reading plate.step (3.9 MB)…")).toBeTruthy();
    expect(await screen.findByText(/^4\d s$/)).toBeTruthy();
    vi.useRealTimers();
    answer(Response.json({ code: "bad_step", message: "plate.step holds no solid", next_action: "Export it as a solid.", details: {} }, { status: 422 }));
    expect((await screen.findByRole("alert")).textContent).toContain("plate.step holds no solid");
    expect(screen.queryByText(/^Reading plate/)).toBeNull();
  });
  it("begins a conversation with a text", async () => {
    renderPage(<DropZone />);
    drop(new File(["A steel bracket\n"], "brief.txt"));
    await waitFor(() => expect(useChat.getState().pending).toBe("A steel bracket"));
  });
  it("says what it can't take in", async () => {
    renderPage(<DropZone />);
    drop(new File(["x"], "photo.jpg"));
    await waitFor(() => expect(useToasts.getState().toasts.at(-1)?.title).toContain("photo.jpg is no kind of file"));
  });
});

describe("AccessDialog", () => {
  it("asks for the token when the server refuses, and goes on with the right one", async () => {
    const refuse = () => Response.json({ code: "no_access", message: "this is not the access token of the server", next_action: "", details: {} }, { status: 401 });
    serve({ "/api/projects": refuse, "/api/session": (init?: RequestInit) => (String(init?.body).includes("right") ? { access: true } : refuse()) });
    renderPage(<AccessDialog />);
    await expect(api.projects()).rejects.toThrow();
    const field = await screen.findByLabelText("Access token");
    await userEvent.type(field, "wrong{Enter}");
    expect((await screen.findByRole("alert")).textContent).toBe("this is not the access token of the server");
    await userEvent.clear(field);
    await userEvent.type(field, "right{Enter}");
    await waitFor(() => expect(useAccess.getState().needed).toBe(false));
  });
  it("does not ask again for a request that was sent before the token was given", async () => {
    let refuse: () => void = () => undefined;
    serve({ "/api/projects": () => new Promise((resolve) => (refuse = () => resolve(Response.json({ message: "no access" }, { status: 401 })))) });
    const early = api.projects();
    useAccess.getState().given();
    refuse();
    await expect(early).rejects.toThrow("no access");
    expect(useAccess.getState().needed).toBe(false);
    const late = api.projects();
    refuse();
    await expect(late).rejects.toThrow("no access");
    expect(useAccess.getState().needed).toBe(true);
  });
});
