/**
 * The perceptual scale "dawn" of the dossier's pictures (backend/engine/render/colormap.py, even steps in OKLab),
 * sampled at 33 stations: violet for nothing, yellow for much. Lightness rises all the way, so that it also reads in
 * grey and without colour vision.
 */
const STATIONS =
  "3f1e6e3f27783e2f833c378d39409735499e2e53a2235ca51865a5116ea30976a1027e9f00869b068d970f9592169c8d1ca38823aa8233b07b43b77352bd6b62c36373c85a85cd5298d24aabd643bed93ccfdd36e0e132eee637f8ed4bfaf06efff585";

type Rgb = [number, number, number];

const COLORS: Rgb[] = Array.from({ length: STATIONS.length / 6 }, (_, index) => {
  const hex = STATIONS.slice(index * 6, index * 6 + 6);
  return [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as Rgb;
});

/** Beyond the top of a fixed range. Not on the scale, so that nobody takes it for a value. */
export const OVER_COLOR: Rgb = [224, 36, 62];

/** sRGB 0..255 at a place 0..1 of the scale. */
export function colorAt(place: number): Rgb {
  const at = Math.min(1, Math.max(0, place)) * (COLORS.length - 1);
  const low = Math.floor(at);
  const share = at - low;
  const [a, b] = [COLORS[low], COLORS[Math.min(low + 1, COLORS.length - 1)]];
  if (!a || !b) return [0, 0, 0];
  return [0, 1, 2].map((channel) => Math.round((a[channel] ?? 0) * (1 - share) + (b[channel] ?? 0) * share)) as Rgb;
}

/** 256 RGBA texels. */
export function lookupTable(): Uint8Array {
  const texels = new Uint8Array(256 * 4);
  for (let index = 0; index < 256; index += 1) texels.set([...colorAt(index / 255), 255], index * 4);
  return texels;
}

/** A CSS gradient of the scale, smooth or in bands. */
export function cssGradient(direction: string, bands = 0): string {
  const stops: string[] = [];
  const css = (place: number) => `rgb(${colorAt(place).join(" ")})`;
  if (bands > 0) {
    for (let band = 0; band < bands; band += 1) {
      stops.push(`${css((band + 0.5) / bands)} ${(100 * band) / bands}% ${(100 * (band + 1)) / bands}%`);
    }
  } else {
    for (let index = 0; index <= 16; index += 1) stops.push(`${css(index / 16)} ${(100 * index) / 16}%`);
  }
  return `linear-gradient(${direction}, ${stops.join(", ")})`;
}

/** Round numbers between two ends, both ends included: about `count` of them. */
export function ticks(low: number, high: number, count = 5): number[] {
  if (!(high > low)) return [low];
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 2.5, 5, 10].find((nice) => nice * power >= raw) ?? 10) * power;
  const values = [low];
  for (let value = Math.ceil(low / step) * step; value < high; value += step) {
    // not so near an end that the two labels would touch
    if (value - low > 0.6 * step && high - value > 0.6 * step) values.push(Math.abs(value) < step * 1e-9 ? 0 : value);
  }
  values.push(high);
  return values;
}
