/** One's own words and what has become of them: also without a signal, as they stood when the server was last heard. */

import { clockTime, copy, fold, inWords, reconcile, setHidden, setText, stamp } from "../page.js";

const AT_FIRST = 4;
const KEPT_AT_MOST = 100;
const NOTE_EVERY = 5_000;
const SURE_FOR = 10_000;

const MARKS = {
  on_phone: ["on_phone", ""],
  closed: ["on_phone", ""],
  refused: ["error", "stop"],
  received: ["received", ""],
  shown: ["shown", ""],
  merged: ["merged", ""],
  held: ["held", "held"],
  hidden: ["held", "held"],
  used: ["used", ""],
  withdrawn: ["set_aside", ""],
};
// These go nowhere by themselves: whoever wrote them takes them elsewhere, or away.
const STRANDED = ["refused", "closed"];

export class Own {
  constructor(phone) {
    const { parts, room, connection, outbox } = phone;
    Object.assign(this, { phone, parts, room, connection, outbox });
    this.acknowledged = new Map();
    this.written = new Map();
    this.heardAt = outbox.read("heard");
    // A page that was kept on this phone is older than what was heard after it came.
    this.pageIsOld = Date.parse(this.heardAt) > Date.parse(connection.clock.latest);
    this.kept = this.readKept();
    if (!this.pageIsOld) this.forgetGone();
    parts.ownMore.addEventListener("click", () => {
      this.all = true;
      phone.render();
    });
    window.addEventListener("pagehide", () => this.noteHearing());
  }

  /** Said by this person: the server says so, or it was written on this phone, in this tab or another. */
  isMine(item) {
    return this.room.mine.has(item.client_id) || this.outbox.made.has(item.client_id);
  }

  // What is kept on this phone of what the server has

  readKept() {
    const items = this.outbox.keys("own.").map((key) => this.outbox.read(key));
    const newest = items.filter((item) => item?.client_id).sort((a, b) => b.seq - a.seq);
    for (const { client_id: clientId } of newest.slice(KEPT_AT_MOST)) this.outbox.forget(`own.${clientId}`);
    return new Map(newest.slice(0, KEPT_AT_MOST).map((item) => [item.client_id, item]));
  }

  /** The server has just told all that is this device's: a rehearsal may have been cleared meanwhile. */
  forgetGone() {
    for (const clientId of [...this.kept.keys()]) {
      if (this.room.mine.has(clientId)) continue;
      this.kept.delete(clientId);
      this.written.delete(clientId);
      this.outbox.forget(`own.${clientId}`);
    }
  }

  heardAll() {
    this.acknowledged.clear();
    this.forgetGone();
  }

  /** Keep what has changed. A page that has heard nothing yet knows no better than the one before it. */
  keep(items) {
    if (this.pageIsOld && !this.phone.heard) return;
    for (const item of items) {
      if (item.waiting || item.kept) continue;
      const value = { ...item, support: this.room.support(item.id), use: this.room.you.used?.[item.id] ?? null };
      const text = JSON.stringify(value);
      if (this.written.get(item.client_id) === text) continue;
      this.written.set(item.client_id, text);
      this.kept.set(item.client_id, value);
      this.outbox.write(`own.${item.client_id}`, value);
    }
    if (!(Date.now() - this.notedAt < NOTE_EVERY)) this.noteHearing();
  }

  /** Of when what is kept here is, by the server's clock. */
  noteHearing() {
    const { latest } = this.connection.clock;
    if (!this.kept.size || !(Date.parse(latest) > (Date.parse(this.heardAt) || 0))) return;
    if (this.pageIsOld && !this.phone.heard) return;
    this.notedAt = Date.now();
    this.heardAt = latest;
    this.outbox.write("heard", latest);
  }

  /** The server has them; the event that says so may come later. */
  acknowledge(item, ack) {
    this.acknowledged.set(item.client_id, {
      id: ack.contribution,
      seq: ack.seq,
      client_id: item.client_id,
      body: item.body,
      state: ack.state ?? "received",
      reason: ack.reason ?? "",
      said_at: item.said_at,
      received_at: new Date(this.connection.clock.now()).toISOString(),
      prompt: item.prompt,
      table: item.table ? (this.room.you.table?.name ?? "") : "",
      headcount: item.headcount ?? 1,
      merged_into: null,
    });
  }

  patch(id, fields) {
    for (const known of this.acknowledged.values()) if (known.id === id) Object.assign(known, fields);
  }

  /** An event has told of it: what was acknowledged need not stand in for it any more. */
  heard(contribution) {
    this.acknowledged.delete(contribution.client_id);
  }

  // What is listed

  /** What waits here, then what the server has, and what it would not take among that, newest first. */
  items() {
    const { room, phone } = this;
    const waiting = this.outbox.items().map((item) => ({ ...item, waiting: true, state: this.stateOf(item) }));
    const known = new Map();
    for (const [clientId, item] of this.kept) known.set(clientId, { ...item, kept: true });
    for (const [clientId, item] of this.acknowledged) known.set(clientId, item);
    for (const item of room.contributions.values()) {
      if (!this.isMine(item)) continue;
      const outdated = this.pageIsOld && !phone.heard && this.kept.has(item.client_id);
      if (!outdated) known.set(item.client_id, item);
    }
    for (const item of waiting) known.delete(item.client_id);
    const going = waiting.filter((item) => item.state === "on_phone");
    // A change that waits here stands for what it changes.
    const changing = new Set(going.map((item) => item.changes));
    for (const [clientId, item] of known) if (changing.has(item.id)) known.delete(clientId);
    const rest = [...waiting.filter((item) => item.state !== "on_phone"), ...known.values()];
    return [...going.reverse(), ...rest.sort((a, b) => this.placeOf(b) - this.placeOf(a) || (b.seq ?? 0) - (a.seq ?? 0))];
  }

  stateOf(item) {
    if (item.refused) return "refused";
    return this.room.session.state === "closed" ? "closed" : "on_phone";
  }

  placeOf(item) {
    return item.waiting ? item.at + this.connection.clock.offset : Date.parse(item.received_at ?? item.said_at);
  }

  mayChange(item) {
    const { session } = this.room;
    if (!item.id || session.state === "closed" || !["shown", "held"].includes(item.state)) return false;
    return this.connection.clock.now() < Date.parse(item.received_at ?? item.said_at) + session.edit_seconds * 1000;
  }

  /** A mark, its words, a line of explanation, and where it was used. */
  words(item) {
    const { room } = this;
    const use = room.you.used?.[item.id] ?? item.use;
    if (use && item.state !== "withdrawn") return ["used", use.words + this.forHowMany(item), "", use.url];
    if (item.state === "on_phone") {
      const why = { waiting: "Goes when the session opens.", paused: "Goes when the session goes on." }[room.session.state];
      return ["on_phone", item.changes ? "Changed on this phone" : "On this phone", why ?? ""];
    }
    if (item.state === "closed") return ["closed", "Closed: kept on this phone, not sent", ""];
    if (item.state === "refused") return ["refused", "Not sent", item.refused];
    if (item.state === "held" && room.session.moderation === "hold") {
      return ["received", `Received, ${clockTime(item.said_at)}`, item.reason ?? ""];
    }
    if (item.state === "held") return ["held", "Held by the moderator", item.reason ?? ""];
    if (item.state === "hidden") return ["hidden", "Hidden by the moderator", item.reason ?? ""];
    if (item.state === "withdrawn") return ["withdrawn", "Withdrawn", ""];
    if (item.merged_into) return ["merged", "Merged with another that says the same", ""];
    const people = this.forHowMany(item);
    const support = item.kept ? item.support : room.support(item.id);
    if (item.state === "shown") return ["shown", (support ? `Shown, supported by ${support}` : "Shown") + people, ""];
    return ["received", `Received, ${clockTime(item.said_at)}${people}`, ""];
  }

  forHowMany({ table, headcount }) {
    return table && headcount > 1 ? `, for ${inWords(headcount)} people` : "";
  }

  // What is done with them

  act(action, clientId, button) {
    const item = this.items().find((own) => own.client_id === clientId);
    if (!item) return;
    if (action === "copy") this.copy(item, button);
    if (["reword", "edit"].includes(action)) this.phone.writing.reword(item, button);
  }

  async copy(item, button) {
    setText(button, (await copy(item.body)) ? "Copied" : "Press longer on the words to copy them");
    setTimeout(() => setText(button, "Copy it"), SURE_FOR);
  }

  /** Asks once more on the button itself: withdrawn words do not come back, and those kept only here are gone. */
  async withdraw(form, button) {
    const { connection, outbox, phone } = this;
    if (!("sure" in button.dataset)) {
      button.dataset.sure = "";
      setTimeout(() => {
        delete button.dataset.sure;
        phone.later();
      }, SURE_FOR);
      phone.render();
      return;
    }
    const row = form.closest("[data-key]");
    const clientId = row.dataset.key;
    if (outbox.get(clientId)) {
      const next = row.nextElementSibling ?? row.previousElementSibling;
      outbox.remove(clientId);
      phone.sending.tellUnsent();
      phone.render();
      phone.announcer.say("Removed from this phone.", { now: true });
      (next ?? this.parts.box).focus({ preventScroll: true });
      return;
    }
    try {
      const id = Number(new FormData(form).get("contribution"));
      await connection.command("contribution.withdraw", { contribution: id });
      this.acknowledged.delete(clientId);
      phone.announcer.say("Withdrawn.", { now: true });
    } catch (error) {
      phone.announcer.say(error.message, { now: true });
      button.dataset.sure = error.code === "offline" ? "Not without a signal" : "That did not work";
      phone.render();
    }
  }

  // Drawing

  render() {
    const { parts, connection } = this;
    const items = this.items();
    this.keep(items);
    const few = this.all ? items : items.slice(0, AT_FIRST);
    const byId = new Map(items.map((item) => [item.client_id, item]));
    const asOf = Math.max(connection.heardAt, this.pageIsOld && !this.phone.heard ? Date.parse(this.heardAt) : 0);
    setHidden(parts.own, items.length === 0);
    setText(parts.ownCount, this.phone.cutOff ? `${items.length}, as of ${clockTime(asOf)}` : String(items.length));
    setHidden(parts.ownMore, few.length === items.length);
    setText(parts.ownMore, `Show all ${items.length} of yours`);
    reconcile(
      parts.ownList,
      few.map((item) => item.client_id),
      () => stamp(parts.ownTemplate),
      (node, clientId) => this.fill(node, byId.get(clientId)),
    );
  }

  fill(node, item) {
    const [mark, words, why, url = ""] = this.words(item);
    const field = (name) => node.querySelector(`[data-field=${name}]`);
    const isClosed = this.room.session.state === "closed";
    const isStranded = STRANDED.includes(mark);
    const beginning = item.body.slice(0, 60);
    fold(node, item.body);
    const line = field("mark");
    if (line.dataset.mark !== mark) {
      const [icon, tone] = MARKS[mark];
      const picture = this.parts.marks.content.querySelector(`[data-mark=${icon}]`).firstElementChild.cloneNode(true);
      line.dataset.mark = mark;
      line.className = `said__mark status${tone ? ` status--${tone}` : ""}`;
      line.replaceChildren(picture, document.createElement("span"));
    }
    setText(line.lastElementChild, words);

    const withdraw = field("withdraw");
    const button = withdraw.querySelector("button");
    const verb = isStranded ? "Remove" : "Withdraw";
    const { sure } = button.dataset;
    setText(button, sure === undefined ? verb : sure || `Press again to ${verb.toLowerCase()}`);
    button.setAttribute("aria-label", `${button.textContent}: ${beginning}`);
    withdraw.elements.contribution.value = item.id ?? "";
    setHidden(withdraw, ["withdrawn", "hidden", "merged", "used"].includes(mark) || (isClosed && !item.waiting));

    const edit = field("edit");
    edit.setAttribute("aria-label", `Change: ${beginning}`);
    setHidden(edit, !["shown", "received", "on_phone"].includes(mark) || !(item.waiting || this.mayChange(item)));
    const used = field("used");
    if (url) used.href = url;
    setHidden(used, !url);
    field("plainEdit")?.remove();
    const again = ["held", "hidden", "refused"].includes(mark) && !isClosed;
    setText(field("reason"), why);
    setHidden(field("reword"), !again);
    setHidden(field("copy"), !isStranded);
    setHidden(field("why"), !why && !again && !url && !isStranded);
  }
}
