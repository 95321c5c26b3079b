/** Shows, while somebody types, exactly how each choice would make them appear. The form works without it. */

const NOBODY = "A respondent";

class LiveIdentity extends HTMLElement {
  connectedCallback() {
    this.addEventListener("input", () => this.show());
    this.show();
  }

  value(name) {
    return (this.querySelector(`[name=${name}]:checked, input[name=${name}]:not([type=radio])`)?.value ?? "").trim();
  }

  show() {
    const identity = this.value("identity");
    const name = identity === "name" ? this.value("name") : "";
    const role = identity === "nothing" ? "" : this.value("role");
    const say = (consent, text) => {
      const words = this.querySelector(`[data-as=${consent}]`);
      if (words && words.textContent !== text) words.textContent = text;
    };
    this.dataset.identity = identity;
    say("named", [name, role].filter(Boolean).join(", ") || (identity === "name" ? "your name" : NOBODY));
    say("role", role || (identity === "role" ? "your role" : NOBODY));
    this.offer("named", identity === "name");
    this.offer("role", identity !== "nothing");
  }

  /** A choice that cannot apply goes away; if it was the chosen one, the next more cautious one takes its place. */
  offer(consent, possible) {
    const row = this.querySelector(`[data-consent=${consent}]`);
    if (!row) return;
    row.hidden = !possible;
    const input = row.querySelector("input");
    if (possible || !input.checked) return;
    const cautious = [...this.querySelectorAll("[data-consent]")].slice([...this.querySelectorAll("[data-consent]")].indexOf(row) + 1);
    const next = cautious.find((candidate) => !candidate.hidden);
    if (next) next.querySelector("input").checked = true;
  }
}

customElements.define("live-identity", LiveIdentity);
