import { setConsoleFunction } from "three";

/** @react-three/fiber makes a Clock of three's for its own use and can't be told not to; it tells the reader of the page nothing. */
const OF_FIBER = /^THREE\.Clock: /;

/** What three.js says goes to the console as ever, but for the one notice that nobody of this page can act on. */
setConsoleFunction((kind: "log" | "warn" | "error", message: string, ...more: unknown[]) => {
  if (kind === "warn" && OF_FIBER.test(message)) return;
  console[kind](message, ...more);
});
