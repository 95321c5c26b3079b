/**
 * What was said in the same words, kept up to date: how far the look is, and its groups once they are others. What
 * somebody reads or writes here is never taken from under their hands; then a button shows what is new.
 */
import { ask, showLook } from "./looks.js";

const EVERY = 2000;

class DeskEchoes extends HTMLElement {
  connectedCallback() {
    this.said = this.querySelector("[data-said]");
    this.notice = this.querySelector("[data-notice]");
    this.anew = this.querySelector("[data-anew]");
    this.place = this.querySelector("[data-look]");
    this.piles = this.querySelector("[data-piles]");
    this.addEventListener("submit", (event) => this.submit(event));
    this.addEventListener("pointerdown", () => {
      this.isPressed = true;
    });
    this.released = () => {
      this.isPressed = false;
    };
    for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, this.released);
    this.anew.querySelector("button").addEventListener("click", () => this.showAnew());
    this.timer = setInterval(() => this.poll(), EVERY);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    for (const name of ["pointerup", "pointercancel"]) document.removeEventListener(name, this.released);
  }

  async submit(event) {
    if (!event.target.matches("[data-look-form]")) return;
    event.preventDefault();
    const refusal = await ask(event.target, event.submitter);
    this.notice.hidden = !refusal;
    this.notice.textContent = refusal;
    this.poll();
  }

  async poll() {
    // What is exchanged between press and release would never be clicked.
    if (document.hidden || this.isPolling || this.isPressed) return;
    this.isPolling = true;
    try {
      const query = new URLSearchParams(window.location.search);
      query.set("after", this.dataset.seq);
      const response = await fetch(`${this.dataset.since}?${query}`, { headers: { Accept: "application/json" } });
      if (response.ok && !this.isPressed) this.news(await response.json());
    } catch {
      // The line may come back.
    } finally {
      this.isPolling = false;
    }
  }

  news({ seq, look, piles }) {
    this.dataset.seq = seq;
    showLook(this.place, look, (words) => {
      this.said.textContent = words;
    });
    if (piles === undefined) return;
    this.waiting = piles;
    const isAtIt = this.piles.contains(document.activeElement) || this.piles.querySelector("details[open]");
    if (isAtIt) this.anew.hidden = false;
    else this.showAnew();
  }

  showAnew() {
    const hadFocus = this.anew.contains(document.activeElement);
    this.anew.hidden = true;
    this.piles.innerHTML = this.waiting;
    if (hadFocus) this.place.focus();
  }
}

customElements.define("desk-echoes", DeskEchoes);
