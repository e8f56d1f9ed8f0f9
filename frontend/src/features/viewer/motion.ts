import { addAfterEffect } from "@react-three/fiber";
import { useEffect } from "react";
import type { WebGLRenderer } from "three";
import { create } from "zustand";
import type { Model } from "./model";

interface Motion {
  /** the view is being turned, moved or zoomed */
  moving: boolean;
  /** what drawing the whole model takes, to the last pixel, ms; null where it is not known yet */
  frameMs: number | null;
  /** counts up as coarser meshes come: one may come while the view is being turned */
  refined: number;
}

/** A picture that takes longer than this is drawn from a coarser mesh while it moves. */
export const SLOW_MS = 100;
/** The view rests this long before the whole model is drawn again. */
const REST_MS = 180;

export const useMotion = create<Motion>()(() => ({ moving: false, frameMs: null, refined: 0 }));

let rest: ReturnType<typeof setTimeout> | undefined;
let held = false;

function settle(): void {
  clearTimeout(rest);
  rest = setTimeout(() => !held && useMotion.setState({ moving: false }), REST_MS);
}

/** The view changed. */
export function touchMotion(): void {
  if (!useMotion.getState().moving) useMotion.setState({ moving: true });
  settle();
}

/** A button went down on the picture, or came up: while it is down, a pause is not yet rest. */
export function holdMotion(down: boolean): void {
  held = down;
  settle();
}

/** Something of the model was worked out: it may be drawn otherwise from now on. */
export function noteRefined(): void {
  useMotion.setState(({ refined }) => ({ refined: refined + 1 }));
}

/** Whether to draw the coarser mesh. */
export function isCoarse({ moving, frameMs }: Pick<Motion, "moving" | "frameMs">, animated = false): boolean {
  return frameMs !== null && frameMs > SLOW_MS && (moving || animated);
}

const POLL_MS = 4;

/** Measures how long the whole model takes to draw, once a model and again whenever it rests after that. */
export function useFrameTime(gl: WebGLRenderer, model: Model): void {
  useEffect(() => {
    useMotion.setState({ frameMs: null });
    const context = gl.getContext();
    if (!(context instanceof WebGL2RenderingContext)) return;
    let pending: { sync: WebGLSync; began: number } | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      if (!pending) return;
      if (context.clientWaitSync(pending.sync, 0, 0) === context.TIMEOUT_EXPIRED) {
        timer = setTimeout(look, POLL_MS);
        return;
      }
      useMotion.setState({ frameMs: performance.now() - pending.began });
      context.deleteSync(pending.sync);
      pending = null;
    };
    const stop = addAfterEffect(() => {
      if (pending || useMotion.getState().moving) return;
      const sync = context.fenceSync(context.SYNC_GPU_COMMANDS_COMPLETE, 0);
      if (!sync) return;
      context.flush();
      pending = { sync, began: performance.now() };
      timer = setTimeout(look, POLL_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
      if (pending) context.deleteSync(pending.sync);
    };
  }, [gl, model]);
}
