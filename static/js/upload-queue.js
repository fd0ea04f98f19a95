// <upload-queue>: sends chosen or dropped files one request each, two at a time, with a bar for every file.
// Without script the form inside it posts all files at once, as any form does.
//
// Dispatches "pulih:uploaded" (bubbling; detail.html is the new card) for every file that arrived.

const PARALLEL = 2;

class UploadQueue extends HTMLElement {
  #form;
  #input;
  #list;
  #waiting = [];
  #running = 0;
  #counts = { total: 0, done: 0, failed: 0 };

  connectedCallback() {
    this.#form = this.querySelector("form");
    this.#input = this.#form.querySelector('input[type="file"]');
    this.#list = this.querySelector("[data-list]");
    this.#form.querySelector("[data-submit]").hidden = true;
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    this.#input.addEventListener("change", () => {
      this.add(this.#input.files);
      this.#input.value = ""; // so that the same file can be chosen again
    });
    for (const name of ["dragenter", "dragover"]) {
      this.addEventListener(name, (event) => this.#drag(event, true));
    }
    for (const name of ["dragleave", "drop"]) {
      this.addEventListener(name, (event) => this.#drag(event, false));
    }
    this.addEventListener("drop", (event) => this.add(event.dataTransfer.files));
    window.addEventListener("beforeunload", (event) => {
      if (this.#running > 0) event.preventDefault();
    });
  }

  /** Queues files for sending. */
  add(files) {
    for (const file of files) {
      this.#counts.total += 1;
      this.#waiting.push({ file, item: this.#addItem(file) });
    }
    this.#summarise();
    while (this.#running < PARALLEL && this.#waiting.length > 0) this.#sendNext();
  }

  #drag(event, inside) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.#form.toggleAttribute("data-dragging", inside);
  }

  #addItem(file) {
    const item = this.querySelector("template").content.firstElementChild.cloneNode(true);
    item.querySelector("[data-name]").textContent = file.name;
    item.querySelector("progress").setAttribute("aria-label", file.name);
    this.#setState(item, this.dataset.textWaiting);
    this.#list.append(item);
    return item;
  }

  #setState(item, text) {
    item.querySelector("[data-state]").textContent = text;
  }

  #summarise() {
    const { total, done, failed } = this.#counts;
    const text = failed > 0 ? this.dataset.textSummaryFailed : this.dataset.textSummary;
    this.querySelector("[data-summary]").textContent = text
      .replace("{done}", done)
      .replace("{total}", total)
      .replace("{failed}", failed);
  }

  #sendNext() {
    const { file, item } = this.#waiting.shift();
    const bar = item.querySelector("progress");
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("csrfmiddlewaretoken", this.#form.elements.csrfmiddlewaretoken.value);
    body.append(this.#input.name, file);
    this.#running += 1;
    this.#setState(item, this.dataset.textSending);
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      bar.value = (100 * event.loaded) / event.total;
      // The last bytes are sent; now the server checks and stores the picture.
      if (event.loaded === event.total) this.#setState(item, this.dataset.textChecking);
    });
    request.addEventListener("load", () => this.#finish(item, request));
    request.addEventListener("error", () => this.#fail(item, this.dataset.textUnreachable));
    request.addEventListener("loadend", () => {
      this.#running -= 1;
      this.#summarise();
      if (this.#waiting.length > 0) this.#sendNext();
    });
    request.open("POST", this.#form.action);
    request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    request.send(body);
  }

  #finish(item, request) {
    if (request.status !== 201) {
      this.#fail(item, this.#messageOf(request));
      return;
    }
    this.#counts.done += 1;
    item.querySelector("progress").value = 100;
    item.dataset.outcome = "done";
    this.#setState(item, this.dataset.textDone);
    this.dispatchEvent(
      new CustomEvent("pulih:uploaded", { bubbles: true, detail: { html: request.responseText } }),
    );
  }

  #messageOf(request) {
    const isJson = request.getResponseHeader("Content-Type")?.startsWith("application/json");
    return isJson ? JSON.parse(request.responseText).message : this.dataset.textRefused;
  }

  #fail(item, message) {
    this.#counts.failed += 1;
    item.querySelector("progress").remove();
    item.dataset.outcome = "failed";
    this.#setState(item, this.dataset.textFailed);
    const error = item.querySelector("[data-error]");
    error.textContent = message;
    error.hidden = false;
  }
}

customElements.define("upload-queue", UploadQueue);
