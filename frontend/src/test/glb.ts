/** A GLB as the server writes it, from plain arrays: metres, Y up. */
export interface GlbBody {
  name: string;
  positions: number[];
  indices: number[];
  vonMises?: number[];
  displacement?: number[];
  /** mode shapes */
  modes?: number[][];
}

export function makeGlb(bodies: GlbBody[]): ArrayBuffer {
  const chunks: ArrayBufferView[] = [];
  const views: object[] = [];
  const accessors: object[] = [];
  let length = 0;
  const put = (array: Float32Array | Uint32Array, type: string, width: number) => {
    chunks.push(array);
    views.push({ buffer: 0, byteOffset: length, byteLength: array.byteLength });
    length += array.byteLength;
    const extent = type === "VEC3" ? { min: [-1, -1, -1], max: [1, 1, 1] } : {};
    accessors.push({ bufferView: views.length - 1, componentType: array instanceof Float32Array ? 5126 : 5125, count: array.length / width, type, ...extent });
    return accessors.length - 1;
  };
  const meshes = bodies.map((body) => ({
    name: body.name,
    primitives: [
      {
        attributes: {
          POSITION: put(new Float32Array(body.positions), "VEC3", 3),
          ...(body.vonMises && { _VON_MISES: put(new Float32Array(body.vonMises), "SCALAR", 1) }),
          ...(body.displacement && { _DISPLACEMENT: put(new Float32Array(body.displacement), "VEC3", 3) }),
          ...Object.fromEntries((body.modes ?? []).map((shape, index) => [`_MODE_${index + 1}`, put(new Float32Array(shape), "VEC3", 3)])),
        },
        indices: put(new Uint32Array(body.indices), "SCALAR", 1),
      },
    ],
  }));
  const json = {
    asset: { version: "2.0" },
    scene: 0,
    scenes: [{ nodes: bodies.map((_, index) => index) }],
    nodes: bodies.map((body, index) => ({ name: body.name, mesh: index })),
    meshes,
    accessors,
    bufferViews: views,
    buffers: [{ byteLength: length }],
  };
  let text = JSON.stringify(json);
  text += " ".repeat((4 - (text.length % 4)) % 4);
  const total = 12 + 8 + text.length + 8 + length;
  const out = new ArrayBuffer(total);
  const view = new DataView(out);
  const bytes = new Uint8Array(out);
  [0x46546c67, 2, total, text.length, 0x4e4f534a].forEach((value, index) => view.setUint32(index * 4, value, true));
  bytes.set(new TextEncoder().encode(text), 20);
  let at = 20 + text.length;
  view.setUint32(at, length, true);
  view.setUint32(at + 4, 0x004e4942, true);
  at += 8;
  for (const chunk of chunks) {
    bytes.set(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength), at);
    at += chunk.byteLength;
  }
  return out;
}

/** A cube of 20 mm with its lower corner at `at` (mm, Z up), 12 triangles that share 8 vertices. */
export function cube(name: string, at: [number, number, number] = [0, 0, 0], stress?: (z: number) => number): GlbBody {
  const corners: [number, number, number][] = [];
  for (const z of [0, 20]) for (const y of [0, 20]) for (const x of [0, 20]) corners.push([at[0] + x, at[1] + y, at[2] + z]);
  return {
    name,
    positions: corners.flatMap(([x, y, z]) => [x / 1000, z / 1000, -y / 1000]),
    indices: [0, 2, 1, 1, 2, 3, 4, 5, 6, 5, 7, 6, 0, 1, 4, 1, 5, 4, 2, 6, 3, 3, 6, 7, 0, 4, 2, 2, 4, 6, 1, 3, 5, 3, 7, 5],
    ...(stress && { vonMises: corners.map(([, , z]) => stress(z)), displacement: corners.flatMap(([, , z]) => [0.1 * z, 0, 0]) }),
  };
}
