// <live-tail>: rows as they come and change, without moving what somebody reads.
//
//   src       the stream; fragment: where rows come from as HTML (?ids=a,b,c); target: the rows' parent
//   since     the cursor of the moment at which the page was made
//   data-*    its words, in the reader's language
//
// Rows carry data-id and stand newest first. The stream is closed while the page is hidden.
"use strict";

(() => {
  const GATHER_MS = 150;      // events of a burst become one request
  const SILENT_MS = 40_000;   // the server says something every 15 seconds
  const RETRY_MS = [2_000, 5_000, 10_000];
  const POLL_MS = 10_000;
  const AGAIN_MS = 60_000;    // from polling back to the stream
  const AT_ONCE = 50;         // rows of one request
  const MOST_ROWS = 200;      // rows that a growing list keeps
  const NEAR_TOP = 80;        // pixels scrolled that still count as the top

  customElements.define("live-tail", class extends HTMLElement {
    connectedCallback() {
      if (!this.words) this.build();
      this.last = this.last ?? this.getAttribute("since") ?? "";
      this.changed = this.changed ?? new Map();
      this.unseen = this.unseen ?? new Set();
      this.failures = 0;
      this.paused = false;
      this.leaving = new AbortController();
      const options = { signal: this.leaving.signal };
      document.addEventListener("visibilitychange", () => (document.hidden ? this.rest() : this.go()), options);
      window.addEventListener("pagehide", () => this.rest(), options);
      window.addEventListener("pageshow", (event) => event.persisted && this.go(), options);
      this.toggle.addEventListener("click", () => this.pause(!this.paused), options);
      this.more.addEventListener("click", () => this.showUnseen(), options);
      this.go();
    }

    disconnectedCallback() {
      this.leaving.abort();
      this.rest();
    }

    build() {
      this.words = this.querySelector(".live span");
      this.light = this.querySelector(".live");
      this.toggle = this.querySelector("[data-toggle]");
      this.more = this.querySelector("[data-more]");
      this.toggle.hidden = false;
    }

    say(state, words = this.dataset[state]) {
      this.light.dataset.state = state;
      if (this.words.textContent !== words) this.words.textContent = words;
    }

    // Connections

    go() {
      if (document.hidden || this.paused || this.ended) return;
      this.rest();
      if (!("EventSource" in window)) {
        this.poll();
        return;
      }
      this.say("reconnecting");
      const address = new URL(this.getAttribute("src"), location.href);
      if (this.last) address.searchParams.set("last_id", this.last);
      const stream = new EventSource(address);
      this.stream = stream;
      stream.addEventListener("beat", (event) => this.heard(event));
      stream.addEventListener("row", (event) => {
        this.heard(event);
        const row = JSON.parse(event.data);
        this.changed.set(row.id, row);
        this.gathering = this.gathering || setTimeout(() => this.flush(), GATHER_MS);
      });
      stream.addEventListener("reset", (event) => {
        this.heard(event);
        this.missed = true;
        this.tellUnseen();
      });
      stream.addEventListener("error", () => this.failed());
      this.watch();
    }

    rest() {
      this.stream?.close();
      this.stream = null;
      clearTimeout(this.timer);
      clearTimeout(this.silence);
    }

    heard(event) {
      if (event.lastEventId) this.last = event.lastEventId;
      this.failures = 0;
      this.say("live");
      this.watch();
    }

    // A connection can be dead without telling: no beat is as good as an error.
    watch() {
      clearTimeout(this.silence);
      this.silence = setTimeout(() => this.failed(), SILENT_MS);
    }

    failed() {
      this.rest();
      this.failures += 1;
      if (this.failures > RETRY_MS.length - 1) {
        this.poll();
        return;
      }
      this.say("reconnecting");
      this.timer = setTimeout(() => this.go(), RETRY_MS[this.failures - 1]);
    }

    pause(wanted) {
      this.paused = wanted;
      this.toggle.setAttribute("aria-pressed", String(wanted));
      this.toggle.querySelector("span").textContent = wanted ? this.dataset.resume : this.dataset.pause;
      this.toggle.toggleAttribute("data-paused", wanted);
      if (wanted) {
        this.rest();
        this.say("paused");
      } else {
        this.go();
      }
    }

    // Without a stream: the page itself, every few seconds, until the stream works again

    async poll(until = Date.now() + AGAIN_MS) {
      this.say("polling");
      try {
        const answer = await fetch(location.href, { credentials: "same-origin", cache: "no-store" });
        if (answer.redirected && new URL(answer.url).pathname !== location.pathname) {
          this.ended = true;
          this.say("ended");
          return;
        }
        if (answer.ok) this.takePage(new DOMParser().parseFromString(await answer.text(), "text/html"));
      } catch {
        this.say("reconnecting");
      }
      if (document.hidden || this.paused || !this.isConnected) return;
      this.timer = setTimeout(() => {
        if (Date.now() < until || !("EventSource" in window)) this.poll(until);
        else this.go();
      }, POLL_MS);
    }

    takePage(page) {
      const fresh = page.querySelector(this.getAttribute("target"));
      for (const row of fresh ? [...fresh.querySelectorAll(":scope > [data-id]")].reverse() : []) this.place(row);
      this.tellUnseen();
    }

    // Rows

    get list() {
      return document.querySelector(this.getAttribute("target"));
    }

    shown(id) {
      return this.list?.querySelector(`:scope > [data-id="${CSS.escape(id)}"]`);
    }

    // Whether rows may be put in at the top without moving what somebody reads.
    get roomy() {
      const list = this.list;
      if (!list || new URLSearchParams(location.search).has("cursor")) return false;
      const reading = list.contains(document.activeElement) || document.getSelection()?.toString();
      return window.scrollY < NEAR_TOP && !reading;
    }

    // Whether nobody types, reads or has gone elsewhere in the list.
    get idle() {
      const typing = document.activeElement?.matches("input, textarea, select");
      return !typing && window.scrollY < NEAR_TOP && !new URLSearchParams(location.search).has("cursor");
    }

    async flush() {
      this.gathering = null;
      const waiting = [...this.changed.values()];
      this.changed.clear();
      const roomy = this.roomy;
      const wanted = [];
      for (const row of waiting) {
        if (this.shown(row.id)) wanted.push(row.id);
        else if (this.belongs(row)) (roomy ? wanted.push(row.id) : this.unseen.add(row.id));
      }
      await this.bring(wanted);
      this.tellUnseen();
    }

    // A row of another state is of no use to a list of one state; one from below the list's end neither.
    belongs(row) {
      const state = new URLSearchParams(location.search).get("state");
      if (state && row.state && !state.split(",").includes(row.state)) return false;
      const rows = this.list ? [...this.list.querySelectorAll(":scope > [data-id]")] : [];
      return row.change === "new" || rows.length === 0 || row.id > rows.at(-1).dataset.id;
    }

    async bring(ids) {
      const newest = [...ids].sort().reverse().slice(0, AT_ONCE);
      if (newest.length === 0) return;
      const address = new URL(this.getAttribute("fragment"), location.href);
      address.searchParams.set("ids", newest.join(","));
      try {
        const answer = await fetch(address, {
          credentials: "same-origin", cache: "no-store", headers: { "HX-Request": "true" },
        });
        if (!answer.ok) throw new Error(String(answer.status));
        const made = document.createElement("template");
        made.innerHTML = await answer.text();
        for (const row of [...made.content.querySelectorAll("[data-id]")].reverse()) this.place(row);
      } catch {
        this.missed = true;
      }
    }

    place(row) {
      const list = this.list;
      const id = row.dataset.id;
      const present = this.shown(id);
      if (!list) {
        this.unseen.add(id);
        return;
      }
      if (present) {
        if (present.contains(document.activeElement) || present.isEqualNode(row)) return;
        for (const kept of ["aria-selected"]) {
          if (present.hasAttribute(kept)) row.setAttribute(kept, present.getAttribute(kept));
        }
        const box = present.querySelector("input[type=checkbox]:checked");
        present.replaceWith(row);
        if (box) row.querySelector("input[type=checkbox]")?.setAttribute("checked", "");
        window.htmx?.process(row);
        return;
      }
      if (!this.roomy) {
        this.unseen.add(id);
        return;
      }
      const rows = [...list.querySelectorAll(":scope > [data-id]")];
      const next = rows.find((each) => each.dataset.id < id);
      row.classList.add("new");
      if (next) next.before(row);
      else list.append(row);
      window.htmx?.process(row);
      this.unseen.delete(id);
      for (const extra of [...list.querySelectorAll(":scope > [data-id]")].slice(MOST_ROWS)) extra.remove();
    }

    // What is not shown yet

    tellUnseen() {
      const count = this.unseen.size;
      if (count > 0 && !this.list && this.idle) {
        location.reload(); // an empty page becomes a list
        return;
      }
      this.more.hidden = count === 0 && !this.missed;
      this.more.textContent = this.missed ? this.dataset.missed : this.dataset.new.replace("{n}", count);
    }

    async showUnseen() {
      const elsewhere = new URL(location.href);
      if (this.missed || !this.list || elsewhere.searchParams.has("cursor") || this.unseen.size > AT_ONCE) {
        elsewhere.searchParams.delete("cursor");
        location.assign(elsewhere);
        return;
      }
      window.scrollTo({ top: 0 });
      document.activeElement?.blur();
      document.getSelection()?.removeAllRanges();
      const ids = [...this.unseen];
      this.unseen.clear();
      await this.bring(ids);
      this.tellUnseen();
      this.list.querySelector("a.row")?.focus({ preventScroll: true });
    }
  });
})();
