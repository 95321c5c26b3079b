/** Sends what waits on this phone, each until the server says that it has it. */

const RETRY_AFTER = 4_000;

export class Sending {
  constructor(phone) {
    const { room, connection, outbox } = phone;
    Object.assign(this, { phone, room, connection, outbox });
    this.underWay = new Set();
    this.told = null;
    setInterval(() => this.pump(), RETRY_AFTER);
  }

  /** What the server may still take. A closed session is asked once: it may have had the words before it closed. */
  waiting() {
    const isClosed = this.room.session.state === "closed";
    return this.outbox.items().filter((item) => !item.refused && !(isClosed && item.closed));
  }

  get mayGo() {
    return this.connection.online && !["waiting", "paused"].includes(this.room.session.state);
  }

  pump() {
    this.tellUnsent();
    if (this.connection.online) this.phone.who.tellSeats();
    if (!this.mayGo) return;
    for (const item of this.waiting()) this.deliver(item);
  }

  async deliver(item) {
    const { connection, outbox, underWay } = this;
    if (underWay.has(item.client_id) || item.wait > Date.now() || !outbox.claim(item.client_id)) return;
    underWay.add(item.client_id);
    const { client_id: clientId, body, prompt, proposition, said_at: saidAt, table, headcount } = item;
    // It was noted by this phone's clock, which may be wrong.
    const said = new Date(Date.parse(saidAt) + connection.clock.offset).toISOString();
    const fields = { client_id: clientId, body, said_at: said };
    if (prompt) fields.prompt = prompt;
    if (proposition) fields.proposition = proposition;
    if (table !== undefined) fields.table = table;
    if (table) fields.headcount = headcount;
    try {
      if (item.changes) {
        this.changed(item, await connection.command("contribution.edit", { contribution: item.changes, body }));
      } else this.received(item, await connection.command("contribution.add", fields));
    } catch (error) {
      this.notReceived(item, error);
    } finally {
      underWay.delete(clientId);
      outbox.release(clientId);
      this.phone.later();
    }
  }

  received(item, ack) {
    this.room.mine.add(item.client_id);
    if (!this.room.contributions.has(ack.contribution)) this.phone.own.acknowledge(item, ack);
    this.outbox.remove(item.client_id);
    if (item.replaces) this.connection.command("contribution.withdraw", { contribution: item.replaces }).catch(() => {});
    this.phone.announcer.say(ack.state === "held" ? "Received. A moderator reads it first." : "Received.", { now: true });
    this.tellUnsent();
  }

  /** One's own words, changed: the event says so too, but may come later. */
  changed(item, ack) {
    const fields = { body: item.body, state: ack.state, reason: ack.reason ?? "", edited: true };
    this.room.patch(item.changes, fields);
    this.phone.own.patch(item.changes, fields);
    this.outbox.remove(item.client_id);
    this.phone.announcer.say(ack.state === "held" ? "Changed. A moderator reads it first." : "Changed.", { now: true });
  }

  notReceived(item, error) {
    const { outbox } = this;
    if (error.code === "prompt_not_open" && item.prompt) {
      // The prompt is no longer there to answer: the words still are.
      outbox.note(item.client_id, { prompt: null });
    } else if (error.code === "session_closed") {
      // It goes by itself should the session be opened again.
      outbox.note(item.client_id, { closed: true });
      this.tellUnsent();
    } else if (error.code === "not_joined") this.connection.stop("not_joined");
    else if (!error.retry) {
      outbox.refuse(item.client_id, error.message);
      this.phone.announcer.say(`Not sent. ${error.message}`, { now: true });
    } else if (error.after) {
      outbox.note(item.client_id, { wait: Date.now() + error.after * 1000 });
    }
  }

  tellUnsent() {
    const count = this.waiting().length;
    if (!this.connection.online || this.told === count || (this.told === null && count === 0)) return;
    this.told = count;
    this.connection.tell("health", { unsent: count });
  }

  /** The line is back: what the server was told of this phone went with the last one. */
  begin() {
    this.told = null;
    this.pump();
  }
}
