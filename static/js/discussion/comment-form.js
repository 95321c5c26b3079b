/* Keeps what is being typed on this device until it is posted, posts it without leaving the page before the answer is
   there, and shows how the author would appear when quoted.

   The draft survives reload, a closed tab, an error and a form that was open too long. It goes once the comment has
   arrived, or when its author clears it, or after two weeks. */

const PREFIX = "summit:draft:";
const LIFETIME = 14 * 24 * 60 * 60 * 1000;
/* A phone that has half a signal holds a request for minutes. Posting again is safe: one text is one comment. */
const PATIENCE = 20_000;
const NAMES = ["name", "email", "role", "comment", "consent", "is_role_shown", "wants_answers", "reason"];

const store = {
  read(key) {
    try {
      return JSON.parse(localStorage.getItem(PREFIX + key));
    } catch {
      return null;
    }
  },
  write(key, draft) {
    try {
      localStorage.setItem(PREFIX + key, JSON.stringify(draft));
      return true;
    } catch {
      return false;
    }
  },
  remove(key) {
    try {
      localStorage.removeItem(PREFIX + key);
    } catch {
      /* Nothing was kept. */
    }
  },
  keys() {
    try {
      return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length));
    } catch {
      return [];
    }
  },
};

class CommentForm extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.note = this.querySelector("[data-draft-note]");
    this.key = this.dataset.draft;
    if (!this.form || !this.key) return;
    this.forgetArrived();
    this.restore();
    this.form.addEventListener("input", () => this.changed());
    this.form.addEventListener("change", () => this.changed());
    this.form.addEventListener("submit", (event) => this.send(event));
    this.leaving = new AbortController();
    const { signal } = this.leaving;
    window.addEventListener("pagehide", () => this.flush(), { signal });
    document.addEventListener("visibilitychange", () => this.flush(), { signal });
    window.addEventListener("online", () => this.signalIsBack(), { signal });
    this.showHints();
  }

  disconnectedCallback() {
    this.leaving?.abort();
  }

  /* The answer is a place to go to, or the form again: previewed, or with what is to be mended. Anything else means
     that the comment has not been taken, as far as anybody can tell; then it stays in the box. */
  async send(event) {
    event.preventDefault();
    if (this.isSending) return;
    const button = event.submitter ?? this.form.querySelector("[type=submit]");
    const isPreview = button?.name === "preview";
    this.isSending = true;
    this.keep(isPreview ? {} : { sentAt: Date.now() });
    this.trouble("");
    const words = button?.textContent;
    if (button) {
      button.ariaBusy = "true";
      button.textContent = isPreview ? "Preparing…" : "Posting…";
    }
    const settle = () => {
      this.isSending = false;
      if (!button) return;
      button.ariaBusy = null;
      button.textContent = words;
    };
    try {
      const answer = await fetch(this.form.action, {
        method: "POST",
        body: new FormData(this.form, event.submitter),
        headers: { accept: "application/json, text/html;q=0.9" },
        signal: AbortSignal.timeout(PATIENCE),
      });
      if (answer.headers.get("content-type")?.startsWith("application/json")) {
        const { place } = await answer.json();
        /* Whoever comes back to this page as it was finds it ready. */
        window.addEventListener("pageshow", settle, { once: true });
        this.go(new URL(place, location.href));
        return;
      }
      if (answer.status >= 500) throw new Error(String(answer.status));
      this.showAnswer(await answer.text());
      settle();
    } catch (error) {
      settle();
      this.keep({});
      this.failure(error);
    }
  }

  go(place) {
    const isHere = place.pathname === location.pathname && place.search === location.search;
    location.assign(place);
    if (!isHere) return;
    /* Only the fragment differs: the browser would stay, and not show what was posted. It fills in again what stood in
       a form that it reloads, so nothing may. */
    this.form.reset();
    location.reload();
  }

  showAnswer(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const answered = page.querySelector("comment-form");
    if (!answered) throw new Error("no form");
    const ours = document.importNode(answered, true);
    this.replaceWith(ours);
    const first = ours.querySelector("[data-answer]");
    first?.focus();
    first?.scrollIntoView({ block: "nearest" });
  }

  failure(error) {
    const again = `press “${this.form.querySelector("[type=submit]").textContent.trim()}” again`;
    const isCut = error instanceof TypeError || error?.name === "TimeoutError";
    this.isCutOff = isCut;
    if (isCut) this.trouble(`No signal. Nothing is lost: your text is kept on this device. When there is a signal, ${again}.`);
    else this.trouble(`Summit could not take it just now. Nothing is lost: your text is kept on this device. In a minute, ${again}.`);
  }

  signalIsBack() {
    if (!this.isCutOff || this.isSending) return;
    this.isCutOff = false;
    this.trouble("The signal is back. Your text has not been posted yet: press the button to post it.");
  }

  /* What went wrong, said where the eye is: above the note, below the buttons. Empty: nothing. */
  trouble(words) {
    const line = this.querySelector("[data-trouble]");
    if (!line) return;
    line.hidden = !words;
    line.querySelector("span").textContent = words;
  }

  /* The page we land on after posting shows the new comment as our own: what was sent from here has arrived. */
  forgetArrived() {
    const target = location.hash.startsWith("#comment-") && document.getElementById(location.hash.slice(1));
    const hasArrived = Boolean(target) && target.hasAttribute("data-own");
    const page = this.key.split("-")[0];
    for (const key of store.keys()) {
      const draft = store.read(key);
      const isOurs = key === this.key || key.startsWith(`${page}-`);
      if (!draft || Date.now() - draft.keptAt > LIFETIME || (hasArrived && isOurs && draft.sentAt)) store.remove(key);
    }
  }

  fields() {
    return NAMES.flatMap((name) => {
      const field = this.form.elements.namedItem(name);
      if (!field) return [];
      return field instanceof RadioNodeList ? [[name, [...field]]] : [[name, [field]]];
    });
  }

  values() {
    const values = {};
    for (const [name, inputs] of this.fields()) {
      const [first] = inputs;
      if (first.type === "radio") values[name] = inputs.find((input) => input.checked)?.value ?? "";
      else if (first.type === "checkbox") values[name] = first.checked ? first.value : "";
      else values[name] = first.value;
    }
    return values;
  }

  /* What the server sent back after a mistake is newer than the draft: only empty fields are filled. */
  restore() {
    const draft = store.read(this.key);
    if (!draft?.values?.comment && !draft?.values?.reason) return;
    const isSentBack = this.hasAttribute("data-bound");
    let isChanged = false;
    for (const [name, inputs] of this.fields()) {
      const value = draft.values[name];
      if (value === undefined || isSentBack) continue;
      const [first] = inputs;
      if (first.type === "radio") inputs.forEach((input) => (input.checked = input.value === value || (input.checked && !value)));
      else if (first.type === "checkbox") first.checked = Boolean(value);
      else if (value && first.value !== value && (!first.value || this.hasAttribute("data-draft-wins"))) {
        first.value = value;
        isChanged ||= name === "comment";
      }
    }
    if (isChanged) this.say("Your draft is back. It was kept on this device.", true);
  }

  changed() {
    this.showHints();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), 250);
  }

  flush() {
    if (!this.timer) return;
    clearTimeout(this.timer);
    this.timer = null;
    this.keep({});
  }

  keep(more) {
    clearTimeout(this.timer);
    this.timer = null;
    const values = this.values();
    if (!values.comment?.trim()) {
      store.remove(this.key);
      return;
    }
    store.write(this.key, { values, keptAt: Date.now(), ...more });
  }

  say(text, mayClear) {
    if (!this.note) return;
    this.note.textContent = `${text} `;
    this.note.hidden = false;
    if (!mayClear) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link-button";
    button.textContent = "Clear it";
    button.addEventListener("click", () => {
      store.remove(this.key);
      this.form.reset();
      this.note.textContent = "Cleared.";
      this.showHints();
      this.form.elements.namedItem("comment")?.focus();
    });
    this.note.append(button);
  }

  showHints() {
    const { name = "", role = "" } = this.values();
    const signature = (name.trim() || this.dataset.name || "Your name") + ", " + (role.trim() || "your role");
    this.hint("named", `“${signature}”`);
    this.hint("role", `“${role.trim() || "Your role"}”`);
  }

  hint(value, text) {
    const hint = this.querySelector(`[data-consent-hint="${value}"]`);
    if (hint) hint.textContent = text;
  }
}

/* Stands on the page that says an e-mail is on its way: the text is safe with us. */
class DraftDone extends HTMLElement {
  connectedCallback() {
    store.remove(this.dataset.draft);
  }
}

customElements.define("comment-form", CommentForm);
customElements.define("draft-done", DraftDone);
