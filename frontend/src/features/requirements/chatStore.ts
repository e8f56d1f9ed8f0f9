import { create } from "zustand";
import { createJSONStorage, persist } from "zustand/middleware";
import { toastError } from "@/features/toasts/store";
import { api, type ChatReply, newId } from "@/lib/api";

export interface ChatMessage {
  role: "user" | "assistant";
  text: string;
}

interface Chat {
  sessionId: string;
  messages: ChatMessage[];
  reply: ChatReply | null;
  busy: boolean;
  /** a brief that was given elsewhere and waits to be sent */
  pending: string | null;
  begin: (brief: string) => void;
  send: (message: string) => Promise<void>;
  flush: () => Promise<void>;
  reset: () => void;
}

const fresh = () => ({ sessionId: newId("session"), messages: [], reply: null, busy: false, pending: null });

/** The conversation that settles a brief. The server keeps its state by session; this is what the person sees of it. */
export const useChat = create<Chat>()(
  persist(
    (set, get) => ({
      ...fresh(),
      begin: (brief) => set({ ...fresh(), pending: brief }),
      flush: async () => {
        const { pending, send } = get();
        if (pending === null) return;
        set({ pending: null });
        await send(pending);
      },
      send: async (message) => {
        const { sessionId, messages, busy, reply } = get();
        if (busy || !message.trim()) return;
        set({ busy: true, messages: [...messages, { role: "user", text: message }] });
        try {
          const answer = await api.chat(message, sessionId, reply?.brief ?? message);
          if (get().sessionId !== sessionId) return;
          set((state) => ({ reply: answer, busy: false, messages: [...state.messages, { role: "assistant", text: answer.reply }] }));
        } catch (error) {
          if (get().sessionId !== sessionId) return;
          set({ busy: false, messages });
          toastError(error);
        }
      },
      reset: () => set(fresh()),
    }),
    {
      name: "brick.chat",
      storage: createJSONStorage(() => sessionStorage),
      partialize: ({ sessionId, messages, reply, pending }) => ({ sessionId, messages, reply, pending }),
    },
  ),
);
