/** Comments made beforehand, to be put to the room. */

import { reconcile, setHidden, setText, stamp } from "../page.js";

// What fits into a prompt: docs/realtime.md.
const PROMPT_LENGTH = 300;

export class Borrowing {
  constructor(desk) {
    const { parts, room, connection } = desk;
    Object.assign(this, { desk, parts, room, connection });
    setHidden(parts.borrow, !room.you.can?.includes("facilitate") || !room.session.propositions.length);
    parts.borrowOpen.addEventListener("click", () => {
      parts.borrowDialog.showModal();
      this.find();
    });
    parts.borrowSearch.addEventListener("input", () => {
      clearTimeout(this.searching);
      this.searching = setTimeout(() => this.find(), 300);
    });
  }

  async find() {
    const { parts } = this;
    const wanted = parts.borrowSearch.value.trim();
    setText(parts.borrowState, "Looking…");
    let comments;
    try {
      const query = `q=${encodeURIComponent(wanted)}`;
      const response = await fetch(this.connection.url("comments/", query), { headers: { Accept: "application/json" } });
      if (!response.ok) throw new Error(String(response.status));
      ({ comments } = await response.json());
    } catch {
      setText(parts.borrowState, "The comments could not be fetched. Try again in a moment.");
      return;
    }
    if (wanted !== parts.borrowSearch.value.trim()) return;
    const none = wanted ? "No comment with these words." : "There is no comment that may be put to the room yet.";
    setText(parts.borrowState, comments.length ? "" : none);
    const byId = new Map(comments.map((comment) => [comment.id, comment]));
    reconcile(
      parts.borrowList,
      [...byId.keys()],
      () => stamp(parts.commentTemplate),
      (node, id) => this.fill(node, byId.get(id)),
    );
  }

  fill(node, comment) {
    const field = (name) => node.querySelector(`[data-field=${name}]`);
    const text = comment.text.split(/\s+/).join(" ").trim();
    setText(field("text"), comment.text);
    const about = this.room.session.propositions.length > 1 && comment.proposition ? ` · proposition ${comment.proposition}` : "";
    const support = comment.support ? ` · supported by ${comment.support}` : "";
    const put = comment.prompt ? " · put to the room already" : "";
    setText(field("meta"), `${comment.author}${about}${support}${put}`);
    const form = node.querySelector("form");
    form.elements.comment.value = comment.id;
    // A short one goes whole; of a long one, somebody chooses.
    const isLong = text.length > PROMPT_LENGTH;
    setHidden(field("wordsLabel"), !isLong);
    if (isLong && !form.elements.words.value) {
      const beginning = text.slice(0, PROMPT_LENGTH);
      const end = Math.max(...[". ", "? ", "! "].map((mark) => beginning.lastIndexOf(mark)));
      form.elements.words.value = end > 0 ? beginning.slice(0, end + 1) : beginning.slice(0, beginning.lastIndexOf(" "));
    }
  }

  put(form, submitter) {
    const { parts } = this;
    const show = submitter?.value !== "false";
    const isShort = form.elements.words.closest("label").hidden;
    const words = isShort ? "" : form.elements.words.value;
    const done = show ? "The room has it now." : "It waits in the queue.";
    parts.borrowDialog.close();
    this.desk.send({ type: "comment.put", comment: Number(form.elements.comment.value), words, show }, { versioned: true, done });
  }
}
