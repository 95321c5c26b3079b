/** What is held, and hiding with a reason. What was just released or hidden stands where it was for a while. */

import { fold, reconcile, sentence, setHidden, setText, stamp } from "../page.js";

// What was held keeps its place for a while after it was released or hidden: the next one does not come under the finger.
const SETTLED_FOR = 8_000;
// A second press that was meant for the first does not take it back.
const PRESSED_TWICE = 800;

export class Moderation {
  constructor(desk) {
    const { parts, room, connection } = desk;
    Object.assign(this, { desk, parts, room, connection });
    this.settled = new Map();
    // Hidden on this screen, while the server has not answered: no key means them any more.
    this.leaving = new Set();
    parts.heldList.addEventListener("pointerleave", () => this.unsettleLater());
    parts.heldList.addEventListener("focusout", () => this.unsettleLater());
    parts.hideLeave.addEventListener("click", () => parts.hideDialog.close());
  }

  held() {
    const waits = (item) => item.state === "held" && !this.settled.has(item.id);
    return [...this.room.contributions.values()].filter(waits).sort((a, b) => a.seq - b.seq);
  }

  askToHide(id) {
    const { parts } = this;
    const item = this.room.contributions.get(id);
    if (!item) return;
    this.hiding = id;
    setText(parts.hideQuote, item.body);
    parts.hideForm.reset();
    parts.hideDialog.showModal();
  }

  hide() {
    const { parts } = this;
    const fields = new FormData(parts.hideForm);
    const reason = fields.get("reason") || fields.get("other").trim();
    if (!reason) {
      parts.hideForm.elements.other.focus();
      return;
    }
    parts.hideDialog.close();
    const id = this.hiding;
    const next = this.desk.neighbour(id, 1);
    this.leaving.add(id);
    const words = this.settle(id, "hidden") ? "" : "Hidden.";
    this.desk.send({ type: "contribution.hide", contribution: id, reason }, { done: words }).then((done) => {
      this.leaving.delete(id);
      if (!done) this.forgetSettled(id);
      if (done && this.desk.current === id) {
        this.desk.current = null;
        if (next !== id) this.desk.choose(next, { focus: false });
      }
    });
  }

  /** What a row of the queue holds; nothing once it was released or hidden. */
  heldBy(row) {
    const id = Number(row.dataset.key);
    return this.settled.has(id) || this.leaving.has(id) ? null : id;
  }

  release(id) {
    const words = this.settle(id, "released") ? "" : "Released.";
    this.desk.send({ type: "contribution.release", contribution: id }, { done: words }).then((done) => {
      if (!done) this.forgetSettled(id);
    });
  }

  releaseFirst(row) {
    const settled = row && this.settled.get(Number(row.dataset.key));
    if (settled && Date.now() - settled.at < PRESSED_TWICE) return;
    const id = row && !settled ? Number(row.dataset.key) : this.held()[0]?.id;
    if (id) this.release(id);
  }

  // What was held, a moment ago: its row stays, so that no other comes under a finger that presses twice

  /** Say in the row itself what became of it. Answers whether it has one. */
  settle(id, how) {
    const row = [...this.parts.heldList.children].find((node) => Number(node.dataset.key) === id);
    if (!row) return false;
    const hadFocus = row.contains(document.activeElement);
    this.settled.set(id, { how, at: Date.now() });
    this.render();
    if (hadFocus) row.focus({ preventScroll: true });
    this.desk.announcer.say(`${sentence(how)}.`, { now: true });
    setTimeout(() => this.unsettleLater(), SETTLED_FOR + 50);
    return true;
  }

  forgetSettled(id) {
    this.settled.delete(id);
    this.desk.later();
  }

  /** Those whose time is over go, but not under a pointer, nor while somebody works through the list. */
  unsettleLater() {
    setTimeout(() => {
      const { heldList } = this.parts;
      const { activeElement } = document;
      if (heldList.matches(":hover") && matchMedia("(hover: hover)").matches) return;
      const over = Date.now() - SETTLED_FOR;
      const busy = [...this.settled.values()].some(({ at }) => at >= over);
      if (busy && heldList.contains(activeElement)) return;
      const focused = Number(activeElement?.closest(".held-row")?.dataset.key);
      for (const [id, { at }] of this.settled) if (at < over && id !== focused) this.settled.delete(id);
      this.render();
    });
  }

  /** Take back what was done to it: what was hidden is shown after all, what was released is hidden. */
  unsettle(id) {
    const { how, at } = this.settled.get(id) ?? {};
    if (!how || Date.now() - at < PRESSED_TWICE) return;
    if (how === "hidden") this.release(id);
    else this.askToHide(id);
  }

  render() {
    const { parts, room } = this;
    const held = this.held();
    const settled = [...this.settled.keys()].map((id) => room.contributions.get(id)).filter(Boolean);
    const listed = [...held, ...settled].sort((a, b) => a.seq - b.seq);
    setText(parts.heldCount, String(held.length));
    setText(parts.tabHeld, held.length ? String(held.length) : "");
    setHidden(parts.heldEmpty, listed.length > 0);
    reconcile(
      parts.heldList,
      listed.map((item) => item.id),
      () => stamp(parts.heldTemplate),
      (node, id) => {
        const item = room.contributions.get(id);
        fold(node, item.body);
        const { how } = this.settled.get(id) ?? {};
        node.toggleAttribute("data-settled", Boolean(how));
        if (!how) setText(node.querySelector("[data-field=reason]"), item.reason || "Held");
        setHidden(node.querySelector("form"), Boolean(how));
        setHidden(node.querySelector("[data-field=settled]"), !how);
        setText(node.querySelector("[data-field=settledWord]"), how ? `${sentence(how)}.` : "");
        setText(node.querySelector("[data-field=unsettle]"), how === "hidden" ? "Show it after all" : "Hide it after all…");
        node.querySelector("[name=contribution]").value = id;
        for (const button of node.querySelectorAll("button:not([data-fold])")) {
          button.setAttribute("aria-label", `${button.textContent.trim().replace("…", "")}: ${item.body.slice(0, 60)}`);
        }
      },
    );
  }
}
