/** GLSL of the scene. Colours are display-referred: what the legend shows is what the surface shows. */

export const VERTEX = /* glsl */ `
attribute float vonMises;
attribute vec3 displacement;
uniform float uDeform;
uniform int uField;
varying vec3 vNormalView;
varying float vUp;
varying float vScalar;
#include <clipping_planes_pars_vertex>
void main() {
  vec3 moved = position + displacement * uDeform;
  vec4 mvPosition = modelViewMatrix * vec4(moved, 1.0);
  vNormalView = normalMatrix * normal;
  vUp = normal.z;
  vScalar = uField == 2 ? length(displacement) : vonMises;
  gl_Position = projectionMatrix * mvPosition;
  #include <clipping_planes_vertex>
}`;

export const SURFACE_FRAGMENT = /* glsl */ `
uniform vec3 uColor;
uniform float uOpacity;
uniform int uField; // 0 none, 1 von Mises, 2 displacement, 3 safety factor
uniform float uMin;
uniform float uMax;
uniform float uStrength; // yield strength, for the safety factor
uniform float uBands;
uniform vec3 uOver;
uniform sampler2D uLut;
varying vec3 vNormalView;
varying float vUp;
varying float vScalar;
#include <clipping_planes_pars_fragment>
void main() {
  #include <clipping_planes_fragment>
  vec3 n = normalize(vNormalView) * (gl_FrontFacing ? 1.0 : -1.0);
  vec3 color;
  if (uField == 0) {
    float key = max(dot(n, normalize(vec3(0.35, 0.65, 0.70))), 0.0);
    float fill = max(dot(n, normalize(vec3(-0.75, 0.1, 0.55))), 0.0);
    float sky = 0.5 + 0.5 * vUp * (gl_FrontFacing ? 1.0 : -1.0);
    float shine = pow(max(dot(n, normalize(vec3(0.20, 0.36, 0.92))), 0.0), 36.0);
    color = uColor * (0.34 + 0.46 * key + 0.17 * fill + 0.15 * sky) + 0.14 * shine;
  } else {
    float span = max(uMax - uMin, 1e-12);
    float value = uField == 3 ? uStrength / max(vScalar, 1e-9) : vScalar;
    float t = (value - uMin) / span;
    // a small safety factor is what matters: it takes the bright end
    if (uField == 3) t = 1.0 - t;
    bool over = t > 1.0005;
    t = clamp(t, 0.0, 1.0);
    if (uBands > 0.5) t = (min(floor(t * uBands), uBands - 1.0) + 0.5) / uBands;
    color = over ? uOver : texture2D(uLut, vec2(t * 255.0 / 256.0 + 0.5 / 256.0, 0.5)).rgb;
    color *= mix(0.86, 1.0, clamp(n.z, 0.0, 1.0)); // a hint of form, weak enough to leave values readable
  }
  gl_FragColor = vec4(color, uOpacity);
}`;

export const LINE_FRAGMENT = /* glsl */ `
uniform vec3 uColor;
uniform float uOpacity;
#include <clipping_planes_pars_fragment>
void main() {
  #include <clipping_planes_fragment>
  gl_FragColor = vec4(uColor, uOpacity);
}`;

/** The cut surface, hatched as on a drawing; the spacing is in screen pixels. */
export const CAP_FRAGMENT = /* glsl */ `
uniform vec3 uColor;
uniform vec3 uHatch;
uniform float uPixel;
#include <clipping_planes_pars_fragment>
void main() {
  #include <clipping_planes_fragment>
  float stripe = abs(fract((gl_FragCoord.x + gl_FragCoord.y) / (9.0 * uPixel)) - 0.5);
  gl_FragColor = vec4(mix(uHatch, uColor, smoothstep(0.05, 0.12, stripe)), 1.0);
}`;

export const CAP_VERTEX = /* glsl */ `
#include <clipping_planes_pars_vertex>
void main() {
  vec4 mvPosition = modelViewMatrix * vec4(position, 1.0);
  gl_Position = projectionMatrix * mvPosition;
  #include <clipping_planes_vertex>
}`;

export const GRID_VERTEX = /* glsl */ `
varying vec2 vPlace;
void main() {
  vPlace = position.xy;
  gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
}`;

export const GRID_FRAGMENT = /* glsl */ `
uniform vec3 uColor;
uniform float uCell;
uniform float uRadius;
uniform vec2 uCenter;
varying vec2 vPlace;
float line(float cell) {
  vec2 at = vPlace / cell;
  vec2 near = abs(fract(at - 0.5) - 0.5) / max(fwidth(at), 1e-6);
  return 1.0 - min(min(near.x, near.y), 1.0);
}
void main() {
  float fade = 1.0 - smoothstep(0.35, 1.0, length(vPlace - uCenter) / uRadius);
  float strength = max(line(uCell) * 0.35, line(uCell * 5.0) * 0.8);
  gl_FragColor = vec4(uColor, strength * fade * 0.55);
}`;
