/** Who this phone speaks for: a person as they wish to appear, or everybody at a table. */

import { inWords, setHidden, setText } from "../page.js";

export class Who {
  constructor(phone) {
    const { parts, room, connection, outbox } = phone;
    Object.assign(this, { phone, parts, room, connection, outbox });
    this.seatHeld = room.you.table;
    parts.identity.addEventListener("submit", (event) => {
      event.preventDefault();
      this.changeIdentity();
    });
    for (const back of [parts.identityBack, parts.seatBack]) {
      back.addEventListener("click", (event) => {
        event.preventDefault();
        this.leave();
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
  }

  // A person

  /** Somebody who came to write for a table never said how they appear, and this session may ask for it. */
  get mustBeSaid() {
    const { you, session } = this.room;
    return !this.seat && Boolean(you.identity) && !session.identities.includes(you.identity);
  }

  ask() {
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
      this.phone.announcer.say("Saved.", { now: true });
      this.leave();
    } catch (error) {
      setText(identityNote, error.code === "offline" ? "No signal. Save it when it is back." : error.message);
      identityNote.dataset.kind = "stop";
      setHidden(identityNote, false);
    }
  }

  /** Back to the box, whichever form was open. */
  leave() {
    location.hash = "say-body";
    history.replaceState(null, "", location.pathname);
    this.parts.box.focus({ preventScroll: true });
    this.phone.render();
  }

  // A table

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
    this.phone.announcer.say("Saved.", { now: true });
    this.leave();
    if (this.connection.online) this.tellSeats();
  }

  /** Tell how many sit at the table, until the server has it. */
  async tellSeats() {
    const counted = this.outbox.read("seat");
    if (!counted || this.telling) return;
    if (counted.id !== this.room.you.table?.id) {
      this.outbox.forget("seat");
      return;
    }
    this.telling = true;
    const { headcount } = counted;
    const done = await this.connection.command("seat.count", { headcount }).then(
      () => true,
      (error) => !error.retry,
    );
    this.telling = false;
    if (!done || this.outbox.read("seat")?.headcount !== headcount) return;
    if (this.room.you.table?.id === counted.id) this.room.you.table = { ...this.room.you.table, headcount };
    this.outbox.forget("seat");
    this.phone.later();
  }

  async leaveSeat() {
    const { seat, parts } = this;
    try {
      this.leaving = true;
      await this.connection.command("seat.leave");
      this.room.you.table = this.seatHeld = null;
      this.phone.announcer.say(`You speak for yourself now, no longer for ${seat.name}.`, { now: true });
      if (this.mustBeSaid) this.ask();
      else this.leave();
    } catch (error) {
      setText(parts.seatNote, error.code === "offline" ? "No signal. Press it again when it is back." : error.message);
      setHidden(parts.seatNote, false);
    } finally {
      this.leaving = false;
    }
  }

  /** Has another device taken the table, or the facilitator freed it? What is still here goes as the table's. */
  heardSeat() {
    const seat = this.seatHeld;
    this.seatHeld = this.room.you.table;
    if (!seat || this.seatHeld || this.leaving) return;
    const words = `This phone no longer writes for ${seat.name}. You speak for yourself.`;
    this.phone.writing.note = words;
    this.phone.announcer.say(words, { now: true });
  }

  render() {
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
}
