/** What every screen of a session begins with: its named parts, the room as the page brought it, and the line to it. */

import { Connection } from "./connection.js";
import { unfold } from "./page.js";
import { Room } from "./room.js";

export function enter(element, { role = "" } = {}) {
  const named = [...element.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]);
  const snapshot = JSON.parse(element.querySelector("#snapshot").textContent);
  const room = new Room(snapshot);
  const connection = new Connection({ code: element.dataset.code, role, cursor: snapshot.to });
  connection.clock.hear(snapshot.now);
  // A page that was kept on this phone is older than its opening.
  connection.heardAt = Math.min(Date.now(), Date.parse(snapshot.now));
  element.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-fold]");
    if (button) unfold(button);
  });
  // Heard first of all, so that whoever listens to the line finds the room as it is now.
  connection.addEventListener("change", ({ detail }) => room.apply(detail));
  connection.addEventListener("tallies", ({ detail }) => room.applyTallies(detail));
  connection.addEventListener("snapshot", ({ detail }) => room.load(detail));
  return { parts: Object.fromEntries(named), room, connection };
}
