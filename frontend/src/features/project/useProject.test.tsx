import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { api } from "@/lib/api";
import type { RunEvent } from "@/lib/types";
import { useRun } from "./runStore";
import { useProjectState } from "./useProject";

afterEach(() => vi.restoreAllMocks());

describe("the state of a project", () => {
  it("is read once more where an event comes during its first reading", async () => {
    const answers: ((state: Awaited<ReturnType<typeof api.state>>) => void)[] = [];
    vi.spyOn(api, "state").mockImplementation(() => new Promise((resolve) => answers.push(resolve)));
    vi.spyOn(api, "revisions").mockResolvedValue({ head: null, revisions: [] } as never);
    const client = new QueryClient();
    const wrapper = ({ children }: { children: ReactNode }) => <QueryClientProvider client={client}>{children}</QueryClientProvider>;
    useRun.getState().open("p-1");
    const { result } = renderHook(() => useProjectState("p-1"), { wrapper });
    await waitFor(() => expect(answers).toHaveLength(1));
    act(() => useRun.getState().receive({ seq: 7, project_id: "p-1", kind: "approval", stage: "plan", agent: "", text: "", data: {}, time: 0 } as unknown as RunEvent));
    act(() => answers[0]?.({ status: "running" } as never));
    await waitFor(() => expect(answers).toHaveLength(2));
    act(() => answers[1]?.({ status: "waiting" } as never));
    await waitFor(() => expect(result.current.data?.status).toBe("waiting"));
  });
});
