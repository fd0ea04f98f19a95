// <strength-slider>: how much of a restoration is laid over the original, seen at once. Original and restored
// picture are blended by the browser as the worker will blend them; the form then keeps what one sees.
// Without script the number in the form does the same, unseen.

class StrengthSlider extends HTMLElement {
  #number;
  #range;
  #keep;
  #layer;
  #label;

  connectedCallback() {
    this.#number = this.querySelector('input[type="number"]');
    this.#range = this.querySelector('input[type="range"]');
    this.#keep = this.querySelector("[data-keep]");
    this.#layer = document.querySelector(".compare__layer--after");
    this.#label = this.#layer?.querySelector("[data-strength]");
    if (!this.#layer) return;
    this.#range.addEventListener("input", () => this.#set(this.#range.value));
    this.#number.addEventListener("input", () => this.#set(this.#number.value));
    this.#speak();
    this.#keep.disabled = true;
  }

  #set(text) {
    const value = Math.min(100, Math.max(0, Math.round(Number(text))));
    if (text === "" || Number.isNaN(value)) return;
    this.#range.value = value;
    if (Number(this.#number.value) !== value) this.#number.value = value;
    this.#speak();
    this.#keep.disabled = value === Number(this.dataset.strength);
    this.#show(value);
  }

  #speak() {
    this.#range.setAttribute("aria-valuetext", this.dataset.textValue.replace("{share}", this.#range.value));
  }

  #show(value) {
    const most = Number(this.dataset.previewStrength);
    const share = most > 0 ? Math.min(1, value / most) : 0;
    const text = value < 100 ? ` · ${value} %` : "";
    const preview = this.#layer.querySelector(".compare__preview") ?? this.#addPreview();
    preview.style.setProperty("--share", share);
    this.#label.textContent = text;
    const detail = { picture: this.dataset.previewPicture, share, text };
    this.dispatchEvent(new CustomEvent("pulih:strength", { bubbles: true, detail }));
    this.querySelector("[data-beyond]").hidden = value <= most;
  }

  /** The original, and over it the strongest rendering that there is, as see-through as was asked for. */
  #addPreview() {
    const preview = document.createElement("div");
    preview.className = "compare__preview";
    const original = document.querySelector(".compare__layer--before img");
    for (const address of [original.src, this.dataset.previewPicture]) {
      const picture = new Image();
      picture.alt = "";
      picture.src = address;
      preview.append(picture);
    }
    this.#label.parentElement.before(preview);
    return preview;
  }
}

customElements.define("strength-slider", StrengthSlider);
