/** The wall: what the back row reads. It keeps its last good frame when it is cut off, and says of when that is. */

import { Connection } from "./connection.js";
import { Countdown, clockTime, counted, reconcile, setHidden, setText, stamp } from "./page.js";
import { Room } from "./room.js";

const KEEP = 200;
const NEWEST = 3;
const CUT_OFF_AFTER = 3_000;

/** Take the largest of the steps in which the text fits its place; cut with "…" if even the smallest is too large. */
function fit(element, place, steps) {
  delete element.dataset.cut;
  for (let step = 1; step <= steps; step += 1) {
    element.dataset.step = step;
    if (element.scrollHeight <= place() + 1) return;
  }
  const lines = Math.floor(place() / parseFloat(getComputedStyle(element).lineHeight));
  element.style.setProperty("--lines", Math.max(1, lines));
  element.dataset.cut = "";
}

class LiveWall extends HTMLElement {
  connectedCallback() {
    this.parts = {};
    for (const part of this.querySelectorAll("[data-part]")) this.parts[part.dataset.part] = part;
    const snapshot = JSON.parse(this.querySelector("#snapshot").textContent);
    this.room = new Room(snapshot);
    this.connection = new Connection({ code: this.dataset.code, role: "wall", cursor: snapshot.to });
    this.connection.clock.hear(snapshot.now);
    this.countdown = new Countdown([this.parts.timer], this.connection.clock);
    this.connection.addEventListener("change", ({ detail }) => {
      this.room.apply(detail);
      this.later();
    });
    this.connection.addEventListener("tallies", ({ detail }) => {
      this.room.applyTallies(detail);
      this.later();
    });
    this.connection.addEventListener("snapshot", ({ detail }) => {
      this.room.load(detail);
      this.later();
    });
    this.connection.addEventListener("status", () => this.showStatus());
    this.connection.addEventListener("gone", () => this.showStatus());
    new ResizeObserver(() => this.fitAll()).observe(this);
    document.fonts?.ready.then(() => this.fitAll());
    this.render();
    this.connection.start();
    setTimeout(() => this.showStatus(), CUT_OFF_AFTER);
  }

  /** However much arrives, draw once a frame. */
  later() {
    if (this.drawing) return;
    this.drawing = true;
    setTimeout(() => {
      this.drawing = false;
      this.room.prune(KEEP);
      this.render();
    }, 50);
  }

  showStatus() {
    clearTimeout(this.statusTimer);
    const { connection, parts } = this;
    if (connection.online) {
      setHidden(parts.asOf, true);
      return;
    }
    const wait = connection.downSince + CUT_OFF_AFTER - Date.now();
    if (wait > 0) {
      this.statusTimer = setTimeout(() => this.showStatus(), wait);
      return;
    }
    setText(parts.asOf, `as of ${clockTime(connection.heardAt)}`);
    setHidden(parts.asOf, false);
    setHidden(parts.clock, false);
  }

  screen() {
    const { session, prompt, spotlight } = this.room;
    if (session.blank) return "blank";
    if (session.message) return "words";
    if (session.state === "closed") return "words";
    if (session.state === "waiting") return "arrival";
    if (!spotlight && prompt && ["statements", "poll"].includes(prompt.kind)) return "results";
    return "live";
  }

  render() {
    const { parts, room } = this;
    const { session, prompt } = room;
    const screen = this.screen();
    const arrival = screen === "arrival";
    this.dataset.screen = screen;
    for (const name of ["event", "strapline", "arrival"]) setHidden(parts[name], !arrival);
    for (const name of ["question", "qr", "contributionsBox", "clock"]) setHidden(parts[name], arrival);
    setHidden(parts.numeral, arrival || room.subject.number === null);
    setHidden(parts.live, screen !== "live");
    setHidden(parts.results, screen !== "results");
    setHidden(parts.words, screen !== "words");
    setText(parts.numeral, String(room.subject.number ?? ""));
    setText(parts.question, prompt?.text ?? room.subject.title);
    setHidden(parts.paused, session.state !== "paused");
    this.countdown.set(session.state === "closed" ? null : session.timer_ends_at);

    if (screen === "live") this.renderLive();
    if (screen === "results") this.renderResults(prompt);
    if (screen === "words") {
      setText(parts.wordsText, session.message || "This session has closed. What you said is kept.");
    }
    setText(parts.people, room.tallies.people.toLocaleString("en-GB"));
    setText(parts.peopleWord, arrival ? "here so far" : room.tallies.people === 1 ? "person" : "people");
    setText(parts.contributions, room.shownCount.toLocaleString("en-GB"));
    setText(parts.contributionsWord, room.shownCount === 1 ? "contribution" : "contributions");
    this.fitAll();
    if (!this.connection.online) this.showStatus();
  }

  renderLive() {
    const { parts, room } = this;
    const spotlight = room.spotlight;
    const newest = room
      .shown()
      .filter((item) => item.id !== spotlight?.id)
      .slice(-NEWEST)
      .reverse();
    setHidden(parts.spotlight, !spotlight);
    setHidden(parts.newest, newest.length === 0);
    setHidden(parts.invite, Boolean(spotlight) || newest.length > 0);
    parts.live.toggleAttribute("data-alone", !spotlight || newest.length === 0);
    if (spotlight) {
      if (parts.spotlight.dataset.id !== String(spotlight.id)) this.fadeIn(parts.spotlight);
      parts.spotlight.dataset.id = spotlight.id;
      const support = room.support(spotlight.id);
      setText(parts.spotlightBody, spotlight.body);
      setText(parts.spotlightBy, spotlight.table || spotlight.author);
      setText(parts.spotlightCount, String(support));
      setHidden(parts.spotlightSupport, support === 0);
    } else delete parts.spotlight.dataset.id;
    reconcile(
      parts.newestList,
      newest.map((item) => item.id),
      () => Object.assign(document.createElement("li"), { className: "newest__item" }),
      (node, id) => setText(node, room.contributions.get(id).body),
    );
  }

  /** Opacity only, 240 ms; with reduced motion the stylesheet takes the transition away. */
  fadeIn(element) {
    element.dataset.changing = "";
    void element.offsetWidth;
    requestAnimationFrame(() => delete element.dataset.changing);
  }

  renderResults(prompt) {
    const { parts, room } = this;
    const tallies = prompt.options.map((option) => room.optionTally(option.id));
    const poll = prompt.kind === "poll";
    const most = Math.max(1, ...tallies.map((tally) => (poll ? tally.support : tally.support + tally.concern)));
    parts.results.toggleAttribute("data-many", prompt.options.length > 3);
    parts.results.toggleAttribute("data-crowd", prompt.options.length > 5);
    reconcile(
      parts.results,
      prompt.options.map((option) => option.id),
      () => stamp(parts.resultTemplate),
      (node, id) => {
        const index = prompt.options.findIndex((option) => option.id === id);
        const tally = tallies[index];
        setText(node.querySelector("[data-field=text]"), prompt.options[index].text);
        setText(
          node.querySelector("[data-field=count]"),
          poll ? counted(tally.support, "vote", "votes") : `${tally.support} support · ${tally.concern} concern`,
        );
        const forWidth = (1000 * tally.support) / most;
        const against = poll ? 0 : (1000 * tally.concern) / most;
        node.querySelector(".is-for").setAttribute("width", forWidth);
        node.querySelector(".is-against").setAttribute("x", forWidth + 4);
        node.querySelector(".is-against").setAttribute("width", Math.max(0, against - 4));
      },
    );
  }

  fitAll() {
    const { parts } = this;
    const inner = (element) => () => element.clientHeight;
    if (!parts.spotlight.hidden && !parts.live.hidden) fit(parts.spotlightBody, inner(parts.spotlightRoom), 4);
    if (!parts.question.hidden) fit(parts.question, inner(parts.question), 3);
    if (!parts.words.hidden) fit(parts.wordsText, inner(parts.words), 4);
    if (!parts.arrival.hidden) fit(parts.arrivalTitle, inner(parts.arrivalRoom), 3);
  }
}

customElements.define("live-wall", LiveWall);
