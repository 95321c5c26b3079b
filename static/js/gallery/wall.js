/**
 * The wall of the gallery: the real one, on a line to nobody. The page's script tag says whether the line holds
 * (`data-line="open"`) or is never had ("cut"), and whose turn to show (`data-turn`).
 */

const { line, turn } = document.querySelector("script[data-line]").dataset;

/** As much of a socket as connection.js uses: it opens, and says once that there is nothing new. */
class SampleSocket {
  static OPEN = 1;

  constructor() {
    this.readyState = 0;
    if (line === "cut") return;
    setTimeout(() => {
      this.readyState = SampleSocket.OPEN;
      this.onopen();
    });
  }

  send() {
    this.onmessage({ data: JSON.stringify({ type: "frame", from: 0, to: 0, events: [] }) });
  }

  close() {
    this.onclose({ code: 1000 });
  }
}

window.WebSocket = SampleSocket;

/** Press the key that goes on to the next picture until this one stands there. */
async function goTo(wanted) {
  await customElements.whenDefined("live-wall");
  const wall = document.querySelector("live-wall");
  for (let pressed = 0; pressed < 10 && wall.dataset.turn !== wanted; pressed += 1) {
    document.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
  }
}

if (turn) goTo(turn);
