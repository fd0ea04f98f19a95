// <upload-queue>: sends chosen or dropped files, folders and ZIPs, some at a time, with a bar for each; every
// one can be cancelled, and goes on where it was interrupted. Without script, or without tus-js-client, the
// form inside it posts all files at once, as any form does.
//
// Dispatches "pulih:uploaded" (bubbling; detail.html is the new card) for every photo that arrived.

import { chosenFiles, droppedFiles } from "./dropped-files.js";
import { saveRefusals } from "./refusal-list.js";
import { ResumableUpload } from "./resumable-upload.js";

const PARALLEL = 3;
// With ten thousand files nobody reads which ones have arrived; what went wrong stays.
const KEPT_ROWS = 30;
const NIL = "00000000-0000-0000-0000-000000000000";

class UploadQueue extends HTMLElement {
  #form;
  #input;
  #list;
  #waiting = [];
  #running = new Map(); // job: its share that has been sent
  #interrupted = new Set();
  #refusals = [];
  #total = 0;
  #done = 0;

  connectedCallback() {
    if (!window.tus?.isSupported) return;
    this.#form = this.querySelector("form");
    this.#input = this.#form.querySelector('input[type="file"]');
    this.#list = this.querySelector("[data-list]");
    this.#form.querySelector("[data-submit]").hidden = true;
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    this.#offerFolders();
    for (const name of ["dragenter", "dragover"]) {
      this.addEventListener(name, (event) => this.#drag(event, true));
    }
    for (const name of ["dragleave", "drop"]) {
      this.addEventListener(name, (event) => this.#drag(event, false));
    }
    this.addEventListener("drop", async (event) => this.add(await droppedFiles(event.dataTransfer)));
    this.#button("[data-cancel-all]", () => this.#cancelAll());
    this.#button("[data-retry-all]", () => [...this.#interrupted].forEach((job) => this.#retry(job)));
    this.#button("[data-save-refused]", () => saveRefusals(this.#refusals, "refused.csv"));
    this.#listenTo(this.#input);
    window.addEventListener("beforeunload", (event) => {
      if (this.#running.size + this.#waiting.length > 0) event.preventDefault();
    });
  }

  /** Queues files, each {file, path, inFolder}, for sending. */
  add(files) {
    for (const found of files) {
      this.#total += 1;
      if (found.inFolder && !isSendable(found.file)) {
        this.#refusals.push([found.path, "not-sent", this.dataset.textNoPicture]);
      } else {
        this.#waiting.push({ ...found });
      }
    }
    this.#goOn();
  }

  #listenTo(input) {
    const take = () => {
      this.add(chosenFiles(input.files));
      input.value = ""; // so that the same file can be chosen again
    };
    input.addEventListener("change", take);
    if (input.files.length > 0) take(); // chosen before this script was there
  }

  #offerFolders() {
    const button = this.querySelector("[data-choose-folder]");
    const chooser = Object.assign(document.createElement("input"), { type: "file", webkitdirectory: true });
    if (!button || !("webkitdirectory" in HTMLInputElement.prototype)) return;
    this.#listenTo(chooser);
    button.hidden = false;
    button.addEventListener("click", () => chooser.click());
  }

  #button(selector, action) {
    this.querySelector(selector).addEventListener("click", action);
  }

  #drag(event, inside) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.#form.toggleAttribute("data-dragging", inside);
  }

  #goOn() {
    while (this.#running.size < PARALLEL && this.#waiting.length > 0) this.#begin(this.#waiting.shift());
    this.#summarise();
  }

  #begin(job) {
    this.#running.set(job, 0);
    this.#interrupted.delete(job);
    job.item ??= this.#addItem(job);
    job.upload ??= new ResumableUpload(job, {
      endpoint: this.dataset.endpoint,
      csrf: this.#form.elements.csrfmiddlewaretoken.value,
      on: {
        progress: (share) => this.#progress(job, share),
        stored: (outcome) => this.#stored(job, outcome),
        refused: (code, message) => this.#refused(job, code, message),
        interrupted: (status, message) => this.#interrupt(job, status, message),
      },
    });
    this.#show(job, this.dataset.textPreparing);
    job.upload.start().catch(() => this.#interrupt(job, 0));
  }

  #addItem(job) {
    const item = this.querySelector("template").content.firstElementChild.cloneNode(true);
    item.querySelector("[data-name]").textContent = job.path;
    item.querySelector("progress").setAttribute("aria-label", job.path);
    const named = (button) => `${button.textContent.trim()}: ${job.path}`;
    for (const [selector, action] of [
      ["[data-cancel]", () => this.#cancel(job)],
      ["[data-retry]", () => this.#retry(job)],
    ]) {
      const button = item.querySelector(selector);
      button.setAttribute("aria-label", named(button));
      button.addEventListener("click", action);
    }
    this.#list.append(item);
    return item;
  }

  #show(job, text, { error = "", outcome = "" } = {}) {
    const { item } = job;
    const ended = outcome === "done" || outcome === "failed";
    item.querySelector("[data-state]").textContent = text;
    item.querySelector("[data-error]").textContent = error;
    item.querySelector("[data-error]").hidden = !error;
    item.querySelector("[data-retry]").hidden = outcome !== "stopped";
    item.querySelector("[data-cancel]").hidden = ended;
    if (outcome) item.dataset.outcome = outcome;
    else delete item.dataset.outcome;
    if (ended) item.querySelector("progress").remove();
  }

  #progress(job, share) {
    if (!this.#running.has(job)) return;
    this.#running.set(job, share);
    job.item.querySelector("progress").value = 100 * share;
    // The last bytes are sent; now the server checks and stores the picture.
    this.#show(job, share < 1 ? this.dataset.textSending : this.dataset.textChecking);
    this.#summarise();
  }

  async #stored(job, { photo, importRun }) {
    this.#done += 1;
    this.#show(job, importRun ? this.dataset.textUnpacking : this.dataset.textDone, { outcome: "done" });
    if (importRun) {
      const link = job.item.querySelector("[data-link]");
      link.href = this.dataset.import.replace(NIL, importRun);
      link.hidden = false;
    } else {
      this.#forgetOldRows();
    }
    this.#end(job);
    if (photo) {
      const answer = await fetch(this.dataset.card.replace(NIL, photo));
      if (!answer.ok) return;
      const html = await answer.text();
      this.dispatchEvent(new CustomEvent("pulih:uploaded", { bubbles: true, detail: { html } }));
    }
  }

  #refused(job, code, message) {
    this.#refusals.push([job.path, code, message]);
    this.#show(job, this.dataset.textFailed, {
      error: message || this.dataset.textRefused,
      outcome: "failed",
    });
    this.#end(job);
  }

  #interrupt(job, status, message) {
    const signedOut = status === 401 || status === 403;
    const reason = signedOut ? this.dataset.textSignedOut : message || this.dataset.textUnreachable;
    this.#interrupted.add(job);
    this.#show(job, this.dataset.textStopped, { error: reason, outcome: "stopped" });
    this.#end(job);
  }

  #end(job) {
    this.#running.delete(job);
    this.#goOn();
  }

  #retry(job) {
    this.#interrupted.delete(job);
    this.#waiting.push(job);
    this.#show(job, this.dataset.textPreparing);
    this.#goOn();
  }

  #cancel(job) {
    job.upload?.cancel();
    job.item?.remove();
    this.#waiting = this.#waiting.filter((other) => other !== job);
    this.#interrupted.delete(job);
    this.#total -= 1;
    this.#end(job);
  }

  #cancelAll() {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#total -= waiting.filter((job) => !job.item).length;
    const begun = new Set([...waiting.filter((job) => job.item), ...this.#running.keys(), ...this.#interrupted]);
    for (const job of begun) this.#cancel(job);
    this.#summarise();
  }

  #forgetOldRows() {
    const done = this.#list.querySelectorAll('[data-outcome="done"]');
    for (const item of [...done].slice(0, -KEPT_ROWS)) item.remove();
  }

  #summarise() {
    const failed = this.#refusals.length;
    const moving = this.#running.size + this.#waiting.length;
    const sent = [...this.#running.values()].reduce((sum, share) => sum + share, this.#done + failed);
    const text = failed > 0 ? this.dataset.textSummaryFailed : this.dataset.textSummary;
    const summary = text.replace("{done}", this.#done).replace("{total}", this.#total).replace("{failed}", failed);
    const line = this.querySelector("[data-summary]");
    if (line.textContent !== summary) line.textContent = summary; // read out only when it says something new
    this.querySelector("[data-bar]").hidden = this.#total === 0;
    this.querySelector("[data-overall]").value = this.#total ? (100 * sent) / this.#total : 0;
    this.querySelector("[data-overall]").hidden = moving === 0;
    this.querySelector("[data-cancel-all]").hidden = moving + this.#interrupted.size === 0;
    this.querySelector("[data-retry-all]").hidden = this.#interrupted.size === 0;
    this.querySelector("[data-save-refused]").hidden = failed === 0;
  }
}

/** Of a folder, only what may be a picture is sent; what it really is, the server finds out. */
function isSendable(file) {
  return file.type.startsWith("image/") || /\.(zip|tiff?|jpe?g|png|webp|bmp|dib|jfif)$/i.test(file.name);
}

customElements.define("upload-queue", UploadQueue);
