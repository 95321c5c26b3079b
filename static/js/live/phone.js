/**
 * The delegate's phone. What is written here is kept on the phone at every keystroke and sent until the server says
 * that it has it; nothing on the screen moves unless the person moves it.
 */

import "./identity.js";
import { Outbox } from "./outbox.js";
import { Announcer, Countdown, clockTime, counted, inWords, sentence, setHidden, setText } from "./page.js";
import { Own } from "./phone/own.js";
import { Reading } from "./phone/reading.js";
import { Sending } from "./phone/sending.js";
import { Votes } from "./phone/votes.js";
import { Who } from "./phone/who.js";
import { Writing } from "./phone/writing.js";
import { enter } from "./screen.js";

const STRIP_AFTER = 3_000;
const KEEP_WITHIN = 8_000;

class LivePhone extends HTMLElement {
  connectedCallback() {
    Object.assign(this, enter(this));
    this.code = this.dataset.code;
    this.outbox = new Outbox(this.code);
    this.announcer = new Announcer(this.parts.status);
    this.countdown = new Countdown([this.parts.timer], this.connection.clock);
    this.own = new Own(this);
    this.votes = new Votes(this);
    this.who = new Who(this);
    this.writing = new Writing(this);
    this.sending = new Sending(this);
    this.reading = new Reading(this);

    this.listen();
    this.render();
    this.connection.start();
    setTimeout(() => this.showStatus(), STRIP_AFTER);
    if (this.dataset.worker) registerWorker(this.dataset.worker);
  }

  listen() {
    const { connection } = this;
    connection.addEventListener("change", ({ detail }) => {
      this.hear(detail);
      if (detail.kind === "seat.changed") this.who.heardSeat();
      this.later();
    });
    connection.addEventListener("tallies", () => this.later());
    connection.addEventListener("applied", () => {
      this.heard = true;
      this.later();
    });
    connection.addEventListener("snapshot", () => {
      this.heard = true;
      this.own.heardAll();
      this.who.heardSeat();
      this.later();
    });
    connection.addEventListener("status", () => {
      this.showStatus();
      this.later();
      if (!connection.online) this.own.noteHearing();
      else {
        this.sending.begin();
        this.reading.tellSeen();
      }
    });
    connection.addEventListener("gone", ({ detail }) => this.showGone(detail));
    this.outbox.addEventListener("change", () => this.later());

    this.addEventListener("submit", (event) => {
      const form = event.target;
      if (!form.matches("[data-command], [data-withdraw]")) return;
      event.preventDefault();
      if (form.matches("[data-command]")) this.votes.press(form, event.submitter);
      else this.own.withdraw(form, event.submitter);
    });
    this.addEventListener("click", ({ target }) => this.act(target.closest("[data-action]")));
  }

  act(button) {
    const action = button?.dataset.action;
    if (action === "who") this.who.ask();
    else if (action === "leave") this.writing.leave();
    else if (action === "here") this.writing.moveHere();
    else if (action === "copyBox") this.writing.copy(button);
    else if (action) this.own.act(action, button.closest("[data-key]")?.dataset.key, button);
  }

  later() {
    if (this.drawing) return;
    this.drawing = true;
    setTimeout(() => {
      this.drawing = false;
      this.render();
    }, 40);
  }

  /** What an event means to the person, said once in ten seconds at most. */
  hear(event) {
    const { contribution } = event;
    if (event.kind === "prompt.shown") this.announcer.say(`New prompt: ${event.prompt.text}`);
    if (event.kind === "session.opened" || event.kind === "session.closed" || event.kind === "session.paused") {
      this.announcer.say(`The session is ${event.state}.`);
      this.sending.pump();
    }
    if (contribution && this.own.isMine(contribution)) this.own.heard(contribution);
  }

  // The signal

  /** Whether to say so: a page that has only just opened, or lost its line for a moment, may say "Send". */
  get goesLater() {
    return this.stripShown || ["waiting", "paused"].includes(this.room.session.state);
  }

  /** Whether a press would come to nothing. A page that has only just opened has no line yet, but may have a signal. */
  get cutOff() {
    return !this.connection.online && (this.stripShown || !navigator.onLine);
  }

  get stripShown() {
    return !this.parts.strip.hidden;
  }

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
    setText(parts.stripWords, this.stripWords());
    if (parts.strip.hidden) {
      setHidden(parts.strip, false);
      this.announcer.say("No signal. Nothing is lost.");
      this.later();
    }
  }

  stripWords() {
    const kept = this.sending.waiting().length;
    const asOf = `As of ${clockTime(this.connection.heardAt)}.`;
    if (!kept) return `What you write is kept on this phone. ${asOf}`;
    const one = kept === 1;
    const count = `${sentence(inWords(kept))} ${one ? "contribution is" : "contributions are"} kept on this phone`;
    const isClosed = this.room.session.state === "closed";
    return isClosed ? `${count}. ${asOf}` : `${count} and will go by ${one ? "itself" : "themselves"}. ${asOf}`;
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

  // Drawing

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
    this.writing.render();
    this.votes.render(asking ? prompt : null);
    this.own.render();
    this.reading.render();
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
