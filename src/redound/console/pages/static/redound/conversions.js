// The bar above the list: says what is selected, what it is worth, and how many postbacks each button sends.
"use strict";

{
  const form = document.querySelector("#bulk");
  const words = document.querySelector("#bulk-words");
  const WAIT_MS = 150;
  let timer = 0;
  let asked = 0;

  const nothing = words.innerHTML;

  function allow(may) {
    for (const button of form.querySelectorAll("button")) button.disabled = !may;
  }

  const boxes = () => [...document.querySelectorAll('input[name="ids"][form="bulk"]')];

  function mark() {
    const chosen = boxes().filter((box) => box.checked);
    for (const box of boxes()) {
      if (box.checked) box.closest("tr").setAttribute("aria-selected", "true");
      else box.closest("tr").removeAttribute("aria-selected");
    }
    form.classList.toggle("on", chosen.length > 0);
    if (chosen.length === 0) {
      words.innerHTML = nothing;
      allow(false);
    }
    return chosen.length;
  }

  // What was said is not true of another selection: the buttons wait for the new number.
  async function count() {
    const mine = ++asked;
    try {
      const answer = await fetch(form.dataset.count, { method: "POST", body: new FormData(form) });
      if (mine !== asked) return;
      if (answer.ok) words.innerHTML = await answer.text();
    } finally {
      if (mine === asked) allow(true);
    }
  }

  function changed() {
    clearTimeout(timer);
    asked += 1;
    if (mark() === 0) return;
    allow(false);
    timer = setTimeout(count, WAIT_MS);
  }

  document.addEventListener("change", (event) => {
    if (event.target.name === "ids" || event.target.dataset.checkAll === "ids") changed();
  });
  document.addEventListener("htmx:afterSettle", changed);
  form.addEventListener("submit", () => {
    form.elements.back.value = location.pathname + location.search;
  });
  changed();
}
