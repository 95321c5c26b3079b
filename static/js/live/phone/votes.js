/** Supporting, weighing, choosing. A press shows at once; what the server has follows. */

import { counted, reconcile, setHidden, setText, stamp, weighed } from "../page.js";

export class Votes {
  constructor(phone) {
    const { parts, room, connection } = phone;
    Object.assign(this, { phone, parts, room, connection });
    // How one voted before a press that the room's tally has not heard of, by thing.
    this.pending = new Map();
    // What is under way, by thing: a poll is one thing, since its choices exclude one another.
    this.turns = new Map();
  }

  press(form, button) {
    const { phone, room, pending } = this;
    if (phone.cutOff) {
      phone.announcer.say("Supporting comes back with the signal.", { now: true });
      return;
    }
    const fields = new FormData(form);
    const kind = fields.has("option") ? "option" : "contribution";
    const id = Number(fields.get(kind));
    const choice = button?.dataset.choice ?? "support";
    const key = `${kind}.${id}`;
    const poll = kind === "option" && room.prompt?.kind === "poll" ? room.prompt : null;
    const ids = poll ? poll.options.map((option) => option.id) : [id];
    const held = this.standing(kind, ids);
    const clearing = held[id] === choice;
    const tally = this.tallyOf(kind, id);
    // Pressed again before the room's tally has heard of the first press, it still counts what stood before that.
    if (pending.get(key)?.tally !== tally) pending.set(key, { before: held[id], tally });
    const wanted = { ...held, [id]: clearing ? undefined : choice };
    if (poll && !clearing) for (const other of ids) if (other !== id) wanted[other] = undefined;
    this.stand(kind, wanted);
    phone.render();
    const command = clearing ? ["vote.clear", { [kind]: id }] : ["vote.set", { [kind]: id, choice }];
    this.send(poll ? `poll.${poll.id}` : key, { kind, key, wanted, held, command });
  }

  standing(kind, ids) {
    const votes = this.room.votes[`${kind}s`];
    return Object.fromEntries(ids.map((id) => [id, votes[id]]));
  }

  stand(kind, wanted) {
    const votes = this.room.votes[`${kind}s`];
    for (const [id, choice] of Object.entries(wanted)) {
      if (choice) votes[id] = choice;
      else delete votes[id];
    }
  }

  /**
   * One command at a time about each thing; of what is pressed meanwhile only the last goes, after it. Two under way
   * at once, each a request of its own, may arrive in either order, and the last press must win.
   */
  async send(thing, wish) {
    const under = this.turns.get(thing);
    if (under) {
      under.next = wish;
      return;
    }
    const turn = { next: wish, held: wish.held };
    this.turns.set(thing, turn);
    while (turn.next) {
      const { kind, key, wanted, command } = turn.next;
      turn.next = null;
      try {
        await this.connection.command(...command);
        turn.held = wanted;
        // A snapshot may have come in between that did not know of it.
        if (!turn.next) this.stand(kind, wanted);
      } catch (error) {
        if (!turn.next) this.takeBack(kind, key, turn.held, error);
      }
    }
    this.turns.delete(thing);
    this.phone.later();
  }

  takeBack(kind, key, held, error) {
    this.stand(kind, held);
    this.pending.delete(key);
    const words = error.code === "offline" ? "Supporting comes back with the signal." : error.message;
    this.phone.announcer.say(words, { now: true });
  }

  tallyOf(kind, id) {
    return kind === "option" ? JSON.stringify(this.room.optionTally(id)) : String(this.room.support(id));
  }

  /** The count as this person expects it: one's own vote shows at once, before the room's tally says so. */
  supportOf(id) {
    const count = this.room.support(id);
    const pending = this.pending.get(`contribution.${id}`);
    if (!pending) return count;
    if (pending.tally !== String(count)) {
      this.pending.delete(`contribution.${id}`);
      return count;
    }
    const now = this.room.votes.contributions[id] ? 1 : 0;
    return Math.max(0, count + now - (pending.before ? 1 : 0));
  }

  render(prompt) {
    const { parts } = this;
    const weighing = prompt?.kind === "statements";
    const polling = prompt?.kind === "poll";
    setHidden(parts.weigh, !weighing);
    setHidden(parts.poll, !polling);
    const options = new Map((prompt?.options ?? []).map((option) => [option.id, option]));
    if (weighing) this.renderStatements(options);
    if (polling) this.renderPoll(options);
  }

  renderStatements(options) {
    const { parts, phone, room } = this;
    reconcile(
      parts.weigh,
      [...options.keys()],
      () => phone.reading.watched(stamp(parts.weighTemplate)),
      (node, id) => {
        const vote = room.votes.options[id];
        setText(node.querySelector("[data-field=text]"), options.get(id).text);
        node.querySelector("[name=option]").value = id;
        for (const button of node.querySelectorAll("[data-choice]")) {
          button.setAttribute("aria-pressed", String(button.dataset.choice === vote));
          button.setAttribute("aria-label", `${button.textContent.trim()}: ${options.get(id).text}`);
        }
        const words = node.querySelector("[data-field=tally]");
        setText(words, weighed(room.optionTally(id)));
        setHidden(words, !vote);
      },
    );
  }

  renderPoll(options) {
    const { parts, room } = this;
    const ids = [...options.keys()];
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
