/** Prints the page. Hidden where there is no script, since nothing could happen then. */
class PrintButton extends HTMLElement {
  connectedCallback() {
    this.hidden = false;
    this.querySelector("button").addEventListener("click", () => window.print());
  }
}

customElements.define("print-button", PrintButton);
