// Before the first paint: the theme that this browser was last set to, unless the page brings the person's own.
(() => {
  const root = document.documentElement;
  if (root.dataset.theme || document.cookie.includes("theme=auto")) return;
  try {
    const kept = localStorage.getItem("theme");
    if (kept === "light" || kept === "dark") root.dataset.theme = kept;
  } catch {
    // Storage is switched off: the system's theme is used.
  }
})();
