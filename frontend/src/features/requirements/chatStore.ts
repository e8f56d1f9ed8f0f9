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
  /** what stands in the field, not sent yet */
  draft: string;
  /** a brief that was given elsewhere and waits to be sent */
  pending: string | null;
  begin: (brief: string) => void;
  type: (draft: string) => void;
  /** whether the server has answered */
  send: (message: string) => Promise<boolean>;
  /** sends what stands in the field, which stands there again if the server refuses it */
  submit: () => Promise<void>;
  flush: () => Promise<void>;
  reset: () => void;
}

const fresh = () => ({ sessionId: newId("session"), messages: [], reply: null, busy: false, draft: "", pending: null });

/** The conversation that settles a brief. The server keeps its state by session; this is what the person sees of it. */
export const useChat = create<Chat>()(
  persist(
    (set, get) => ({
      ...fresh(),
      begin: (brief) => set({ ...fresh(), pending: brief }),
      type: (draft) => set({ draft }),
      submit: async () => {
        const { draft, busy, send, sessionId } = get();
        if (busy || !draft.trim()) return;
        set({ draft: "" });
        const answered = await send(draft.trim());
        if (!answered && get().sessionId === sessionId) set((state) => ({ draft: state.draft || draft }));
      },
      flush: async () => {
        const { pending } = get();
        if (pending === null) return;
        set({ pending: null, draft: pending });
        await get().submit();
      },
      send: async (message) => {
        const { sessionId, messages, busy, reply } = get();
        if (busy || !message.trim()) return false;
        set({ busy: true, messages: [...messages, { role: "user", text: message }] });
        try {
          const answer = await api.chat(message, sessionId, reply?.brief ?? message);
          if (get().sessionId === sessionId) set((state) => ({ reply: answer, busy: false, messages: [...state.messages, { role: "assistant", text: answer.reply }] }));
          return true;
        } catch (error) {
          if (get().sessionId === sessionId) {
            set({ busy: false, messages });
            toastError(error);
          }
          return false;
        }
      },
      reset: () => set(fresh()),
    }),
    {
      name: "brick.chat",
      storage: createJSONStorage(() => sessionStorage),
      partialize: ({ sessionId, messages, reply, draft, pending }) => ({ sessionId, messages, reply, draft, pending }),
    },
  ),
);
