import { cleanup, configure } from "@testing-library/react";
import { afterEach, beforeEach } from "vitest";

// how long a busy machine may take to show something: no test judges a speed by it
configure({ asyncUtilTimeout: 10_000 });

beforeEach(() => {
  localStorage.clear();
});
afterEach(() => {
  cleanup();
});
