import { type Mesh, refine } from "./refine";

interface Scope {
  onmessage: ((event: MessageEvent<Mesh[]>) => void) | null;
  postMessage: (message: unknown, transfer: Transferable[]) => void;
}

const scope = self as unknown as Scope;

scope.onmessage = ({ data }) => {
  for (const refined of refine(data)) {
    const { edges, coarse, tree } = refined;
    const buffers = [edges, coarse, tree?.indirectBuffer].flatMap((array) => (array ? [array.buffer as ArrayBuffer] : []));
    scope.postMessage(refined, [...buffers, ...(tree?.roots ?? [])]);
  }
  scope.postMessage(null, []); // all is done
};
