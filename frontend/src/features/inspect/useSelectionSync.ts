import { useEffect } from "react";
import { useSelection } from "./selection";
import { facesOfLine, useSources } from "./useLook";

/** A selected line of the program selects the faces that it made, as soon as they are known. */
export function useSelectionSync(): void {
  const line = useSelection((selection) => selection.line);
  const { sources } = useSources(line !== null);
  useEffect(() => {
    if (line === null || !sources) return;
    useSelection.getState().set(
      facesOfLine(sources, line).map((index) => ({ kind: "face", index })),
      line,
    );
  }, [line, sources]);
}
