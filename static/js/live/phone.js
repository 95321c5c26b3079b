/**
 * The delegate's phone. What is written here is kept on the phone at every keystroke and sent until the server says
 * that it has it; nothing on the screen moves unless the person moves it.
 */

import "./identity.js";
import { Outbox } from "./outbox.js";
import {
  Announcer,
  Countdown,
  clockTime,
  counted,
  inWords,
  reconcile,
  sentence,
  setHidden,
  setText,
  stamp,
  weighed,
} from "./page.js";
import { enter } from "./screen.js";

const STRIP_AFTER = 3_000;
const RETRY_AFTER = 4_000;
const SEEN_AFTER = 1_000;
const SURE_FOR = 10_000;
const KEEP_WITHIN = 8_000;
const PAGE = 30;
const OWN_AT_FIRST = 4;

const MARKS = {
  on_phone: ["on_phone", ""],
  refused: ["error", "stop"],
  received: ["received", ""],
  shown: ["shown", ""],
  merged: ["merged", ""],
  held: ["held", "held"],
  hidden: ["held", "held"],
  used: ["used", ""],
  withdrawn: ["set_aside", ""],
};

class LivePhone extends HTMLElement {
  connectedCallback() {
    Object.assign(this, enter(this));
    this.code = this.dataset.code;
    this.seatHeld = this.room.you.table;
    this.outbox = new Outbox(this.code);
    this.acknowledged = new Map();
    this.pendingVotes = new Map();
    this.order = null;
    this.shownRows = PAGE;
    this.seen = new Set(this.outbox.read("seen") ?? []);
    this.seenToTell = new Set();
    this.seenOptions = new Set();
    this.optionsToTell = new Set();
    this.announcer = new Announcer(this.parts.status);
    this.countdown = new Countdown([this.parts.timer], this.connection.clock);

    this.listen();
    this.restoreDraft();
    this.watchReading();
    this.arrange();
    this.render();
    this.connection.start();
    setTimeout(() => this.showStatus(), STRIP_AFTER);
    setInterval(() => this.pump(), RETRY_AFTER);
    if (this.dataset.worker) registerWorker(this.dataset.worker);
  }

  listen() {
    const { connection, parts } = this;
    connection.addEventListener("change", ({ detail }) => {
      this.hear(detail);
      if (detail.kind === "seat.changed") this.heardSeat();
      this.later();
    });
    connection.addEventListener("tallies", () => this.later());
    connection.addEventListener("applied", () => {
      this.heard = true;
    });
    connection.addEventListener("snapshot", () => {
      this.heard = true;
      this.acknowledged.clear();
      this.heardSeat();
      this.later();
    });
    connection.addEventListener("status", () => {
      this.showStatus();
      this.later();
      if (connection.online) {
        this.toldUnsent = null;
        this.pump();
        this.tellSeen();
      }
    });
    connection.addEventListener("gone", ({ detail }) => this.showGone(detail));
    this.outbox.addEventListener("change", () => this.later());

    parts.box.addEventListener("input", () => this.keep());
    parts.box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) parts.say.requestSubmit();
    });
    parts.say.addEventListener("submit", (event) => {
      event.preventDefault();
      this.say();
    });
    parts.identity.addEventListener("submit", (event) => {
      event.preventDefault();
      this.changeIdentity();
    });
    for (const back of [parts.identityBack, parts.seatBack]) {
      back.addEventListener("click", (event) => {
        event.preventDefault();
        this.leaveIdentity();
      });
    }
    parts.seatCount.addEventListener("submit", (event) => {
      event.preventDefault();
      this.countSeats();
    });
    parts.seatLeave.addEventListener("submit", (event) => {
      event.preventDefault();
      this.leaveSeat();
    });
    parts.pill.addEventListener("click", () => this.takeNew());
    parts.roomMore.addEventListener("click", () => this.showMore());
    parts.ownMore.addEventListener("click", () => {
      this.allOwn = true;
      this.render();
    });
    this.addEventListener("submit", (event) => {
      const form = event.target;
      if (!form.matches("[data-command], [data-withdraw]")) return;
      event.preventDefault();
      if (form.matches("[data-command]")) this.vote(form, event.submitter);
      else this.withdraw(form, event.submitter);
    });
    this.addEventListener("click", ({ target }) => {
      const action = target.closest("[data-action]")?.dataset.action;
      if (action === "who") this.askWho();
      else if (action) this.act(action, target.closest("[data-key]"), target);
    });
    window.addEventListener("pagehide", () => this.keep());
    setHidden(parts.pillPlace, false);
  }

  later() {
    if (this.drawing) return;
    this.drawing = true;
    setTimeout(() => {
      this.drawing = false;
      this.render();
    }, 40);
  }

  // Writing

  get draftName() {
    return String(this.boxPrompt ?? "none");
  }

  /** The words found on this phone, of this prompt or, if it has none, of one that was left in mid-sentence. */
  restoreDraft() {
    const { box } = this.parts;
    const drafts = this.outbox.drafts();
    this.boxPrompt = this.room.session.prompt;
    if (box.value.trim()) {
      this.keep();
      return;
    }
    const mine = drafts[this.draftName];
    const other = Object.keys(drafts).find((name) => drafts[name]);
    if (mine) box.value = mine;
    else if (other) {
      this.boxPrompt = other === "none" ? null : Number(other);
      box.value = drafts[other];
    }
    const again = this.outbox.read("again");
    if (box.value && again?.draft === this.draftName) this.again = again;
  }

  /** What the words in the box are to take the place of, if they were said before: kept beside them. */
  sayAgain(again) {
    this.again = again;
    this.outbox.write("again", again);
  }

  keep() {
    const text = this.parts.box.value;
    this.boxNote = null;
    if (!text.trim()) {
      this.outbox.keepDraft(this.draftName, "");
      this.boxPrompt = this.room.session.prompt;
      if (this.again) this.sayAgain(null);
    } else {
      this.lastsHere = this.outbox.keepDraft(this.draftName, text);
    }
    this.renderBox();
  }

  say() {
    const { box, about } = this.parts;
    const body = box.value.trim();
    if (!body) {
      box.focus();
      return;
    }
    if (this.mustSayWho) {
      this.askWho();
      return;
    }
    this.outbox.put({
      body,
      prompt: this.boxPrompt,
      proposition: about?.value ? Number(about.value) : null,
      said_at: new Date().toISOString(),
      table: this.tableOfWords,
      headcount: this.seat?.headcount ?? 1,
      replaces: this.again?.replaces ?? null,
      changes: this.again?.changes ?? null,
    });
    if (this.again) this.sayAgain(null);
    this.boxNote = null;
    this.outbox.keepDraft(this.draftName, "");
    this.boxPrompt = this.room.session.prompt;
    box.value = "";
    box.focus();
    if (this.goesLater) this.announcer.say("Kept on this phone.", { now: true });
    this.render();
    this.pump();
  }

  /**
   * The table for which words are written now, 0 for oneself. A page that was kept on this phone and has not heard from
   * the server yet may not know that it sits at one: left open, the server says what the phone writes for.
   */
  get tableOfWords() {
    if (this.seat) return this.seat.id;
    return this.heard || !navigator.onLine ? 0 : undefined;
  }

  get mayGo() {
    return this.connection.online && !["waiting", "paused"].includes(this.room.session.state);
  }

  /** Whether to say so: a page that has only just opened, or lost its line for a moment, may say "Send". */
  get goesLater() {
    return this.stripShown || ["waiting", "paused"].includes(this.room.session.state);
  }

  /** Send what waits on this phone, each until it is acknowledged. */
  pump() {
    const items = this.outbox.items().filter((item) => !item.refused);
    this.tellUnsent(items.length);
    if (this.connection.online) this.tellSeats();
    if (!this.mayGo) return;
    for (const item of items) this.deliver(item);
  }

  async deliver(item) {
    this.sending ??= new Set();
    if (this.sending.has(item.client_id) || item.wait > Date.now() || !this.outbox.claim(item.client_id)) return;
    this.sending.add(item.client_id);
    const { client_id: clientId, body, prompt, proposition, said_at: saidAt, table, headcount } = item;
    // It was noted by this phone's clock, which may be wrong.
    const said = new Date(Date.parse(saidAt) + this.connection.clock.offset).toISOString();
    const fields = { client_id: clientId, body, said_at: said };
    if (prompt) fields.prompt = prompt;
    if (proposition) fields.proposition = proposition;
    if (table !== undefined) fields.table = table;
    if (table) fields.headcount = headcount;
    try {
      if (item.changes) {
        this.changed(item, await this.connection.command("contribution.edit", { contribution: item.changes, body }));
      } else this.received(item, await this.connection.command("contribution.add", fields));
    } catch (error) {
      this.notReceived(item, error);
    } finally {
      this.sending.delete(clientId);
      this.outbox.release(clientId);
      this.later();
    }
  }

  received(item, ack) {
    this.room.mine.add(item.client_id);
    if (!this.room.contributions.has(ack.contribution)) {
      this.acknowledged.set(item.client_id, {
        id: ack.contribution,
        seq: ack.seq,
        client_id: item.client_id,
        body: item.body,
        state: ack.state ?? "received",
        reason: ack.reason ?? "",
        said_at: item.said_at,
        prompt: item.prompt,
        table: item.table ? (this.room.you.table?.name ?? "") : "",
        headcount: item.headcount ?? 1,
        merged_into: null,
      });
    }
    this.outbox.remove(item.client_id);
    if (item.replaces) this.connection.command("contribution.withdraw", { contribution: item.replaces }).catch(() => {});
    this.announcer.say(ack.state === "held" ? "Received. A moderator reads it first." : "Received.", { now: true });
    this.tellUnsent(this.outbox.items().filter((waiting) => !waiting.refused).length);
  }

  /** One's own words, changed: the event says so too, but may come later. */
  changed(item, ack) {
    const fields = { body: item.body, state: ack.state, reason: ack.reason ?? "", edited: true };
    this.room.patch(item.changes, fields);
    for (const known of this.acknowledged.values()) if (known.id === item.changes) Object.assign(known, fields);
    this.outbox.remove(item.client_id);
    this.announcer.say(ack.state === "held" ? "Changed. A moderator reads it first." : "Changed.", { now: true });
  }

  notReceived(item, error) {
    if (error.code === "prompt_not_open" && item.prompt) {
      // The prompt is no longer there to answer: the words still are.
      this.outbox.write(`out.${item.client_id}`, { ...item, prompt: null });
    } else if (error.code === "not_joined") this.connection.stop("not_joined");
    else if (!error.retry) {
      this.outbox.refuse(item.client_id, error.message);
      this.announcer.say(`Not sent. ${error.message}`, { now: true });
    } else if (error.after) {
      this.outbox.write(`out.${item.client_id}`, { ...item, wait: Date.now() + error.after * 1000 });
    }
  }

  tellUnsent(count) {
    if (!this.connection.online || this.toldUnsent === count || (this.toldUnsent === null && count === 0)) return;
    this.toldUnsent = count;
    this.connection.tell("health", { unsent: count });
  }

  act(action, row, target) {
    const clientId = row?.dataset.key;
    const own = this.ownItems().find((item) => item.client_id === clientId);
    if (["reword", "edit"].includes(action) && own) this.reword(own, target);
    if (action === "leave") {
      this.parts.box.value = "";
      this.keep();
      this.parts.box.focus();
      this.render();
    }
    if (action === "here") {
      const text = this.parts.box.value;
      this.outbox.keepDraft(this.draftName, "");
      this.boxPrompt = this.room.session.prompt;
      this.outbox.keepDraft(this.draftName, text);
      this.parts.box.focus();
      this.render();
    }
  }

  /**
   * Put one's own words back into the box. While they may be changed, the new ones take their place; of hidden words
   * the old ones go when the new ones are there.
   */
  reword(own, button) {
    const { box } = this.parts;
    if (box.value.trim()) {
      this.boxNote = "Send what is in the box first.";
      this.renderBox();
      box.focus();
      return;
    }
    box.value = own.body;
    this.boxPrompt = own.prompt ?? this.room.session.prompt;
    const waits = own.waiting && !own.refused;
    const changes = waits ? own.changes : this.mayChange(own) && own.id;
    if (own.waiting) this.outbox.remove(own.client_id);
    if (changes) this.sayAgain({ draft: this.draftName, changes });
    else if (!own.waiting) this.sayAgain({ draft: this.draftName, replaces: own.id });
    this.keep();
    button.blur();
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
    this.render();
  }

  mayChange(item) {
    const { session } = this.room;
    if (!item.id || session.state === "closed" || !["shown", "held"].includes(item.state)) return false;
    return this.connection.clock.now() < Date.parse(item.received_at ?? item.said_at) + session.edit_seconds * 1000;
  }

  /** Asks once more on the button itself: withdrawn words do not come back. */
  async withdraw(form, button) {
    if (!("sure" in button.dataset)) {
      button.dataset.sure = "";
      setText(button, "Press again to withdraw");
      setTimeout(() => {
        delete button.dataset.sure;
        setText(button, "Withdraw");
      }, SURE_FOR);
      return;
    }
    const clientId = form.closest("[data-key]").dataset.key;
    if (this.outbox.get(clientId)) {
      this.outbox.remove(clientId);
      return;
    }
    try {
      await this.connection.command("contribution.withdraw", { contribution: Number(new FormData(form).get("contribution")) });
      this.acknowledged.delete(clientId);
      this.announcer.say("Withdrawn.", { now: true });
    } catch (error) {
      this.announcer.say(error.message, { now: true });
      setText(button, error.code === "offline" ? "Not without a signal" : "That did not work");
    }
  }

  // Voting

  /** Whether a press would come to nothing. A page that has only just opened has no line yet, but may have a signal. */
  get cutOff() {
    return !this.connection.online && (this.stripShown || !navigator.onLine);
  }

  async vote(form, button) {
    if (this.cutOff) {
      this.announcer.say("Supporting comes back with the signal.", { now: true });
      return;
    }
    const fields = new FormData(form);
    const kind = fields.has("option") ? "option" : "contribution";
    const id = Number(fields.get(kind));
    const choice = button?.dataset.choice ?? "support";
    const key = `${kind}.${id}`;
    const votes = this.room.votes[`${kind}s`];
    const before = votes[id];
    const clearing = before === choice;
    const tally = this.tallyOf(kind, id);
    const poll = kind === "option" && this.room.prompt?.kind === "poll";
    const others = poll ? this.room.prompt.options.filter((option) => option.id !== id && votes[option.id]) : [];
    // Pressed again before the room's tally has heard of the first press, it still counts what stood before that.
    if (this.pendingVotes.get(key)?.tally !== tally) this.pendingVotes.set(key, { before, tally });
    if (clearing) delete votes[id];
    else votes[id] = choice;
    const undone = others.map((option) => [option.id, votes[option.id]]);
    for (const [other] of undone) delete votes[other];
    this.render();
    try {
      await this.connection.command(clearing ? "vote.clear" : "vote.set", clearing ? { [kind]: id } : { [kind]: id, choice });
    } catch (error) {
      if (before) votes[id] = before;
      else delete votes[id];
      for (const [other, vote] of undone) votes[other] = vote;
      this.pendingVotes.delete(key);
      this.announcer.say(error.code === "offline" ? "Supporting comes back with the signal." : error.message, { now: true });
    }
    this.later();
  }

  tallyOf(kind, id) {
    return kind === "option" ? JSON.stringify(this.room.optionTally(id)) : String(this.room.support(id));
  }

  /** The count as this person expects it: one's own vote shows at once, before the room's tally says so. */
  supportOf(id) {
    const count = this.room.support(id);
    const pending = this.pendingVotes.get(`contribution.${id}`);
    if (!pending) return count;
    if (pending.tally !== String(count)) {
      this.pendingVotes.delete(`contribution.${id}`);
      return count;
    }
    const now = this.room.votes.contributions[id] ? 1 : 0;
    return Math.max(0, count + now - (pending.before ? 1 : 0));
  }

  // Who you are

  /** Somebody who came to write for a table never said how they appear, and this session may ask for it. */
  get mustSayWho() {
    const { you, session } = this.room;
    return !this.seat && Boolean(you.identity) && !session.identities.includes(you.identity);
  }

  askWho() {
    const { identity, identityNote } = this.parts;
    setText(identityNote, "This session asks how you appear. What you wrote stays in the box.");
    delete identityNote.dataset.kind;
    setHidden(identityNote, false);
    location.hash = "identity";
    identity.querySelector("input:not([type=hidden])")?.focus();
  }

  async changeIdentity() {
    const { identity, identityNote } = this.parts;
    const fields = Object.fromEntries([...new FormData(identity)].filter(([name]) => name !== "type"));
    try {
      const ack = await this.connection.command("me.update", fields);
      this.room.you.label = ack.label ?? this.room.you.label;
      this.room.you.identity = fields.identity;
      setHidden(identityNote, true);
      this.announcer.say("Saved.", { now: true });
      this.leaveIdentity();
    } catch (error) {
      setText(identityNote, error.code === "offline" ? "No signal. Save it when it is back." : error.message);
      identityNote.dataset.kind = "stop";
      setHidden(identityNote, false);
    }
  }

  // Writing for a table

  /** The table this phone writes for. How many sit there is what was last said here, told to the server or not yet. */
  get seat() {
    const { table } = this.room.you;
    if (!table) return null;
    const counted = this.outbox.read("seat");
    return counted?.id === table.id ? { ...table, headcount: counted.headcount } : table;
  }

  countSeats() {
    const { seat, parts } = this;
    const headcount = Number(parts.headcount.value);
    if (!seat || !(headcount >= 1 && headcount <= 30)) return;
    this.outbox.write("seat", { id: seat.id, headcount });
    this.announcer.say("Saved.", { now: true });
    this.leaveIdentity();
    if (this.connection.online) this.tellSeats();
  }

  /** Tell how many sit at the table, until the server has it. */
  async tellSeats() {
    const counted = this.outbox.read("seat");
    if (!counted || this.tellingSeats) return;
    if (counted.id !== this.room.you.table?.id) {
      this.outbox.forget("seat");
      return;
    }
    this.tellingSeats = true;
    const { headcount } = counted;
    const done = await this.connection.command("seat.count", { headcount }).then(
      () => true,
      (error) => !error.retry,
    );
    this.tellingSeats = false;
    if (!done || this.outbox.read("seat")?.headcount !== headcount) return;
    if (this.room.you.table?.id === counted.id) this.room.you.table = { ...this.room.you.table, headcount };
    this.outbox.forget("seat");
    this.later();
  }

  async leaveSeat() {
    const { seat, parts } = this;
    try {
      this.leavingSeat = true;
      await this.connection.command("seat.leave");
      this.room.you.table = this.seatHeld = null;
      this.announcer.say(`You speak for yourself now, no longer for ${seat.name}.`, { now: true });
      if (this.mustSayWho) this.askWho();
      else this.leaveIdentity();
    } catch (error) {
      setText(parts.seatNote, error.code === "offline" ? "No signal. Press it again when it is back." : error.message);
      setHidden(parts.seatNote, false);
    } finally {
      this.leavingSeat = false;
    }
  }

  /** Has another device taken the table, or the facilitator freed it? What is still here goes as the table's. */
  heardSeat() {
    const seat = this.seatHeld;
    this.seatHeld = this.room.you.table;
    if (!seat || this.seatHeld || this.leavingSeat) return;
    this.boxNote = `This phone no longer writes for ${seat.name}. You speak for yourself.`;
    this.announcer.say(this.boxNote, { now: true });
  }

  leaveIdentity() {
    location.hash = "say-body";
    history.replaceState(null, "", location.pathname);
    this.parts.box.focus({ preventScroll: true });
    this.render();
  }

  // Reading

  /** Said by this person: the server says so, or it was written on this phone, in this tab or another. */
  isMine(item) {
    return this.room.mine.has(item.client_id) || this.outbox.made.has(item.client_id);
  }

  others() {
    return this.room.shown().filter((item) => !this.isMine(item));
  }

  /**
   * A new order, kept until the person asks for another: what this phone has not shown yet comes first, in a random
   * order of its own so that the early ones do not win by being early; then the most supported.
   */
  arrange() {
    const { room } = this;
    const items = this.others();
    this.luck ??= new Map();
    for (const item of items) if (!this.luck.has(item.id)) this.luck.set(item.id, Math.random() * (1 + room.seen(item.id)));
    const unseen = items.filter((item) => !this.seen.has(item.id));
    const known = items.filter((item) => this.seen.has(item.id));
    unseen.sort((a, b) => this.luck.get(a.id) - this.luck.get(b.id));
    known.sort((a, b) => room.support(b.id) - room.support(a.id) || b.seq - a.seq);
    this.orderName = unseen.length ? "unseen first" : "most supported";
    this.order = [...unseen, ...known].map((item) => item.id);
    this.inOrder = new Set(this.order);
  }

  takeNew() {
    const before = this.inOrder;
    this.arrange();
    this.order = [...this.order.filter((id) => !before.has(id)), ...this.order.filter((id) => before.has(id))];
    this.shownRows = Math.max(PAGE, this.shownRows);
    this.render();
    this.parts.roomList.firstElementChild?.focus({ preventScroll: true });
  }

  /** More of the list; when all that came with the snapshot is there, what was said before it. */
  async showMore() {
    this.shownRows += PAGE;
    if (this.shownRows >= this.order.length && this.room.earlier) {
      const { contributions, earlier, earlier_shown: shown } = await this.connection.fetchEarlier(this.room.firstSeq).catch(() => ({}));
      if (contributions) {
        this.room.addEarlier(contributions, earlier, shown);
        const fresh = this.others().filter((item) => !this.inOrder.has(item.id));
        for (const { id, seq } of fresh) {
          if (!contributions.some((item) => item.seq === seq)) continue;
          this.order.push(id);
          this.inOrder.add(id);
        }
      }
    }
    this.render();
  }

  /** Remember what has stood on the screen for a second, and tell the server, each once. */
  watchReading() {
    const timers = new Map();
    this.eye = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting, intersectionRatio, intersectionRect } of entries) {
          // Words longer than the screen have been seen when they fill half of it.
          const inSight = isIntersecting && (intersectionRatio >= 0.6 || intersectionRect.height >= innerHeight / 2);
          if (inSight && !timers.has(target)) timers.set(target, setTimeout(() => this.saw(target), SEEN_AFTER));
          if (inSight) continue;
          clearTimeout(timers.get(target));
          timers.delete(target);
        }
      },
      { threshold: [0, 0.2, 0.3, 0.4, 0.5, 0.6] },
    );
    for (const node of [...this.parts.roomList.children, ...this.parts.weigh.children]) this.eye.observe(node);
    setInterval(() => this.tellSeen(), 3_000);
  }

  watched(node) {
    this.eye.observe(node);
    return node;
  }

  saw(node) {
    const id = Number(node.dataset.key);
    if (!id || document.visibilityState !== "visible") return;
    const option = node.matches(".weigh__item");
    const known = option ? this.seenOptions : this.seen;
    if (known.has(id)) return;
    known.add(id);
    (option ? this.optionsToTell : this.seenToTell).add(id);
  }

  tellSeen() {
    if (!this.connection.online || !(this.seenToTell.size + this.optionsToTell.size)) return;
    const take = (ids, most) => {
      const taken = [...ids].slice(0, most);
      for (const id of taken) ids.delete(id);
      return taken;
    };
    this.connection.tell("seen", { contributions: take(this.seenToTell, 80), options: take(this.optionsToTell, 20) });
    this.outbox.write("seen", [...this.seen].slice(-2_000));
  }

  /** What an event means to the person, said once in ten seconds at most. */
  hear(event) {
    const { contribution } = event;
    if (event.kind === "prompt.shown") this.announcer.say(`New prompt: ${event.prompt.text}`);
    if (event.kind === "session.opened" || event.kind === "session.closed" || event.kind === "session.paused") {
      this.announcer.say(`The session is ${event.state}.`);
      this.pump();
    }
    if (contribution && this.isMine(contribution)) this.acknowledged.delete(contribution.client_id);
  }

  // Drawing

  showStatus() {
    clearTimeout(this.statusTimer);
    const { connection, parts } = this;
    if (this.gone) return;
    if (connection.online) {
      if (this.stripShown) this.later();
      setHidden(parts.strip, true);
      return;
    }
    const wait = connection.downSince + STRIP_AFTER - Date.now();
    if (wait > 0) {
      this.statusTimer = setTimeout(() => this.showStatus(), wait);
      return;
    }
    const kept = this.outbox.items().filter((item) => !item.refused).length;
    const asOf = `As of ${clockTime(connection.heardAt)}.`;
    setText(
      parts.stripWords,
      kept
        ? `${sentence(inWords(kept))} ${kept === 1 ? "contribution is" : "contributions are"} kept on this phone and will go by ${kept === 1 ? "itself" : "themselves"}. ${asOf}`
        : `What you write is kept on this phone. ${asOf}`,
    );
    if (parts.strip.hidden) {
      setHidden(parts.strip, false);
      this.announcer.say("No signal. Nothing is lost.");
      this.later();
    }
  }

  showGone(reason) {
    const { parts } = this;
    this.gone = true;
    setText(parts.stripTitle, reason === "not_joined" ? "This phone has left the session." : "This session cannot be reached.");
    parts.stripWords.textContent = "What you wrote is kept on this phone. ";
    const link = document.createElement("a");
    link.href = `/live/${this.code}/`;
    link.textContent = "Join again";
    parts.stripWords.append(link);
    setHidden(parts.strip, false);
  }

  get stripShown() {
    return !this.parts.strip.hidden;
  }

  render() {
    const { parts, room } = this;
    const { session, prompt } = room;
    this.dataset.state = session.state;
    setHidden(parts.rehearsal, !session.is_rehearsal);
    setText(parts.message, session.message);
    setHidden(parts.message, !session.message);
    setText(parts.people, counted(room.tallies.people, "person here", "people here"));
    const asking = prompt && !["waiting", "closed"].includes(session.state);
    setText(parts.place, asking ? `Prompt ${prompt.number} of ${session.prompt_count}` : "");
    setText(parts.prompt, asking ? prompt.text : session.title);
    const comment = asking ? prompt.comment : null;
    setHidden(parts.from, !comment);
    if (comment) {
      parts.fromLink.href = comment.url;
      setText(parts.fromLink.firstElementChild, comment.author);
    }
    setText(parts.stateWords, this.stateWords());
    setHidden(parts.stateWords, !parts.stateWords.textContent);
    this.countdown.set(session.state === "closed" ? null : session.timer_ends_at);
    this.renderBox();
    this.renderOptions(asking ? prompt : null);
    this.renderOwn();
    this.renderRoom();
    if (!this.connection.online) this.showStatus();
  }

  stateWords() {
    const opens = this.parts.stateWords.dataset.opens;
    return {
      waiting: `We begin at ${opens}. You can write already: it goes when the session opens.`,
      paused: "Paused. You can write: it goes when the session goes on.",
      closed: "This session has closed. What was said stays here.",
      open: "",
    }[this.room.session.state];
  }

  renderBox() {
    const { parts, room } = this;
    const { session } = room;
    const closed = session.state === "closed";
    const choosing = ["statements", "poll"].includes(room.prompt?.kind) && session.state !== "waiting";
    setHidden(parts.say, (closed || choosing) && !parts.box.value.trim());
    if (!parts.box.value.trim()) this.boxPrompt = session.prompt;
    parts.sayPrompt.value = this.boxPrompt ?? "";
    const changing = Boolean(this.again?.changes);
    if (this.goesLater) setText(parts.send, changing ? "Keep and change later" : "Keep and send later");
    else setText(parts.send, changing ? "Change it" : "Send");
    this.renderSeat();
    const note = this.boxWords(closed);
    if (note.length) parts.sayNote.replaceChildren(...note);
    setHidden(parts.sayNote, note.length === 0);
    delete parts.sayNote.dataset.kind;
    parts.box.removeAttribute("aria-invalid");
  }

  renderSeat() {
    const { parts, room, seat } = this;
    const people = seat && seat.headcount > 1 ? `, ${inWords(seat.headcount)} people` : "";
    setText(parts.asWord, seat ? "For" : "As");
    setText(parts.label, seat ? `${seat.name}${people}` : `“${room.you.label}”`);
    parts.change.hash = seat ? "seat" : "identity";
    setText(parts.seatTitle, seat ? `You write for ${seat.name}` : "You speak for yourself");
    const words = seat ? "Write one thing that the table says" : "Say one thing, in a sentence or two";
    setText(parts.boxLabel, words);
    if (parts.box.placeholder !== words) parts.box.placeholder = words;
    if (seat && document.activeElement !== parts.headcount) parts.headcount.value = seat.headcount;
  }

  boxWords(closed) {
    const { parts, room } = this;
    const text = parts.box.value.trim();
    if (this.boxNote) return [this.boxNote];
    if (closed && text) return ["The session has closed. Your words stay in this box on this phone."];
    if (text && this.again?.changes) return ["You are changing what you said. ", linkButton("leave", "Leave it as it was")];
    const began = room.prompts.get(this.boxPrompt);
    if (text && this.boxPrompt !== room.session.prompt && began) {
      const here = room.session.prompt ? [linkButton("here", "Answer the new one instead")] : [];
      return [`You began this under “${began.text}” and it goes there. `, ...here];
    }
    const left = 2000 - parts.box.value.length;
    if (left < 200) return [left > 0 ? `${left} characters left.` : "That is as long as one contribution can be."];
    if (this.mustSayWho && !closed) return ["This session asks for it: ", linkButton("who", "say how you appear"), "."];
    if (this.outbox.isFragile || (text && this.lastsHere === false)) return ["This browser keeps nothing. Stay on this page until it is sent."];
    return [];
  }

  renderOptions(prompt) {
    const { parts, room } = this;
    const weighing = prompt?.kind === "statements";
    const polling = prompt?.kind === "poll";
    setHidden(parts.weigh, !weighing);
    setHidden(parts.poll, !polling);
    const options = new Map((prompt?.options ?? []).map((option) => [option.id, option]));
    const ids = [...options.keys()];
    if (weighing) {
      reconcile(
        parts.weigh,
        ids,
        () => this.watched(stamp(parts.weighTemplate)),
        (node, id) => {
          const vote = room.votes.options[id];
          const tally = room.optionTally(id);
          setText(node.querySelector("[data-field=text]"), options.get(id).text);
          node.querySelector("[name=option]").value = id;
          for (const button of node.querySelectorAll("[data-choice]")) {
            button.setAttribute("aria-pressed", String(button.dataset.choice === vote));
            button.setAttribute("aria-label", `${button.textContent.trim()}: ${options.get(id).text}`);
          }
          const words = node.querySelector("[data-field=tally]");
          setText(words, weighed(tally));
          setHidden(words, !vote);
        },
      );
    }
    if (polling) {
      const voted = ids.some((id) => room.votes.options[id]);
      const most = Math.max(1, ...ids.map((id) => room.optionTally(id).support));
      reconcile(
        parts.poll,
        ids,
        () => stamp(parts.pollTemplate),
        (node, id) => {
          const count = room.optionTally(id).support;
          setText(node.querySelector("[data-field=text]"), options.get(id).text);
          node.querySelector("[name=option]").value = id;
          node.querySelector("button").setAttribute("aria-pressed", String(Boolean(room.votes.options[id])));
          const words = node.querySelector("[data-field=count]");
          setText(words, counted(count, "vote", "votes"));
          setHidden(words, !voted);
          const bar = node.querySelector("[data-field=bar]");
          bar.toggleAttribute("hidden", !voted);
          bar.firstElementChild.setAttribute("width", (1000 * count) / most);
        },
      );
    }
  }

  /** This phone's own: what waits here, then what the server has, newest first. */
  ownItems() {
    const { room } = this;
    const waiting = this.outbox.items().map((item) => ({ ...item, waiting: true, state: item.refused ? "refused" : "on_phone" }));
    const known = new Map(this.acknowledged);
    for (const item of room.contributions.values()) if (this.isMine(item)) known.set(item.client_id, item);
    for (const item of waiting) known.delete(item.client_id);
    // A change that waits here stands for what it changes.
    const changing = new Set(waiting.filter((item) => !item.refused).map((item) => item.changes));
    for (const [clientId, item] of known) if (changing.has(item.id)) known.delete(clientId);
    return [...waiting.reverse(), ...[...known.values()].sort((a, b) => b.seq - a.seq)];
  }

  ownWords(item) {
    const { room } = this;
    const use = room.you.used?.[item.id];
    if (use && item.state !== "withdrawn") return ["used", use.words + this.forHowMany(item), "", use.url];
    const support = item.id ? room.support(item.id) : 0;
    if (item.state === "on_phone") {
      const why = { waiting: "Goes when the session opens.", paused: "Goes when the session goes on." }[room.session.state];
      return ["on_phone", item.changes ? "Changed on this phone" : "On this phone", why ?? ""];
    }
    if (item.state === "refused") return ["refused", "Not sent", item.refused];
    if (item.state === "held" && room.session.moderation === "hold") {
      return ["received", `Received, ${clockTime(item.said_at)}`, item.reason ?? ""];
    }
    if (item.state === "held") return ["held", "Held by the moderator", item.reason ?? ""];
    if (item.state === "hidden") return ["hidden", "Hidden by the moderator", item.reason ?? ""];
    if (item.state === "withdrawn") return ["withdrawn", "Withdrawn", ""];
    if (item.merged_into) return ["merged", "Merged with another that says the same", ""];
    const people = this.forHowMany(item);
    if (item.state === "shown") return ["shown", (support ? `Shown, supported by ${support}` : "Shown") + people, ""];
    return ["received", `Received, ${clockTime(item.said_at)}${people}`, ""];
  }

  forHowMany({ table, headcount }) {
    return table && headcount > 1 ? `, for ${inWords(headcount)} people` : "";
  }

  renderOwn() {
    const { parts } = this;
    const items = this.ownItems();
    const few = this.allOwn ? items : items.slice(0, OWN_AT_FIRST);
    const byId = new Map(items.map((item) => [item.client_id, item]));
    setHidden(parts.own, items.length === 0);
    setText(parts.ownCount, String(items.length));
    setHidden(parts.ownMore, few.length === items.length);
    setText(parts.ownMore, `Show all ${items.length} of yours`);
    reconcile(
      parts.ownList,
      few.map((item) => item.client_id),
      () => stamp(parts.ownTemplate),
      (node, clientId) => this.fillOwn(node, byId.get(clientId)),
    );
  }

  fillOwn(node, item) {
    const [mark, words, why, url = ""] = this.ownWords(item);
    setText(node.querySelector("[data-field=body]"), item.body);
    const line = node.querySelector("[data-field=mark]");
    if (line.dataset.mark !== mark) {
      const [icon, tone] = MARKS[mark];
      const picture = this.parts.marks.content.querySelector(`[data-mark=${icon}]`).firstElementChild.cloneNode(true);
      line.dataset.mark = mark;
      line.className = `said__mark status${tone ? ` status--${tone}` : ""}`;
      line.replaceChildren(picture, document.createElement("span"));
    }
    setText(line.lastElementChild, words);
    const withdraw = node.querySelector("[data-field=withdraw]");
    withdraw.elements.contribution.value = item.id ?? "";
    withdraw.querySelector("button").setAttribute("aria-label", `Withdraw: ${item.body.slice(0, 60)}`);
    setHidden(withdraw, ["withdrawn", "hidden", "merged", "used"].includes(mark) || this.room.session.state === "closed");
    const edit = node.querySelector("[data-field=edit]");
    edit.setAttribute("aria-label", `Change: ${item.body.slice(0, 60)}`);
    setHidden(edit, !["shown", "received", "on_phone"].includes(mark) || !(item.waiting || this.mayChange(item)));
    const used = node.querySelector("[data-field=used]");
    if (url) used.href = url;
    setHidden(used, !url);
    node.querySelector("[data-field=plainEdit]")?.remove();
    const reword = node.querySelector("[data-action=reword]");
    const again = ["held", "hidden", "refused"].includes(mark) && this.room.session.state !== "closed";
    setText(node.querySelector("[data-field=reason]"), why);
    setHidden(reword, !again);
    setHidden(node.querySelector("[data-field=why]"), !why && !again && !url);
  }

  renderRoom() {
    const { parts, room } = this;
    const others = this.others();
    const present = new Map(others.map((item) => [item.id, item]));
    const reading = parts.roomList.childElementCount > 0;
    if (!reading && others.length) this.arrange();
    const fresh = others.filter((item) => !this.inOrder.has(item.id)).length;
    const ids = this.order.filter((id) => present.has(id));
    const few = ids.slice(0, this.shownRows);
    const total = counted(room.shownCount, "", "").trim();
    const offline = !this.connection.online && this.stripShown;
    setText(
      parts.roomMeta,
      room.shownCount ? `${total}, ${offline ? `as of ${clockTime(this.connection.heardAt)}` : this.orderName}` : "",
    );
    setHidden(parts.roomEmpty, others.length > 0);
    setText(parts.pill, `${fresh} new`);
    setHidden(parts.pill, fresh === 0);
    if (fresh && fresh !== this.announced) this.announcer.say(`${fresh} new`);
    this.announced = fresh;
    setHidden(parts.roomMore, few.length === ids.length && !room.earlier);
    reconcile(
      parts.roomList,
      few,
      () => this.watched(stamp(parts.saidTemplate)),
      (node, id) => this.fillSaid(node, present.get(id)),
    );
    setText(
      parts.legendWords,
      offline
        ? "Supporting comes back with the signal. You can close this page: what you wrote stays on this phone."
        : "After the summit this page tells you which of your words were used, and where.",
    );
  }

  fillSaid(node, item) {
    const { room } = this;
    const count = this.supportOf(item.id);
    const pressed = Boolean(room.votes.contributions[item.id]);
    setText(node.querySelector("[data-field=body]"), item.body);
    setText(node.querySelector("[data-field=by]"), this.saidBy(item));
    node.querySelector("[name=contribution]").value = item.id;
    const button = node.querySelector("[data-field=support]");
    setText(button.querySelector("[data-field=count]"), String(count));
    button.setAttribute("aria-pressed", String(pressed));
    button.setAttribute("aria-label", `${count} support this: ${item.body.slice(0, 80)}`);
    if (this.cutOff || room.session.state === "closed") button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }

  saidBy(item) {
    const { session, prompts } = this.room;
    const people = item.headcount > 1 ? `, ${inWords(item.headcount)} people` : "";
    const by = item.table ? `${item.table}${people}` : item.author;
    const prompt = item.prompt !== session.prompt && prompts.get(item.prompt);
    return prompt && session.prompt ? `${by}, prompt ${prompt.number}` : by;
  }
}

function linkButton(action, words) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "link-button", textContent: words });
  button.dataset.action = action;
  return button;
}

/**
 * Keep the page itself on the phone, so that it opens without a signal. Only where browsers allow it (https).
 *
 * This page and its parts came before the worker did, so they are fetched once more: after a moment of each phone's
 * own, since a room that joins together need not do that together too.
 */
function registerWorker(address) {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker
    .register(address, { scope: "/live/" })
    .then(() => navigator.serviceWorker.ready)
    .then(() => new Promise((resolve) => setTimeout(resolve, Math.random() * KEEP_WITHIN)))
    .then(() => {
      const parts = performance.getEntriesByType("resource").map(({ name }) => name);
      const needed = parts.filter((name) => name.startsWith(location.origin) && /\.(css|js|woff2)$/.test(new URL(name).pathname));
      return caches.open("summit-live-1").then(async (cache) => {
        if (!(await cache.match(location.pathname))) await cache.add(location.pathname);
        for (const name of needed) if (!(await cache.match(name))) await cache.add(name);
      });
    })
    .catch(() => {});
}

customElements.define("live-phone", LivePhone);
