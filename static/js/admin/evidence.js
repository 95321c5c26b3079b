/* Writing beside the evidence: what was picked for the point one is in, to be put into its text. */
(() => {
  const { StimulusModule, wagtail } = window;
  if (!StimulusModule || !wagtail?.app) return;

  const ROLES = { supports: "supports", qualifies: "qualifies", opposes: "opposes" };

  const element = (name, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };

  const isDeleted = (child) => child.querySelector(":scope > input[name$='-deleted']")?.value === "1";
  const idOf = (child) => child.querySelector(":scope > input[name$='-id']")?.value || "";

  class EvidenceController extends StimulusModule.Controller {
    static targets = ["point", "search", "status", "list"];

    static values = { address: String };

    connect() {
      /* Nothing is asked of the ledger before somebody opens the panel. */
      this.watcher = new IntersectionObserver((entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        this.isSeen = true;
        this.show();
      });
      this.watcher.observe(this.element);
      this.element.addEventListener("submit", (event) => event.preventDefault());
    }

    disconnect() {
      this.watcher?.disconnect();
      this.request?.abort();
      window.clearTimeout(this.timer);
    }

    points() {
      const blocks = [...document.querySelectorAll("[data-contentpath='points'] [data-streamfield-child]")];
      return blocks.filter((child) => !isDeleted(child));
    }

    listPoints() {
      const chosen = this.pointTarget.value;
      const options = this.points().map((child, index) => {
        const heading = child.querySelector("input[name$='-value-heading']")?.value || "Not named yet";
        return element("option", { value: idOf(child), textContent: `${index + 1}. ${heading}` });
      });
      this.pointTarget.replaceChildren(...options);
      if (options.some((option) => option.value === chosen)) this.pointTarget.value = chosen;
    }

    /* Whichever point one writes in is the one shown. */
    follow(event) {
      const child = event.target.closest?.("[data-contentpath='points'] [data-streamfield-child]");
      if (!child || idOf(child) === this.pointTarget.value) return;
      this.listPoints();
      this.pointTarget.value = idOf(child);
      this.show();
    }

    showSoon() {
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.show(), 200);
    }

    async show() {
      if (!this.isSeen) return;
      this.listPoints();
      this.request?.abort();
      this.request = new AbortController();
      const parameters = new URLSearchParams({ point: this.pointTarget.value, q: this.searchTarget.value.trim() });
      try {
        const answer = await fetch(`${this.addressValue}?${parameters}`, {
          headers: { Accept: "application/json" },
          signal: this.request.signal,
        });
        if (!answer.ok) throw new Error(String(answer.status));
        this.render((await answer.json()).excerpts);
      } catch (error) {
        if (error.name !== "AbortError") {
          this.statusTarget.textContent = "The ledger cannot be reached. Your text is safe; look again in a moment.";
        }
      }
    }

    render(rows) {
      const held = this.focusedKey();
      const isSearched = Boolean(this.searchTarget.value.trim());
      const own = rows.filter((row) => row.is_own);
      const others = isSearched ? rows.filter((row) => !row.is_own) : [];
      this.listTarget.replaceChildren();
      if (own.length) this.listTarget.append(...this.group("Picked for this point", own));
      if (others.length) this.listTarget.append(...this.group("Picked for other points", others));
      const shown = own.length + others.length;
      if (shown) this.statusTarget.textContent = `${shown} ${shown === 1 ? "excerpt" : "excerpts"}`;
      else if (isSearched) this.statusTarget.textContent = "No excerpt has these words.";
      else this.statusTarget.textContent = "Nothing is picked for this point yet. Search the others, or pick exact words on the sorting desk.";
      if (held) this.listTarget.querySelector(`[data-key="${CSS.escape(held)}"]`)?.focus();
    }

    /* Which button had the focus: showing the list again must not throw somebody out of it. */
    focusedKey() {
      return this.listTarget.contains(document.activeElement) ? document.activeElement.dataset.key : "";
    }

    group(title, rows) {
      return [element("h3", { textContent: title }), element("ul", {}, ...rows.map((row) => this.item(row)))];
    }

    item(row) {
      const child = this.points().find((point) => idOf(point) === this.pointTarget.value);
      const mark = child?.querySelector(`[data-citation="${CSS.escape(row.id)}"]`);
      const flags = [
        mark ? `Cited here${mark.dataset.code ? ` as ${mark.dataset.code}` : ""}.` : "",
        row.objected ? "Its author objects to being quoted." : "",
        row.edited ? "The source was edited since it was picked." : "",
        row.gone ? `Cannot be quoted. ${row.gone}` : "",
      ].filter(Boolean);
      const item = element("li", { className: `citation-chooser__item citation-chooser__item--${row.role}` });
      if (!row.gone) item.append(element("p", { className: "citation-chooser__words", textContent: `“${row.text}”` }));
      const about = [ROLES[row.role], row.gone ? "" : `${row.label}, ${row.place}`, row.is_own ? "" : row.point_title];
      item.append(element("p", { className: "citation-chooser__source", textContent: about.filter(Boolean).join(" · ") }));
      flags.forEach((flag) => item.append(element("p", { className: "citation-chooser__note", textContent: flag })));
      if (row.gone) return item;
      const actions = element("p", { className: "citation-chooser__actions" });
      for (const [isQuoted, name] of [[true, "Quote and cite"], [false, "Cite"]]) {
        const button = element("button", {
          type: "button",
          className: `button button-small${isQuoted ? "" : " button-secondary"}`,
          textContent: name,
        });
        button.dataset.key = `${row.id}-${name}`;
        if (!isQuoted) button.dataset.cite = row.id;
        button.setAttribute("aria-label", `${name}: ${row.text.slice(0, 80)}`);
        button.addEventListener("click", () => this.insert(row, isQuoted));
        actions.append(button);
      }
      item.append(actions);
      return item;
    }

    insert(row, isQuoted) {
      const detail = { pointId: this.pointTarget.value, row, isQuoted, number: 0 };
      document.dispatchEvent(new CustomEvent("briefing:cite", { detail }));
      this.statusTarget.textContent = detail.number
        ? `Put into point ${detail.number}.`
        : "This point has no text to put it into. Open the point first.";
      /* Its flag says so as soon as the mark stands in the text. */
      if (detail.number) window.setTimeout(() => this.markCited(row.id), 400);
    }

    markCited(id) {
      const child = this.points().find((point) => idOf(point) === this.pointTarget.value);
      const mark = child?.querySelector(`[data-citation="${CSS.escape(id)}"]`);
      const item = this.listTarget.querySelector(`[data-cite="${CSS.escape(id)}"]`)?.closest("li");
      if (!mark || !item || item.querySelector("[data-cited]")) return;
      const note = element("p", { className: "citation-chooser__note", textContent: `Cited here as ${mark.dataset.code}.` });
      note.dataset.cited = id;
      item.querySelector(".citation-chooser__actions").before(note);
    }

    /* Arrows go from one excerpt to the next; Tab goes through everything, as ever. */
    move(event) {
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      const buttons = [...this.listTarget.querySelectorAll("li button:first-child")];
      const row = document.activeElement.closest("li");
      const index = buttons.findIndex((button) => button.closest("li") === row);
      const next = buttons[index + (event.key === "ArrowDown" ? 1 : -1)];
      if (!next) return;
      event.preventDefault();
      next.focus();
    }
  }

  /* The checks are asked for again when the draft has been saved by itself. */
  class ChecksController extends StimulusModule.Controller {
    static targets = ["list"];

    static values = { address: String, print: Boolean };

    /* Beside the page they know how long it gets on paper. That takes a moment, so only for who looks at them. */
    connect() {
      if (!this.printValue) return;
      this.watcher = new IntersectionObserver((entries) => {
        this.isSeen = entries.some((entry) => entry.isIntersecting);
        if (this.isSeen) this.load();
      });
      this.watcher.observe(this.element);
    }

    refresh() {
      window.clearTimeout(this.timer);
      if (this.printValue && !this.isSeen) return;
      this.timer = window.setTimeout(() => this.load(), this.printValue ? 4000 : 1500);
    }

    disconnect() {
      this.watcher?.disconnect();
      window.clearTimeout(this.timer);
    }

    async load() {
      try {
        const answer = await fetch(this.addressValue + (this.printValue ? "?print=1" : ""));
        if (answer.ok) this.listTarget.innerHTML = await answer.text();
      } catch {
        /* Out of reach just now: the checks stay as of the save before. */
      }
    }
  }

  wagtail.app.register("briefing-evidence", EvidenceController);
  wagtail.app.register("briefing-checks", ChecksController);
})();
