/** Whether an element can have the focus now. */
const usable = (element: HTMLElement) => element.isConnected && !(element as HTMLButtonElement).disabled;

/**
 * Keeps the focus near its place. Where the element that has it goes from the page, or is switched off, a browser lets it
 * fall to the beginning of the page; here it goes to the nearest part around the place that can take it, so that the next
 * Tab goes on from there. Returns how to end it.
 */
export function keepFocus(): () => void {
  let path: HTMLElement[] = [];
  let waiting = 0;
  const remember = ({ target }: FocusEvent) => {
    path = [];
    for (let at = target instanceof HTMLElement ? target : null; at; at = at.parentElement) path.push(at);
  };
  const left = ({ target }: FocusEvent) =>
    // a person who leaves it leaves it where it is
    queueMicrotask(() => {
      if (path[0] === target && path[0] && usable(path[0])) path = [];
    });
  const look = () => {
    waiting = 0;
    const [lost, ...around] = path;
    const active = document.activeElement;
    if (!lost || usable(lost) || (active && active !== document.body && active !== lost)) return;
    path = [];
    around.find((element) => element.hasAttribute("tabindex") && usable(element))?.focus({ preventScroll: true });
  };
  const observer = new MutationObserver(() => {
    if (path.length > 0 && waiting === 0) waiting = requestAnimationFrame(look);
  });
  observer.observe(document.body, { subtree: true, childList: true, attributeFilter: ["disabled"] });
  document.addEventListener("focusin", remember);
  document.addEventListener("focusout", left);
  return () => {
    observer.disconnect();
    cancelAnimationFrame(waiting);
    document.removeEventListener("focusin", remember);
    document.removeEventListener("focusout", left);
  };
}
