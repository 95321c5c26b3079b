/** Small things that the phone, the wall and the console have in common: words, times, lists, announcements. */

const NUMBER_WORDS = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten"];

/** "six people", "1 person": small numbers in words, as the interface writes them inside a sentence. */
export function inWords(count) {
  return (NUMBER_WORDS[count] ?? String(count)).toLowerCase();
}

export function counted(count, one, many) {
  return `${count.toLocaleString("en-GB")} ${count === 1 ? one : many}`;
}

/** What the room thinks of a statement, in figures, and of how many who saw it. */
export function weighed({ support, concern, pass, seen }) {
  const words = `${support} support, ${concern} concern, ${pass} passed`;
  const votes = support + concern + pass;
  return votes && seen >= votes ? `${words}, of ${seen} who saw it` : words;
}

export function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** 10.42 in this device's own time. */
export function clockTime(moment) {
  const date = new Date(moment);
  return `${date.getHours()}.${String(date.getMinutes()).padStart(2, "0")}`;
}

/** 6:12, or 1:02:09 for more than an hour. */
export function timeLeft(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const tail = String(rest).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** The first element of a `<template>`, fresh. */
export function stamp(template) {
  return template.content.firstElementChild.cloneNode(true);
}

/** Write text only where it changed: untouched nodes keep selection, and screen readers stay quiet. */
export function setText(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

export function setHidden(element, hidden) {
  if (element && element.hidden !== hidden) element.hidden = hidden;
}

// Less than this stands whole: about four lines of a wide screen, nine of a phone.
const FOLDS_FROM = 300;
const LINES_BEFORE = 7;

/** Whether words stand folded until somebody asks for more. `is_long` of live_room.py says the same. */
export function isLong(text) {
  return text.length > FOLDS_FROM || text.split("\n").length > LINES_BEFORE;
}

/** Write words into a row; long ones are folded by the stylesheet, and what has been unfolded stays so. */
export function fold(row, text) {
  const body = row.querySelector("[data-field=body]");
  const button = row.querySelector("[data-fold]");
  const long = isLong(text);
  setText(body, text);
  body.toggleAttribute("data-long", long);
  setHidden(button, !long);
  if (long) button.setAttribute("aria-label", `${button.textContent}: ${shortened(text, 60)}`);
}

/** Unfold the words that a button belongs to, or fold them again; the button stays in sight. */
export function unfold(button) {
  const body = button.parentElement.querySelector("[data-field=body]");
  const open = body.toggleAttribute("data-open");
  setText(button, open ? "less" : "more");
  button.setAttribute("aria-expanded", String(open));
  button.setAttribute("aria-label", `${button.textContent}: ${shortened(body.textContent, 60)}`);
  if (!open) button.scrollIntoView({ block: "nearest" });
}

/** Words that break off here: "…" in place of the stop or comma that stands there. */
export function endedEarly(text) {
  return `${text.replace(/[\s.,:;!?…–-]+$/u, "")}…`;
}

/** The beginning of words, cut behind one of them. */
export function shortened(text, most) {
  if (text.length <= most) return text;
  const start = text.slice(0, most);
  const end = text[most].trim() ? start.search(/\s\S*$/) : most;
  return endedEarly(start.slice(0, end > most / 2 ? end : most));
}

/** Put words where they can be pasted. Answers whether the browser did. Plain http has only the old way. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const box = Object.assign(document.createElement("textarea"), { value: text, className: "visually-hidden" });
    const { activeElement } = document;
    document.body.append(box);
    box.select();
    const done = document.execCommand("copy");
    box.remove();
    activeElement?.focus({ preventScroll: true });
    return done;
  }
}

/**
 * Make a list's children match `keys`, in that order, keeping the nodes that are there. Nodes already in place are
 * not touched, so focus and scroll stay where they are.
 */
export function reconcile(list, keys, make, update) {
  const names = keys.map(String);
  const wanted = new Set(names);
  const present = new Map();
  for (const node of [...list.children]) {
    if (wanted.has(node.dataset.key)) present.set(node.dataset.key, node);
    else node.remove();
  }
  let place = list.firstElementChild;
  names.forEach((name, index) => {
    let node = present.get(name);
    if (!node) {
      node = make(keys[index]);
      node.dataset.key = name;
    }
    update(node, keys[index]);
    if (place === node) place = place.nextElementSibling;
    else list.insertBefore(node, place);
  });
}

/** Speaks through one `role=status`, at most once in ten seconds unless it is about the person's own words. */
export class Announcer {
  constructor(element, { every = 10_000 } = {}) {
    this.element = element;
    this.every = every;
    this.last = 0;
    this.waiting = null;
    this.timer = null;
  }

  say(text, { now = false } = {}) {
    if (!this.element) return;
    const wait = this.last + this.every - Date.now();
    if (now || wait <= 0) {
      this.speak(text);
      return;
    }
    this.waiting = text;
    this.timer ??= setTimeout(() => {
      this.timer = null;
      if (this.waiting) this.speak(this.waiting);
    }, wait);
  }

  speak(text) {
    this.waiting = null;
    this.last = Date.now();
    this.element.textContent = "";
    this.element.textContent = text;
  }
}

/** Show the time left of a session's timer in every given element, by the server's clock. */
export class Countdown {
  constructor(elements, clock, { idle = "" } = {}) {
    this.elements = elements;
    this.clock = clock;
    this.idle = idle;
    this.endsAt = null;
    this.tick = this.tick.bind(this);
    this.timer = setInterval(this.tick, 250);
  }

  set(endsAt) {
    this.endsAt = endsAt ? Date.parse(endsAt) : null;
    this.tick();
  }

  tick() {
    const left = this.endsAt === null ? null : this.endsAt - this.clock.now();
    for (const element of this.elements) {
      setText(element, left === null ? this.idle : timeLeft(left));
      element.toggleAttribute("data-over", left !== null && left <= 0);
      setHidden(element, left === null && !this.idle);
    }
  }
}
