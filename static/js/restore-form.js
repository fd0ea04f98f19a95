// <restore-form>: asks for another version, together with the marks of the <damage-brush> on the page. Sent by
// script, so that a refusal costs nobody his marks; where there is no brush the form is an ordinary one.

import { encodeGreyPng } from "./grey-png.js";

class RestoreForm extends HTMLElement {
  #form;
  #brush;

  async connectedCallback() {
    this.#form = this.querySelector("form");
    this.#brush = document.querySelector("damage-brush");
    if (!this.#brush) return;
    await customElements.whenDefined("damage-brush");
    this.#form.addEventListener("submit", (event) => this.#submit(event));
    this.#form.elements.hand.addEventListener("change", () => this.#take());
    this.#brush.addEventListener("pulih:marked", (event) => this.#tell(event.detail));
    this.querySelector("[data-save-marks]")?.addEventListener("click", () => this.#save());
  }

  #tell(shares) {
    this.querySelector("[data-marks]").textContent = this.#brush.describe(shares);
    const save = this.querySelector("[data-save-marks]");
    save.hidden = shares.repair === 0 && shares.protect === 0;
  }

  /** The brush takes over a chosen file, so that one sees what will be sent. */
  async #take() {
    const input = this.#form.elements.hand;
    this.#complain("");
    try {
      await this.#brush.load(input.files[0]);
      document.getElementById("mode-mark").click();
    } catch {
      this.#complain(this.dataset.textNoMask);
    }
    input.value = "";
  }

  #encode() {
    const { width, height, values } = this.#brush.mask;
    return encodeGreyPng(width, height, values);
  }

  async #save() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await this.#encode());
    link.download = this.dataset.marksName;
    link.click();
    URL.revokeObjectURL(link.href);
  }

  async #submit(event) {
    event.preventDefault();
    const button = event.submitter;
    button.disabled = true;
    this.#complain("");
    try {
      const body = new FormData(this.#form);
      body.delete("hand");
      if (!this.#brush.mask.isEmpty) body.set("hand", await this.#encode(), "hand.png");
      const answer = await fetch(this.#form.action, {
        method: "POST",
        headers: { "X-Requested-With": "XMLHttpRequest" },
        body,
      });
      const told = answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : {};
      if (answer.ok && told.address) {
        this.#brush.markAsSaved();
        window.location.assign(told.address);
        return;
      }
      this.#complain(told.message ?? this.dataset.textRefused);
    } catch {
      this.#complain(this.dataset.textUnreachable);
    }
    button.disabled = false;
  }

  #complain(text) {
    const place = this.querySelector("[data-complaint]");
    place.textContent = text;
    place.hidden = text === "";
  }
}

customElements.define("restore-form", RestoreForm);
