import { useRef } from "react";
import type { AgentState } from "@/lib/types";

interface Memory {
  key: string;
  modelId: string | null;
  modelState: AgentState | undefined;
}

/**
 * The model to show, and the state it belongs to. While a new run has none yet, and when the server can't be heard,
 * the last one stays on screen.
 */
export function useModelMemory(key: string, state: AgentState | undefined): Omit<Memory, "key"> {
  const memory = useRef<Memory>({ key, modelId: null, modelState: undefined });
  if (memory.current.key !== key) memory.current = { key, modelId: null, modelState: undefined };
  if (state?.geometry.model_id) memory.current = { key, modelId: state.geometry.model_id, modelState: state };
  return memory.current;
}
