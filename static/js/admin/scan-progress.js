// Shows how far the look through all texts is, and the report anew when it is done.

const EVERY = 2000;

class ScanProgress extends HTMLElement {
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
    if (!state.running) {
      clearInterval(this.timer);
      location.reload();
      return;
    }
    const bar = this.querySelector("progress");
    bar.max = state.total || 1;
    bar.value = state.done;
    this.querySelector("label").textContent = `Looking through ${state.total} texts: ${state.done} done`;
  }
}

customElements.define("scan-progress", ScanProgress);
