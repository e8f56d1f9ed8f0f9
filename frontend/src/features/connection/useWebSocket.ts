import { useEffect } from "react";
import { type Connection, useRun } from "@/features/project/runStore";
import type { RunEvent } from "@/lib/types";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8000;
const PING_MS = 20_000;

export function socketUrl(projectId: string, since: number, location: Location = window.location): string {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return `${scheme}://${location.host}/ws/orchestrator/${encodeURIComponent(projectId)}?since=${since}`;
}

/**
 * Follows a project's events for as long as the component lives. After a break it goes on from the last event it has
 * seen, with growing pauses between attempts; nothing is lost and nothing comes twice.
 */
export function useWebSocket(projectId: string | undefined): { connection: Connection } {
  const connection = useRun((run) => run.connection);

  useEffect(() => {
    if (!projectId) return;
    const { open, receive, setConnection } = useRun.getState();
    open(projectId);
    let socket: WebSocket | null = null;
    let wait = FIRST_WAIT_MS;
    let ended = false;
    let retry: ReturnType<typeof setTimeout> | undefined;
    let ping: ReturnType<typeof setInterval> | undefined;

    const connect = () => {
      clearTimeout(retry);
      // while it can't be heard it stays so until it is: controls must not wake up at every attempt
      if (useRun.getState().connection !== "closed") setConnection("connecting");
      const current = new WebSocket(socketUrl(projectId, useRun.getState().lastSeq));
      socket = current;
      current.onopen = () => {
        wait = FIRST_WAIT_MS;
        setConnection("open");
        ping = setInterval(() => current.readyState === WebSocket.OPEN && current.send("ping"), PING_MS);
      };
      current.onmessage = (message) => {
        if (typeof message.data !== "string" || message.data === "pong") return;
        let event: RunEvent;
        try {
          event = JSON.parse(message.data) as RunEvent;
        } catch {
          return; // not one of ours
        }
        if (typeof event.seq !== "number" || !event.kind) return;
        if (event.kind === "lagged") {
          current.close(); // the server skipped some: come back and read them from the log
          return;
        }
        receive(event);
      };
      current.onclose = () => {
        clearInterval(ping);
        if (ended || socket !== current) return;
        setConnection("closed");
        retry = setTimeout(connect, wait);
        wait = Math.min(wait * 2, LONGEST_WAIT_MS);
      };
    };
    const hurry = () => {
      if (socket?.readyState === WebSocket.CLOSED) connect();
    };
    window.addEventListener("online", hurry);
    connect();
    return () => {
      ended = true;
      window.removeEventListener("online", hurry);
      clearTimeout(retry);
      clearInterval(ping);
      socket?.close();
    };
  }, [projectId]);

  return { connection };
}
