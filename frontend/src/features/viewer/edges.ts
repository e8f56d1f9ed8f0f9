/**
 * Sharp and open edges of a triangle mesh as pairs of its own vertices, so that lines can share the mesh's attributes
 * (and bend with its displacement).
 *
 * Vertices at the same place count as one: meshes are split at face borders. An edge is sharp where the normals of its
 * two triangles differ by more than `degrees`.
 */
export function featureEdges(positions: ArrayLike<number>, indices: ArrayLike<number>, degrees = 24): Uint32Array {
  const count = positions.length / 3;
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < positions.length; i += 1) {
    const value = positions[i] ?? 0;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const cell = Math.max(high - low, 1e-9) * 1e-6;
  const places = new Map<string, number>();
  const welded = new Uint32Array(count);
  for (let v = 0; v < count; v += 1) {
    const key = `${Math.round((positions[3 * v] ?? 0) / cell)},${Math.round((positions[3 * v + 1] ?? 0) / cell)},${Math.round((positions[3 * v + 2] ?? 0) / cell)}`;
    const known = places.get(key);
    if (known === undefined) places.set(key, v);
    welded[v] = known ?? v;
  }

  const limit = Math.cos((degrees * Math.PI) / 180);
  const triangles = Math.floor(indices.length / 3);
  const normals = new Float32Array(triangles * 3);
  // edge of welded vertices -> first triangle that has it, and the mesh's own vertices there
  const seen = new Map<number, { triangle: number; a: number; b: number; uses: number; sharp: boolean }>();
  for (let t = 0; t < triangles; t += 1) {
    const corner = [indices[3 * t] ?? 0, indices[3 * t + 1] ?? 0, indices[3 * t + 2] ?? 0] as const;
    normalOf(positions, corner, normals, t);
    for (let side = 0; side < 3; side += 1) {
      const a = corner[side] ?? 0;
      const b = corner[(side + 1) % 3] ?? 0;
      const [wa, wb] = [welded[a] ?? a, welded[b] ?? b];
      if (wa === wb) continue;
      const key = wa < wb ? wa * count + wb : wb * count + wa;
      const edge = seen.get(key);
      if (!edge) {
        seen.set(key, { triangle: t, a, b, uses: 1, sharp: false });
        continue;
      }
      edge.uses += 1;
      const u = edge.triangle * 3;
      const dot =
        (normals[u] ?? 0) * (normals[3 * t] ?? 0) +
        (normals[u + 1] ?? 0) * (normals[3 * t + 1] ?? 0) +
        (normals[u + 2] ?? 0) * (normals[3 * t + 2] ?? 0);
      if (dot < limit) edge.sharp = true;
    }
  }
  const pairs: number[] = [];
  for (const edge of seen.values()) if (edge.sharp || edge.uses === 1) pairs.push(edge.a, edge.b);
  return new Uint32Array(pairs);
}

function normalOf(p: ArrayLike<number>, corner: readonly [number, number, number], out: Float32Array, t: number): void {
  const [a, b, c] = corner;
  const at = (vertex: number, axis: number) => p[3 * vertex + axis] ?? 0;
  const ux = at(b, 0) - at(a, 0);
  const uy = at(b, 1) - at(a, 1);
  const uz = at(b, 2) - at(a, 2);
  const vx = at(c, 0) - at(a, 0);
  const vy = at(c, 1) - at(a, 1);
  const vz = at(c, 2) - at(a, 2);
  const nx = uy * vz - uz * vy;
  const ny = uz * vx - ux * vz;
  const nz = ux * vy - uy * vx;
  const length = Math.hypot(nx, ny, nz) || 1;
  out.set([nx / length, ny / length, nz / length], 3 * t);
}
