// Sets the theme before the first paint, so that nobody sees a flash of the other one.
(function () {
  var choice = "system";
  try {
    choice = JSON.parse(localStorage.getItem("brick.settings") || "{}").state.theme || "system";
  } catch {
    /* no stored settings */
  }
  var dark = choice === "dark" || (choice === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
