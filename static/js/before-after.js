// <before-after>: two pictures over each other, divided by a line that mouse, touch and keys can move.
// The range input inside carries name, value and keyboard; the pointer is followed here, because a native
// range neither follows a finger from any point nor stays exactly beneath it.

class BeforeAfter extends HTMLElement {
  #frame;
  #range;
  #zoom;

  connectedCallback() {
    this.#frame = this.querySelector("[data-frame]");
    this.#range = this.querySelector('input[type="range"]');
    this.#zoom = this.querySelector("[data-zoom]");
    this.#range.addEventListener("input", () => this.#show());
    this.#frame.addEventListener("pointerdown", (event) => this.#grab(event));
    this.#frame.addEventListener("dragstart", (event) => event.preventDefault());
    this.#zoom?.addEventListener("click", () => this.#toggleZoom());
    this.#show();
  }

  #show() {
    const share = Math.round(this.#range.valueAsNumber);
    this.#frame.style.setProperty("--curtain", `${this.#range.valueAsNumber}%`);
    this.#range.setAttribute("aria-valuetext", this.dataset.textValue.replace("{share}", share));
  }

  #grab(event) {
    if (event.button !== 0) return;
    // At full size the picture itself scrolls, so only the handle is for dragging.
    if (this.hasAttribute("data-zoomed") && !event.target.closest("[data-handle]")) return;
    const follow = (moved) => this.#moveTo(moved.clientX);
    const release = () => {
      this.#frame.removeEventListener("pointermove", follow);
      this.#frame.removeEventListener("pointerup", release);
      this.#frame.removeEventListener("pointercancel", release);
    };
    this.#frame.setPointerCapture(event.pointerId);
    this.#frame.addEventListener("pointermove", follow);
    this.#frame.addEventListener("pointerup", release);
    this.#frame.addEventListener("pointercancel", release);
    this.#range.focus({ preventScroll: true, focusVisible: false });
    event.preventDefault(); // keeps the focus on the range and selects no text
    follow(event);
  }

  #moveTo(x) {
    const box = this.#frame.getBoundingClientRect();
    this.#range.value = Math.min(100, Math.max(0, (100 * (x - box.left)) / box.width));
    this.#show();
  }

  #toggleZoom() {
    const zoomed = this.toggleAttribute("data-zoomed");
    this.#zoom.setAttribute("aria-pressed", String(zoomed));
    const stage = this.#frame.parentElement;
    const pixels = Number(this.#frame.querySelector("img").getAttribute("width"));
    this.style.setProperty("--enlarged", `${Math.max(2 * stage.clientWidth, pixels)}px`);
    // Begin where the handle is, and so where both pictures meet.
    stage.scrollLeft = (this.#frame.offsetWidth * this.#range.valueAsNumber) / 100 - stage.clientWidth / 2;
    stage.scrollTop = (this.#frame.offsetHeight - stage.clientHeight) / 2;
  }
}

customElements.define("before-after", BeforeAfter);
