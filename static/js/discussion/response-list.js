/* The list of responses without reloading: support is counted where it stands, the next page is added below. */

class ResponseList extends HTMLElement {
  connectedCallback() {
    this.addEventListener("submit", (event) => this.support(event));
    this.addEventListener("click", (event) => this.more(event));
  }

  async support(event) {
    const form = event.target.closest("[data-support]");
    if (!form) return;
    event.preventDefault();
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    const button = form.querySelector("button");
    try {
      const body = new FormData(form, event.submitter);
      const answer = await fetch(form.action, { method: "POST", body, headers: { accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const { count, is_supported: isSupported } = await answer.json();
      button.setAttribute("aria-pressed", String(isSupported));
      button.querySelector("[data-support-label]").textContent = count ? `Support · ${count}` : "Support";
      if (isSupported) {
        button.name = "take_back";
        button.value = "1";
      } else {
        button.removeAttribute("name");
      }
    } catch {
      /* The server's own page says what is wrong, and works without us. */
      HTMLFormElement.prototype.submit.call(form);
    } finally {
      form.ariaBusy = "false";
    }
  }

  async more(event) {
    const link = event.target.closest("a[data-more]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    link.ariaBusy = "true";
    try {
      const answer = await fetch(link.href, { headers: { accept: "text/html" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const items = [...page.querySelectorAll("#thread > li")].map((item) => document.importNode(item, true));
      const following = page.querySelector("a[data-more]");
      /* One's own that is out of sight stands below the list until its place in it is shown. */
      for (const own of items.flatMap((item) => [...item.querySelectorAll("[data-own]")])) {
        document.getElementById(own.id)?.remove();
      }
      this.querySelector("#thread").append(...items);
      if (following) {
        link.href = following.getAttribute("href");
        link.textContent = following.textContent;
        link.ariaBusy = "false";
      } else {
        link.parentElement.remove();
      }
      const first = items[0]?.querySelector("article, .mention");
      if (first) {
        first.tabIndex = -1;
        first.focus({ preventScroll: true });
      }
    } catch {
      location.assign(link.href);
    }
  }
}

customElements.define("response-list", ResponseList);
