// The frame's behaviour: theme, palette, keys, toasts, copying, relative times, tabs, drawers.
// Light-DOM custom elements without a build step; every page works without them.
"use strict";

const first = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// Toasts

const TOAST_MS = 4500;

function toast(text, kind = "ok") {
  const shown = document.createElement("div");
  shown.className = kind === "bad" ? "toast bad" : "toast";
  shown.textContent = text;
  first("#toasts").append(shown);
  setTimeout(() => shown.remove(), TOAST_MS);
}

document.addEventListener("toast", (event) => toast(event.detail.text, event.detail.kind));
document.addEventListener("htmx:sendError", () => toast(navigator.onLine ? "✕" : "offline", "bad"));

// <copy-button data-copy="…"> or <copy-button for="#element">

customElements.define("copy-button", class extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", async () => {
      const text = this.dataset.copy ?? first(this.getAttribute("for"))?.textContent ?? "";
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        this.copyBySelection(text);
      }
      toast(this.dataset.done || "✓");
    });
  }

  // Without https browsers offer no clipboard.
  copyBySelection(text) {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "vh";
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
});

// <time-ago at="2026-11-20T10:00:00.000+00:00">

const UNITS = [[60, "second", 1], [3600, "minute", 60], [86400, "hour", 3600], [2592000, "day", 86400]];

customElements.define("time-ago", class extends HTMLElement {
  connectedCallback() {
    this.absolute = this.textContent;
    this.tick();
    this.timer = setInterval(() => this.tick(), 10000);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  tick() {
    const seconds = (new Date(this.getAttribute("at")) - Date.now()) / 1000;
    const unit = UNITS.find(([bound]) => Math.abs(seconds) < bound);
    if (!unit) {
      this.textContent = this.absolute;
      return;
    }
    const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto", style: "short" });
    this.textContent = words.format(Math.round(seconds / unit[2]), unit[1]);
  }
});

// Palette: pages by name, anything else is traced

const palette = first("dialog.cmd");

function openPalette() {
  const input = first("input", palette);
  input.value = "";
  filterPalette("");
  palette.showModal();
  input.focus();
}

function options() {
  return all("[role=option]", palette).filter((option) => !option.hidden);
}

function choose(option) {
  for (const each of all("[role=option]", palette)) each.setAttribute("aria-selected", String(each === option));
  first("input", palette).setAttribute("aria-activedescendant", option ? option.id : "");
  option?.scrollIntoView({ block: "nearest" });
}

function filterPalette(typed) {
  const words = typed.trim().toLowerCase();
  for (const option of all("[role=option]:not([data-trace])", palette)) {
    option.hidden = !option.textContent.toLowerCase().includes(words);
  }
  const trace = first("[data-trace]", palette);
  const link = first("a", trace);
  trace.hidden = words === "";
  first("b", trace).textContent = typed.trim();
  link.search = new URLSearchParams({ q: typed.trim() }).toString();
  const found = options();
  first(".none", palette).hidden = found.length > 1 || words === "";
  choose(found[0]);
}

if (palette) {
  const input = first("input", palette);
  input.addEventListener("input", () => filterPalette(input.value));
  palette.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    const found = options();
    const at = found.findIndex((option) => option.getAttribute("aria-selected") === "true");
    choose(found[(at + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length]);
  });
  first("form", palette).addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = first("[role=option][aria-selected=true]:not([hidden]) a", palette);
    if (chosen) location.href = chosen.href;
  });
  palette.addEventListener("click", (event) => {
    if (event.target === palette) palette.close();
  });
}

// Theme

function toggleTheme() {
  const root = document.documentElement;
  const present = root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  root.dataset.theme = present === "dark" ? "light" : "dark";
  document.cookie = `theme=${root.dataset.theme};path=/;max-age=31536000;samesite=lax`;
  try {
    localStorage.setItem("theme", root.dataset.theme);
  } catch {
    // The cookie keeps it.
  }
  const token = JSON.parse(document.body.getAttribute("hx-headers") || "{}");
  const body = new URLSearchParams({ theme: root.dataset.theme });
  fetch("/preferences/", { method: "POST", headers: token, body, redirect: "manual" }).catch(() => {});
}

// Tabs inside a page: [data-tabs] holds [role=tab] and [role=tabpanel]

function showTab(tab) {
  const group = tab.closest("[data-tabs]");
  for (const each of all("[role=tab]", group)) {
    each.setAttribute("aria-selected", String(each === tab));
    each.tabIndex = each === tab ? 0 : -1;
  }
  for (const panel of all("[role=tabpanel]", group)) panel.hidden = panel.id !== tab.getAttribute("aria-controls");
}

// Drawers: .split holds the list and #drawer; [data-close] closes it

function closeDrawer() {
  const split = first(".split.open");
  if (!split) return;
  split.classList.remove("open");
  const drawer = first("#drawer", split);
  drawer.hidden = true;
  drawer.replaceChildren();
  const chosen = first("tr[aria-selected=true] a.row");
  for (const row of all("tr[aria-selected]")) row.removeAttribute("aria-selected");
  chosen?.focus();
  const list = split.dataset.list;
  if (list) history.replaceState(null, "", list);
}

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id !== "drawer") return;
  event.target.hidden = false;
  event.target.closest(".split")?.classList.add("open");
  for (const row of all("tr[aria-selected]")) row.removeAttribute("aria-selected");
  event.detail.requestConfig?.elt?.closest("tr")?.setAttribute("aria-selected", "true");
});

document.addEventListener("click", (event) => {
  const target = event.target;
  if (target.closest("[data-palette]")) {
    event.preventDefault();
    openPalette();
  } else if (target.closest("[data-theme-toggle]")) {
    toggleTheme();
  } else if (target.closest("[data-close]")) {
    closeDrawer();
  } else if (target.closest("[data-menu]")) {
    const open = first(".side").classList.toggle("open");
    target.closest("[data-menu]").setAttribute("aria-expanded", String(open));
  } else if (target.closest("[role=tab]")) {
    showTab(target.closest("[role=tab]"));
  }
});

// [data-confirm] asks before its form is sent

document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (question && !confirm(question)) event.preventDefault();
});

// [data-check-all="name"] checks every box of that name

document.addEventListener("change", (event) => {
  const name = event.target.dataset.checkAll;
  if (!name) return;
  for (const box of all(`input[type=checkbox][name="${name}"]`)) {
    if (box.checked === event.target.checked) continue;
    box.checked = event.target.checked;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  }
});

// Keys

function moveRow(step) {
  const rows = all("a.row");
  if (rows.length === 0) return;
  const at = rows.indexOf(document.activeElement);
  const next = at === -1 ? 0 : Math.max(0, Math.min(rows.length - 1, at + step));
  rows[next].focus();
}

const KEYS = {
  j: () => moveRow(1),
  k: () => moveRow(-1),
  r: () => location.reload(),
  "/": () => first("input.search")?.focus(),
  "?": () => first("dialog.help")?.showModal(),
  Escape: closeDrawer,
};

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && palette) {
    event.preventDefault();
    if (!palette.open) openPalette();
    return;
  }
  const tab = event.target.closest?.("[role=tab]");
  if (tab && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
    const tabs = all("[role=tab]", tab.closest("[role=tablist]"));
    const next = tabs[(tabs.indexOf(tab) + (event.key === "ArrowRight" ? 1 : -1) + tabs.length) % tabs.length];
    next.focus();
    showTab(next);
    return;
  }
  const typing = event.target.matches?.("input:not([type=checkbox]):not([type=radio]), textarea, select");
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (typing && event.key !== "Escape") return;
  const act = KEYS[event.key];
  if (!act) return;
  if (event.key !== "Escape") event.preventDefault();
  act();
});
