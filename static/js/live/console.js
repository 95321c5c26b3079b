/**
 * The facilitator's console. Every control is a form's button that works by itself; here the same fields travel over
 * the socket, with the version of the session that this screen last saw, so that two facilitators never overwrite one
 * another unknowingly.
 */

import { Borrowing } from "./console/borrowing.js";
import { Moderation } from "./console/moderation.js";
import { Prompts } from "./console/prompts.js";
import { Tags } from "./console/tags.js";
import { Watch } from "./console/watch.js";
import { Announcer, Countdown, clockTime, counted, fold, inWords, reconcile, setHidden, setText, shortened, stamp } from "./page.js";
import { enter } from "./screen.js";

const PAGE = 60;
const NEW_FOR = 60_000;
const CUT_OFF_AFTER = 3_000;

const STATES = { waiting: "Waiting", open: "Open", paused: "Paused", closed: "Closed" };
const GONE = {
  not_allowed: "You can no longer run this session.",
  second_factor: "Before you run this session, show in a second way that it is you.",
};
const NUMBERS = new Set(["prompt", "contribution", "into", "seconds", "position", "table", "headcount", "comment"]);
// For the plain form alone: here `send` names the version that stands.
const PLAIN = new Set(["csrfmiddlewaretoken", "as", "version"]);
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
    else if (!PLAIN.has(name)) command[name] = value;
  }
  return command;
}

class LiveConsole extends HTMLElement {
  connectedCallback() {
    Object.assign(this, enter(this, { role: "console" }));
    this.announcer = new Announcer(this.parts.status);
    this.borrowing = new Borrowing(this);
    this.moderation = new Moderation(this);
    this.prompts = new Prompts(this);
    this.tags = new Tags(this);
    this.watch = new Watch(this);
    this.sort = "supported";
    this.rows = PAGE;
    this.current = null;
    // Where the current row stood when it was chosen.
    this.place = 0;
    this.merging = null;
    // Presses that go one after the other: how many wait, whether the next may go, and the version that the last made.
    this.inTurn = 0;
    this.turn = Promise.resolve(true);
    this.made = 0;
    this.countdown = new Countdown([this.parts.timer, this.parts.smallTimer], this.connection.clock);
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
      this.notice(GONE[detail] ?? "This session cannot be reached.", { stop: true, prove: detail === "second_factor" }),
    );

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
    parts.clearDialog.addEventListener("close", () => {
      if (parts.clearDialog.returnValue === "clear") {
        this.send({ type: "session.clear" }, { versioned: true, done: "Cleared. The session waits for its people." });
      }
    });
    parts.closeDialog.addEventListener("close", () => {
      if (parts.closeDialog.returnValue === "close") this.send({ type: "session.close" }, { versioned: true });
    });
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
      this.moderation.hide();
      return;
    }
    if (submitter?.dataset.action === "hide") return;
    if (form.dataset.confirm === "clear") {
      this.parts.clearDialog.returnValue = "leave";
      this.parts.clearDialog.showModal();
      return;
    }
    if (form.dataset.comment !== undefined) {
      this.borrowing.put(form, submitter);
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
      this.moderation.release(command.contribution);
      return;
    }
    const versioned = ("versioned" in form.dataset && command.type !== "table.free") || command.type.startsWith("spotlight.");
    this.send(command, { versioned }).then((done) => {
      if (!done) return;
      if ("reset" in form.dataset) form.reset();
      form.closest("[data-field=editForm]")?.toggleAttribute("hidden", true);
    });
  }

  /**
   * Send a command; tell plainly if it was refused. Answers whether it was done.
   *
   * What goes by the session's version goes one after the other: with the version that stood here when it was pressed, or
   * the one that the press before has made. What was pressed before a refusal could be read is not done either.
   */
  send(command, options = {}) {
    if (!options.versioned) return this.deliver(command, options);
    const seen = this.room.session.version;
    this.inTurn += 1;
    const done = this.turn.then((goesOn) => {
      if (!goesOn) return false;
      return this.deliver({ ...command, version: Math.max(seen, this.made) }, options);
    });
    this.turn = done.then((isDone) => {
      this.inTurn -= 1;
      return isDone || !this.inTurn;
    });
    return done;
  }

  async deliver({ type, ...fields }, { undo = null, done = "" } = {}) {
    try {
      const ack = await this.connection.command(type, fields);
      if (ack.version) {
        this.made = ack.version;
        this.room.session.version = Math.max(this.room.session.version, ack.version);
      }
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
    } else this.notice(error.message || `${type} was refused.`, { stop: true, prove: error.code === "second_factor" });
    this.later();
  }

  notice(words, { stop = false, undo = null, prove = false } = {}) {
    const { parts } = this;
    setText(parts.noticeWords, words);
    parts.notice.toggleAttribute("data-kind", false);
    if (stop) parts.notice.dataset.kind = "stop";
    this.undo = undo;
    setHidden(parts.noticeUndo, !undo);
    setHidden(parts.noticeProve, !prove);
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
    if (move) this.prompts.move(Number(move.closest("[data-key]").dataset.key), Number(move.dataset.move), move);
    const action = target.closest("[data-action]");
    if (!action) return;
    const id = Number(action.closest("li[data-key]").dataset.key);
    if (action.dataset.action === "merge") this.merge(id);
    if (action.dataset.action === "hide") {
      event.preventDefault();
      this.moderation.askToHide(id);
    }
    if (action.dataset.action === "unsettle") this.moderation.unsettle(id);
    if (action.dataset.action === "unmerge") this.unmerge(id);
    if (action.dataset.action === "tag") this.tags.ask(id);
    if (action.dataset.action === "untag") this.tags.toggle(id, action.dataset.tag);
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
    const id = held ? this.moderation.heldBy(held) : this.listedCurrent;
    const keys = {
      j: () => this.choose(this.neighbour(this.current, 1)),
      k: () => this.choose(this.neighbour(this.current, -1)),
      s: () => id && this.star(id),
      enter: () => id && (this.merging === null ? this.spotlight(id) : this.merge(id)),
      m: () => id && this.merge(id),
      t: () => id && this.tags.ask(id),
      r: () => this.moderation.releaseFirst(held),
      h: () => id && this.moderation.askToHide(id),
      n: () => this.takeNew(),
      b: () => this.send({ type: "wall.blank", blank: !this.room.session.blank }, { versioned: true }),
    };
    const act = keys[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  }

  /** The current row, if it stands in the list: a key never means what is hidden, merged or filtered out by now. */
  get listedCurrent() {
    if (this.moderation.leaving.has(this.current)) return null;
    return this.listed().some((item) => item.id === this.current) ? this.current : null;
  }

  neighbour(id, by) {
    const ids = this.visibleIds();
    const index = ids.indexOf(id);
    // It has left the list: go on from where it stood.
    if (index < 0) return ids[Math.min(ids.length - 1, Math.max(0, by > 0 ? this.place : this.place - 1))] ?? null;
    return ids[Math.min(ids.length - 1, Math.max(0, index + by))] ?? null;
  }

  /** Make a row the current one. Focus follows keys, never the other way about. */
  choose(id, { focus = true } = {}) {
    if (id === null || id === undefined) return;
    this.current = id;
    this.place = Math.max(0, this.visibleIds().indexOf(id));
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
    const { wanted } = this.tags;
    const tagged = wanted ? items.filter((item) => item.tags?.includes(wanted)) : items;
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

  /** What is in order and still there. */
  orderedIds() {
    const listed = new Set(this.listed().map((item) => item.id));
    return this.order.filter((id) => listed.has(id));
  }

  visibleIds() {
    return this.orderedIds().slice(0, this.rows);
  }

  // Drawing

  hear(event) {
    if (event.kind === "contribution.added" && event.contribution?.state === "held") this.announcer.say("Something is held for you.");
    if (event.kind === "spotlight.set" || event.kind === "spotlight.cleared") this.announcer.say("The wall has changed.");
    if (event.kind === "wall.themes_changed") this.tags.choosing = false;
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
    setText(parts.saidWord, room.shownCount === 1 ? "contribution" : "contributions");
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
    this.prompts.render();
    this.renderRoom();
    this.moderation.render();
    this.tags.renderThemes();
    this.watch.render();
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
    setText(parts.roomEmpty, this.tags.wanted ? `Nothing here is tagged “${this.tags.wanted}”.` : empty);
    this.tags.renderFilter();
    const ids = this.visibleIds();
    setHidden(parts.more, ids.length >= this.orderedIds().length && !room.earlier);
    const merged = new Map();
    for (const item of room.contributions.values()) {
      if (item.merged_into) merged.set(item.merged_into, (merged.get(item.merged_into) ?? 0) + 1);
    }
    setHidden(parts.merging, this.merging === null);
    if (this.merging !== null) {
      const words = room.contributions.get(this.merging)?.body ?? "";
      setText(parts.mergingWords, `Merging “${shortened(words, 60)}” into…`);
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
    fold(node, item.body);
    setText(field("by"), this.saidBy(item));
    setText(where, onWall ? " · on the wall" : fresh ? ` · new, seen by ${seen}` : "");
    where.dataset.kind = onWall ? "wall" : "new";
    setText(field("seen"), onWall || fresh ? "" : ` · seen by ${seen}`);
    const unmerge = field("unmerge");
    const together = room.tallies.together[item.id];
    const people = together ? `, ${counted(together, "person", "people")}` : "";
    setText(unmerge, `with ${inWords(merged)} merged${people}: take apart`);
    this.tags.fill(field("tags"), item);
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

}

customElements.define("live-console", LiveConsole);
