/**
 * Marking words of the entry on the stage, with mouse, finger or keyboard.
 *
 * A mark is a pair of places in the entry's whole text, counted in characters as the server counts them, where
 * JavaScript counts UTF-16. Only whole words are marked.
 */

const LONG_TEXT = 420;

const codePoints = (text) => Array.from(text).length;

/** The text node of an element that holds a place (UTF-16) in its text, and the place within that node. */
function nodeAt(element, offset) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let node = walker.nextNode();
  let left = offset;
  while (node && left > node.length) {
    left -= node.length;
    node = walker.nextNode();
  }
  return node ? [node, left] : [element, element.childNodes.length];
}

export class Marking {
  /** `say` tells a screen reader, `refuse` tells everybody, `shortcut` takes a key that means something else. */
  constructor(stage, { say, refuse, shortcut }) {
    this.stage = stage;
    this.say = say;
    this.refuse = refuse;
    this.shortcut = shortcut;
    this.text = null;
    this.lines = [];
    this.forget();
  }

  forget() {
    this.marks = [];
    this.caret = this.anchor = null;
    this.isAnchored = false;
    this.isActive = false;
  }

  /** Begin anew with the entry that stands on the stage now. */
  prepare() {
    this.forget();
    this.text = this.stage.querySelector("[data-text]");
    this.lines = [];
    if (!this.text) return;
    this.text.toggleAttribute("data-long", this.text.textContent.length > LONG_TEXT);
    for (const element of this.text.querySelectorAll("p")) {
      const runs = [...element.childNodes].map((node) => ({
        text: node.textContent,
        role: node.nodeType === Node.ELEMENT_NODE ? node.className : "",
      }));
      this.lines.push({ element, start: Number(element.dataset.start), text: element.textContent, runs });
    }
  }

  // By mouse and finger

  /** Keep what the mouse has selected as a mark; `isMore` keeps the marks before it. */
  takeSelection(isMore) {
    if (!this.text) return;
    const marked = this.selected();
    if (!marked) return;
    this.add(marked, isMore);
    window.getSelection().removeAllRanges();
  }

  /** On a phone the selection has handles that painting would take away: only the bar appears. */
  touchSelection() {
    if (!window.matchMedia("(pointer: coarse)").matches || !this.text) return;
    window.clearTimeout(this.touching);
    this.touching = window.setTimeout(() => {
      const marked = this.selected();
      if (!marked) return;
      this.marks = [marked];
      this.bar();
    }, 350);
  }

  selected() {
    const selection = window.getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    if (!this.text.contains(range.startContainer) && !this.text.contains(range.endContainer)) {
      if (!range.intersectsNode(this.text) || !this.text.contains(range.commonAncestorContainer)) return null;
    }
    const words = this.wordList().filter((word) => {
      const probe = this.rangeOf(word);
      return (
        range.compareBoundaryPoints(Range.END_TO_START, probe) < 0 &&
        range.compareBoundaryPoints(Range.START_TO_END, probe) > 0
      );
    });
    return words.length ? [words[0].start, words.at(-1).end] : null;
  }

  // Words

  /** Every word of the text: its line, its place in the line (UTF-16), and its place in the whole (characters). */
  wordList() {
    const words = [];
    this.lines.forEach((line, index) => {
      for (const match of line.text.matchAll(/\S+/g)) {
        const start = line.start + codePoints(line.text.slice(0, match.index));
        words.push({
          line: index,
          from: match.index,
          to: match.index + match[0].length,
          start,
          end: start + codePoints(match[0]),
          text: match[0],
        });
      }
    });
    return words;
  }

  rangeOf(word) {
    const { element } = this.lines[word.line];
    const range = document.createRange();
    range.setStart(...nodeAt(element, word.from));
    range.setEnd(...nodeAt(element, word.to));
    return range;
  }

  // Marks

  add([start, end], isMore) {
    const others = isMore ? this.marks.filter(([from, to]) => to < start || from > end) : [];
    this.marks = [...others, [start, end]].sort((one, other) => one[0] - other[0]);
    this.paint();
    this.bar();
  }

  clear() {
    this.marks = [];
    this.paint();
    this.bar();
  }

  /** Show what can be done with the marks; say so if these words may not be quoted at all. */
  bar() {
    const bar = this.stage.querySelector("[data-excerpt]");
    if (!bar) {
      if (this.marks.length) this.refuse("These words are not to be quoted. The entry can be placed, and counts.");
      this.marks = [];
      this.paint();
      return;
    }
    const isMarked = Boolean(this.marks.length);
    const typed = this.stage.querySelector("[data-typed]");
    // Below the words it is about: those marked, or those typed.
    if (isMarked) typed.before(bar);
    else typed.after(bar);
    bar.toggleAttribute("data-marked", isMarked);
    bar.querySelector("input[name=spans]").value = this.marks.length ? JSON.stringify(this.marks) : "";
  }

  /** Choose the next role for the words marked or typed. Answers whether there was anything to choose. */
  nextRole() {
    const roles = [...this.stage.querySelectorAll("input[name=role]")];
    if (!(this.marks.length || this.stage.querySelector("[data-typed][open]")) || !roles.length) return false;
    const next = roles[(roles.findIndex((one) => one.checked) + 1) % roles.length];
    next.checked = true;
    this.paint();
    this.say(`The excerpt ${next.parentElement.textContent.trim()}.`);
    return true;
  }

  // By keyboard

  start() {
    if (!this.text || !this.lines.length) return;
    this.words = this.wordList();
    this.isActive = true;
    this.caret = 0;
    this.anchor = null;
    this.text.dataset.marking = "";
    this.text.focus({ preventScroll: true });
    this.say("Marking. Arrow keys to the first word, Shift with arrow keys to the last, Enter to keep, Escape to leave.");
    this.paint();
  }

  stop() {
    this.isActive = this.isAnchored = false;
    this.caret = this.anchor = null;
    if (this.text) delete this.text.dataset.marking;
    this.paint();
  }

  /** Take a key while marking. Answers whether it meant anything. */
  key(event) {
    const last = this.words.length - 1;
    const moves = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: "down", ArrowUp: "up", Home: "first", End: "last" };
    const move = moves[event.key];
    if (move !== undefined) {
      if (event.shiftKey && this.anchor === null) this.anchor = this.caret;
      if (!event.shiftKey && !this.isAnchored) this.anchor = null;
      if (move === "first") this.caret = 0;
      else if (move === "last") this.caret = last;
      else if (typeof move === "string") this.caret = this.wordInLine(move);
      else this.caret = Math.min(last, Math.max(0, this.caret + move));
      this.say(this.words[this.caret].text);
      this.paint();
      return true;
    }
    if (event.key === " ") {
      this.anchor = this.caret;
      this.isAnchored = true;
      return true;
    }
    if (event.key === "Enter") {
      const [first, final] = this.reach();
      const mark = [this.words[first].start, this.words[final].end];
      this.stop();
      this.add(mark, true);
      this.say(`Marked: ${this.words.slice(first, final + 1).map((word) => word.text).join(" ")}`);
      return true;
    }
    // Another key leaves marking and keeps its own meaning.
    if (/^[1-9mksujrc?/]$/i.test(event.key)) {
      this.stop();
      return this.shortcut(event.key);
    }
    return false;
  }

  /** The first and last word between the anchor and the caret. */
  reach() {
    const anchor = this.anchor ?? this.caret;
    return [Math.min(anchor, this.caret), Math.max(anchor, this.caret)];
  }

  /** The word nearest below or above the caret, as shown on this screen. */
  wordInLine(direction) {
    const rects = this.words.map((word) => {
      const range = this.rangeOf(word);
      return range.getClientRects()[0] || range.getBoundingClientRect();
    });
    const here = rects[this.caret];
    const middle = here.left + here.width / 2;
    const beyond = rects
      .map((rect, index) => ({ rect, index }))
      .filter(({ rect }) => (direction === "down" ? rect.top > here.top + 4 : rect.top < here.top - 4));
    if (!beyond.length) return direction === "down" ? this.words.length - 1 : 0;
    const tops = beyond.map(({ rect }) => rect.top);
    const line = direction === "down" ? Math.min(...tops) : Math.max(...tops);
    const nearest = beyond.filter(({ rect }) => Math.abs(rect.top - line) < 4);
    const distance = ({ rect }) => Math.abs(rect.left + rect.width / 2 - middle);
    return nearest.reduce((best, one) => (distance(one) < distance(best) ? one : best)).index;
  }

  // Drawing

  /** Draw the text again with its excerpts, the marks and the caret. Words only ever go in as text. */
  paint() {
    if (!this.text) return;
    const role = this.stage.querySelector("input[name=role]:checked")?.value || "supports";
    const drawn = this.marks.map(([start, end]) => ({ start, end, name: `desk-mark desk-mark--${role}` }));
    if (this.isActive) {
      const [first, final] = this.reach();
      drawn.push({
        start: this.words[first].start,
        end: this.words[final].end,
        name: "desk-mark desk-mark--caret",
      });
    }
    for (const line of this.lines) this.paintLine(line, drawn);
  }

  paintLine(line, drawn) {
    const characters = Array.from(line.text);
    const names = new Array(characters.length).fill("");
    let at = 0;
    for (const run of line.runs) {
      for (const _ of run.text) names[at++] = run.role;
    }
    for (const { start, end, name } of drawn) {
      for (let place = Math.max(start - line.start, 0); place < Math.min(end - line.start, names.length); place++) {
        names[place] = name;
      }
    }
    const nodes = [];
    let from = 0;
    while (from < characters.length) {
      let to = from + 1;
      while (to < characters.length && names[to] === names[from]) to += 1;
      const text = document.createTextNode(characters.slice(from, to).join(""));
      if (names[from]) {
        const mark = document.createElement("mark");
        mark.className = names[from];
        mark.append(text);
        nodes.push(mark);
      } else {
        nodes.push(text);
      }
      from = to;
    }
    line.element.replaceChildren(...nodes);
  }
}
