/**
 * The desk of the gallery: the real one, before a server that keeps nothing. The page's script tag says which keys are
 * pressed on it (`data-press`), and whether the server can be reached (`data-server`).
 */

const { press, server } = document.querySelector("script[data-press]").dataset;
const desk = document.querySelector("[data-controller~=desk]");

// What an earlier picture left to be sent is no part of this one.
localStorage.removeItem(`desk-outbox:${desk.dataset.deskEventValue}:${desk.dataset.deskUserValue}`);
if (server === "silent") window.fetch = () => Promise.reject(new TypeError("The gallery's server is silent."));

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));

async function pressAll(keys) {
  while (!window.wagtail.app.getControllerForElementAndIdentifier(desk, "desk")) await frame();
  for (const name of keys) {
    const [key, shift] = name.split("+").reverse();
    (document.activeElement ?? document.body).dispatchEvent(
      new KeyboardEvent("keydown", { key, shiftKey: Boolean(shift), bubbles: true, cancelable: true }),
    );
    await frame();
  }
  desk.dataset.pressed = "";
}

pressAll(press.split(" ").filter(Boolean));
