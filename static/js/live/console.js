/**
 * The facilitator's console. Every control is a form's button that works by itself; here the same fields travel over
 * the socket, with the version of the session that this screen last saw, so that two facilitators never overwrite one
 * another unknowingly.
 */

import { Announcer, Countdown, clockTime, counted, inWords, reconcile, sentence, setHidden, setText, stamp } from "./page.js";
import { enter } from "./screen.js";

const PAGE = 60;
const NEW_FOR = 60_000;
const QUIET_AFTER = 5 * 60_000;
const CUT_OFF_AFTER = 3_000;
// What was held keeps its place for a while after it was released or hidden: the next one does not come under the finger.
const SETTLED_FOR = 8_000;
// A second press that was meant for the first does not take it back.
const PRESSED_TWICE = 800;

const KINDS = { ideas: "ideas", questions: "questions", statements: "statements", poll: "poll" };
const STATES = { waiting: "Waiting", open: "Open", paused: "Paused", closed: "Closed" };
const NUMBERS = new Set(["prompt", "contribution", "into", "seconds", "position", "version", "table", "headcount", "comment"]);
const ARRIVED_WITHIN = 60_000;
// What fits into a prompt: docs/realtime.md.
const PROMPT_LENGTH = 300;
const BOOLEANS = new Set(["blank", "show"]);
const LISTS = new Set(["tags"]);

/** A form as a command: the fields under their names, of the kinds that the protocol wants. */
function commandOf(form, submitter) {
  const command = {};
  for (const [name, value] of new FormData(form, submitter)) {
    const lines = form.querySelector(`[name="${name}"][data-lines]`);
    if (lines) {
      const options = value.split("\n").map((line) => line.trim());
      command[name] = options.filter(Boolean);
    } else if (NUMBERS.has(name)) command[name] = Number(value);
    else if (BOOLEANS.has(name)) command[name] = value === "true";
    else if (LISTS.has(name)) command[name] = [...(command[name] ?? []), value];
    else if (name !== "csrfmiddlewaretoken" && name !== "as") command[name] = value;
  }
  return command;
}

/** 2 s, 4 min: how long something took, as a glance takes it in. */
function duration(seconds) {
  if (seconds < 1) return "< 1 s";
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

class LiveConsole extends HTMLElement {
  connectedCallback() {
    Object.assign(this, enter(this, { role: "console" }));
    this.sort = "supported";
    this.rows = PAGE;
    this.current = null;
    this.merging = null;
    this.settled = new Map();
    this.announcer = new Announcer(this.parts.status);
    this.countdown = new Countdown([this.parts.timer, this.parts.smallTimer], this.connection.clock);
    this.tag = "";
    this.keysOn = this.stored("summit.console.keys") !== "off";
    this.listen();
    this.arrange();
    this.current = this.order[0] ?? null;
    this.render();
    this.connection.start();
    setInterval(() => this.later(), 15_000);
  }

  stored(name, value) {
    try {
      if (value !== undefined) localStorage.setItem(name, value);
      return localStorage.getItem(name);
    } catch {
      return null;
    }
  }

  listen() {
    const { connection, parts } = this;
    connection.addEventListener("change", ({ detail }) => {
      this.hear(detail);
      this.later();
    });
    connection.addEventListener("tallies", () => {
      this.later();
    });
    connection.addEventListener("snapshot", () => {
      this.later();
    });
    connection.addEventListener("status", () => this.showStatus());
    connection.addEventListener("gone", ({ detail }) =>
      this.notice(detail === "not_allowed" ? "You can no longer run this session." : "This session cannot be reached.", { stop: true }),
    );

    parts.heldList.addEventListener("pointerleave", () => this.unsettleLater());
    parts.heldList.addEventListener("focusout", () => this.unsettleLater());
    this.addEventListener("submit", (event) => this.submit(event));
    this.addEventListener("click", (event) => this.click(event));
    this.addEventListener("focusin", ({ target }) => {
      const row = target.closest(".room-row");
      if (row) this.choose(Number(row.dataset.key), { focus: false });
    });
    document.addEventListener("keydown", (event) => this.key(event));
    parts.pill.addEventListener("click", () => this.takeNew());
    parts.more.addEventListener("click", () => this.showMore());
    parts.noticeClose.addEventListener("click", () => setHidden(parts.notice, true));
    parts.noticeUndo.addEventListener("click", () => this.undo?.());
    parts.mergingStop.addEventListener("click", () => this.stopMerging());
    parts.showKeys.addEventListener("click", () => parts.keysDialog.showModal());
    parts.keysOn.checked = this.keysOn;
    parts.keysOn.addEventListener("change", () => {
      this.keysOn = parts.keysOn.checked;
      this.stored("summit.console.keys", this.keysOn ? "on" : "off");
    });
    parts.hideLeave.addEventListener("click", () => parts.hideDialog.close());
    parts.tagForm.addEventListener("submit", (event) => this.submitTag(event));
    parts.themesForm.addEventListener("input", () => {
      this.choosingThemes = true;
    });
    parts.tagSelect.addEventListener("change", () => this.filterBy(parts.tagSelect.value));
    parts.clearDialog.addEventListener("close", () => {
      if (parts.clearDialog.returnValue === "clear") {
        this.send({ type: "session.clear" }, { versioned: true, done: "Cleared. The session waits for its people." });
      }
    });
    this.listenToBorrowing();
    parts.closeDialog.addEventListener("close", () => {
      if (parts.closeDialog.returnValue === "close") this.send({ type: "session.close" }, { versioned: true });
    });
    this.listenToDragging();
  }

  later() {
    if (this.drawing) return;
    this.drawing = true;
    setTimeout(() => {
      this.drawing = false;
      this.render();
    }, 60);
  }

  // Doing

  submit(event) {
    const { target: form, submitter } = event;
    if (form.method === "dialog") return;
    event.preventDefault();
    if (form === this.parts.hideForm) {
      this.hide();
      return;
    }
    if (submitter?.dataset.action === "hide") return;
    if (form.dataset.confirm === "clear") {
      this.parts.clearDialog.returnValue = "leave";
      this.parts.clearDialog.showModal();
      return;
    }
    if (form.dataset.comment !== undefined) {
      this.putComment(form, submitter);
      return;
    }
    if (form.dataset.confirm === "close") {
      this.parts.closeDialog.returnValue = "leave";
      this.parts.closeDialog.showModal();
      return;
    }
    const command = commandOf(form, submitter);
    if (command.type === "table.add") {
      command.count = Number(command.count) || null;
      if (!command.count) delete command.count;
    }
    if (submitter?.dataset.setText !== undefined) command.text = submitter.dataset.setText;
    if (command.type === "contribution.release" && form.closest(".held-row")) {
      this.release(command.contribution);
      return;
    }
    const versioned = ("versioned" in form.dataset && command.type !== "table.free") || command.type.startsWith("spotlight.");
    this.send(command, { versioned }).then((done) => {
      if (!done) return;
      if ("reset" in form.dataset) form.reset();
      form.closest("[data-field=editForm]")?.toggleAttribute("hidden", true);
    });
  }

  /** Send a command; tell plainly if it was refused. Answers whether it was done. */
  async send(command, { versioned = false, undo = null, done = "" } = {}) {
    const { type, ...fields } = command;
    delete fields.version;
    if (versioned) fields.version = this.room.session.version;
    try {
      const ack = await this.connection.command(type, fields);
      if (ack.version) this.room.session.version = Math.max(this.room.session.version, ack.version);
      if (done) this.notice(done, { undo });
      this.later();
      return true;
    } catch (error) {
      this.refused(error, type);
      return false;
    }
  }

  refused(error, type) {
    if (error.code === "stale") {
      this.room.session.version = Math.max(this.room.session.version, error.version ?? 0);
      this.notice(error.message || "Somebody else changed the session a moment ago, so nothing was done. Look, then press again.", { stop: true });
    } else if (error.code === "offline") {
      this.notice("No signal. That was not done: press again when the signal is back.", { stop: true });
    } else if (error.code === "timeout") {
      this.notice("No answer yet. Look whether it was done before pressing again.", { stop: true });
    } else this.notice(error.message || `${type} was refused.`, { stop: true });
    this.later();
  }

  notice(words, { stop = false, undo = null } = {}) {
    const { parts } = this;
    setText(parts.noticeWords, words);
    parts.notice.toggleAttribute("data-kind", false);
    if (stop) parts.notice.dataset.kind = "stop";
    this.undo = undo;
    setHidden(parts.noticeUndo, !undo);
    setHidden(parts.notice, false);
    this.announcer.say(words, { now: true });
    clearTimeout(this.noticeTimer);
    if (!stop) this.noticeTimer = setTimeout(() => setHidden(parts.notice, true), 12_000);
  }

  click(event) {
    const { target } = event;
    const tab = target.closest("[data-tab-to]");
    if (tab) this.showTab(tab.dataset.tabTo);
    const sort = target.closest("[data-sort]");
    if (sort) this.sortBy(sort.dataset.sort);
    const move = target.closest("[data-move]");
    if (move) this.movePrompt(Number(move.closest("[data-key]").dataset.key), Number(move.dataset.move), move);
    const action = target.closest("[data-action]");
    if (!action) return;
    const id = Number(action.closest("li[data-key]").dataset.key);
    if (action.dataset.action === "merge") this.merge(id);
    if (action.dataset.action === "hide") {
      event.preventDefault();
      this.askToHide(id);
    }
    if (action.dataset.action === "unsettle") this.unsettle(id);
    if (action.dataset.action === "unmerge") this.unmerge(id);
    if (action.dataset.action === "tag") this.askForTag(id);
    if (action.dataset.action === "untag") this.toggleTag(id, action.dataset.tag);
    if (action.dataset.action === "edit") {
      const form = action.closest("[data-key]").querySelector("[data-field=editForm]");
      form.hidden = !form.hidden;
      if (!form.hidden) form.querySelector("textarea").focus();
    }
  }

  star(id) {
    const item = this.room.contributions.get(id);
    if (item) this.send({ type: item.starred ? "contribution.unstar" : "contribution.star", contribution: id });
  }

  spotlight(id) {
    const clear = this.room.session.spotlight === id;
    this.send(clear ? { type: "spotlight.clear" } : { type: "spotlight.set", contribution: id }, { versioned: true });
  }

  askToHide(id) {
    const { parts } = this;
    const item = this.room.contributions.get(id);
    if (!item) return;
    this.hiding = id;
    setText(parts.hideQuote, item.body);
    parts.hideForm.reset();
    parts.hideDialog.showModal();
  }

  hide() {
    const { parts } = this;
    const fields = new FormData(parts.hideForm);
    const reason = fields.get("reason") || fields.get("other").trim();
    if (!reason) {
      parts.hideForm.elements.other.focus();
      return;
    }
    parts.hideDialog.close();
    const next = this.neighbour(this.hiding, 1);
    const id = this.hiding;
    const words = this.settle(id, "hidden") ? "" : "Hidden.";
    this.send({ type: "contribution.hide", contribution: id, reason }, { done: words }).then((done) => {
      if (!done) this.forgetSettled(id);
      if (done && this.current === id) this.choose(next, { focus: false });
    });
  }

  release(id) {
    const words = this.settle(id, "released") ? "" : "Released.";
    this.send({ type: "contribution.release", contribution: id }, { done: words }).then((done) => {
      if (!done) this.forgetSettled(id);
    });
  }

  // What was held, a moment ago: its row stays, so that no other comes under a finger that presses twice

  /** Say in the row itself what became of it. Answers whether it has one. */
  settle(id, how) {
    const row = [...this.parts.heldList.children].find((node) => Number(node.dataset.key) === id);
    if (!row) return false;
    const hadFocus = row.contains(document.activeElement);
    this.settled.set(id, { how, at: Date.now() });
    this.renderHeld();
    if (hadFocus) row.focus({ preventScroll: true });
    this.announcer.say(`${sentence(how)}.`, { now: true });
    setTimeout(() => this.unsettleLater(), SETTLED_FOR + 50);
    return true;
  }

  forgetSettled(id) {
    this.settled.delete(id);
    this.later();
  }

  /** Those whose time is over go, but not under a pointer, nor while somebody works through the list. */
  unsettleLater() {
    setTimeout(() => {
      const { heldList } = this.parts;
      const { activeElement } = document;
      if (heldList.matches(":hover") && matchMedia("(hover: hover)").matches) return;
      const over = Date.now() - SETTLED_FOR;
      const busy = [...this.settled.values()].some(({ at }) => at >= over);
      if (busy && heldList.contains(activeElement)) return;
      const focused = Number(activeElement?.closest(".held-row")?.dataset.key);
      for (const [id, { at }] of this.settled) if (at < over && id !== focused) this.settled.delete(id);
      this.renderHeld();
    });
  }

  /** Take back what was done to it: what was hidden is shown after all, what was released is hidden. */
  unsettle(id) {
    const { how, at } = this.settled.get(id) ?? {};
    if (!how || Date.now() - at < PRESSED_TWICE) return;
    if (how === "hidden") this.release(id);
    else this.askToHide(id);
  }

  // Merging: first one, then the one it goes into

  merge(id) {
    if (this.merging === null) {
      this.merging = id;
      this.announcer.say("Choose the one to merge it into.", { now: true });
    } else if (this.merging === id) this.merging = null;
    else {
      const from = this.merging;
      this.merging = null;
      const undo = () => this.send({ type: "contribution.unmerge", contribution: from }, { done: "Apart again." });
      this.send({ type: "contribution.merge", contribution: from, into: id }, { done: "Merged.", undo });
      this.choose(id, { focus: false });
    }
    this.render();
  }

  stopMerging() {
    this.merging = null;
    this.render();
  }

  unmerge(id) {
    for (const item of this.room.contributions.values()) {
      if (item.merged_into === id) {
        this.send({ type: "contribution.unmerge", contribution: item.id }, { done: "Apart again." });
        return;
      }
    }
  }

  // Tags: words by which this desk finds things again; the room does not see them

  tagsInUse() {
    const tags = new Set();
    for (const item of this.room.contributions.values()) for (const tag of item.tags ?? []) tags.add(tag);
    return [...tags].sort((a, b) => a.localeCompare(b));
  }

  askForTag(id) {
    const { parts } = this;
    const item = this.room.contributions.get(id);
    if (!item) return;
    this.tagging = id;
    setText(parts.tagQuote, item.body);
    parts.tagForm.reset();
    this.renderTagChoices();
    if (!parts.tagDialog.open) parts.tagDialog.showModal();
    parts.tagNew.focus();
  }

  renderTagChoices() {
    const { parts, room } = this;
    if (!parts.tagDialog.open && this.tagging === null) return;
    const own = room.contributions.get(this.tagging)?.tags ?? [];
    reconcile(
      parts.tagChoices,
      this.tagsInUse(),
      (tag) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "button button--small console__tag-choice";
        button.addEventListener("click", () => this.toggleTag(this.tagging, tag));
        return button;
      },
      (button, tag) => {
        setText(button, tag);
        button.setAttribute("aria-pressed", String(own.includes(tag)));
      },
    );
  }

  submitTag(event) {
    const { parts } = this;
    if (event.submitter?.value === "leave") return;
    event.preventDefault();
    const tag = parts.tagNew.value.trim();
    if (!tag) {
      parts.tagDialog.close();
      return;
    }
    this.send({ type: "contribution.tag", contribution: this.tagging, tag }).then((done) => {
      if (!done) return;
      parts.tagForm.reset();
      parts.tagDialog.close();
    });
  }

  toggleTag(id, tag) {
    const has = this.room.contributions.get(id)?.tags?.includes(tag);
    this.send({ type: has ? "contribution.untag" : "contribution.tag", contribution: id, tag });
  }

  /** Which of them the wall shows. What is being ticked here is left alone until it is sent. */
  renderThemes() {
    const { parts, room } = this;
    const onWall = new Set(room.themes.map(({ tag }) => tag));
    const said = new Map();
    for (const item of room.contributions.values()) {
      if (item.state === "shown") for (const tag of item.tags ?? []) said.set(tag, (said.get(tag) ?? 0) + 1);
    }
    const tags = [...new Set([...said.keys(), ...onWall])].sort((a, b) => a.localeCompare(b));
    setText(parts.themeCount, onWall.size ? String(onWall.size) : "");
    setText(
      parts.themesHint,
      tags.length
        ? "The wall shows in turns how many people speak of each, and what they said."
        : "Tag what is said: your tags can stand on the wall, with how many people speak of each.",
    );
    setHidden(parts.themesButton, tags.length === 0);
    reconcile(
      parts.themeChoices,
      tags,
      () => stamp(parts.themeTemplate),
      (node, tag) => {
        const box = node.querySelector("input");
        box.value = tag;
        if (!this.choosingThemes) box.checked = onWall.has(tag);
        setText(node.querySelector("[data-field=tag]"), tag);
        setText(node.querySelector("[data-field=count]"), `${said.get(tag) ?? 0} said`);
      },
    );
  }

  filterBy(tag) {
    this.tag = tag;
    this.takeNew();
  }

  // Comments made beforehand

  listenToBorrowing() {
    const { parts } = this;
    setHidden(parts.borrow, !this.room.you.can?.includes("facilitate") || !this.room.session.propositions.length);
    parts.borrowOpen.addEventListener("click", () => {
      parts.borrowDialog.showModal();
      this.findComments();
    });
    parts.borrowSearch.addEventListener("input", () => {
      clearTimeout(this.searching);
      this.searching = setTimeout(() => this.findComments(), 300);
    });
  }

  async findComments() {
    const { parts } = this;
    const wanted = parts.borrowSearch.value.trim();
    setText(parts.borrowState, "Looking…");
    let comments;
    try {
      const query = `q=${encodeURIComponent(wanted)}`;
      const response = await fetch(this.connection.url("comments/", query), { headers: { Accept: "application/json" } });
      if (!response.ok) throw new Error(String(response.status));
      ({ comments } = await response.json());
    } catch {
      setText(parts.borrowState, "The comments could not be fetched. Try again in a moment.");
      return;
    }
    if (wanted !== parts.borrowSearch.value.trim()) return;
    const none = wanted ? "No comment with these words." : "There is no comment that may be put to the room yet.";
    setText(parts.borrowState, comments.length ? "" : none);
    const byId = new Map(comments.map((comment) => [comment.id, comment]));
    reconcile(
      parts.borrowList,
      [...byId.keys()],
      () => stamp(parts.commentTemplate),
      (node, id) => this.fillComment(node, byId.get(id)),
    );
  }

  fillComment(node, comment) {
    const field = (name) => node.querySelector(`[data-field=${name}]`);
    const text = comment.text.split(/\s+/).join(" ").trim();
    setText(field("text"), comment.text);
    const about = this.room.session.propositions.length > 1 && comment.proposition ? ` · proposition ${comment.proposition}` : "";
    const support = comment.support ? ` · supported by ${comment.support}` : "";
    const put = comment.prompt ? " · put to the room already" : "";
    setText(field("meta"), `${comment.author}${about}${support}${put}`);
    const form = node.querySelector("form");
    form.elements.comment.value = comment.id;
    // A short one goes whole; of a long one, somebody chooses.
    const isLong = text.length > PROMPT_LENGTH;
    setHidden(field("wordsLabel"), !isLong);
    if (isLong && !form.elements.words.value) {
      const beginning = text.slice(0, PROMPT_LENGTH);
      const end = Math.max(...[". ", "? ", "! "].map((mark) => beginning.lastIndexOf(mark)));
      form.elements.words.value = end > 0 ? beginning.slice(0, end + 1) : beginning.slice(0, beginning.lastIndexOf(" "));
    }
  }

  putComment(form, submitter) {
    const { parts } = this;
    const show = submitter?.value !== "false";
    const isShort = form.elements.words.closest("label").hidden;
    const words = isShort ? "" : form.elements.words.value;
    const done = show ? "The room has it now." : "It waits in the queue.";
    parts.borrowDialog.close();
    this.send({ type: "comment.put", comment: Number(form.elements.comment.value), words, show }, { versioned: true, done });
  }

  // Prompts

  movePrompt(id, by, button) {
    const ids = [...this.room.prompts.keys()];
    const position = ids.indexOf(id) + by;
    if (position < 0 || position >= ids.length) return;
    this.send({ type: "prompt.move", prompt: id, position }, { versioned: true }).then(() => button?.focus());
  }

  listenToDragging() {
    const list = this.parts.promptList;
    const rowOf = (event) => event.target.closest?.(".prompt-row");
    const half = (row, event) => {
      const { top, height } = row.getBoundingClientRect();
      return event.clientY < top + height / 2 ? "before" : "after";
    };
    const clear = () => {
      for (const row of list.children) delete row.dataset.over;
    };
    list.addEventListener("dragstart", (event) => {
      this.dragged = Number(rowOf(event)?.dataset.key);
      event.dataTransfer.effectAllowed = "move";
    });
    list.addEventListener("dragover", (event) => {
      const row = rowOf(event);
      if (!this.dragged || !row) return;
      event.preventDefault();
      clear();
      row.dataset.over = half(row, event);
    });
    list.addEventListener("dragleave", clear);
    list.addEventListener("dragend", () => {
      this.dragged = null;
      clear();
    });
    list.addEventListener("drop", (event) => {
      const row = rowOf(event);
      if (!this.dragged || !row) return;
      event.preventDefault();
      const rest = [...this.room.prompts.keys()].filter((id) => id !== this.dragged);
      const position = rest.indexOf(Number(row.dataset.key)) + (half(row, event) === "after" ? 1 : 0);
      if (Number(row.dataset.key) !== this.dragged) {
        this.send({ type: "prompt.move", prompt: this.dragged, position }, { versioned: true });
      }
      clear();
    });
  }

  // Keys

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]")) return;
    const { target } = event;
    if (target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.key === "Escape" && this.merging !== null) {
      this.stopMerging();
      return;
    }
    if (event.key === "?") {
      event.preventDefault();
      this.parts.keysDialog.showModal();
      return;
    }
    if (!this.keysOn || event.repeat) return;
    if (event.key === "Enter" && target.closest("button, a, summary")) return;
    const held = target.closest(".held-row");
    const id = held ? Number(held.dataset.key) : this.current;
    const keys = {
      j: () => this.choose(this.neighbour(this.current, 1)),
      k: () => this.choose(this.neighbour(this.current, -1)),
      s: () => id && this.star(id),
      enter: () => id && (this.merging === null ? this.spotlight(id) : this.merge(id)),
      m: () => id && this.merge(id),
      t: () => id && this.askForTag(id),
      r: () => this.releaseFirst(held),
      h: () => id && this.askToHide(id),
      n: () => this.takeNew(),
      b: () => this.send({ type: "wall.blank", blank: !this.room.session.blank }, { versioned: true }),
    };
    const act = keys[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  }

  releaseFirst(row) {
    const settled = row && this.settled.get(Number(row.dataset.key));
    if (settled && Date.now() - settled.at < PRESSED_TWICE) return;
    const id = row && !settled ? Number(row.dataset.key) : this.held()[0]?.id;
    if (id) this.release(id);
  }

  neighbour(id, by) {
    const ids = this.visibleIds();
    const index = ids.indexOf(id);
    return ids[Math.min(ids.length - 1, Math.max(0, index + by))] ?? null;
  }

  /** Make a row the current one. Focus follows keys, never the other way about. */
  choose(id, { focus = true } = {}) {
    if (id === null || id === undefined) return;
    this.current = id;
    for (const row of this.parts.roomList.children) {
      if (Number(row.dataset.key) === id) {
        row.setAttribute("aria-current", "true");
        if (focus) {
          row.focus({ preventScroll: true });
          row.scrollIntoView({ block: "nearest" });
        }
      } else row.removeAttribute("aria-current");
    }
  }

  showTab(tab) {
    this.dataset.tab = tab;
    for (const button of this.querySelectorAll("[data-tab-to]")) {
      button.setAttribute("aria-pressed", String(button.dataset.tabTo === tab));
    }
    window.scrollTo(0, 0);
  }

  // Order

  listed() {
    const items = this.room.shown();
    const tagged = this.tag ? items.filter((item) => item.tags?.includes(this.tag)) : items;
    return this.sort === "starred" ? tagged.filter((item) => item.starred) : tagged;
  }

  arrange() {
    const { room } = this;
    const items = this.listed();
    if (this.sort === "newest") items.sort((a, b) => b.seq - a.seq);
    else items.sort((a, b) => room.support(b.id) - room.support(a.id) || b.seq - a.seq);
    this.order = items.map((item) => item.id);
    this.inOrder = new Set(this.order);
  }

  sortBy(sort) {
    this.sort = sort;
    this.arrange();
    for (const button of this.querySelectorAll("[data-sort]")) {
      button.setAttribute("aria-pressed", String(button.dataset.sort === sort));
    }
    this.current = this.order[0] ?? null;
    this.render();
  }

  takeNew() {
    this.arrange();
    if (!this.inOrder.has(this.current)) this.current = this.order[0] ?? null;
    this.render();
  }

  /** More of the list; when all that came with the snapshot is there, what was said before it. */
  async showMore() {
    this.rows += PAGE;
    if (this.rows >= this.order.length && this.room.earlier) {
      const { contributions, earlier, earlier_shown: shown } = await this.connection.fetchEarlier(this.room.firstSeq).catch(() => ({}));
      if (contributions) {
        this.room.addEarlier(contributions, earlier, shown);
        this.arrange();
      }
    }
    this.render();
  }

  visibleIds() {
    const listed = new Set(this.listed().map((item) => item.id));
    return this.order.filter((id) => listed.has(id)).slice(0, this.rows);
  }

  held() {
    const waits = (item) => item.state === "held" && !this.settled.has(item.id);
    return [...this.room.contributions.values()].filter(waits).sort((a, b) => a.seq - b.seq);
  }

  // Drawing

  hear(event) {
    if (event.kind === "contribution.added" && event.contribution?.state === "held") this.announcer.say("Something is held for you.");
    if (event.kind === "spotlight.set" || event.kind === "spotlight.cleared") this.announcer.say("The wall has changed.");
    if (event.kind === "wall.themes_changed") this.choosingThemes = false;
  }

  showStatus() {
    clearTimeout(this.statusTimer);
    const { connection } = this;
    if (connection.online) {
      if (this.cutOff) setHidden(this.parts.notice, true);
      this.cutOff = false;
      this.later();
      return;
    }
    const wait = connection.downSince + CUT_OFF_AFTER - Date.now();
    if (wait > 0) {
      this.statusTimer = setTimeout(() => this.showStatus(), wait);
      return;
    }
    if (this.cutOff) return;
    this.cutOff = true;
    this.notice(`No signal. What you see is as of ${clockTime(connection.heardAt)}.`, { stop: true });
  }

  render() {
    const { parts, room } = this;
    const { session, prompt } = room;
    this.dataset.state = session.state;
    setText(parts.state, STATES[session.state]);
    setText(parts.people, room.tallies.people.toLocaleString("en-GB"));
    setText(parts.said, room.shownCount.toLocaleString("en-GB"));
    setHidden(parts.open, session.state === "open");
    setHidden(parts.pause, session.state !== "open");
    setText(parts.openWord, { paused: "Go on", closed: "Open again" }[session.state] ?? "Open");
    setText(parts.promptTitle, prompt ? `Prompt ${prompt.number}` : "No prompt");
    setText(parts.timerWord, session.timer_ends_at ? "time left" : "");
    setHidden(parts.timerRunning, !session.timer_ends_at);
    setHidden(parts.timerIdle, Boolean(session.timer_ends_at));
    this.countdown.set(session.timer_ends_at);
    setHidden(parts.blank, session.blank);
    setHidden(parts.unblank, !session.blank);
    setHidden(parts.holdAll, session.moderation === "hold");
    setHidden(parts.showAll, session.moderation !== "hold");
    setText(
      parts.moderationWords,
      session.moderation === "hold" ? "Everything is held until somebody releases it." : "Contributions show at once.",
    );
    setHidden(parts.closeForm, session.state === "closed");
    setHidden(parts.rehearsal, !session.is_rehearsal);
    setHidden(parts.rehearse, session.is_rehearsal || session.state === "closed" || room.contributions.size > 0);
    if (document.activeElement !== parts.message && parts.message.defaultValue !== session.message) {
      parts.message.defaultValue = session.message;
      parts.message.value = session.message;
    }
    for (const input of this.querySelectorAll("input[name=version]")) input.value = session.version;
    this.renderPrompts();
    this.renderRoom();
    this.renderHeld();
    this.renderQuiet();
    this.renderThemes();
    this.renderTables();
    this.renderDelivery();
  }

  renderPrompts() {
    const { parts, room } = this;
    const ids = [...room.prompts.keys()];
    const said = new Map();
    for (const item of room.contributions.values()) {
      if (item.state === "shown") said.set(item.prompt, (said.get(item.prompt) ?? 0) + 1);
    }
    const next = [...room.prompts.values()].find((prompt) => prompt.state === "queued");
    reconcile(
      parts.promptList,
      ids,
      () => stamp(parts.promptTemplate),
      (node, id) => {
        const prompt = room.prompts.get(id);
        const count = said.get(id) ?? 0;
        const kind = KINDS[prompt.kind];
        const now = prompt.state === "current";
        const answered = ["ideas", "questions"].includes(prompt.kind) ? ` · ${count} said` : "";
        const meta = now
          ? `Now · ${kind}${answered}`
          : prompt.state === "closed"
            ? `Closed${answered || ` · ${kind}`}`
            : sentence(kind) + (prompt === next ? " · next" : "");
        const field = (name) => node.querySelector(`[data-field=${name}]`);
        node.dataset.state = prompt.state;
        node.draggable = true;
        setText(field("number"), String(prompt.number));
        setText(field("text"), prompt.text);
        setText(field("meta"), meta);
        for (const input of node.querySelectorAll("[name=prompt]")) input.value = id;
        setHidden(field("show"), now);
        setText(field("show"), prompt.state === "closed" ? "Show again" : "Show");
        setHidden(field("close"), !now);
        setHidden(field("up"), prompt.number === 1);
        setHidden(field("down"), prompt.number === ids.length);
        setHidden(field("edit"), prompt.state !== "queued");
        setHidden(field("remove"), prompt.state !== "queued");
        setHidden(field("editOptions"), answered !== "");
        const edit = field("editForm");
        if (edit.hidden) {
          edit.elements.text.value = prompt.text;
          edit.elements.options.value = prompt.options.map((option) => option.text).join("\n");
        }
      },
    );
    setHidden(parts.next, !next);
    if (next) {
      parts.next.elements.prompt.value = next.id;
      setText(parts.nextWord, `Go to prompt ${next.number}`);
    }
  }

  renderRoom() {
    const { parts, room } = this;
    const listed = this.listed();
    if (!parts.roomList.childElementCount && listed.length) {
      this.arrange();
      this.current ??= this.order[0];
    }
    const fresh = listed.filter((item) => !this.inOrder.has(item.id)).length;
    setText(parts.pill, `${fresh} new`);
    setHidden(parts.pillPlace, fresh === 0);
    if (fresh && fresh !== this.announced) this.announcer.say(`${fresh} new`);
    this.announced = fresh;
    setHidden(parts.roomEmpty, listed.length > 0);
    const empty = this.sort === "starred" ? "Nothing starred yet." : "Nothing said yet.";
    setText(parts.roomEmpty, this.tag ? `Nothing here is tagged “${this.tag}”.` : empty);
    this.renderTags();
    const ids = this.visibleIds();
    setHidden(parts.more, ids.length >= this.order.length && !room.earlier);
    const merged = new Map();
    for (const item of room.contributions.values()) {
      if (item.merged_into) merged.set(item.merged_into, (merged.get(item.merged_into) ?? 0) + 1);
    }
    setHidden(parts.merging, this.merging === null);
    if (this.merging !== null) {
      const words = room.contributions.get(this.merging)?.body ?? "";
      setText(parts.mergingWords, `Merging “${words.length > 60 ? `${words.slice(0, 60)}…` : words}” into…`);
    }
    reconcile(
      parts.roomList,
      ids,
      () => stamp(parts.saidTemplate),
      (node, id) => this.fillRow(node, room.contributions.get(id), merged.get(id) ?? 0),
    );
  }

  fillRow(node, item, merged) {
    const { room } = this;
    const field = (name) => node.querySelector(`[data-field=${name}]`);
    const onWall = room.session.spotlight === item.id;
    const fresh = this.connection.clock.now() - Date.parse(item.said_at) < NEW_FOR;
    const seen = room.seen(item.id);
    const where = field("where");
    node.toggleAttribute("aria-current", false);
    if (item.id === this.current) node.setAttribute("aria-current", "true");
    setText(field("support"), String(room.support(item.id)));
    setText(field("body"), item.body);
    setText(field("by"), this.saidBy(item));
    setText(where, onWall ? " · on the wall" : fresh ? ` · new, seen by ${seen}` : "");
    where.dataset.kind = onWall ? "wall" : "new";
    setText(field("seen"), onWall || fresh ? "" : ` · seen by ${seen}`);
    const unmerge = field("unmerge");
    const together = room.tallies.together[item.id];
    const people = together ? `, ${counted(together, "person", "people")}` : "";
    setText(unmerge, `with ${inWords(merged)} merged${people}: take apart`);
    this.fillTags(field("tags"), item);
    setHidden(unmerge, merged === 0);
    for (const input of node.querySelectorAll("[name=contribution]")) input.value = item.id;
    const words = item.body.slice(0, 60);
    this.press(field("star"), item.starred, item.starred ? "contribution.unstar" : "contribution.star", `Star: ${words}`);
    this.press(field("spotlight"), onWall, onWall ? "spotlight.clear" : "spotlight.set", `On the wall: ${words}`);
    const merge = field("merge");
    merge.setAttribute("aria-pressed", String(this.merging === item.id));
    merge.setAttribute("aria-label", this.merging !== null && this.merging !== item.id ? `Merge into this: ${words}` : `Merge: ${words}`);
    node.querySelector("[data-action=hide]").setAttribute("aria-label", `Hide: ${words}`);
    node.querySelector("[data-action=tag]").setAttribute("aria-label", `Tag: ${words}`);
  }

  fillTags(place, item) {
    const tags = item.tags ?? [];
    setHidden(place, tags.length === 0);
    reconcile(
      place,
      tags,
      () => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "tag console__tag";
        button.dataset.action = "untag";
        return button;
      },
      (button, tag) => {
        button.dataset.tag = tag;
        setText(button, `${tag} ×`);
        button.setAttribute("aria-label", `Take away the tag ${tag}: ${item.body.slice(0, 60)}`);
      },
    );
  }

  renderTags() {
    const { parts } = this;
    const tags = this.tagsInUse();
    if (this.tag && !tags.includes(this.tag)) tags.push(this.tag);
    setHidden(parts.tagFilter, tags.length === 0);
    reconcile(
      parts.tagSelect,
      ["", ...tags],
      () => document.createElement("option"),
      (option, tag) => {
        option.value = tag;
        setText(option, tag || "any tag");
      },
    );
    parts.tagSelect.value = this.tag;
    if (parts.tagDialog.open) this.renderTagChoices();
  }

  press(button, pressed, value, label) {
    button.setAttribute("aria-pressed", String(Boolean(pressed)));
    button.value = value;
    button.setAttribute("aria-label", label);
  }

  saidBy(item) {
    const { session, prompts } = this.room;
    const people = item.headcount > 1 ? `, ${inWords(item.headcount)} people` : "";
    const by = item.table ? `${item.table}${people}` : item.author;
    const prompt = item.prompt !== session.prompt && prompts.get(item.prompt);
    return prompt && session.prompt ? `${by} · prompt ${prompt.number}` : by;
  }

  renderHeld() {
    const { parts, room } = this;
    const held = this.held();
    const settled = [...this.settled.keys()].map((id) => room.contributions.get(id)).filter(Boolean);
    const listed = [...held, ...settled].sort((a, b) => a.seq - b.seq);
    setText(parts.heldCount, String(held.length));
    setText(parts.tabHeld, held.length ? String(held.length) : "");
    setHidden(parts.heldEmpty, listed.length > 0);
    reconcile(
      parts.heldList,
      listed.map((item) => item.id),
      () => stamp(parts.heldTemplate),
      (node, id) => {
        const item = room.contributions.get(id);
        setText(node.querySelector("[data-field=body]"), item.body);
        const { how } = this.settled.get(id) ?? {};
        node.toggleAttribute("data-settled", Boolean(how));
        if (!how) setText(node.querySelector("[data-field=reason]"), item.reason || "Held");
        setHidden(node.querySelector("form"), Boolean(how));
        setHidden(node.querySelector("[data-field=settled]"), !how);
        setText(node.querySelector("[data-field=settledWord]"), how ? `${sentence(how)}.` : "");
        setText(node.querySelector("[data-field=unsettle]"), how === "hidden" ? "Show it after all" : "Hide it after all…");
        node.querySelector("[name=contribution]").value = id;
        for (const button of node.querySelectorAll("button")) {
          button.setAttribute("aria-label", `${button.textContent.trim().replace("…", "")}: ${item.body.slice(0, 60)}`);
        }
      },
    );
  }

  renderQuiet() {
    const { parts, room, connection } = this;
    const running = room.session.state === "open";
    const quiet = room.tables.filter(
      (table) => running && (!table.last_said_at || connection.clock.now() - Date.parse(table.last_said_at) > QUIET_AFTER),
    );
    setHidden(parts.quiet, quiet.length === 0);
    const propositions = this.quietPropositions();
    setHidden(parts.quietPropositions, propositions.length === 0);
    reconcile(
      parts.quietPropositionList,
      propositions.map((proposition) => proposition.id),
      () => document.createElement("li"),
      (node, id) => {
        const { number, title } = propositions.find((proposition) => proposition.id === id);
        setText(node, `${number} ${title}`);
      },
    );
    reconcile(
      parts.quietList,
      quiet.map((table) => table.id),
      () => document.createElement("li"),
      (node, id) => setText(node, room.tables.find((table) => table.id === id).name),
    );
  }

  /** Of several propositions, those that nobody has spoken about lately. */
  quietPropositions() {
    const { room, connection } = this;
    const { propositions, state } = room.session;
    if (state !== "open" || propositions.length < 2) return [];
    const since = connection.clock.now() - QUIET_AFTER;
    const heard = new Set();
    for (const item of room.contributions.values()) if (Date.parse(item.received_at) > since) heard.add(item.proposition);
    return propositions.filter((proposition) => !heard.has(proposition.id));
  }

  renderTables() {
    const { parts, room } = this;
    setText(parts.tableCount, room.tables.length ? String(room.tables.length) : "");
    reconcile(
      parts.tableList,
      room.tables.map((table) => table.id),
      () => stamp(parts.tableTemplate),
      (node, id) => {
        const table = room.tables.find((known) => known.id === id);
        const field = (name) => node.querySelector(`[data-field=${name}]`);
        setText(field("name"), table.name);
        const people = counted(table.headcount, "person", "people");
        setText(field("meta"), table.has_scribe ? people : "no scribe yet");
        for (const input of node.querySelectorAll("[name=table]")) input.value = id;
        for (const [name, value] of [["headcount", table.headcount], ["name", table.name]]) {
          const input = node.querySelector(`[name=${name}]`);
          input.id = `table-${name}-${id}`;
          input.closest(".field").querySelector("label").htmlFor = input.id;
          if (document.activeElement !== input && input.defaultValue !== String(value)) {
            input.defaultValue = String(value);
            input.value = String(value);
          }
        }
        setHidden(field("free"), !table.has_scribe);
        setHidden(field("remove"), Boolean(table.last_said_at));
        const { code } = room.session;
        setText(field("code"), `${code.slice(0, 3)} ${code.slice(3)} ${table.key}`);
      },
    );
  }

  /** The longest that something took from being said to being stored, in the last minute, in seconds; null if none. */
  slowest() {
    const { room, connection } = this;
    const since = connection.clock.now() - ARRIVED_WITHIN;
    let slowest = null;
    for (const item of room.contributions.values()) {
      const received = Date.parse(item.received_at);
      if (received > since) slowest = Math.max(slowest ?? 0, (received - Date.parse(item.said_at)) / 1000);
    }
    return slowest;
  }

  renderDelivery() {
    const { parts, room, connection } = this;
    const health = { connected: 0, behind: 0, offline_unsent: 0, unsent: 0, ...room.tallies.health };
    setText(parts.deliveryAsOf, `as of ${clockTime(connection.heardAt)}`);
    setText(parts.here, room.tallies.people.toLocaleString("en-GB"));
    setText(parts.connected, String(health.connected));
    setText(parts.behind, String(health.behind));
    setText(parts.unsent, `${health.offline_unsent}, ${health.unsent}`);
    const slowest = this.slowest();
    setText(parts.slowest, slowest === null ? "–" : duration(slowest));
    parts.slowestRow.toggleAttribute("data-warn", slowest !== null && slowest >= 60);
    parts.behindRow.toggleAttribute("data-warn", health.behind > 0);
    parts.unsentRow.toggleAttribute("data-warn", health.unsent > 0);
  }
}

customElements.define("live-console", LiveConsole);
