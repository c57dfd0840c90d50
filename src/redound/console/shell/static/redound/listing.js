// Lists: clean addresses, popovers that close, a moment that goes into its filter.
"use strict";

// Filters that are not set stay out of the address.
document.addEventListener("htmx:configRequest", (event) => {
  if (!event.target.closest?.("#list") || event.detail.verb !== "get") return;
  const given = event.detail.formData;
  for (const [name, value] of [...given.entries()]) {
    if (value === "") given.delete(name);
  }
  const columns = given.getAll("cols");
  if (columns.length > 1) given.set("cols", columns.join(","));
});

document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details.pop[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && event.target.closest?.("details.pop[open]");
  if (!open) return;
  event.stopPropagation();
  open.open = false;
  open.querySelector("summary").focus();
}, { capture: true });

// A date and time becomes an option of the filter before it, which is then chosen.
document.addEventListener("change", (event) => {
  const into = event.target.dataset?.into;
  if (!into) return;
  event.stopPropagation();
  const select = document.getElementById(into);
  if (event.target.value === "") return;
  select.append(new Option(event.target.value, event.target.value, true, true));
  select.dispatchEvent(new Event("change", { bubbles: true }));
}, { capture: true });
