/**
 * Long looks through the desk, for the same words or for themes: asked for without leaving the page, and followed.
 */

const JSON_PLEASE = { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" };

/** Send a form of a look. Answers the sentence with which it was refused, or nothing. */
export async function ask(form, submitter) {
  const body = new URLSearchParams([...new FormData(form, submitter).entries()]);
  submitter?.setAttribute("aria-disabled", "true");
  try {
    const response = await window.fetch(form.action, { method: "POST", body, headers: JSON_PLEASE });
    if (response.headers.get("Content-Type")?.includes("application/json")) return (await response.json()).message || "";
    return response.status === 403 || response.redirected ? "You are signed out. Sign in again in another tab." : "The server does not answer. Press again in a moment.";
  } catch {
    return "No signal: nothing was asked for. Press again when it is back.";
  } finally {
    submitter?.removeAttribute("aria-disabled");
  }
}

/**
 * Show how far a look is. Answers whether anything but that has changed; `say` then tells it to a screen reader, which
 * does not hear every percent.
 */
export function showLook(place, look, say) {
  if (place.dataset.key === look.key) {
    const bar = place.querySelector("progress[value]");
    if (bar) bar.value = look.percent;
    for (const words of place.querySelectorAll("[data-percent]")) words.textContent = String(look.percent);
    return false;
  }
  const hadFocus = place.contains(document.activeElement);
  place.dataset.key = look.key;
  place.innerHTML = look.html;
  if (hadFocus) (place.querySelector("button") || place).focus({ preventScroll: true });
  if (look.said) say(look.said);
  return true;
}
