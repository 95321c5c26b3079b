/**
 * The sorting desk, quick: decisions are shown at once, kept on this computer until the server has them, and sent in
 * order. Everything here presses the page's own buttons; without this file they are plain forms.
 */
import { Deck } from "./desk/deck.js";
import { Dragging } from "./desk/dragging.js";
import { ask, showLook } from "./desk/looks.js";
import { Marking } from "./desk/marking.js";
import { Outbox, uuid } from "./desk/outbox.js";

const POLL = 700;
const AJAX = { "X-Requested-With": "XMLHttpRequest" };
const JSON_PLEASE = { Accept: "application/json", ...AJAX };
// After these the next entry comes; after others the editor stays with this one.
const NOT_TAKEN = { ok: false, code: "lost", message: "The server cannot take this decision: what it was about is gone." };
const MOVES_ON = new Set(["place", "set_aside", "merge", "file"]);
// A key pressed this soon after somebody else's decision was on its way before anybody could read of it.
const REACTION = 800;
// Held down, these would decide about one entry after the other.
const ONCE = /^[1-9cemrsu*]$/i;

class DeskController extends window.StimulusModule.Controller {
  static targets = [
    "alike", "back", "coverage", "filters", "help", "merge", "mergeWords", "next", "nextText", "notice", "noticeText", "others",
    "preview", "reasonOther", "said", "setAside", "shown", "stage", "state", "targets", "undo", "words",
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
    readOnly: Boolean,
    place: Number,
    total: Number,
  };

  connect() {
    this.form = document.getElementById("decide");
    this.noticed = "";
    this.passedOver = new Set();
    // What is typed of an entry to be quoted, while another stands on the stage.
    this.typed = new Map();
    this.marking = new Marking(this.stageTarget, {
      say: (words) => this.say(words),
      refuse: (message) => this.notify(message),
      shortcut: (key) => this.shortcut(key),
    });
    this.dragging = new Dragging(this.element, { dropped: (onto) => this.droppedOn(onto) });
    this.outbox = new Outbox(`desk-outbox:${this.eventValue}:${this.userValue}`, {
      deliver: (command) => this.deliver(command),
      arrived: (command, answer) => this.arrived(command, answer),
      changed: () => this.tell(),
    });
    this.deck = new Deck({
      fetchCards: (query) => this.fetchCards(query),
      show: (card) => this.show(card),
      mayShow: () => !this.marking.marks.length,
      isIdle: () => !this.isBusy,
      looked: () => this.ahead(),
      ended: () => this.empty(),
      failed: (message) => this.notify(message),
    });
    this.onKey = (event) => this.key(event);
    window.addEventListener("keydown", this.onKey, true);
    this.onLeave = (event) => this.leave(event);
    window.addEventListener("beforeunload", this.onLeave);
    // What is said before the name of the entry that comes next.
    this.lead = "";
    const card = this.stageTarget.querySelector("[data-entry]");
    if (card) {
      this.deck.begin(this.cardOf(card), { isFirst: this.backTarget.hidden });
      this.marking.prepare();
      this.shown = this.current.id;
    }
    this.deck.fill();
    this.outbox.send();
    this.timer = window.setInterval(() => this.poll(), POLL);
  }

  disconnect() {
    window.removeEventListener("keydown", this.onKey, true);
    window.removeEventListener("beforeunload", this.onLeave);
    window.clearInterval(this.timer);
  }

  get current() {
    return this.deck.current;
  }

  /** Whether the editor is at something that drawing the entry again would take from under their hands. */
  get isBusy() {
    if (this.marking.isActive || this.marking.marks.length || this.mergeTarget.open || this.setAsideTarget.open) return true;
    return Boolean(this.stageTarget.querySelector("details[open], [data-around]:not([hidden])"));
  }

  say(words) {
    this.saidTarget.textContent = words;
  }

  /** Say what was done; an entry that comes with it says its name in the same breath. */
  tellOf(words, move) {
    this.say(words);
    this.lead = words;
    move();
    this.lead = "";
  }

  /** Say which entry has come, once: what is only drawn again is no news. */
  announce(card) {
    if (this.shown === card.id) return;
    this.shown = card.id;
    const first = this.stageTarget.querySelector("[data-text] p")?.textContent.trim().split(/\s+/) || ["Erased"];
    const words = `${first.slice(0, 10).join(" ")}${first.length > 10 ? " …" : ""}`;
    this.say(`${this.lead} Entry${this.placeOf()}: ${words}`.trim());
  }

  /** Where the entry stands among those that the filter held when the page was opened. */
  placeOf() {
    const total = this.totalValue;
    let place = this.placeValue && this.placeValue + this.deck.way;
    if (place < 1 || (place > total && this.deck.hasWrapped)) place = ((place - 1 + total) % total) + 1;
    return this.placeValue && place <= total ? ` ${place} of ${total}` : "";
  }

  /** Decisions that wait are kept here, and nobody else sees them until this desk is opened again. */
  leave(event) {
    if (this.outbox.isStuck) event.preventDefault();
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
    this.keepTyped();
    this.stageTarget.innerHTML = card.html;
    this.bringTyped(card.id);
    this.element.querySelector(".desk-entry").scrollTop = 0;
    this.marking.prepare();
    this.suggest();
    this.closeTools({ toEntry: true });
    this.ahead();
    this.announce(card);
    window.history.replaceState(null, "", this.addressOf(card));
  }

  /** Keep what is typed of the entry that goes from the stage. */
  keepTyped() {
    const id = Number(this.stageTarget.querySelector("[data-entry]")?.dataset.entry);
    const quote = this.stageTarget.querySelector("[data-typed] textarea")?.value;
    if (!quote?.trim()) this.typed.delete(id);
    else this.typed.set(id, { quote, role: this.stageTarget.querySelector("input[name=role]:checked")?.value });
  }

  /** Bring back what was typed of an entry. Answers the field, if there was anything and it may still be quoted. */
  bringTyped(id) {
    const { quote, role } = this.typed.get(id) || {};
    const typed = this.stageTarget.querySelector("[data-typed]");
    if (!quote || !typed) return null;
    const field = typed.querySelector("textarea");
    const chosen = [...this.stageTarget.querySelectorAll("input[name=role]")].find((one) => one.value === role);
    typed.open = true;
    field.value = quote;
    if (chosen) chosen.checked = true;
    return field;
  }

  /** Words that have been quoted are no longer to be typed, unless they have become others. */
  forgetTyped({ entry, fields }) {
    const quote = fields.find(([name]) => name === "quote")?.[1];
    if (!quote) return;
    const same = (words) => words?.trim() === quote.trim();
    if (same(this.typed.get(entry)?.quote)) this.typed.delete(entry);
    const field = this.current?.id === entry && this.stageTarget.querySelector("[data-typed] textarea");
    if (field && same(field.value)) field.value = "";
  }

  /** Where the desk shows a card of this filter. */
  addressOf(card) {
    const address = new URL(window.location.href);
    address.search = `?${this.filtersValue}&entry=${card.id}`;
    return address;
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

  /** Show what comes next, and where J and K would lead. */
  ahead() {
    const { next, previous, isLast, isFirst } = this.deck;
    if (next) this.nextTextTarget.textContent = next.opening || "";
    else if (isLast) this.nextTextTarget.textContent = "This is the last one here.";
    this.point(this.nextTarget, next, isLast);
    this.point(this.backTarget, previous, isFirst);
  }

  /** Have a link point to a card; without one it goes if this is the end, and else stays until the card is here. */
  point(link, card, isEnd) {
    if (card) link.href = this.addressOf(card);
    const isLost = document.activeElement === link && !card && isEnd;
    link.hidden = !card && isEnd;
    if (isLost) this.stageTarget.focus({ preventScroll: true });
  }

  stepOn(event) {
    this.follow(event, 1);
  }

  stepBack(event) {
    this.follow(event, -1);
  }

  /** Step without loading the page, unless the link is to be opened elsewhere. */
  follow(event, direction) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    this.deck.step(direction);
  }

  async fetchCards(query) {
    const response = await window.fetch(`${this.entriesValue}?${this.filtersValue}&${query}`, {
      headers: JSON_PLEASE,
    });
    if (!response.ok) throw new Error(`${response.status}`);
    return (await response.json()).cards;
  }

  empty() {
    const left = this.current && !this.deck.decided.has(this.current.id) && this.current.disposition === "undecided";
    if (this.showValue !== "undecided" || left) return;
    this.keepTyped();
    this.stageTarget.innerHTML = '<div class="desk-empty"><p class="desk-empty__words"></p></div>';
    this.stageTarget.querySelector("p").textContent = "Nothing here is undecided.";
    this.deck.end();
    this.marking.prepare();
    this.ahead();
    this.nextTextTarget.textContent = "This was the last one here.";
    this.shown = null;
    this.say(`${this.lead} Nothing here is undecided.`.trim());
  }

  // Deciding

  submit(event) {
    const form = event.target;
    if (form.matches("[data-merge-search]")) {
      event.preventDefault();
      this.loadAlike();
      return;
    }
    if (form.matches("[data-look-form]")) {
      event.preventDefault();
      this.askForLook(form, event.submitter);
      return;
    }
    if (form.matches("[data-bulk]") && this.outbox.length) {
      // It would go past those that wait, and be about what they have decided already.
      event.preventDefault();
      this.notify("Decisions of yours have not been sent yet. When they are saved, look at the number here and press again.");
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
    if (this.deck.isWaiting && this.deck.decided.has(card.id)) {
      this.notify("The next entry is not here yet, so nothing was decided about it. Press U to undo the last decision.");
      return;
    }
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
    data.set("entry", `${card.id}:${this.versionSeen(card)}`);
    const movesOn = MOVES_ON.has(what) && !isTyped;
    const said = this.outcome(button, { what, isQuoted: isTyped || Boolean(data.get("spans")) });
    this.enqueue(data, { what, entry: card.id, movesOn, said, wasUndecided: card.disposition === "undecided" });
    this.reasonOtherTarget.value = "";
    if (movesOn) this.moveOn(button, card, said);
  }

  /** The version of a card that this editor can have read before deciding about it. */
  versionSeen(card) {
    const { id, version, until } = this.surprise || {};
    return id === card.id && performance.now() < until ? version : card.version;
  }

  /** What a button does to the entry on the stage, in words. */
  outcome(button, { what, isQuoted }) {
    const label = button.querySelector(".desk-target__number")?.textContent || button.textContent.trim();
    const { disposition, position } = this.stageTarget.querySelector("[data-entry]").dataset;
    if (what === "excerpt") return `Quoted under point ${position}.`;
    if (what !== "place") return `${label}: done.`;
    if (!isQuoted) return `Placed under point ${label}.`;
    // Words of one entry may stand under several points; the entry itself stays where it was placed first.
    if (disposition === "merged") return `Quoted under point ${label}. The entry stays merged.`;
    if (disposition === "used" && position !== label) return `Quoted under point ${label}. The entry stays in point ${position}.`;
    return disposition === "used" ? `Quoted under point ${label}.` : `Placed and quoted under point ${label}.`;
  }

  moveOn(button, card, said) {
    this.deck.decided.add(card.id);
    if (card.disposition === "undecided" && button.value !== "file") this.countDown(1);
    if (button.dataset.point) {
      button.dataset.chosen = "";
      window.setTimeout(() => delete button.dataset.chosen, 240);
    }
    this.tellOf(said, () => this.deck.step(1));
  }

  countDown(by) {
    const number = this.element.querySelector("[data-undecided]");
    if (number) number.textContent = String(Math.max(0, Number(number.textContent) - by));
  }

  undo() {
    const last = this.outbox.takeBack();
    if (last) {
      // It never left this computer: it is as if it had not been decided.
      this.deck.decided.delete(last.entry);
      if (last.movesOn && last.wasUndecided) this.countDown(-1);
      this.tellOf("Undone.", () => this.deck.goTo(last.entry));
      this.tell();
      return;
    }
    const data = new FormData(this.form);
    for (const name of ["entry", "spans", "quote", "into", "reason", "reason_other", "role"]) data.delete(name);
    data.set("do", "undo");
    for (const batch of this.passedOver) data.append("passing_over", batch);
    this.enqueue(data, { what: "undo" });
  }

  enqueue(data, command) {
    data.set("batch", uuid());
    data.set("filters", this.filtersValue);
    // What is decided with a notice in sight has answered it: the notice goes when this one has arrived.
    this.outbox.push({
      ...command,
      batch: data.get("batch"),
      // Whichever desk of the event sends it, it is meant for this one.
      to: this.decideValue,
      notice: this.noticed,
      fields: [...data.entries()],
    });
  }

  async deliver({ fields, to }) {
    const body = new URLSearchParams(fields);
    body.set("csrfmiddlewaretoken", this.form.elements.csrfmiddlewaretoken.value);
    try {
      const response = await window.fetch(to, { method: "POST", body, headers: JSON_PLEASE });
      if (response.headers.get("Content-Type")?.includes("application/json")) return { answer: await response.json() };
      if ([400, 404, 413].includes(response.status)) return { answer: { ...NOT_TAKEN, cards: [] } };
      return { problem: response.status === 403 || response.redirected ? "signed-out" : "server" };
    } catch {
      return { problem: "offline" };
    }
  }

  arrived(command, answer) {
    this.deck.update(answer.cards);
    if (answer.ok) answer.cards.forEach((card) => this.outbox.restamp(card));
    if (answer.ok) this.accepted(command, answer);
    else this.refused(command, answer);
    if (!this.outbox.length) this.panels(answer.panels);
    this.deck.fill();
  }

  accepted(command, answer) {
    this.savedAt = answer.at;
    if (command.notice && command.notice === this.noticed) this.closeNotice();
    for (const button of this.undoTargets) button.disabled = !answer.can_undo;
    this.forgetTyped(command);
    if (command.what === "undo") {
      this.tellOf("Undone.", () => this.deck.giveBack(answer.cards));
      return;
    }
    // Made before this page was opened: it has been ahead of the stage ever since, or stands on it.
    if (command.isEarlier && command.movesOn) this.deck.drop(new Set([command.entry]));
    if (this.current?.id !== command.entry) return;
    const isOver = MOVES_ON.has(command.what) && (command.isEarlier || !command.movesOn);
    if (isOver) {
      this.deck.decided.add(command.entry);
      this.tellOf(command.said || "", () => this.deck.step(1));
    } else if (!command.movesOn) {
      this.tellOf(command.said, () => this.show(this.current));
    } else if (!this.isBusy) {
      // The editor has come back to it meanwhile: it stands there as it now is.
      this.show(this.current);
    }
  }

  refused(command, answer) {
    this.deck.decided.delete(command.entry);
    this.notify(this.sentence(command, answer));
    if (answer.batch) this.passedOver.add(answer.batch);
    // The words were refused: bring back the entry, with what was typed.
    if (answer.code === "quote") {
      const sent = Object.fromEntries(command.fields);
      this.deck.goTo(command.entry);
      if (sent.quote && !this.typed.has(command.entry)) this.typed.set(command.entry, { quote: sent.quote, role: sent.role });
      if (sent.quote && this.current?.id === command.entry) this.bringTyped(command.entry)?.focus();
    } else if (this.current?.id === command.entry) {
      this.show(this.current);
    }
  }

  /** Why something was refused, and of which entry that is said if another stands here by now. */
  sentence(command, answer) {
    const words = answer.cards.find((card) => card.id === command.entry)?.opening.split(/\s+/);
    const isHere = !words || this.current?.id === command.entry || answer.code === "quote";
    const about = isHere ? "" : `“${words.slice(0, 8).join(" ")}${words.length > 8 ? " …" : ""}”: `;
    const then = answer.code === "stale" ? " Your decision was not kept." : answer.batch ? " Undo again for what you decided before." : "";
    return `${about}${answer.message}${then}`;
  }

  tell() {
    const { length: kept, problem } = this.outbox;
    const state = this.stateTarget;
    state.removeAttribute("data-state");
    const decisions = `${kept} decision${kept === 1 ? " is" : "s are"} kept on this computer`;
    if (problem && kept) {
      state.dataset.state = "offline";
      if (problem === "offline") state.textContent = `No signal. ${decisions} and will be sent.`;
      else if (problem === "signed-out") state.textContent = `You are signed out. ${decisions}: sign in again in another tab.`;
      else state.textContent = `The server does not answer. ${decisions} and will be sent.`;
    } else if (kept) {
      state.textContent = "Saving…";
    } else {
      state.textContent = this.savedAt ? `Saved ${this.savedAt}` : "";
    }
  }

  online() {
    this.outbox.send();
    this.deck.fill();
  }

  // The others

  async poll() {
    if (document.hidden || this.isPolling) return;
    this.isPolling = true;
    try {
      const query = `${this.filtersValue}&after=${this.seqValue}&entry=${this.current?.id ?? ""}`;
      const response = await window.fetch(`${this.sinceValue}?${query}`, {
        headers: JSON_PLEASE,
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
      if (this.current && changed.has(this.current.id)) {
        this.surprise = { id: this.current.id, version: this.versionSeen(this.current), until: performance.now() + REACTION };
        const sentence = answer.sentences?.[this.current.id];
        if (sentence) this.notify(sentence);
        this.deck.refresh(this.current.id);
      }
      this.deck.drop(changed);
    }
    if (answer.panels && !this.outbox.length) this.panels(answer.panels);
    this.looks(answer.looks);
    this.deck.fill();
  }

  // Looking for themes, and for the same words

  async askForLook(form, submitter) {
    const refusal = await ask(form, submitter);
    if (refusal) this.notify(refusal);
    this.poll();
  }

  looks(looks) {
    if (!looks) return;
    if (this.isPressed) {
      this.looksLater = looks;
      return;
    }
    for (const [kind, look] of Object.entries(looks)) {
      const place = this.element.querySelector(`[data-look="${kind}"]`);
      const wasUnderWay = Boolean(place?.querySelector("progress, [data-percent]"));
      if (place && showLook(place, look, (words) => this.say(words)) && wasUnderWay && look.is_over) this.deck.renew();
    }
  }

  panels(panels) {
    if (!panels) return;
    if (this.isPressed) {
      // A button exchanged between press and release would never be clicked.
      this.panelsLater = panels;
      return;
    }
    const focused = document.activeElement;
    const point = focused?.dataset?.point;
    const link = focused?.closest?.(".desk-filters, .desk-coverage, .desk-shown") && focused.getAttribute("href");
    this.coverageTarget.innerHTML = panels.coverage;
    const isUnfolded = Boolean(this.filtersTarget.querySelector("details[open]"));
    const isOnFold = focused?.matches?.(".desk-fold > summary");
    this.filtersTarget.innerHTML = panels.filters;
    const fold = this.filtersTarget.querySelector("details");
    if (fold) fold.open = isUnfolded;
    if (isOnFold) fold?.querySelector("summary").focus({ preventScroll: true });
    this.shownTarget.innerHTML = panels.shown;
    if (this.hasTargetsTarget) this.targetsTarget.innerHTML = panels.targets;
    // What is done with all of a filter says how many it means, and is refused if they have become others.
    for (const said of this.element.querySelectorAll("[data-in-filter]")) said.textContent = panels.in_filter;
    for (const field of this.element.querySelectorAll("[data-bulk] [name=count]")) field.value = panels.in_filter;
    this.suggest();
    if (point) this.element.querySelector(`.desk-target[data-point="${point}"]`)?.focus();
    else if (link) [...this.element.querySelectorAll("a")].find((one) => one.getAttribute("href") === link)?.focus();
  }

  pressed() {
    this.isPressed = true;
  }

  released() {
    this.isPressed = false;
    window.setTimeout(() => {
      const { panelsLater, looksLater } = this;
      this.panelsLater = this.looksLater = null;
      if (!this.outbox.length) this.panels(panelsLater);
      this.looks(looksLater);
    });
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
    if (event.repeat && ONCE.test(event.key)) {
      this.handled(event);
      return;
    }
    if (this.marking.isActive) {
      if (this.marking.key(event)) this.handled(event);
      return;
    }
    const panel = where.closest?.(".desk-tool__panel");
    if (panel && event.key === "Enter" && where.matches("input[type=radio]")) {
      this.handled(event);
      panel.querySelector(".desk-button--filled").click();
      return;
    }
    if (where.matches?.("input[type=radio]") && event.key.startsWith("Arrow")) return;
    // On some keyboards digits and signs need Shift; a letter with it is no shortcut.
    if (event.shiftKey && /^\p{L}$/u.test(event.key)) return;
    if (this.shortcut(event.key)) this.handled(event);
  }

  handled(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  shortcut(key) {
    if (this.readOnlyValue && !/^[jkc/?]$/i.test(key)) return false;
    if (/^[1-9]$/.test(key)) {
      if (this.setAsideTarget.open) {
        const reasons = this.setAsideTarget.querySelectorAll("input[name=reason]");
        const reason = reasons[Number(key) - 1];
        if (!reason) return false;
        reason.checked = true;
        // What was begun in the field beside is not the reason that this key stands for.
        this.reasonOtherTarget.value = "";
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
        this.deck.step(1);
        return true;
      case "k":
        this.deck.step(-1);
        return true;
      case "e":
        this.marking.start();
        return true;
      case "r":
        return this.marking.nextRole();
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
    if (this.marking.isActive) {
      this.marking.stop();
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
    if (this.marking.marks.length) {
      this.marking.clear();
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
    if (!tool.open) {
      if (tool === this.setAsideTarget) this.reasonOtherTarget.value = "";
      return;
    }
    if (tool === this.mergeTarget) {
      this.mergeWordsTarget.value = "";
      // Those of the entry before are nobody's choice here: whoever types ahead would merge into one of them.
      this.alikeTarget.replaceChildren();
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
    this.reasonOtherTarget.value = "";
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
        headers: AJAX,
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
        headers: AJAX,
      });
      if (!response.ok) return;
      around.innerHTML = await response.text();
      around.hidden = false;
      around.scrollIntoView({ block: "nearest" });
    } catch {
      this.notify("No signal: what was said around it cannot be shown now.");
    }
  }

  // What the mouse and fingers do with the entry

  dragStarted(event) {
    if (!event.target.closest?.("[data-grip]")) return;
    this.dragging.start(event, this.stageTarget.querySelector(".desk-card"), this.current?.id ?? "");
  }

  dragOver(event) {
    this.dragging.moveOver(event);
  }

  dragEnded() {
    this.dragging.end();
  }

  dropped(event) {
    this.dragging.drop(event);
  }

  droppedOn(onto) {
    if (onto.matches("summary")) {
      onto.parentElement.open = true;
    } else if (onto.dataset.theme) {
      const themes = this.stageTarget.querySelector("select[name=theme]");
      // Suggested since this entry was shown.
      if (![...themes.options].some((one) => one.value === onto.dataset.theme)) themes.add(new Option("", onto.dataset.theme));
      themes.value = onto.dataset.theme;
      this.stageTarget.querySelector("[name=do][value=theme]").click();
    } else {
      onto.click();
    }
  }

  mouseMarked(event) {
    if (event.target.closest?.("button, a, input, label, summary, textarea")) return;
    this.marking.takeSelection(event.ctrlKey || event.metaKey || event.shiftKey);
  }

  touchMarked() {
    this.marking.touchSelection();
  }

  clearMarks() {
    this.marking.clear();
  }

  choiceChanged({ target }) {
    if (target.name === "role") this.marking.paint();
    // Of a reason chosen and one written, the later counts.
    if (target.name === "reason") this.reasonOtherTarget.value = "";
  }
}

window.wagtail.app.register("desk", DeskController);
