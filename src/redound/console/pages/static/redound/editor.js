// The editor's behaviour: the highlighted URL, macros inserted at the caret, corrections with one click.
// Without it the same form is sent and comes back with everything that is to be said.
"use strict";

(() => {
  const MACRO = /\{([^{}\s]*)\}|([?&])([\w.\-[\]]+)=/g;

  function changed(field) {
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function setUrl(text) {
    const field = document.getElementById("url");
    if (!field) return;
    field.value = text;
    changed(field);
  }

  // <macro-editor data-known="names …"> holds a textarea, the layer .hl beneath it, and chips

  customElements.define("macro-editor", class extends HTMLElement {
    connectedCallback() {
      this.field = this.querySelector("textarea");
      this.layer = this.querySelector(".hl");
      this.known = new Set(this.dataset.known.split(" "));
      this.field.addEventListener("input", () => this.paint());
      this.field.addEventListener("scroll", () => { this.layer.scrollTop = this.field.scrollTop; });
      this.field.addEventListener("keydown", (event) => {
        if (event.key === "Enter") event.preventDefault();
      });
      this.classList.add("on");
      this.paint();
    }

    isKnown(written) {
      const name = written.split("|")[0];
      return this.known.has(name) || (name.startsWith("param.") && name.length > 6);
    }

    // What the linter underlines: [start, end, class] of the text that it saw.
    spans() {
      const said = document.getElementById("lint");
      if (!said || said.dataset.url !== this.field.value) return [];
      return [...said.querySelectorAll("li[data-span]")].flatMap((item) => {
        const [start, end] = item.dataset.span.split("-").map(Number);
        const kind = item.classList.contains("error") ? "e" : item.classList.contains("warning") ? "w" : "";
        return kind && end > start ? [[start, end, kind]] : [];
      });
    }

    kinds(text) {
      const kinds = new Array(text.length).fill("");
      for (const [start, end, kind] of this.spans()) kinds.fill(kind, start, end);
      const used = new Set();
      for (const found of text.matchAll(MACRO)) {
        if (found[1] === undefined) {
          for (let at = found.index; at < found.index + found[0].length; at += 1) kinds[at] ||= "p";
          continue;
        }
        const ours = this.isKnown(found[1]);
        if (ours) used.add(found[1].split("|")[0]);
        kinds.fill(ours ? "m" : "x", found.index, found.index + found[0].length);
      }
      return [kinds, used];
    }

    paint() {
      const text = this.field.value;
      const [kinds, used] = this.kinds(text);
      const pieces = [];
      for (let at = 0, end = 0; at < text.length; at = end) {
        while (end < text.length && kinds[end] === kinds[at] && !(end > at && kinds[at] === "m" && text[end] === "{")) end += 1;
        const piece = document.createElement("span");
        piece.className = kinds[at];
        piece.textContent = text.slice(at, end);
        pieces.push(piece);
      }
      this.layer.replaceChildren(...pieces, "\u200b");
      for (const chip of this.querySelectorAll("[data-macro]")) {
        const on = used.has(chip.dataset.macro);
        chip.classList.toggle("used", on);
        chip.setAttribute("aria-pressed", String(on));
      }
    }
  });

  // Chips go into the template that was written in last

  let target = null;
  document.addEventListener("focusin", (event) => {
    if (event.target.matches("[data-template]")) target = event.target;
  });

  function insert(name) {
    const field = target?.isConnected ? target : document.getElementById("url");
    field.focus();
    field.setRangeText(`{${name}}`, field.selectionStart, field.selectionEnd, "end");
    changed(field);
  }

  // Blanks of a template: the URL is put together anew as long as nobody changed it by hand

  let composed = "";

  function cleaned(word, value) {
    let text = value.trim().replace(/^https?:\/\//i, "");
    if (["DOMAIN", "SUB", "TENANT"].includes(word)) text = text.split(/[/?#]/)[0];
    return text.replace(/^[/ ]+|[/ ]+$/g, "");
  }

  function compose(blanks) {
    let url = blanks.dataset.template;
    for (const input of blanks.querySelectorAll("[data-blank]")) {
      const word = input.dataset.blank;
      url = url.split(word).join(cleaned(word, input.value) || word);
    }
    return url;
  }

  function fill(blanks) {
    const field = document.getElementById("url");
    const untouched = field.value === composed || field.value === blanks.dataset.template;
    composed = compose(blanks);
    if (!untouched || field.value === composed) return;
    field.value = composed;
    changed(field);
  }

  // A correction was made for the URL that was checked. If that has changed since, only what differs is put in.

  function correct(wanted) {
    const text = document.getElementById("url").value;
    const checked = document.getElementById("lint").dataset.url;
    if (text === checked) return setUrl(wanted);
    let start = 0;
    while (start < checked.length && checked[start] === wanted[start]) start += 1;
    let left = 0;
    const most = Math.min(checked.length, wanted.length) - start;
    while (left < most && checked.at(-1 - left) === wanted.at(-1 - left)) left += 1;
    const before = checked.slice(start, checked.length - left);
    const at = before ? text.indexOf(before) : -1;
    if (at === -1 || at !== text.lastIndexOf(before)) return;
    setUrl(text.slice(0, at) + wanted.slice(start, wanted.length - left) + text.slice(at + before.length));
  }

  // A row of the URL's table: its value is put back into the URL, though that may have changed meanwhile

  function placeOf(input, text) {
    const [start, end] = input.dataset.row.split("-").map(Number);
    const before = [...text].slice(0, start).join("");
    if (text.slice(before.length).startsWith(input.defaultValue)) return before.length;
    const assigned = `=${input.defaultValue}`;
    const at = text.indexOf(assigned);
    return end > start && at !== -1 && at === text.lastIndexOf(assigned) ? at + 1 : -1;
  }

  function putBack(input) {
    const text = document.getElementById("url").value;
    const at = placeOf(input, text);
    if (at === -1) return;
    setUrl(text.slice(0, at) + input.value + text.slice(at + input.defaultValue.length));
  }

  function addPair(noun) {
    const rows = document.querySelector(`[data-pairs="${noun}"]`);
    const row = rows.lastElementChild.cloneNode(true);
    const number = rows.children.length;
    for (const input of row.querySelectorAll("input")) {
      input.name = input.name.replace(/-\d+-/, `-${number}-`);
      if (input.type === "checkbox") input.checked = false;
      else input.value = "";
    }
    rows.append(row);
    row.querySelector("input").focus();
  }

  function narrow(input) {
    const words = input.value.trim().toLowerCase();
    for (const item of input.nextElementSibling.children) {
      const chosen = item.querySelector("input")?.checked;
      item.hidden = !chosen && !item.textContent.toLowerCase().includes(words);
    }
  }

  document.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-macro]");
    const fix = event.target.closest("[data-fix]");
    const add = event.target.closest("[data-add-pair]");
    if (chip) {
      insert(chip.dataset.macro);
    } else if (fix) {
      event.preventDefault();
      correct(fix.dataset.fix);
      document.getElementById("url").focus();
    } else if (add) {
      event.preventDefault();
      addPair(add.dataset.addPair);
    }
  });

  document.addEventListener("input", (event) => {
    const input = event.target;
    if (input.matches("[data-row], [data-filter]")) event.stopPropagation();
    if (input.matches("[data-filter]")) narrow(input);
    if (input.matches("[data-blank]")) fill(input.closest("#blanks"));
  }, true);

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-row]")) {
      event.stopPropagation();
      putBack(event.target);
    } else if (event.target.matches("#editor [name=affiliate_id]")) {
      event.stopPropagation();
      document.getElementById("refresh").click();
    }
  }, true);

  // What a button asks for goes before what is said while somebody types

  let busy = null;

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.matches("#editor button")) {
      busy = event.detail.xhr;
      document.getElementById("editor").dispatchEvent(new Event("htmx:abort"));
    } else if (busy && event.detail.elt.id === "editor") {
      event.preventDefault();
    }
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.xhr === busy) busy = null;
  });

  // A row of the table that somebody is writing in is not taken away
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const row = document.activeElement;
    if (event.detail.target.id === "parse" && row?.matches("[data-row]") && row.value !== row.defaultValue) {
      event.detail.shouldSwap = false;
    }
  });

  function begin() {
    const blanks = document.getElementById("blanks");
    composed = blanks ? compose(blanks) : "";
  }

  document.addEventListener("htmx:afterSwap", () => document.querySelector("macro-editor")?.paint?.());
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "editor") return;
    begin();
    document.querySelector("#blanks [autofocus]:placeholder-shown")?.focus();
  });
  begin();
})();
