/** The box: what is in it is kept on this phone at every keystroke, beside the prompt it was begun under. */

import { copy, setHidden, setText } from "../page.js";

const LONGEST = 2_000;

export class Writing {
  constructor(phone) {
    const { parts, room, outbox } = phone;
    Object.assign(this, { phone, parts, room, outbox });
    /** Something to say beside the box until the next keystroke. */
    this.note = null;
    parts.box.addEventListener("input", () => this.keep());
    parts.box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) parts.say.requestSubmit();
    });
    parts.say.addEventListener("submit", (event) => {
      event.preventDefault();
      this.say();
    });
    window.addEventListener("pagehide", () => this.keep());
    this.restore();
  }

  get draftName() {
    return String(this.prompt ?? "none");
  }

  get isClosed() {
    return this.room.session.state === "closed";
  }

  /** The words found on this phone, of this prompt or, if it has none, of one that was left in mid-sentence. */
  restore() {
    const { box } = this.parts;
    const drafts = this.outbox.drafts();
    this.prompt = this.room.session.prompt;
    if (box.value.trim()) {
      this.keep();
      return;
    }
    const mine = drafts[this.draftName];
    const other = Object.keys(drafts).find((name) => drafts[name]);
    if (mine) box.value = mine;
    else if (other) {
      this.prompt = other === "none" ? null : Number(other);
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
    this.note = null;
    if (!text.trim()) {
      this.outbox.keepDraft(this.draftName, "");
      this.prompt = this.room.session.prompt;
      if (this.again) this.sayAgain(null);
    } else {
      this.lastsHere = this.outbox.keepDraft(this.draftName, text);
    }
    this.render();
  }

  say() {
    const { phone } = this;
    const { box, about } = this.parts;
    const body = box.value.trim();
    if (!body) {
      box.focus();
      return;
    }
    if (this.isClosed) {
      phone.announcer.say("Closed: kept on this phone.", { now: true });
      return;
    }
    if (phone.who.mustBeSaid) {
      phone.who.ask();
      return;
    }
    this.outbox.put({
      body,
      prompt: this.prompt,
      proposition: about?.value ? Number(about.value) : null,
      said_at: new Date().toISOString(),
      table: this.table,
      headcount: phone.who.seat?.headcount ?? 1,
      replaces: this.again?.replaces ?? null,
      changes: this.again?.changes ?? null,
    });
    if (this.again) this.sayAgain(null);
    this.note = null;
    this.outbox.keepDraft(this.draftName, "");
    this.prompt = this.room.session.prompt;
    box.value = "";
    box.focus();
    if (phone.goesLater) phone.announcer.say("Kept on this phone.", { now: true });
    phone.render();
    phone.sending.pump();
  }

  /**
   * The table for which words are written now, 0 for oneself. A page that was kept on this phone and has not heard from
   * the server yet may not know that it sits at one: left open, the server says what the phone writes for.
   */
  get table() {
    const { seat } = this.phone.who;
    if (seat) return seat.id;
    return this.phone.heard || !navigator.onLine ? 0 : undefined;
  }

  /**
   * Put one's own words back into the box. While they may be changed, the new ones take their place; of hidden words
   * the old ones go when the new ones are there.
   */
  reword(own, button) {
    const { box } = this.parts;
    if (box.value.trim()) {
      this.note = "Send what is in the box first.";
      this.render();
      box.focus();
      return;
    }
    box.value = own.body;
    this.prompt = own.prompt ?? this.room.session.prompt;
    const waits = own.waiting && !own.refused;
    const changes = waits ? own.changes : this.phone.own.mayChange(own) && own.id;
    if (own.waiting) this.outbox.remove(own.client_id);
    if (changes) this.sayAgain({ draft: this.draftName, changes });
    else if (!own.waiting) this.sayAgain({ draft: this.draftName, replaces: own.id });
    this.keep();
    button.blur();
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
    this.phone.render();
  }

  /** What is in the box, left as it was said. */
  leave() {
    this.parts.box.value = "";
    this.keep();
    this.parts.box.focus();
    this.phone.render();
  }

  /** What is in the box, under the prompt that is up now. */
  moveHere() {
    const text = this.parts.box.value;
    this.outbox.keepDraft(this.draftName, "");
    this.prompt = this.room.session.prompt;
    this.outbox.keepDraft(this.draftName, text);
    this.parts.box.focus();
    this.phone.render();
  }

  async copy(button) {
    setText(button, (await copy(this.parts.box.value)) ? "Copied" : "Press longer on the words to copy them");
  }

  render() {
    const { parts, room, phone, isClosed } = this;
    const { session } = room;
    const isEmpty = !parts.box.value.trim();
    const choosing = ["statements", "poll"].includes(room.prompt?.kind) && session.state !== "waiting";
    setHidden(parts.say, (isClosed || choosing) && isEmpty);
    if (isEmpty) this.prompt = session.prompt;
    parts.sayPrompt.value = this.prompt ?? "";
    // Nothing can be sent any more, and nothing says that it could.
    setHidden(parts.sayRow, isClosed);
    setHidden(parts.aboutField, isClosed);
    const changing = Boolean(this.again?.changes);
    if (phone.goesLater) setText(parts.send, changing ? "Keep and change later" : "Keep and send later");
    else setText(parts.send, changing ? "Change it" : "Send");
    phone.who.render();
    this.renderNote();
    delete parts.sayNote.dataset.kind;
    parts.box.removeAttribute("aria-invalid");
  }

  renderNote() {
    const { sayNote } = this.parts;
    const [key, ...words] = this.words();
    setHidden(sayNote, words.length === 0);
    // A button among them keeps the focus as long as they stay the same.
    if (sayNote.dataset.note === key) return;
    sayNote.dataset.note = key;
    sayNote.replaceChildren(...words);
  }

  /** A name for what is said beside the box, then its words. */
  words() {
    const { parts, room, phone, isClosed } = this;
    const text = parts.box.value.trim();
    if (this.note) return [this.note, this.note];
    if (isClosed && text) return [`closed ${text.length}`, "Closed: kept on this phone, not sent. ", linkButton("copyBox", "Copy it")];
    if (text && this.again?.changes) return ["changing", "You are changing what you said. ", linkButton("leave", "Leave it as it was")];
    const began = room.prompts.get(this.prompt);
    if (text && this.prompt !== room.session.prompt && began) {
      const words = `You began this under “${began.text}” and it goes there. `;
      const here = room.session.prompt ? [linkButton("here", "Answer the new one instead")] : [];
      return [`${words}${here.length}`, words, ...here];
    }
    const left = LONGEST - parts.box.value.length;
    if (left < 200) return [`left ${left}`, left > 0 ? `${left} characters left.` : "That is as long as one contribution can be."];
    if (phone.who.mustBeSaid && !isClosed) return ["who", "This session asks for it: ", linkButton("who", "say how you appear"), "."];
    if (this.outbox.isFragile || (text && this.lastsHere === false)) {
      return ["fragile", "This browser keeps nothing. Stay on this page until it is sent."];
    }
    return [""];
  }
}

function linkButton(action, words) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "link-button", textContent: words });
  button.dataset.action = action;
  return button;
}
