import { create } from "zustand";
import { ApiError } from "@/lib/api";

/** busy: something goes on, and the notice stays until it is dismissed by what began it */
export type ToastTone = "info" | "ok" | "bad" | "busy";

export interface Toast {
  id: number;
  tone: ToastTone;
  title: string;
  detail?: string;
}

interface Toasts {
  toasts: Toast[];
  push: (toast: Omit<Toast, "id">) => number;
  dismiss: (id: number) => void;
}

let last = 0;

export const useToasts = create<Toasts>()((set) => ({
  toasts: [],
  push: (toast) => {
    const id = ++last;
    set((state) => ({ toasts: [...state.toasts.slice(-3), { ...toast, id }] }));
    return id;
  },
  dismiss: (id) => set((state) => ({ toasts: state.toasts.filter((toast) => toast.id !== id) })),
}));

/** Says that something goes on for as long as it does, then what came of it, or why it failed. */
export async function whileBusy<Result>(title: string, work: Promise<Result>): Promise<Result> {
  const { push, dismiss } = useToasts.getState();
  const id = push({ tone: "busy", title });
  try {
    return await work;
  } finally {
    dismiss(id);
  }
}

/** Shows an error in the server's own words: what happened, and what to do next. */
export function toastError(error: unknown): void {
  const { push } = useToasts.getState();
  if (error instanceof ApiError) push({ tone: "bad", title: error.message, ...(error.nextAction && { detail: error.nextAction }) });
  else push({ tone: "bad", title: error instanceof Error ? error.message : String(error) });
}
