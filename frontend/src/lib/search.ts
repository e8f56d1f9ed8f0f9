/**
 * The parameters of the address as they are now. react-router hands an update those of the last render, so that of two
 * updates in one event the first would be lost.
 */
export function latest(params: URLSearchParams): URLSearchParams {
  return new URLSearchParams(window.location.pathname.startsWith("/p/") ? window.location.search : params);
}
