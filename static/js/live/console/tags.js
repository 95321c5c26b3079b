/** Tags: words by which this desk finds things again. The room sees those that are put on the wall as themes. */

import { reconcile, setHidden, setText, stamp } from "../page.js";

export class Tags {
  constructor(desk) {
    const { parts, room, connection } = desk;
    Object.assign(this, { desk, parts, room, connection });
    // The only one that the list shows, or none.
    this.wanted = "";
    this.tagging = null;
    parts.tagForm.addEventListener("submit", (event) => this.submit(event));
    parts.tagSelect.addEventListener("change", () => this.filterBy(parts.tagSelect.value));
    parts.themesForm.addEventListener("input", () => {
      this.choosing = true;
    });
  }

  inUse() {
    const tags = new Set();
    for (const item of this.room.contributions.values()) for (const tag of item.tags ?? []) tags.add(tag);
    return [...tags].sort((a, b) => a.localeCompare(b));
  }

  ask(id) {
    const { parts } = this;
    const item = this.room.contributions.get(id);
    if (!item) return;
    this.tagging = id;
    setText(parts.tagQuote, item.body);
    parts.tagForm.reset();
    this.renderChoices();
    if (!parts.tagDialog.open) parts.tagDialog.showModal();
    parts.tagNew.focus();
  }

  submit(event) {
    const { parts } = this;
    if (event.submitter?.value === "leave") return;
    event.preventDefault();
    const tag = parts.tagNew.value.trim();
    if (!tag) {
      parts.tagDialog.close();
      return;
    }
    this.desk.send({ type: "contribution.tag", contribution: this.tagging, tag }).then((done) => {
      if (!done) return;
      parts.tagForm.reset();
      parts.tagDialog.close();
    });
  }

  toggle(id, tag) {
    const has = this.room.contributions.get(id)?.tags?.includes(tag);
    this.desk.send({ type: has ? "contribution.untag" : "contribution.tag", contribution: id, tag });
  }

  filterBy(tag) {
    this.wanted = tag;
    this.desk.takeNew();
  }

  renderFilter() {
    const { parts } = this;
    const tags = this.inUse();
    if (this.wanted && !tags.includes(this.wanted)) tags.push(this.wanted);
    setHidden(parts.tagFilter, tags.length === 0);
    reconcile(
      parts.tagSelect,
      ["", ...tags],
      () => document.createElement("option"),
      (option, tag) => {
        option.value = tag;
        setText(option, tag || "any tag");
      },
    );
    parts.tagSelect.value = this.wanted;
    if (parts.tagDialog.open) this.renderChoices();
  }

  fill(place, item) {
    const tags = item.tags ?? [];
    setHidden(place, tags.length === 0);
    reconcile(
      place,
      tags,
      () => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "tag console__tag";
        button.dataset.action = "untag";
        return button;
      },
      (button, tag) => {
        button.dataset.tag = tag;
        setText(button, `${tag} ×`);
        button.setAttribute("aria-label", `Take away the tag ${tag}: ${item.body.slice(0, 60)}`);
      },
    );
  }

  renderChoices() {
    const { parts, room } = this;
    if (!parts.tagDialog.open && this.tagging === null) return;
    const own = room.contributions.get(this.tagging)?.tags ?? [];
    reconcile(
      parts.tagChoices,
      this.inUse(),
      (tag) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "button button--small console__tag-choice";
        button.addEventListener("click", () => this.toggle(this.tagging, tag));
        return button;
      },
      (button, tag) => {
        setText(button, tag);
        button.setAttribute("aria-pressed", String(own.includes(tag)));
      },
    );
  }

  // Themes of the wall

  /** Which of them the wall shows. What is being ticked here is left alone until it is sent. */
  renderThemes() {
    const { parts, room } = this;
    const onWall = new Set(room.themes.map(({ tag }) => tag));
    const said = new Map();
    for (const item of room.contributions.values()) {
      if (item.state === "shown") for (const tag of item.tags ?? []) said.set(tag, (said.get(tag) ?? 0) + 1);
    }
    const tags = [...new Set([...said.keys(), ...onWall])].sort((a, b) => a.localeCompare(b));
    setText(parts.themeCount, onWall.size ? String(onWall.size) : "");
    setText(
      parts.themesHint,
      tags.length
        ? "The wall shows in turns how many people speak of each, and what they said."
        : "Tag what is said: your tags can stand on the wall, with how many people speak of each.",
    );
    setHidden(parts.themesButton, tags.length === 0);
    reconcile(
      parts.themeChoices,
      tags,
      () => stamp(parts.themeTemplate),
      (node, tag) => {
        const box = node.querySelector("input");
        box.value = tag;
        if (!this.choosing) box.checked = onWall.has(tag);
        setText(node.querySelector("[data-field=tag]"), tag);
        setText(node.querySelector("[data-field=count]"), `${said.get(tag) ?? 0} said`);
      },
    );
  }
}
