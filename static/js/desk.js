/* The sorting desk, quick: decisions are shown at once, kept on this computer until the server has them, and sent in order.
   Everything here presses the page's own buttons; without this file they are plain forms. */
(() => {
  const AHEAD_LOW = 5;
  const POLL = 1000;
  const RETRY = [1000, 2000, 4000, 8000, 15000];
  const LONG_TEXT = 420;
  // After these the next entry comes; after others the editor stays with this one.
  const MOVES_ON = new Set(["place", "set_aside", "merge", "file"]);

  const codePoints = (text) => Array.from(text).length;

  function uuid() {
    if (window.crypto.randomUUID) return window.crypto.randomUUID();
    const bytes = window.crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }

  class DeskController extends window.StimulusModule.Controller {
    static targets = [
      "alike", "coverage", "filters", "help", "merge", "mergeWords", "nextText", "notice", "noticeText", "others",
      "preview", "reasonOther", "said", "setAside", "stage", "state", "targets", "undo", "words",
    ];

    static values = {
      decide: String,
      entries: String,
      since: String,
      alike: String,
      context: String,
      seq: Number,
      user: Number,
      event: Number,
      filters: String,
      show: String,
    };

    connect() {
      this.form = document.getElementById("decide");
      this.store = `desk-outbox:${this.eventValue}:${this.userValue}`;
      this.outbox = this.readOutbox();
      this.trail = [];
      this.at = -1;
      this.ahead = [];
      this.decided = new Set();
      this.isLast = false;
      this.failures = 0;
      this.noticed = "";
      this.marks = [];
      this.onKey = (event) => this.key(event);
      window.addEventListener("keydown", this.onKey, true);
      const card = this.stageTarget.querySelector("[data-entry]");
      if (card) {
        this.trail.push(this.cardOf(card));
        this.at = 0;
        this.prepare();
      }
      this.fill();
      this.send();
      this.timer = window.setInterval(() => this.poll(), POLL);
    }

    disconnect() {
      window.removeEventListener("keydown", this.onKey, true);
      window.clearInterval(this.timer);
    }

    get current() {
      return this.trail[this.at];
    }

    // Cards

    cardOf(element) {
      return {
        id: Number(element.dataset.entry),
        version: Number(element.dataset.version),
        disposition: element.dataset.disposition,
        suggestions: this.suggestionsOnPage(),
        html: element.outerHTML,
      };
    }

    suggestionsOnPage() {
      const found = {};
      for (const button of this.element.querySelectorAll(".desk-target[data-suggested]")) {
        found[button.dataset.point] = button.dataset.suggested;
      }
      return found;
    }

    show(card) {
      this.stageTarget.innerHTML = card.html;
      this.element.querySelector(".desk-entry").scrollTop = 0;
      this.prepare();
      this.suggest();
      this.closeTools({ toEntry: true });
      this.preview();
      const address = new URL(window.location.href);
      address.search = `?${this.filtersValue}&entry=${card.id}`;
      window.history.replaceState(null, "", address);
    }

    /** Make the card on the stage ready for marking. */
    prepare() {
      this.marks = [];
      this.caret = this.anchor = null;
      this.isMarking = false;
      this.text = this.stageTarget.querySelector("[data-text]");
      this.lines = [];
      if (!this.text) return;
      this.text.toggleAttribute("data-long", this.text.textContent.length > LONG_TEXT);
      for (const element of this.text.querySelectorAll("p")) {
        const runs = [...element.childNodes].map((node) => ({
          text: node.textContent,
          role: node.nodeType === Node.ELEMENT_NODE ? node.className : "",
        }));
        this.lines.push({ element, start: Number(element.dataset.start), text: element.textContent, runs });
      }
    }

    suggest() {
      const suggestions = this.current?.suggestions || {};
      for (const button of this.element.querySelectorAll(".desk-target")) {
        const ordinal = suggestions[button.dataset.point];
        const words = button.querySelector(".desk-target__suggested");
        if (ordinal) button.dataset.suggested = ordinal;
        else delete button.dataset.suggested;
        words.textContent = ordinal ? `Suggested ${ordinal}` : "";
      }
      for (const button of this.element.querySelectorAll("[data-strip]")) {
        const ordinal = suggestions[button.dataset.strip];
        if (ordinal) button.dataset.suggested = ordinal;
        else delete button.dataset.suggested;
      }
    }

    preview() {
      const next = this.trail[this.at + 1] || this.ahead[0];
      if (!this.hasNextTextTarget) return;
      if (next) this.nextTextTarget.textContent = next.opening || "";
      else if (this.isLast) this.nextTextTarget.textContent = "This is the last one here.";
    }

    update(cards) {
      for (const card of cards || []) {
        for (const list of [this.trail, this.ahead]) {
          const index = list.findIndex((one) => one.id === card.id);
          if (index >= 0) list[index] = { ...list[index], ...card };
        }
        for (const command of this.outbox) {
          const named = command.fields.find(([name, value]) => name === "entry" && value.split(":")[0] === String(card.id));
          if (named) named[1] = `${card.id}:${card.version}`;
        }
      }
    }

    async fill() {
      if (this.isFilling || this.isLast || this.ahead.length >= AHEAD_LOW) return;
      this.isFilling = true;
      const last = this.ahead.at(-1) || this.trail.at(-1);
      const skip = [...new Set([...this.decided, ...this.ahead.map((one) => one.id), this.current?.id ?? ""])].join(",");
      try {
        let cards = last && !this.wrapped ? await this.fetchCards(`after=${last.id}&skip=${skip}`) : [];
        if (!cards.length) {
          // The end of the list: go on with what was passed over before.
          this.wrapped = true;
          cards = await this.fetchCards(`skip=${[...new Set([...this.decided, ...this.seenIds()])].join(",")}`);
        }
        const known = new Set([...this.seenIds(), ...this.decided]);
        cards = cards.filter((card) => !known.has(card.id));
        if (cards.length) this.ahead.push(...cards);
        else this.isLast = true;
        this.preview();
        if (this.isWaiting && this.ahead.length) {
          this.isWaiting = false;
          this.step(1);
        } else if (this.isWaiting && this.isLast) {
          this.isWaiting = false;
          this.empty();
        }
      } catch {
        // Asked again with the next news.
      } finally {
        this.isFilling = false;
      }
    }

    seenIds() {
      return [...this.trail, ...this.ahead].map((one) => one.id);
    }

    async fetchCards(query) {
      const response = await window.fetch(`${this.entriesValue}?${this.filtersValue}&${query}`, {
        headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" },
      });
      if (!response.ok) throw new Error(`${response.status}`);
      return (await response.json()).cards;
    }

    step(direction) {
      if (direction < 0) {
        if (this.at > 0) {
          this.at -= 1;
          this.show(this.current);
          this.refresh(this.current.id);
        } else if (this.current) {
          this.fetchBefore();
        }
        return;
      }
      if (this.at < this.trail.length - 1) {
        this.at += 1;
        this.show(this.current);
        this.refresh(this.current.id);
      } else if (this.ahead.length) {
        this.trail.push(this.ahead.shift());
        this.at = this.trail.length - 1;
        this.show(this.current);
      } else if (this.isLast) {
        this.empty();
      } else {
        this.isWaiting = true;
      }
      this.fill();
    }

    async fetchBefore() {
      try {
        const cards = await this.fetchCards(`before=${this.current.id}`);
        if (cards.length && this.at === 0) {
          this.trail.unshift(cards[0]);
          this.show(this.current);
        }
      } catch {
        this.notify("No signal: the entry before cannot be shown now.");
      }
    }

    /** Bring a card up to date that somebody may have decided about since it was shown. */
    async refresh(id) {
      try {
        const cards = await this.fetchCards(`ids=${id}`);
        const before = this.current;
        this.update(cards);
        if (cards.length && this.current?.id === id && before.version !== cards[0].version && !this.marks.length) {
          this.show(this.current);
        }
      } catch {
        // It is shown as it was.
      }
    }

    empty() {
      const left = this.current && !this.decided.has(this.current.id) && this.current.disposition === "undecided";
      if (this.showValue !== "undecided" || left) return;
      this.stageTarget.innerHTML = '<div class="desk-empty"><p class="desk-empty__words"></p></div>';
      this.stageTarget.querySelector("p").textContent = "Nothing here is undecided.";
      this.at = this.trail.length;
      this.text = null;
      if (this.hasNextTextTarget) this.nextTextTarget.textContent = "This was the last one here.";
    }

    // Deciding

    submit(event) {
      const form = event.target;
      if (form.matches("[data-merge-search]")) {
        event.preventDefault();
        this.loadAlike();
        return;
      }
      if (form !== this.form) return;
      event.preventDefault();
      let button = event.submitter;
      if (!button || button.value === "nothing") {
        // Enter in a field: press the button that belongs to it.
        button = document.activeElement?.closest(".desk-tool__panel")?.querySelector(".desk-button--filled");
        if (!button) return;
      }
      this.decide(button);
    }

    decide(button) {
      const data = new FormData(this.form, button);
      const what = data.get("place") ? "place" : data.get("excerpt") ? "take_back" : data.get("do");
      const isTyped = Boolean(data.get("quote")?.trim());
      if (what === "undo") {
        this.undo();
        return;
      }
      const card = this.current;
      if (!card || !data.get("entry")) return;
      if (what === "merge" && !data.get("into")) {
        this.notify("Choose the entry to merge into.");
        return;
      }
      if (what !== "merge") data.delete("into");
      if (what !== "set_aside") {
        data.delete("reason");
        data.delete("reason_other");
      }
      if (what !== "place" && what !== "excerpt") {
        data.delete("quote");
        data.delete("spans");
      }
      if (what !== "theme") data.delete("theme");
      if (what === "file" && !data.get("proposition")) {
        this.notify("Choose the proposition to move it to.");
        return;
      }
      if (what !== "file") data.delete("proposition");
      if (what === "excerpt" && !isTyped && !data.get("spans")) {
        this.notify("Mark the words first.");
        return;
      }
      data.set("entry", `${card.id}:${card.version}`);
      const movesOn = MOVES_ON.has(what) && !isTyped;
      this.enqueue(data, { what, entry: card.id, movesOn, wasUndecided: card.disposition === "undecided" });
      if (this.hasReasonOtherTarget) this.reasonOtherTarget.value = "";
      if (movesOn) this.moveOn(button, card);
    }

    moveOn(button, card) {
      this.decided.add(card.id);
      const label = button.querySelector(".desk-target__number")?.textContent || button.textContent.trim();
      if (card.disposition === "undecided" && button.value !== "file") this.countDown(1);
      this.saidTarget.textContent = button.name === "place" ? `Placed under point ${label}.` : `${label}: done.`;
      if (button.dataset.point) {
        button.dataset.chosen = "";
        window.setTimeout(() => delete button.dataset.chosen, 240);
      }
      this.step(1);
    }

    countDown(by) {
      const number = this.element.querySelector("[data-undecided]");
      if (number) number.textContent = String(Math.max(0, Number(number.textContent) - by));
    }

    undo() {
      const last = this.outbox.at(-1);
      if (last && !last.isSending) {
        // It never left this computer: it is as if it had not been decided.
        this.outbox.pop();
        this.writeOutbox();
        this.decided.delete(last.entry);
        if (last.movesOn && last.wasUndecided) this.countDown(-1);
        this.goTo(last.entry);
        this.saidTarget.textContent = "Undone.";
        this.tell();
        return;
      }
      const data = new FormData(this.form);
      for (const name of ["entry", "spans", "quote", "into", "reason", "reason_other", "role"]) data.delete(name);
      data.set("do", "undo");
      this.enqueue(data, { what: "undo" });
    }

    goTo(id) {
      const index = this.trail.findIndex((one) => one.id === id);
      if (index >= 0) {
        this.at = index;
        this.show(this.current);
      }
    }

    enqueue(data, command) {
      data.set("batch", uuid());
      data.set("filters", this.filtersValue);
      // What is decided with a notice in sight has answered it: the notice goes when this one has arrived.
      this.outbox.push({ ...command, notice: this.noticed, fields: [...data.entries()] });
      this.writeOutbox();
      this.send();
    }

    readOutbox() {
      try {
        return (JSON.parse(window.localStorage.getItem(this.store)) || []).map((one) => ({ ...one, isSending: false }));
      } catch {
        return [];
      }
    }

    writeOutbox() {
      try {
        window.localStorage.setItem(this.store, JSON.stringify(this.outbox));
      } catch {
        // Storage is full or forbidden: the decisions live as long as this page.
      }
    }

    /** Send what is kept, one after the other. Whatever fails to arrive stays and is sent again. */
    async send() {
      if (this.isSendingNow || !this.outbox.length) {
        this.tell();
        return;
      }
      this.isSendingNow = true;
      window.clearTimeout(this.retry);
      const command = this.outbox[0];
      command.isSending = true;
      this.tell();
      let answer = null;
      let problem = "";
      try {
        const fields = command.fields.filter(([name]) => name !== "csrfmiddlewaretoken");
        fields.push(["csrfmiddlewaretoken", this.form.elements.csrfmiddlewaretoken.value]);
        const response = await window.fetch(this.decideValue, {
          method: "POST",
          body: new URLSearchParams(fields),
          headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" },
        });
        if (response.headers.get("Content-Type")?.includes("application/json")) answer = await response.json();
        else problem = response.status === 403 || response.redirected ? "signed-out" : "server";
      } catch {
        problem = "offline";
      }
      this.isSendingNow = false;
      if (!answer) {
        command.isSending = false;
        this.failures += 1;
        this.problem = problem;
        this.tell();
        this.retry = window.setTimeout(() => this.send(), RETRY[Math.min(this.failures, RETRY.length) - 1]);
        return;
      }
      this.failures = 0;
      this.problem = "";
      this.outbox.shift();
      this.update(answer.cards);
      this.writeOutbox();
      if (answer.ok) this.accepted(command, answer);
      else this.refused(command, answer);
      if (!this.outbox.length) this.panels(answer.panels);
      this.send();
      this.fill();
    }

    accepted(command, answer) {
      this.savedAt = answer.at;
      if (command.notice && command.notice === this.noticed) this.closeNotice();
      if (this.hasUndoTarget) this.undoTarget.disabled = !answer.can_undo;
      if (command.what === "undo") {
        for (const card of answer.cards) {
          this.decided.delete(card.id);
          if (!this.trail.some((one) => one.id === card.id)) this.trail.splice(this.at, 0, card);
        }
        this.isLast = false;
        if (answer.cards.length) this.goTo(answer.cards[0].id);
        this.saidTarget.textContent = "Undone.";
      } else if (!command.movesOn && this.current?.id === command.entry) {
        if (MOVES_ON.has(command.what)) {
          this.decided.add(command.entry);
          this.step(1);
        } else {
          this.show(this.current);
        }
      }
    }

    refused(command, answer) {
      this.decided.delete(command.entry);
      this.notify(answer.message, command.entry);
      // The words were refused: bring back the entry, with what was typed.
      if (answer.code === "quote") {
        const quote = command.fields.find(([name]) => name === "quote")?.[1];
        this.goTo(command.entry);
        if (quote) {
          const typed = this.stageTarget.querySelector(".desk-typed");
          typed.open = true;
          typed.querySelector("textarea").value = quote;
          typed.querySelector("textarea").focus();
        }
      } else if (this.current?.id === command.entry) {
        this.show(this.current);
      }
    }

    tell() {
      const kept = this.outbox.length;
      const state = this.stateTarget;
      state.removeAttribute("data-state");
      const decisions = `${kept} decision${kept === 1 ? " is" : "s are"} kept on this computer`;
      if (this.problem && kept) {
        state.dataset.state = "offline";
        if (this.problem === "offline") state.textContent = `No signal. ${decisions} and will be sent.`;
        else if (this.problem === "signed-out") state.textContent = `You are signed out. ${decisions}: sign in again in another tab.`;
        else state.textContent = `The server does not answer. ${decisions} and will be sent.`;
      } else if (kept) {
        state.textContent = "Saving…";
      } else {
        state.textContent = this.savedAt ? `Saved ${this.savedAt}` : "";
      }
    }

    online() {
      this.send();
      this.fill();
    }

    // The others

    async poll() {
      if (document.hidden || this.isPolling) return;
      this.isPolling = true;
      try {
        const query = `${this.filtersValue}&after=${this.seqValue}&entry=${this.current?.id ?? ""}`;
        const response = await window.fetch(`${this.sinceValue}?${query}`, {
          headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" },
        });
        if (response.ok) this.news(await response.json());
      } catch {
        // The outbox says when there is no signal.
      } finally {
        this.isPolling = false;
      }
    }

    news(answer) {
      this.seqValue = answer.seq;
      const others = answer.others.length
        ? `${answer.others.join(", ")} ${answer.others.length === 1 ? "is" : "are"} sorting too`
        : "";
      if (this.othersTarget.textContent !== others) this.othersTarget.textContent = others;
      const changed = new Set(answer.changed || []);
      if (changed.size) {
        this.ahead = this.ahead.filter((card) => !changed.has(card.id));
        this.isLast = false;
        if (this.current && changed.has(this.current.id)) {
          const sentence = answer.sentences?.[this.current.id];
          if (sentence) this.notify(sentence);
          this.refresh(this.current.id);
        }
        this.preview();
      }
      if (answer.panels && !this.outbox.length) this.panels(answer.panels);
      if (this.ahead.length < AHEAD_LOW) this.fill();
    }

    panels(panels) {
      if (!panels) return;
      const focused = document.activeElement;
      const point = focused?.dataset?.point;
      const link = focused?.closest?.(".desk-filters, .desk-coverage") && focused.getAttribute("href");
      this.coverageTarget.innerHTML = panels.coverage;
      this.filtersTarget.innerHTML = panels.filters;
      if (this.hasTargetsTarget) this.targetsTarget.innerHTML = panels.targets;
      // What is done with all of a filter says how many it means, and is refused if they have become others.
      for (const said of this.element.querySelectorAll("[data-in-filter]")) said.textContent = panels.in_filter;
      for (const field of this.element.querySelectorAll("[data-bulk] [name=count]")) field.value = panels.in_filter;
      this.suggest();
      if (point) this.element.querySelector(`.desk-target[data-point="${point}"]`)?.focus();
      else if (link) [...this.element.querySelectorAll("a")].find((one) => one.getAttribute("href") === link)?.focus();
    }

    notify(message) {
      this.noticed = uuid();
      this.noticeTextTarget.textContent = message;
      this.noticeTarget.hidden = false;
    }

    closeNotice() {
      this.noticed = "";
      this.noticeTarget.hidden = true;
    }

    // Keys

    key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (this.helpTarget.open) return;
      const where = event.target;
      const isField = where.matches?.("textarea, select, input:not([type=radio])") || where.isContentEditable;
      if (event.key === "Escape") {
        if (this.escape(where)) this.handled(event);
        return;
      }
      if (isField) return;
      if (this.isMarking) {
        if (this.markKey(event)) this.handled(event);
        return;
      }
      const panel = where.closest?.(".desk-tool__panel");
      if (panel && event.key === "Enter" && where.matches("input[type=radio]")) {
        this.handled(event);
        panel.querySelector(".desk-button--filled").click();
        return;
      }
      if (where.matches?.("input[type=radio]") && event.key.startsWith("Arrow")) return;
      if (event.shiftKey && event.key !== "?" && event.key !== "*") return;
      if (this.shortcut(event.key)) this.handled(event);
    }

    handled(event) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }

    shortcut(key) {
      if (/^[1-9]$/.test(key)) {
        if (this.setAsideTarget.open) {
          const reasons = this.setAsideTarget.querySelectorAll("input[name=reason]");
          const reason = reasons[Number(key) - 1];
          if (!reason) return false;
          reason.checked = true;
          this.setAsideTarget.querySelector(".desk-button--filled").click();
          return true;
        }
        if (this.mergeTarget.open) {
          // Never a point while one looks for the entry to merge into: a number is that of a candidate, or nothing.
          const candidate = this.mergeTarget.querySelectorAll("input[name=into]")[Number(key) - 1];
          if (candidate) {
            candidate.checked = true;
            candidate.focus();
          }
          return true;
        }
        this.element.querySelector(`.desk-target[data-position="${key}"]`)?.click();
        return true;
      }
      switch (key.toLowerCase()) {
        case "m":
          this.openMerge();
          return true;
        case "s":
          this.setAsideTarget.open = !this.setAsideTarget.open;
          return true;
        case "u":
          this.undo();
          return true;
        case "j":
          this.step(1);
          return true;
        case "k":
          this.step(-1);
          return true;
        case "e":
          this.startMarking();
          return true;
        case "r":
          return this.nextRole();
        case "c":
          this.openContext();
          return true;
        case "*":
          this.stageTarget.querySelector("[value=star], [value=unstar]")?.click();
          return true;
        case "/":
          this.wordsTarget.focus();
          this.wordsTarget.select();
          return true;
        case "?":
          this.openHelp();
          return true;
        default:
          return false;
      }
    }

    escape(where) {
      if (this.isMarking) {
        this.stopMarking();
        return true;
      }
      if (this.mergeTarget.open || this.setAsideTarget.open) {
        this.closeTools();
        return true;
      }
      if (where.matches?.("input, textarea")) {
        where.blur();
        return true;
      }
      if (this.marks.length) {
        this.clearMarks();
        return true;
      }
      if (!this.noticeTarget.hidden) {
        this.closeNotice();
        return true;
      }
      return false;
    }

    openHelp() {
      this.helpTarget.showModal();
    }

    // Merging and setting aside

    openMerge() {
      if (!this.current) return;
      this.mergeTarget.open = !this.mergeTarget.open;
    }

    toolToggled(event) {
      const tool = event.target;
      if (!tool.open) return;
      if (tool === this.mergeTarget) {
        this.mergeWordsTarget.value = "";
        this.loadAlike().then(() => tool.querySelector("input[name=into]")?.focus());
      } else {
        const first = tool.querySelector("input[name=reason]");
        first.checked = true;
        first.focus();
      }
      tool.scrollIntoView({ block: "nearest" });
    }

    /** Close Merge and Set aside. Left with Escape, focus returns to what opened them; with a new entry it goes
     *  there, where an Enter too many opens nothing and the next digit is a point's again. */
    closeTools({ toEntry = false } = {}) {
      const held = document.activeElement?.closest?.(".desk-tool");
      this.mergeTarget.open = false;
      this.setAsideTarget.open = false;
      if (held) (toEntry ? this.stageTarget : held.querySelector("summary")).focus({ preventScroll: true });
    }

    searchAlike() {
      window.clearTimeout(this.searching);
      this.searching = window.setTimeout(() => this.loadAlike(), 200);
    }

    async loadAlike() {
      const query = new URLSearchParams({ entry: this.current?.id ?? "", merge: this.mergeWordsTarget.value });
      try {
        const response = await window.fetch(`${this.alikeValue}?${query}`, {
          headers: { "X-Requested-With": "XMLHttpRequest" },
        });
        if (response.ok) this.alikeTarget.innerHTML = await response.text();
      } catch {
        this.notify("No signal: entries like this one cannot be looked up now.");
      }
    }

    async openContext(event) {
      event?.preventDefault();
      const around = this.stageTarget.querySelector("[data-around]");
      if (!around) return;
      if (!around.hidden) {
        around.hidden = true;
        return;
      }
      try {
        const response = await window.fetch(`${this.contextValue}?entry=${this.current.id}`, {
          headers: { "X-Requested-With": "XMLHttpRequest" },
        });
        if (!response.ok) return;
        around.innerHTML = await response.text();
        around.hidden = false;
        around.scrollIntoView({ block: "nearest" });
      } catch {
        this.notify("No signal: what was said around it cannot be shown now.");
      }
    }

    // Dragging: the entry's handle onto what has a button anyway

    dragStarted(event) {
      if (!event.target.closest?.("[data-grip]")) return;
      event.dataTransfer.setData("text/x-entry", String(this.current?.id ?? ""));
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setDragImage(this.stageTarget.querySelector(".desk-card"), 20, 20);
      this.element.dataset.dragging = "";
    }

    dragOver(event) {
      if (this.element.dataset.dragging === undefined) return;
      const over = this.dropTarget(event.target);
      if (this.over && this.over !== over) delete this.over.dataset.over;
      this.over = over;
      if (!over) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "move";
      over.dataset.over = "";
    }

    dragEnded() {
      delete this.element.dataset.dragging;
      if (this.over) delete this.over.dataset.over;
      this.over = null;
    }

    dropTarget(element) {
      return element.closest?.(".desk-target, .desk-strip__point, .desk-tool > summary, [data-theme]") || null;
    }

    dropped(event) {
      const onto = this.element.dataset.dragging === undefined ? null : this.dropTarget(event.target);
      this.dragEnded();
      if (!onto) return;
      event.preventDefault();
      if (onto.matches("summary")) {
        onto.parentElement.open = true;
      } else if (onto.dataset.theme) {
        const choice = this.stageTarget.querySelector("select[name=theme]");
        choice.value = onto.dataset.theme;
        this.stageTarget.querySelector("[name=do][value=theme]").click();
      } else {
        onto.click();
      }
    }

    // Marking words

    mouseMarked(event) {
      if (!this.text || event.target.closest?.("button, a, input, label, summary, textarea")) return;
      const marked = this.selected();
      if (!marked) return;
      this.addMark(marked, event.ctrlKey || event.metaKey || event.shiftKey);
      window.getSelection().removeAllRanges();
    }

    /** On a phone the selection has handles that painting would take away: only the bar appears. */
    touchMarked() {
      if (!window.matchMedia("(pointer: coarse)").matches || !this.text) return;
      window.clearTimeout(this.touching);
      this.touching = window.setTimeout(() => {
        const marked = this.selected();
        if (!marked) return;
        this.marks = [marked];
        this.bar();
      }, 350);
    }

    selected() {
      const selection = window.getSelection();
      if (!selection.rangeCount || selection.isCollapsed) return null;
      const range = selection.getRangeAt(0);
      if (!this.text.contains(range.startContainer) && !this.text.contains(range.endContainer)) {
        if (!range.intersectsNode(this.text) || !this.text.contains(range.commonAncestorContainer)) return null;
      }
      const words = this.wordList().filter((word) => {
        const line = this.lines[word.line];
        const probe = document.createRange();
        const [startNode, startOffset] = this.nodeAt(line.element, word.from);
        const [endNode, endOffset] = this.nodeAt(line.element, word.to);
        probe.setStart(startNode, startOffset);
        probe.setEnd(endNode, endOffset);
        return (
          range.compareBoundaryPoints(Range.END_TO_START, probe) < 0 &&
          range.compareBoundaryPoints(Range.START_TO_END, probe) > 0
        );
      });
      return words.length ? [words[0].start, words.at(-1).end] : null;
    }

    nodeAt(element, offset) {
      const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
      let node = walker.nextNode();
      let left = offset;
      while (node && left > node.length) {
        left -= node.length;
        node = walker.nextNode();
      }
      return node ? [node, left] : [element, element.childNodes.length];
    }

    /** Every word of the text: its line, its place in the line (UTF-16), and its place in the whole (characters). */
    wordList() {
      const words = [];
      this.lines.forEach((line, index) => {
        for (const match of line.text.matchAll(/\S+/g)) {
          const start = line.start + codePoints(line.text.slice(0, match.index));
          words.push({
            line: index,
            from: match.index,
            to: match.index + match[0].length,
            start,
            end: start + codePoints(match[0]),
            text: match[0],
          });
        }
      });
      return words;
    }

    addMark([start, end], isMore) {
      const others = isMore ? this.marks.filter(([from, to]) => to < start || from > end) : [];
      this.marks = [...others, [start, end]].sort((one, other) => one[0] - other[0]);
      this.paint();
      this.bar();
    }

    clearMarks() {
      this.marks = [];
      this.paint();
      this.bar();
    }

    bar() {
      const bar = this.stageTarget.querySelector("[data-excerpt]");
      if (!bar) {
        if (this.marks.length) this.notify("These words are not to be quoted. The entry can be placed, and counts.");
        this.marks = [];
        this.paint();
        return;
      }
      bar.hidden = !this.marks.length;
      bar.querySelector("input[name=spans]").value = this.marks.length ? JSON.stringify(this.marks) : "";
    }

    nextRole() {
      const roles = [...this.stageTarget.querySelectorAll("input[name=role]")];
      if (!this.marks.length || !roles.length) return false;
      const next = roles[(roles.findIndex((one) => one.checked) + 1) % roles.length];
      next.checked = true;
      this.paint();
      this.saidTarget.textContent = `The excerpt ${next.parentElement.textContent.trim()}.`;
      return true;
    }

    roleChanged(event) {
      if (event.target.name === "role") this.paint();
    }

    startMarking() {
      if (!this.text || !this.lines.length) return;
      this.words = this.wordList();
      this.isMarking = true;
      this.caret = 0;
      this.anchor = null;
      this.text.dataset.marking = "";
      this.text.focus({ preventScroll: true });
      this.saidTarget.textContent =
        "Marking. Arrow keys to the first word, Shift with arrow keys to the last, Enter to keep, Escape to leave.";
      this.paint();
    }

    stopMarking() {
      this.isMarking = false;
      this.caret = this.anchor = null;
      if (this.text) delete this.text.dataset.marking;
      this.paint();
    }

    markKey(event) {
      const last = this.words.length - 1;
      const moves = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: "down", ArrowUp: "up", Home: "first", End: "last" };
      const move = moves[event.key];
      if (move !== undefined) {
        if (event.shiftKey && this.anchor === null) this.anchor = this.caret;
        if (!event.shiftKey && !this.isAnchored) this.anchor = null;
        if (move === "first") this.caret = 0;
        else if (move === "last") this.caret = last;
        else if (typeof move === "string") this.caret = this.wordInLine(move);
        else this.caret = Math.min(last, Math.max(0, this.caret + move));
        this.saidTarget.textContent = this.words[this.caret].text;
        this.paint();
        return true;
      }
      if (event.key === " ") {
        this.anchor = this.caret;
        this.isAnchored = true;
        return true;
      }
      if (event.key === "Enter") {
        const first = Math.min(this.anchor ?? this.caret, this.caret);
        const final = Math.max(this.anchor ?? this.caret, this.caret);
        const mark = [this.words[first].start, this.words[final].end];
        this.isAnchored = false;
        this.stopMarking();
        this.addMark(mark, true);
        this.saidTarget.textContent = `Marked: ${this.words.slice(first, final + 1).map((word) => word.text).join(" ")}`;
        return true;
      }
      // Another key leaves marking and keeps its own meaning.
      if (/^[1-9mksujrc?/]$/i.test(event.key)) {
        this.stopMarking();
        return this.shortcut(event.key);
      }
      return false;
    }

    /** The word nearest below or above the caret, as shown on this screen. */
    wordInLine(direction) {
      const rects = this.words.map((word) => {
        const range = document.createRange();
        const line = this.lines[word.line];
        const [startNode, startOffset] = this.nodeAt(line.element, word.from);
        const [endNode, endOffset] = this.nodeAt(line.element, word.to);
        range.setStart(startNode, startOffset);
        range.setEnd(endNode, endOffset);
        return range.getClientRects()[0] || range.getBoundingClientRect();
      });
      const here = rects[this.caret];
      const middle = here.left + here.width / 2;
      const beyond = rects
        .map((rect, index) => ({ rect, index }))
        .filter(({ rect }) => (direction === "down" ? rect.top > here.top + 4 : rect.top < here.top - 4));
      if (!beyond.length) return direction === "down" ? this.words.length - 1 : 0;
      const tops = beyond.map(({ rect }) => rect.top);
      const line = direction === "down" ? Math.min(...tops) : Math.max(...tops);
      const nearest = beyond.filter(({ rect }) => Math.abs(rect.top - line) < 4);
      const distance = ({ rect }) => Math.abs(rect.left + rect.width / 2 - middle);
      return nearest.reduce((best, one) => (distance(one) < distance(best) ? one : best)).index;
    }

    /** Draw the text again with its excerpts, the marks and the caret. Words only ever go in as text. */
    paint() {
      if (!this.text) return;
      const role = this.stageTarget.querySelector("input[name=role]:checked")?.value || "supports";
      const drawn = this.marks.map(([start, end]) => ({ start, end, name: `desk-mark desk-mark--${role}` }));
      if (this.isMarking) {
        const first = Math.min(this.anchor ?? this.caret, this.caret);
        const final = Math.max(this.anchor ?? this.caret, this.caret);
        drawn.push({
          start: this.words[first].start,
          end: this.words[final].end,
          name: "desk-mark desk-mark--caret",
        });
      }
      for (const line of this.lines) {
        const characters = Array.from(line.text);
        const names = new Array(characters.length).fill("");
        let at = 0;
        for (const run of line.runs) {
          for (const _ of run.text) names[at++] = run.role;
        }
        for (const { start, end, name } of drawn) {
          for (let place = Math.max(start - line.start, 0); place < Math.min(end - line.start, names.length); place++) {
            names[place] = name;
          }
        }
        const nodes = [];
        let from = 0;
        while (from < characters.length) {
          let to = from + 1;
          while (to < characters.length && names[to] === names[from]) to += 1;
          const text = document.createTextNode(characters.slice(from, to).join(""));
          if (names[from]) {
            const mark = document.createElement("mark");
            mark.className = names[from];
            mark.append(text);
            nodes.push(mark);
          } else {
            nodes.push(text);
          }
          from = to;
        }
        line.element.replaceChildren(...nodes);
      }
    }
  }

  window.wagtail.app.register("desk", DeskController);
})();
