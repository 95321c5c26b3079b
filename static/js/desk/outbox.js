/**
 * Decisions kept on this computer until the server has them, and sent in order, one after the other.
 *
 * Each goes with a batch id made here, so that one sent twice is harmless. Nothing is removed before it was answered.
 */

// What has not been answered after this many milliseconds may be without a line.
const SLOW = 2000;
const RETRY = [1000, 2000, 4000, 8000, 15000];

/** A random UUID. `crypto.randomUUID` is missing on plain http, where a venue's own network may serve us. */
export function uuid() {
  if (window.crypto.randomUUID) return window.crypto.randomUUID();
  const bytes = window.crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

export class Outbox {
  /**
   * `deliver` posts a command and resolves to `{ answer }`, or to `{ problem }` with the name of what is wrong;
   * `arrived` gets each command with its answer; `changed` is called whenever there is something new to tell.
   */
  constructor(key, { deliver, arrived, changed }) {
    this.key = key;
    this.deliver = deliver;
    this.arrived = arrived;
    this.changed = changed;
    // Those of an earlier page are sent first.
    this.commands = this.read().map((one) => ({ ...one, isEarlier: true }));
    this.failures = 0;
    this.problem = "";
  }

  get length() {
    return this.commands.length;
  }

  /** Whether anything waits that does not just go. */
  get isStuck() {
    return this.commands.length > 0 && Boolean(this.problem || performance.now() - this.since > SLOW);
  }

  push(command) {
    this.commands.push(command);
    this.keep(command);
    this.send();
  }

  /** Take back the newest, if it never left this computer. An undo is not taken back: it stands for one more. */
  takeBack() {
    const last = this.commands.at(-1);
    if (!last || last.isSending || last.what === "undo") return null;
    this.commands.pop();
    this.forget(last);
    return last;
  }

  /**
   * What waits to be said about an entry names the version that this editor's own decision has made of it. Never one
   * that somebody else has made: what waits was decided without knowing of theirs, and is to be refused.
   */
  restamp(card) {
    for (const command of this.commands) {
      const named = command.fields.find(([name, value]) => name === "entry" && value.split(":")[0] === String(card.id));
      if (!named) continue;
      named[1] = `${card.id}:${card.version}`;
      this.keep(command);
    }
  }

  // Several tabs of one editor share what is kept here: each touches only its own.

  read() {
    try {
      return (JSON.parse(window.localStorage.getItem(this.key)) || []).map((one) => ({ ...one, isSending: false }));
    } catch {
      return [];
    }
  }

  keep(command) {
    const kept = this.read();
    const at = kept.findIndex((one) => one.batch === command.batch);
    if (at < 0) kept.push(command);
    else kept[at] = command;
    this.write(kept);
  }

  forget(command) {
    this.write(this.read().filter((one) => one.batch !== command.batch));
  }

  write(kept) {
    try {
      window.localStorage.setItem(this.key, JSON.stringify(kept));
    } catch {
      // Storage is full or forbidden: the decisions live as long as this page.
    }
  }

  /** Send what is kept. Whatever fails to arrive stays and is sent again. */
  async send() {
    if (this.isSending || !this.commands.length) {
      this.changed();
      return;
    }
    this.isSending = true;
    if (!this.problem) this.since = performance.now();
    window.clearTimeout(this.retry);
    const command = this.commands[0];
    command.isSending = true;
    this.changed();
    const { answer, problem } = await this.deliver(command);
    this.isSending = false;
    if (!answer) {
      command.isSending = false;
      this.failures += 1;
      this.problem = problem;
      this.changed();
      this.retry = window.setTimeout(() => this.send(), RETRY[Math.min(this.failures, RETRY.length) - 1]);
      return;
    }
    this.failures = 0;
    this.problem = "";
    this.commands.shift();
    this.forget(command);
    this.arrived(command, answer);
    this.send();
  }
}
