// Shows how far a running import is, and looks at its page anew when it begins and when it is done.

const EVERY = 2000;

class ImportProgress extends HTMLElement {
  connectedCallback() {
    this.timer = setInterval(() => this.ask(), EVERY);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  async ask() {
    let state;
    try {
      const answer = await fetch(this.dataset.address, { headers: { accept: "application/json" } });
      state = await answer.json();
    } catch {
      return; // The line may come back.
    }
    if (!state.running || state.state !== this.dataset.state) {
      clearInterval(this.timer);
      location.reload();
      return;
    }
    const bar = this.querySelector("progress");
    if (!bar.hasAttribute("value")) return; // What waits or is only tried says nothing before its end.
    bar.max = state.total || 1;
    bar.value = state.done;
    this.querySelector("label").textContent = `${state.done} of ${state.total}`;
  }
}

customElements.define("import-progress", ImportProgress);
