/** The wall: what the back row reads. It keeps its last good frame when it is cut off, and says of when that is. */

import { Countdown, clockTime, counted, endedEarly, reconcile, setHidden, setText, stamp } from "./page.js";
import { enter } from "./screen.js";

const KEEP = 200;
const NEWEST = 3;
const CUT_OFF_AFTER = 3_000;
// More results than this do not fit in letters that the back row reads, however short they are: they take turns.
const RESULTS_AT_ONCE = 6;
const RESULTS_A_TURN = 5;
// What is tried to have as many as possible at once: figures below the words, then smaller letters too.
const RESULTS_LOOKS = [{}, { stacked: true }, { stacked: true, small: true }];
const THEMES_AT_ONCE = 3;
const LISTED = ".newest__item, .top__body, .theme__words";
const LIST_STEPS = 3;
// How long each picture stands while nothing is in the spotlight.
const TURN = { newest: 20_000, top: 14_000, themes: 14_000, results: 14_000, call: 10_000 };

/** Take the largest of the steps in which the text fits its place. Answers whether one was found. */
function fits(element, place, from, to) {
  delete element.dataset.cut;
  for (let step = from; step <= to; step += 1) {
    element.dataset.step = step;
    if (element.scrollHeight <= place() + 1) return true;
  }
  return false;
}

/** As `fits`; cut with "…" if even the smallest is too large. */
function fit(element, place, from, to) {
  if (fits(element, place, from, to)) return;
  const lines = Math.floor(place() / parseFloat(getComputedStyle(element).lineHeight));
  element.style.setProperty("--lines", Math.max(1, lines));
  element.dataset.cut = "";
  cut(element, element.textContent);
}

/** Words for a box of so many lines: if they do not fit, as many of them as do. The stylesheet would cut anywhere. */
function cut(element, text) {
  setText(element, text);
  const overflows = () => element.scrollHeight > element.clientHeight + 1;
  if (!element.clientHeight || !overflows()) return;
  const words = text.split(/(?<=\s)/);
  let [least, most] = [1, words.length - 1];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    element.textContent = endedEarly(words.slice(0, middle).join(""));
    if (overflows()) most = middle - 1;
    else least = middle;
  }
  element.textContent = endedEarly(words.slice(0, least).join(""));
}

class LiveWall extends HTMLElement {
  connectedCallback() {
    Object.assign(this, enter(this, { role: "wall" }));
    this.countdown = new Countdown([this.parts.timer], this.connection.clock);
    this.still = new URLSearchParams(location.search).has("still");
    // Words that may be cut to their box, and what was last found for them.
    this.words = new WeakMap();
    // For which list, in which place, letters were last chosen.
    this.listed = "";
    this.showTurn("newest");
    for (const heard of ["change", "tallies", "snapshot"]) this.connection.addEventListener(heard, () => this.later());
    this.connection.addEventListener("status", () => this.showStatus());
    this.connection.addEventListener("gone", () => this.showStatus());
    document.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.fitAll()).observe(this);
    document.fonts?.ready.then(() => {
      this.listed = "";
      this.fitAll();
    });
    this.render();
    this.connection.start();
    setTimeout(() => this.showStatus(), CUT_OFF_AFTER);
    setInterval(() => this.takeTurn(), 1_000);
  }

  /** Whoever minds the projector may stop the turning, and go on by hand. */
  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === " ") {
      this.still = !this.still;
      setText(this.parts.status, this.still ? "The wall stands still." : "The wall takes turns again.");
    } else if (event.key === "ArrowRight") this.nextTurn();
    else return;
    event.preventDefault();
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

  // Turns

  /** What may stand on the wall by turns while nobody is in the spotlight. */
  turns() {
    const { room } = this;
    const shown = room.shown();
    return [
      ...(shown.length ? ["newest"] : []),
      ...(shown.length > NEWEST && this.mostSupported().length ? ["top"] : []),
      ...(this.themes().length ? ["themes"] : []),
      ...(this.lastResults() ? ["results"] : []),
      "call",
    ];
  }

  mostSupported() {
    const { room } = this;
    const supported = room.shown().filter((item) => room.support(item.id) > 0);
    return supported.sort((a, b) => room.support(b.id) - room.support(a.id) || b.seq - a.seq).slice(0, NEWEST);
  }

  /** Those under which something is said that may be seen. */
  themes() {
    return this.room.themes.filter(({ people }) => people > 0);
  }

  /** The prompt last weighed or voted on that the room is done with. */
  lastResults() {
    const { room } = this;
    const votes = ({ id }) => {
      const { support, concern, pass } = room.optionTally(id);
      return support + concern + pass;
    };
    return [...room.prompts.values()]
      .filter((prompt) => prompt.id !== room.session.prompt && prompt.options.some(votes))
      .at(-1);
  }

  showTurn(name) {
    this.turnName = name;
    this.page = 0;
    this.turnEnds = Date.now() + TURN[name];
    if (name !== "themes") return;
    // While they are being read they keep their order, whoever overtakes whom; each time other words stand for them.
    this.themeOrder = this.themes().map(({ tag }) => tag);
    this.themeRound = (this.themeRound ?? -1) + 1;
  }

  /** Once a second. A wall that is cut off, or is told to, stands still. */
  takeTurn() {
    if (!this.still && this.connection.online && Date.now() >= this.turnEnds) this.nextTurn();
  }

  nextTurn() {
    const screen = this.screen();
    if (screen === "results") {
      this.page += 1;
      this.turnEnds = Date.now() + TURN.results;
    } else if (screen === "live" && !this.room.spotlight) {
      if (this.hasNextPage()) {
        this.page += 1;
        this.turnEnds = Date.now() + TURN[this.turnName];
      } else {
        const turns = this.turns();
        this.showTurn(turns[(turns.indexOf(this.turnName) + 1) % turns.length]);
      }
    } else return;
    this.fadeIn(this.parts.middle);
    this.render();
  }

  hasNextPage() {
    if (this.turnName === "themes") return (this.page + 1) * THEMES_AT_ONCE < this.themes().length;
    return this.turnName === "results" && this.page + 1 < (this.resultPages?.pages.length ?? 1);
  }

  // Drawing

  render() {
    const { parts, room } = this;
    const { session, prompt, spotlight } = room;
    const screen = this.screen();
    const arrival = screen === "arrival";
    const turning = screen === "live" && !spotlight;
    if (!turning && screen !== "results" && this.turnName !== "newest") this.showTurn("newest");
    const turns = this.turns();
    if (turning && !turns.includes(this.turnName)) this.showTurn(turns[0]);
    // Somebody has spoken into an empty room, and has waited long enough to be read.
    if (turning && turns[0] === "newest" && this.wasEmpty) this.showTurn("newest");
    this.wasEmpty = !turns.includes("newest");
    const turn = turning ? this.turnName : "";
    const results = screen === "results" ? prompt : turn === "results" ? this.lastResults() : null;
    this.dataset.screen = screen;
    this.dataset.turn = turn;
    for (const name of ["event", "strapline", "arrival"]) setHidden(parts[name], !arrival);
    for (const name of ["question", "contributionsBox", "clock"]) setHidden(parts[name], arrival);
    setHidden(parts.qr, arrival || turn === "call");
    setHidden(parts.numeral, arrival || room.subject.number === null);
    setHidden(parts.live, screen !== "live" || turn === "results");
    setHidden(parts.results, !results);
    setHidden(parts.words, screen !== "words");
    setText(parts.numeral, String(room.subject.number ?? ""));
    setText(parts.questionText, prompt?.text ?? room.subject.title);
    setText(parts.from, prompt?.comment ? `${prompt.comment.author}, beforehand` : "");
    setHidden(parts.from, !prompt?.comment);
    setHidden(parts.paused, session.state !== "paused");
    setHidden(parts.rehearsal, !session.is_rehearsal);
    this.countdown.set(session.state === "closed" ? null : session.timer_ends_at);

    if (screen === "live") this.renderLive(turn);
    this.results = results && { prompt: results, earlier: turn === "results" };
    if (screen === "words") {
      setText(parts.wordsText, session.message || "This session has closed. What you said is kept.");
    }
    setText(parts.people, room.tallies.people.toLocaleString("en-GB"));
    setText(parts.peopleWord, arrival ? "here so far" : room.tallies.people === 1 ? "person here" : "people here");
    setText(parts.contributions, room.shownCount.toLocaleString("en-GB"));
    setText(parts.contributionsWord, room.shownCount === 1 ? "contribution" : "contributions");
    this.fitAll();
    if (!this.connection.online) this.showStatus();
  }

  renderLive(turn) {
    const { parts, room } = this;
    const spotlight = room.spotlight;
    const newest = room
      .shown()
      .filter((item) => item.id !== spotlight?.id)
      .slice(-NEWEST)
      .reverse();
    setHidden(parts.spotlight, !spotlight);
    setHidden(parts.newest, newest.length === 0 || Boolean(turn && turn !== "newest"));
    setHidden(parts.top, turn !== "top");
    setHidden(parts.themes, turn !== "themes");
    setHidden(parts.call, turn !== "call");
    this.crowded = Boolean(spotlight) && newest.length > 0;
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
      (node, id) => this.write(node, room.contributions.get(id).body),
    );
    if (turn === "themes") this.renderThemes();
    if (turn !== "top") return;
    reconcile(
      parts.topList,
      this.mostSupported().map((item) => item.id),
      () => stamp(parts.topTemplate),
      (node, id) => {
        this.write(node.querySelector("[data-field=body]"), room.contributions.get(id).body);
        setText(node.querySelector("[data-field=count]"), room.support(id).toLocaleString("en-GB"));
      },
    );
  }

  renderThemes() {
    const { parts } = this;
    const known = new Map(this.themes().map((theme) => [theme.tag, theme]));
    const order = this.themeOrder.filter((tag) => known.has(tag));
    const page = Math.min(this.page, Math.max(0, Math.ceil(order.length / THEMES_AT_ONCE) - 1));
    const tags = order.slice(page * THEMES_AT_ONCE, (page + 1) * THEMES_AT_ONCE);
    parts.themesList.toggleAttribute("data-few", order.length < THEMES_AT_ONCE);
    reconcile(
      parts.themesList,
      tags,
      () => stamp(parts.themeTemplate),
      (node, tag) => {
        const { people, said } = known.get(tag);
        const field = (name) => node.querySelector(`[data-field=${name}]`);
        setText(field("tag"), tag);
        setText(field("people"), counted(people, "person", "people"));
        this.write(field("words"), said[this.themeRound % said.length]?.body ?? "");
      },
    );
  }

  /** Opacity only, 240 ms; with reduced motion the stylesheet takes the transition away. */
  fadeIn(element) {
    element.dataset.changing = "";
    void element.offsetWidth;
    requestAnimationFrame(() => delete element.dataset.changing);
  }

  renderResults({ prompt, earlier }) {
    const results = this.measured(prompt);
    const { look, pages } = this.pagesOf(prompt, results, earlier);
    this.drawResults(prompt, pages[this.page % pages.length], results, { look, earlier, paged: pages.length > 1 });
  }

  /** What is drawn of each option: its words, its figures, and how far its bars reach. */
  measured(prompt) {
    const poll = prompt.kind === "poll";
    const tallies = prompt.options.map(({ id }) => this.room.optionTally(id));
    const weights = tallies.map((tally) => (poll ? tally.support : tally.support + tally.concern));
    const most = Math.max(1, ...weights);
    const votes = weights.reduce((sum, weight) => sum + weight, 0);
    return new Map(
      prompt.options.map(({ id, text }, index) => {
        const { support, concern, pass, seen } = tallies[index];
        const share = votes ? ` · ${Math.round((100 * support) / votes)}%` : "";
        const sight = seen >= support + concern + pass && seen ? ` · seen by ${seen}` : "";
        const figures = poll ? counted(support, "vote", "votes") + share : `${support} support · ${concern} concern${sight}`;
        return [id, { text, figures, forWidth: (1000 * support) / most, against: poll ? 0 : (1000 * concern) / most }];
      }),
    );
  }

  /** How options are dealt out so that all their words can be read; found anew when they, or the wall, change. */
  pagesOf(prompt, results, earlier) {
    const { results: place, resultsList } = this.parts;
    const lengths = [...results.values()].map(({ text, figures }) => [text, figures.length]);
    const key = JSON.stringify([prompt.id, earlier, place.clientWidth, place.clientHeight, lengths]);
    if (this.resultPages?.key === key) return this.resultPages;
    const ids = [...results.keys()];
    const sizes = Array.from({ length: RESULTS_A_TURN }, (_, index) => RESULTS_A_TURN - index).filter((size) => size < ids.length);
    if (ids.length <= RESULTS_AT_ONCE) sizes.unshift(ids.length);
    for (const size of sizes) {
      const pages = [];
      for (let start = 0; start < ids.length; start += size) pages.push(ids.slice(start, start + size));
      for (const look of RESULTS_LOOKS) {
        this.resultPages = { key, look, pages };
        const fitting = (page) => {
          this.drawResults(prompt, page, results, { look, earlier, paged: pages.length > 1 });
          return resultsList.scrollHeight <= resultsList.clientHeight + 1;
        };
        if (pages.every(fitting)) return this.resultPages;
      }
    }
    return this.resultPages;
  }

  drawResults(prompt, page, results, { look, earlier, paged }) {
    const { parts } = this;
    const first = prompt.options.findIndex(({ id }) => id === page[0]) + 1;
    const which = page.length > 1 ? `${first}–${first + page.length - 1}` : String(first);
    const title = [
      ...(earlier ? [`Prompt ${prompt.number}: ${prompt.text}`] : []),
      ...(paged ? [`${which} of ${prompt.options.length}`] : []),
    ].join(", ");
    setText(parts.resultsTitle, title);
    setHidden(parts.resultsTitle, !title);
    parts.resultsList.toggleAttribute("data-stacked", Boolean(look.stacked));
    parts.resultsList.toggleAttribute("data-many", Boolean(look.small) || page.length > 3);
    parts.resultsList.toggleAttribute("data-crowd", Boolean(look.small) || page.length > (title ? 4 : 5));
    reconcile(
      parts.resultsList,
      page,
      () => stamp(parts.resultTemplate),
      (node, id) => {
        const { text, figures, forWidth, against } = results.get(id);
        setText(node.querySelector("[data-field=text]"), text);
        setText(node.querySelector("[data-field=count]"), figures);
        node.querySelector(".is-for").setAttribute("width", forWidth);
        node.querySelector(".is-against").setAttribute("x", forWidth + 4);
        node.querySelector(".is-against").setAttribute("width", Math.max(0, against - 4));
      },
    );
  }

  // Fitting

  /** Words that `cutAll` fits into their box once it has its size. */
  write(element, text) {
    if (this.words.get(element)?.text !== text) this.words.set(element, { text });
  }

  cutAll() {
    const { newestList, topList, themesList } = this.parts;
    for (const list of [newestList, topList, themesList]) {
      for (const element of list.querySelectorAll(LISTED)) {
        const known = this.words.get(element);
        const style = getComputedStyle(element);
        const size = `${element.clientWidth} ${style.fontSize} ${style.webkitLineClamp}`;
        if (!known || known.size === size) continue;
        cut(element, known.text);
        // Its own height may follow from its words; hidden, it has no size to go by.
        if (element.clientWidth) known.size = size;
      }
    }
  }

  fitAll() {
    const { parts } = this;
    const inner = (element) => () => element.clientHeight;
    if (!parts.question.hidden) this.fitQuestion();
    // The question takes from their height.
    if (this.results) this.renderResults(this.results);
    if (!parts.spotlight.hidden && !parts.live.hidden) this.fitSpotlight();
    else parts.live.dataset.alone = "";
    this.fitList();
    if (!parts.words.hidden) fit(parts.wordsText, inner(parts.words), 1, 4);
    if (!parts.arrival.hidden) fit(parts.arrivalTitle, inner(parts.arrivalRoom), 1, 3);
    this.cutAll();
  }

  /** The largest letters in which a list stands whole in its place; in the smallest, fewer of it rather than parts. */
  fitList() {
    const { live, newest, newestList, themes, themesList, top, topList } = this.parts;
    const lists = [[newest, newestList], [top, topList], [themes, themesList]];
    const [section, list] = (!live.hidden && lists.find(([place]) => !place.hidden)) || [];
    if (!section) return;
    const items = [...list.children];
    const words = [...list.querySelectorAll(LISTED)].map((element) => [element, this.words.get(element)]);
    const figures = [...list.querySelectorAll("[data-field=count]")].map((element) => element.textContent.length);
    const { clientWidth, clientHeight } = section;
    const key = JSON.stringify([clientWidth, clientHeight, items.map((item) => item.dataset.key), words.map(([, known]) => known.text), figures]);
    if (key === this.listed) return;
    this.listed = key;
    for (const item of items) setHidden(item, false);
    for (const [element, known] of words) {
      // Cut for another size, it says nothing about the room that it needs.
      setText(element, known.text);
      known.size = "";
    }
    if (fits(section, () => section.clientHeight, 1, LIST_STEPS)) return;
    for (const item of items.slice(1).reverse()) {
      setHidden(item, true);
      if (section.scrollHeight <= section.clientHeight + 1) return;
    }
  }

  /** A question of several lines takes a little from the middle. */
  fitQuestion() {
    const { question } = this.parts;
    const place = () => question.clientHeight;
    delete question.dataset.long;
    if (fits(question, place, 1, 3)) return;
    question.dataset.long = "";
    fit(question, () => parseFloat(getComputedStyle(question).maxHeight), 3, 3);
  }

  /** Beside the newest as large as may be; words too long for that have the whole width; only then are they cut. */
  fitSpotlight() {
    const { live, newest, spotlight, spotlightBody, spotlightRoom } = this.parts;
    const place = () => spotlightRoom.clientHeight;
    delete spotlight.dataset.full;
    live.toggleAttribute("data-alone", !this.crowded);
    setHidden(newest, !this.crowded);
    if (fits(spotlightBody, place, 1, 4)) return;
    live.dataset.alone = "";
    setHidden(newest, true);
    if (fits(spotlightBody, place, 3, 4)) return;
    spotlight.dataset.full = "";
    fit(spotlightBody, place, 5, 5);
  }
}

customElements.define("live-wall", LiveWall);
