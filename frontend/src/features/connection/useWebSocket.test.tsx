import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { useRun } from "@/features/project/runStore";
import { socketUrl, useWebSocket } from "./useWebSocket";

class FakeSocket {
  static all: FakeSocket[] = [];
  static OPEN = 1;
  static CLOSED = 3;
  readyState = 0;
  sent: string[] = [];
  onopen?: () => void;
  onclose?: () => void;
  onmessage?: (message: { data: unknown }) => void;
  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }
  send(text: string) {
    this.sent.push(text);
  }
  close() {
    this.readyState = 3;
    this.onclose?.();
  }
  open() {
    this.readyState = 1;
    this.onopen?.();
  }
  tell(seq: number, kind = "thought") {
    this.onmessage?.({ data: JSON.stringify({ seq, kind, project_id: "p-1", ts: "", agent: "", stage: "", text: "", data: {} }) });
  }
}

beforeEach(() => {
  FakeSocket.all = [];
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
  useRun.setState({ projectId: null, events: [], lastSeq: 0, connection: "idle" });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("goes to the server the page came from", () => {
  expect(socketUrl("p 1", 4, { protocol: "https:", host: "here:8" } as Location)).toBe("wss://here:8/ws/orchestrator/p%201?since=4");
});

it("comes back after a break from the last event it has seen", () => {
  const { unmount } = renderHook(() => useWebSocket("p-1"));
  const first = FakeSocket.all[0];
  expect(first?.url).toContain("/ws/orchestrator/p-1?since=0");
  act(() => first?.open());
  expect(useRun.getState().connection).toBe("open");
  act(() => {
    first?.tell(1);
    first?.tell(2);
    first?.tell(2);
  });
  expect(useRun.getState().events.map((event) => event.seq)).toEqual([1, 2]);
  act(() => first?.close());
  expect(useRun.getState().connection).toBe("closed");
  act(() => vi.advanceTimersByTime(600));
  expect(FakeSocket.all[1]?.url).toContain("since=2");
  act(() => FakeSocket.all[1]?.close());
  act(() => vi.advanceTimersByTime(600));
  expect(FakeSocket.all).toHaveLength(2); // the second pause is longer
  act(() => vi.advanceTimersByTime(600));
  expect(FakeSocket.all).toHaveLength(3);
  unmount();
  act(() => vi.advanceTimersByTime(60_000));
  expect(FakeSocket.all).toHaveLength(3);
});

it("asks again for what a slow reader lost", () => {
  renderHook(() => useWebSocket("p-1"));
  const socket = FakeSocket.all[0];
  act(() => socket?.open());
  act(() => socket?.tell(1));
  act(() => socket?.tell(1, "lagged"));
  act(() => vi.advanceTimersByTime(600));
  expect(FakeSocket.all[1]?.url).toContain("since=1");
});

it("keeps the line alive, and takes no harm from noise", () => {
  renderHook(() => useWebSocket("p-1"));
  const socket = FakeSocket.all[0];
  act(() => socket?.open());
  act(() => vi.advanceTimersByTime(20_000));
  expect(socket?.sent).toEqual(["ping"]);
  act(() => socket?.onmessage?.({ data: "pong" }));
  act(() => socket?.onmessage?.({ data: "{not json" }));
  act(() => socket?.onmessage?.({ data: "{}" }));
  expect(useRun.getState().events).toEqual([]);
});
