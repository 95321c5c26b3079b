/* The rich-text entity "citation": a reference to somebody's exact words, put in by a chooser that offers those picked
   for this point first. Runs inside Wagtail's editor, which has React and Draft.js on the window. */
(() => {
  const { React, DraftJS, draftail } = window;
  if (!React || !DraftJS || !draftail) return;
  const { EditorState, Modifier, SelectionState } = DraftJS;
  const PLACEHOLDER = "†";
  const ROLES = { supports: "supports", qualifies: "qualifies", opposes: "opposes" };

  /* What the ledger says about excerpts: asked for together, kept for the page. */
  const excerpts = {
    known: new Map(),
    wanted: new Set(),
    listeners: new Set(),
    timer: null,

    address(parameters) {
      const base = document.querySelector("[data-briefing-excerpts]")?.dataset.briefingExcerpts;
      return base ? `${base}?${new URLSearchParams(parameters)}` : null;
    },

    async load(parameters, signal) {
      const address = this.address(parameters);
      if (!address) return [];
      const answer = await fetch(address, { headers: { Accept: "application/json" }, signal });
      if (!answer.ok) throw new Error(`The ledger could not be read (${answer.status}).`);
      const rows = (await answer.json()).excerpts;
      rows.forEach((row) => this.known.set(row.id, row));
      return rows;
    },

    want(id) {
      if (this.known.has(id) || this.wanted.has(id)) return;
      this.wanted.add(id);
      this.timer ??= window.setTimeout(() => this.askForWanted(), 20);
    },

    async askForWanted() {
      const ids = [...this.wanted].slice(0, 50);
      this.timer = null;
      try {
        await this.load({ ids: ids.join(",") });
        ids.filter((id) => !this.known.has(id)).forEach((id) => this.known.set(id, { id, missing: true }));
      } catch {
        /* Out of reach just now: nothing is known, so nothing is called broken. */
      }
      ids.forEach((id) => this.wanted.delete(id));
      this.listeners.forEach((listener) => listener());
      if (this.wanted.size && !this.timer) this.timer = window.setTimeout(() => this.askForWanted(), 20);
    },
  };

  /* Codes as readers will see them: the point's number and a letter by order of appearance. */
  const letters = (index) => {
    let text = "";
    for (let rest = index + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
      text = String.fromCharCode(97 + ((rest - 1) % 26)) + text;
    }
    return text;
  };

  const pointOf = (element) => element?.closest("[data-streamfield-child]");

  const isDeleted = (child) =>
    child.querySelector(":scope > input[name$='-deleted']")?.value === "1";

  const writeCodes = () => {
    const numbers = new Map();
    const seen = new Map();
    for (const mark of document.querySelectorAll("[data-citation]")) {
      const point = pointOf(mark);
      if (!point) continue;
      if (!numbers.has(point)) {
        const siblings = [...point.parentElement.querySelectorAll(":scope > [data-streamfield-child]")];
        numbers.set(point, siblings.filter((child) => !isDeleted(child)).indexOf(point) + 1);
        seen.set(point, []);
      }
      const order = seen.get(point);
      if (!order.includes(mark.dataset.citation)) order.push(mark.dataset.citation);
      const code = `${numbers.get(point)}${letters(order.indexOf(mark.dataset.citation))}`;
      if (mark.dataset.code !== code) mark.dataset.code = code;
    }
  };

  let isWaiting = false;
  const writeCodesSoon = () => {
    if (isWaiting) return;
    isWaiting = true;
    window.requestAnimationFrame(() => {
      isWaiting = false;
      writeCodes();
    });
  };
  new MutationObserver(writeCodesSoon).observe(document.documentElement, { childList: true, subtree: true });

  const icon = () => React.createElement(window.wagtail.components.Icon, { name: "openquote" });

  const describe = (row) => {
    if (!row) return "Reading the ledger…";
    if (row.missing) return "This citation leads to nothing: its excerpt is gone.";
    if (row.gone) return `Cannot be quoted. ${row.gone}`;
    const edited = row.edited ? " The source was edited since." : "";
    const objected = row.objected ? " Its author objects to being quoted." : "";
    return `“${row.text}” ${row.label}, ${row.place}.${edited}${objected}`;
  };

  /* Classes, not hooks: Wagtail draws with another copy of React than the one on the window. */
  class CitationMark extends React.Component {
    componentDidMount() {
      this.listener = () => this.forceUpdate();
      excerpts.listeners.add(this.listener);
      excerpts.want(this.id());
    }

    componentDidUpdate() {
      excerpts.want(this.id());
    }

    componentWillUnmount() {
      excerpts.listeners.delete(this.listener);
    }

    id() {
      return this.props.contentState.getEntity(this.props.entityKey).getData().excerpt;
    }

    render() {
      const { entityKey, contentState, children, onEdit, onRemove } = this.props;
      const row = excerpts.known.get(this.id());
      const isBroken = Boolean(row && (row.missing || row.gone));
      return React.createElement(
        draftail.TooltipEntity,
        { entityKey, contentState, onEdit, onRemove, icon: icon(), label: describe(row), url: null },
        React.createElement(
          "span",
          {
            className: `citation-mark${isBroken ? " citation-mark--broken" : ""}`,
            "data-citation": this.id(),
            title: describe(row),
          },
          children,
        ),
      );
    }
  }

  /* Draftail calls a decorator as a plain function. */
  const Decorator = (props) => React.createElement(CitationMark, props);

  /* Where an entity stands, for replacing it. */
  const rangeOf = (content, entityKey) => {
    for (const block of content.getBlocksAsArray()) {
      let found = null;
      block.findEntityRanges(
        (character) => character.getEntity() === entityKey,
        (start, end) => {
          found = SelectionState.createEmpty(block.getKey()).merge({ anchorOffset: start, focusOffset: end });
        },
      );
      if (found) return found;
    }
    return null;
  };

  const withCitation = (editorState, row, { isQuoted, entityKey }) => {
    let content = editorState.getCurrentContent();
    content = content.createEntity("CITATION", "IMMUTABLE", { excerpt: row.id });
    const key = content.getLastCreatedEntityKey();
    const replaced = entityKey ? rangeOf(content, entityKey) : null;
    if (replaced) {
      content = Modifier.replaceText(content, replaced, PLACEHOLDER, undefined, key);
    } else {
      /* After the selected words, or at the caret: nothing that was written is overwritten. */
      const selection = editorState.getSelection();
      let at = selection.merge({
        anchorKey: selection.getEndKey(),
        anchorOffset: selection.getEndOffset(),
        focusKey: selection.getEndKey(),
        focusOffset: selection.getEndOffset(),
        isBackward: false,
      });
      if (isQuoted) {
        const before = content.getBlockForKey(at.getStartKey()).getText().slice(0, at.getStartOffset());
        const quotation = `${before && !/[\s(]$/.test(before) ? " " : ""}“${row.text}”`;
        content = Modifier.insertText(content, at, quotation);
        const offset = at.getStartOffset() + quotation.length;
        at = at.merge({ anchorOffset: offset, focusOffset: offset });
      }
      content = Modifier.insertText(content, at, PLACEHOLDER, undefined, key);
    }
    return EditorState.push(editorState, content, "insert-characters");
  };

  const element = (name, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };

  /* The chooser: a dialog with a search field and the excerpts, each with its buttons. */
  class Chooser {
    constructor({ pointId, isReplacing, onChosen, onClosed }) {
      Object.assign(this, { pointId, isReplacing, onChosen, onClosed });
      this.search = element("input", {
        type: "search",
        id: "citation-search",
        autocomplete: "off",
        placeholder: "Words, role or table",
      });
      this.list = element("div", { className: "citation-chooser__list" });
      this.status = element("p", { className: "citation-chooser__status", role: "status" });
      const close = element("button", { type: "button", className: "button button-secondary", textContent: "Close" });
      this.dialog = element(
        "dialog",
        { className: "citation-chooser" },
        element(
          "div",
          { className: "citation-chooser__head" },
          element("h2", { id: "citation-heading", textContent: isReplacing ? "Cite something else" : "Cite what somebody said" }),
          close,
        ),
        element("label", { htmlFor: "citation-search", textContent: "Search the excerpts" }),
        this.search,
        this.status,
        this.list,
      );
      this.dialog.setAttribute("aria-labelledby", "citation-heading");
      close.addEventListener("click", () => this.dialog.close());
      this.dialog.addEventListener("close", () => {
        this.dialog.remove();
        this.request?.abort();
        window.clearTimeout(this.timer);
        if (this.chosen) this.onChosen(this.chosen.row, this.chosen.isQuoted);
        else this.onClosed();
      });
      /* Typing and choosing here is none of the page editor's business. */
      for (const kind of ["keydown", "keyup", "keypress", "input", "change", "mousedown", "click", "submit"]) {
        this.dialog.addEventListener(kind, (event) => event.stopPropagation());
      }
      this.dialog.addEventListener("keydown", (event) => this.move(event));
      this.search.addEventListener("input", () => {
        window.clearTimeout(this.timer);
        this.timer = window.setTimeout(() => this.show(), 150);
      });
    }

    open() {
      document.body.append(this.dialog);
      this.dialog.showModal();
      this.search.focus();
      this.show();
    }

    /* Arrows go from one excerpt to the next; Tab goes through everything, as ever. */
    move(event) {
      if (event.key === "Enter" && event.target === this.search) event.preventDefault();
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      const buttons = [...this.list.querySelectorAll("button[data-cite]")];
      if (!buttons.length) return;
      event.preventDefault();
      const row = document.activeElement.closest(".citation-chooser__item");
      const index = row ? buttons.indexOf(row.querySelector("button[data-cite]")) : -1;
      const next = index + (event.key === "ArrowDown" ? 1 : -1);
      (next < 0 ? this.search : buttons[Math.min(next, buttons.length - 1)]).focus();
    }

    async show() {
      this.request?.abort();
      this.request = new AbortController();
      try {
        const rows = await excerpts.load(
          { point: this.pointId || "", q: this.search.value.trim() },
          this.request.signal,
        );
        this.render(rows);
      } catch (error) {
        if (error.name !== "AbortError") {
          this.status.textContent = "The ledger cannot be reached. Your text is safe; look again in a moment.";
        }
      }
    }

    render(rows) {
      this.list.replaceChildren();
      const own = rows.filter((row) => row.is_own);
      const others = rows.filter((row) => !row.is_own);
      if (own.length) this.list.append(...this.group("Picked for this point", own, false));
      if (others.length) this.list.append(...this.group(own.length ? "Picked for other points" : "Picked so far", others, true));
      this.status.textContent = rows.length
        ? `${rows.length} ${rows.length === 1 ? "excerpt" : "excerpts"}`
        : this.search.value.trim()
          ? "No excerpt has these words."
          : "No excerpts yet. Pick exact words on the sorting desk first.";
    }

    group(title, rows, isForeign) {
      return [
        element("h3", { textContent: title }),
        element("ul", {}, ...rows.map((row) => this.item(row, isForeign))),
      ];
    }

    item(row, isForeign) {
      const item = element(
        "li",
        { className: `citation-chooser__item citation-chooser__item--${row.role}` },
        element("p", { className: "citation-chooser__words", textContent: row.gone ? "" : `“${row.text}”` }),
        element("p", {
          className: "citation-chooser__source",
          textContent: [ROLES[row.role], row.gone || `${row.label}, ${row.place}`, isForeign ? row.point_title : ""]
            .filter(Boolean)
            .join(" · "),
        }),
      );
      if (row.gone) return item;
      if (row.edited) item.append(element("p", { className: "citation-chooser__note", textContent: "The source was edited since." }));
      if (row.objected) item.append(element("p", { className: "citation-chooser__note", textContent: "Its author objects to being quoted." }));
      const cite = element("button", { type: "button", className: "button button-small", textContent: "Cite" });
      cite.dataset.cite = row.id;
      cite.setAttribute("aria-label", `Cite: ${row.text.slice(0, 80)}`);
      cite.addEventListener("click", () => this.choose(row, false));
      const actions = element("p", { className: "citation-chooser__actions" }, cite);
      if (!this.isReplacing) {
        const quote = element("button", {
          type: "button",
          className: "button button-small button-secondary",
          textContent: "Quote and cite",
        });
        quote.setAttribute("aria-label", `Quote and cite: ${row.text.slice(0, 80)}`);
        quote.addEventListener("click", () => this.choose(row, true));
        actions.append(quote);
      }
      item.append(actions);
      return item;
    }

    choose(row, isQuoted) {
      this.chosen = { row, isQuoted };
      this.dialog.close();
    }
  }

  /* Draftail mounts this when "Cite" is pressed, and waits for onComplete or onClose. */
  class Source extends React.Component {
    componentDidMount() {
      const { editorState, entityKey, onComplete, onClose } = this.props;
      const block = editorState.getSelection().getStartKey();
      const place = document.querySelector(`[data-offset-key^="${CSS.escape(block)}-"]`);
      const pointId = pointOf(place)?.querySelector(":scope > input[name$='-id']")?.value;
      this.chooser = new Chooser({
        pointId,
        isReplacing: Boolean(entityKey),
        onChosen: (row, isQuoted) => onComplete(withCitation(editorState, row, { isQuoted, entityKey })),
        onClosed: () => {
          onClose();
          place?.closest("[contenteditable]")?.focus({ preventScroll: true });
        },
      });
      this.chooser.open();
    }

    componentWillUnmount() {
      if (this.chooser?.dialog.open) this.chooser.dialog.close();
    }

    render() {
      return null;
    }
  }

  /* The evidence beside the page puts a citation into a point: where its caret was last, else at the end of its text. */
  document.addEventListener("briefing:cite", ({ detail }) => {
    const points = [...document.querySelectorAll("[data-contentpath='points'] [data-streamfield-child]")];
    const standing = points.filter((child) => !isDeleted(child));
    const child = standing.find(
      (point) => point.querySelector(":scope > input[name$='-id']")?.value === detail.pointId,
    );
    const editor = [...(child?.querySelectorAll("input") ?? [])].find((input) => input.draftailEditor)?.draftailEditor;
    if (!editor) return;
    const hasCaret = editor.getEditorState().getSelection().getHasFocus() || child.dataset.hasCaret;
    /* Whoever puts words in writes on behind them; on the button, the next space would put them in again. */
    child.querySelector(".Draftail-Editor [contenteditable]")?.focus({ preventScroll: true });
    let state = editor.getEditorState();
    if (!hasCaret) state = EditorState.moveSelectionToEnd(state);
    excerpts.known.set(detail.row.id, detail.row);
    state = withCitation(state, detail.row, { isQuoted: detail.isQuoted });
    editor.onChange(EditorState.forceSelection(state, state.getCurrentContent().getSelectionAfter()));
    child.dataset.hasCaret = "true";
    detail.number = standing.indexOf(child) + 1;
  });

  /* A point one has written in remembers its caret, though the focus is on the panel by now. */
  document.addEventListener("focusin", (event) => {
    if (event.target.matches?.(".Draftail-Editor [contenteditable]")) {
      const child = pointOf(event.target);
      if (child) child.dataset.hasCaret = "true";
    }
  });

  /* The print takes a moment to set, so its length is asked for by a button. */
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-briefing-length]");
    if (!button) return;
    const status = button.parentElement.querySelector("[role=status]");
    status.textContent = "Setting the pages…";
    button.disabled = true;
    try {
      const answer = await fetch(button.dataset.briefingLength, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      status.textContent = (await answer.json()).says;
    } catch {
      status.textContent = "The print could not be set just now.";
    }
    button.disabled = false;
  });

  draftail.registerPlugin({ type: "CITATION", source: Source, decorator: Decorator }, "entityTypes");
})();
