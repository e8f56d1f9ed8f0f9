import type { Revision } from "@/lib/api";

export interface Placed {
  revision: Revision;
  /** which branch it is on: 0 for the first, one more for each that leaves another */
  lane: number;
  /** its parent where that is not the revision before it on the same branch */
  from: Revision | null;
}

/** Revisions, oldest first, each on the branch it belongs to: the first child goes on, later ones begin a new branch. */
export function placed(revisions: readonly Revision[]): Placed[] {
  const byId = new Map(revisions.map((revision) => [revision.id, revision]));
  const lanes = new Map<string, number>();
  const continued = new Set<string>();
  let last = -1;
  return revisions.map((revision) => {
    const parent = revision.parent ? byId.get(revision.parent) : undefined;
    const goesOn = parent !== undefined && !continued.has(parent.id);
    if (parent && goesOn) continued.add(parent.id);
    const lane = parent && goesOn ? (lanes.get(parent.id) ?? 0) : ++last;
    lanes.set(revision.id, lane);
    return { revision, lane, from: parent && parent.number !== revision.number - 1 ? parent : null };
  });
}
