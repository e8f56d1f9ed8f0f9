/** Kinds of files that a run hands over: the name to save each as, and what it is for. */
export const FILES: Record<string, { name: string; about: string }> = {
  step: { name: "model.step", about: "CAD exchange, AP242" },
  stl: { name: "model.stl", about: "printing" },
  glb: { name: "model.glb", about: "model with the stress field" },
  brep: { name: "model.brep", about: "exact geometry of OpenCASCADE" },
  kcl: { name: "model.kcl", about: "program of the part" },
  bom: { name: "bom.csv", about: "bill of materials" },
  report: { name: "report.html", about: "this dossier" },
};

/** What a file of that kind is saved as, also one that this page has no words for. */
export function fileName(kind: string): string {
  return FILES[kind]?.name ?? kind.replace(/[^\w.-]+/g, "_");
}

export function saveBlob(blob: Blob, name: string): void {
  save(URL.createObjectURL(blob), name, true);
}

export function save(url: string, name: string, revoke = false): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  if (revoke) setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
