/** The queue of prompts: drawn, dragged, and moved by buttons. */

import { reconcile, sentence, setHidden, setText, stamp } from "../page.js";

const KINDS = { ideas: "ideas", questions: "questions", statements: "statements", poll: "poll" };

export class Prompts {
  constructor(desk) {
    const { parts, room, connection } = desk;
    Object.assign(this, { desk, parts, room, connection });
    this.listenToDragging();
  }

  move(id, by, button) {
    const ids = [...this.room.prompts.keys()];
    const position = ids.indexOf(id) + by;
    if (position < 0 || position >= ids.length) return;
    this.desk.send({ type: "prompt.move", prompt: id, position }, { versioned: true }).then(() => button?.focus());
  }

  listenToDragging() {
    const list = this.parts.promptList;
    const rowOf = (event) => event.target.closest?.(".prompt-row");
    const half = (row, event) => {
      const { top, height } = row.getBoundingClientRect();
      return event.clientY < top + height / 2 ? "before" : "after";
    };
    const clear = () => {
      for (const row of list.children) delete row.dataset.over;
    };
    list.addEventListener("dragstart", (event) => {
      this.dragged = Number(rowOf(event)?.dataset.key);
      event.dataTransfer.effectAllowed = "move";
    });
    list.addEventListener("dragover", (event) => {
      const row = rowOf(event);
      if (!this.dragged || !row) return;
      event.preventDefault();
      clear();
      row.dataset.over = half(row, event);
    });
    list.addEventListener("dragleave", clear);
    list.addEventListener("dragend", () => {
      this.dragged = null;
      clear();
    });
    list.addEventListener("drop", (event) => {
      const row = rowOf(event);
      if (!this.dragged || !row) return;
      event.preventDefault();
      const rest = [...this.room.prompts.keys()].filter((id) => id !== this.dragged);
      const position = rest.indexOf(Number(row.dataset.key)) + (half(row, event) === "after" ? 1 : 0);
      if (Number(row.dataset.key) !== this.dragged) {
        this.desk.send({ type: "prompt.move", prompt: this.dragged, position }, { versioned: true });
      }
      clear();
    });
  }

  render() {
    const { parts, room } = this;
    const ids = [...room.prompts.keys()];
    const said = new Map();
    for (const item of room.contributions.values()) {
      if (item.state === "shown") said.set(item.prompt, (said.get(item.prompt) ?? 0) + 1);
    }
    const next = [...room.prompts.values()].find((prompt) => prompt.state === "queued");
    reconcile(
      parts.promptList,
      ids,
      () => stamp(parts.promptTemplate),
      (node, id) => {
        const prompt = room.prompts.get(id);
        const count = said.get(id) ?? 0;
        const kind = KINDS[prompt.kind];
        const now = prompt.state === "current";
        const answered = ["ideas", "questions"].includes(prompt.kind) ? ` · ${count} said` : "";
        const meta = now
          ? `Now · ${kind}${answered}`
          : prompt.state === "closed"
            ? `Closed${answered || ` · ${kind}`}`
            : sentence(kind) + (prompt === next ? " · next" : "");
        const field = (name) => node.querySelector(`[data-field=${name}]`);
        node.dataset.state = prompt.state;
        node.draggable = true;
        setText(field("number"), String(prompt.number));
        setText(field("text"), prompt.text);
        setText(field("meta"), meta);
        for (const input of node.querySelectorAll("[name=prompt]")) input.value = id;
        setHidden(field("show"), now);
        setText(field("show"), prompt.state === "closed" ? "Show again" : "Show");
        setHidden(field("close"), !now);
        setHidden(field("up"), prompt.number === 1);
        setHidden(field("down"), prompt.number === ids.length);
        setHidden(field("edit"), prompt.state !== "queued");
        setHidden(field("remove"), prompt.state !== "queued");
        setHidden(field("editOptions"), answered !== "");
        const edit = field("editForm");
        if (edit.hidden) {
          edit.elements.text.value = prompt.text;
          edit.elements.options.value = prompt.options.map((option) => option.text).join("\n");
        }
      },
    );
    setHidden(parts.next, !next);
    if (next) {
      parts.next.elements.prompt.value = next.id;
      setText(parts.nextWord, `Go to prompt ${next.number}`);
    }
  }
}
