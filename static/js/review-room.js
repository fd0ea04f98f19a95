// <review-room>: one picture after the other. The next one is fetched, with its pictures decoded, while one looks
// at this one; a decision is sent while the next is already shown, and comes back if the server refuses it.
// Without this script the same forms and links lead from page to page.

import { turnPagesInPlace } from "./file-pages.js";
import { ReviewDesk, post } from "./review-desk.js";
import { listenToKeys } from "./review-keys.js";
import { askAgain } from "./review-redo.js";

const REMEMBERED = 30; // pictures that one can go back to

class ReviewRoom extends HTMLElement {
  #place = this.querySelector("[data-here]");
  #seen = []; // what was shown, the oldest first
  #markup = new Map(); // of these, by photo: a viewer that has drawn once is made anew
  #at = -1; // which of them is shown now
  #decided = []; // in the order of deciding
  #upcoming = null; // promise of the next one: an element, or null at the end of the queue
  #ready = null; // that element, once it is there
  #sending = Promise.resolve(); // one request after the other, so that an undo follows its decision
  #desk = new ReviewDesk(this);

  connectedCallback() {
    const first = this.querySelector("[data-item]");
    if (!first) return;
    this.#seen.push(first);
    this.#at = 0;
    this.#markup.set(first.dataset.photo, first.outerHTML); // before the viewer in it begins to draw
    this.#equip(first);
    this.#prepare(first);
    this.#desk.open();
    for (const name of ["back", "undo-last", "show-keys"]) this.#tool(name).hidden = false;
    this.#tool("back").addEventListener("click", () => this.back());
    this.#tool("undo-last").addEventListener("click", () => this.undo());
    this.#tool("show-keys").addEventListener("click", () => this.showKeys());
    listenToKeys(this);
    turnPagesInPlace(this);
    this.#focus(first);
  }

  get item() {
    return this.#seen[this.#at] ?? null;
  }

  /** Photos to hold: that on the desk, and the next. */
  get held() {
    return [this.item, this.#ready].filter((item) => item && !item.dataset.verdict).map((item) => item.dataset.photo);
  }

  decide(verdict) {
    const item = this.item;
    if (!item) return;
    if (item.dataset.verdict) {
      this.say(this.#decidedSentence(item));
      return;
    }
    const form = item.querySelector("[data-decide]");
    const body = new FormData(form);
    body.set("verdict", verdict);
    this.#mark(item, verdict.split(":")[0]);
    this.#decided.push(item);
    this.#count(-1);
    this.#send(form.action, body).then((answer) => {
      if (!answer.ok) this.#takeBack(item, answer.message);
    });
    this.next({ release: false });
  }

  undo() {
    const item = this.item?.dataset.verdict ? this.item : this.#decided.at(-1);
    if (!item || item.dataset.verdict === "redone") {
      this.complain(this.dataset.textNothing);
      return;
    }
    const body = new FormData();
    body.set("restoration", item.dataset.restoration);
    body.set("csrfmiddlewaretoken", this.csrf);
    this.#send(this.dataset.undo, body).then((answer) => {
      if (!answer.ok) {
        this.complain(answer.refused?.[0]?.message ?? answer.message);
        return;
      }
      this.#returnTo(item);
      this.say(this.dataset.textUndone);
    });
  }

  async next({ release = true } = {}) {
    const left = this.item;
    if (release && left && !left.dataset.verdict) this.#desk.release([left.dataset.photo]);
    if (this.#at < this.#seen.length - 1) {
      this.#comeBackTo(this.#at + 1);
      return;
    }
    const upcoming = this.#upcoming;
    const item = await upcoming;
    if (upcoming !== this.#upcoming) return; // somebody pressed twice while it was on its way
    if (!item) {
      this.#end();
      return;
    }
    this.#seen.push(item);
    this.#seen.splice(0, Math.max(0, this.#seen.length - REMEMBERED));
    this.#show(this.#seen.length - 1);
    this.#prepare(item);
  }

  back() {
    if (this.#at <= 0) this.say(this.dataset.textFirst);
    else this.#comeBackTo(this.#at - 1);
  }

  redo() {
    if (this.item && !this.item.dataset.verdict) {
      askAgain(this, this.item, () => {
        this.#mark(this.item, "redone");
        this.#desk.release([this.item.dataset.photo]);
        this.#count(-1);
        this.next();
      });
    }
  }

  showKeys() {
    document.getElementById("review-keys").showModal();
  }

  /** Tells those who listen. */
  say(text) {
    document.getElementById("announcer").textContent = text;
  }

  /** Tells everybody. */
  complain(text) {
    const place = this.querySelector("[data-trouble]");
    place.textContent = text ?? "";
    place.hidden = !text;
  }

  get csrf() {
    return this.querySelector("[name=csrfmiddlewaretoken]").value;
  }

  #tool(name) {
    return this.querySelector(`[data-${name}]`);
  }

  /** One's way back to a picture: it may have gone to somebody else meanwhile. */
  async #comeBackTo(index) {
    const left = this.item;
    if (left && !left.dataset.verdict) this.#desk.release([left.dataset.photo]);
    const item = this.#renewed(index);
    this.#show(index);
    if (!item.dataset.verdict && !(await this.#desk.take(item.dataset.photo)) && this.item === item) {
      this.complain(this.dataset.textElsewhere);
    }
  }

  /** Undecided again, and shown; it may have been made anew since it was decided. */
  #returnTo(item) {
    const index = this.#seen.findIndex((each) => each.dataset.photo === item.dataset.photo);
    this.#forget(this.#seen[index] ?? item);
    if (index >= 0 && index !== this.#at) {
      this.#renewed(index);
      this.#show(index);
    }
  }

  /** A picture that was shown before, made anew, with the decision about it. */
  #renewed(index) {
    const old = this.#seen[index];
    const item = this.#parsed(this.#markup.get(old.dataset.photo));
    this.#seen[index] = item;
    this.#decided = this.#decided.map((each) => (each === old ? item : each));
    item.querySelector("textarea").value = old.querySelector("textarea").value;
    if (old.dataset.verdict) this.#mark(item, old.dataset.verdict);
    return item;
  }

  #parsed(markup) {
    const template = document.createElement("template");
    template.innerHTML = markup;
    // Adopted, though not yet shown, the pictures load.
    const item = document.importNode(template.content, true).querySelector("[data-item]");
    this.#markup.set(item.dataset.photo, markup);
    this.#equip(item);
    return item;
  }

  #show(index) {
    const old = this.#place.querySelector("[data-item]");
    this.#at = index;
    const item = this.#seen[index];
    this.complain("");
    // One compares the next picture as one has compared this one.
    for (const choice of old?.querySelectorAll("[data-mode-choice], .layers input[type=checkbox]") ?? []) {
      const same = item.querySelector(`#${choice.id}`);
      if (same) same.checked = choice.checked;
    }
    this.#place.replaceChildren(item);
    this.querySelector("[data-back]").disabled = index === 0;
    this.#focus(item);
    this.say(item.dataset.said);
    window.scrollTo({ top: 0 });
  }

  #focus(item) {
    item.focus({ preventScroll: true, focusVisible: false });
  }

  #end() {
    const template = this.querySelector("[data-end]");
    this.#at = this.#seen.length;
    this.#place.replaceChildren(template.content.cloneNode(true));
    document.getElementById("review-end").focus();
  }

  #equip(item) {
    item.querySelector("[data-decide]").addEventListener("submit", (event) => {
      event.preventDefault();
      this.decide(event.submitter?.value ?? "approved");
    });
    item.querySelector("[data-next]").addEventListener("click", (event) => {
      event.preventDefault();
      this.next();
    });
    item.querySelector("[data-redo]").addEventListener("click", (event) => {
      event.preventDefault();
      this.redo();
    });
  }

  #prepare(after) {
    this.#ready = null;
    const upcoming = this.#fetchAfter(after);
    this.#upcoming = upcoming;
    upcoming.then((item) => {
      if (upcoming === this.#upcoming) this.#ready = item;
    });
  }

  async #fetchAfter(item) {
    try {
      const answer = await fetch(`${this.dataset.next}&after=${encodeURIComponent(item.dataset.place)}`);
      if (answer.redirected) window.location.reload(); // signed out
      if (answer.status !== 200) return null;
      const next = this.#parsed(await answer.text());
      const pictures = [...next.querySelectorAll('img:not([loading="lazy"])')];
      const { leftZoom, rightZoom } = next.querySelector("picture-viewer")?.dataset ?? {};
      for (const zoom of [leftZoom, rightZoom]) if (zoom) fetch(zoom).catch(() => {}); // begins its tiles
      await Promise.allSettled(pictures.map((picture) => picture.decode()));
      return next;
    } catch {
      this.complain(this.dataset.textOffline);
      return null;
    }
  }

  /** What the server says, after everything that was sent before. */
  #send(address, body) {
    const answer = this.#sending.then(() => post(address, body, this.dataset.textFailed));
    this.#sending = answer;
    return answer;
  }

  #mark(item, verdict) {
    item.dataset.verdict = verdict;
    const note = item.querySelector("[data-decided]");
    note.textContent = this.#decidedSentence(item);
    note.hidden = false;
    item.querySelector("[data-reasons]").open = false;
    this.querySelector("[data-undo-last]").disabled = false;
  }

  #forget(item) {
    delete item.dataset.verdict;
    item.querySelector("[data-decided]").hidden = true;
    this.#decided = this.#decided.filter((each) => each !== item);
    this.querySelector("[data-undo-last]").disabled = this.#decided.length === 0;
    this.#count(1);
  }

  /** The server refused: the picture is shown again as undecided, and says why. */
  #takeBack(item, message) {
    this.#returnTo(item);
    this.complain(message);
  }

  #decidedSentence(item) {
    const words = { approved: this.dataset.textApproved, rejected: this.dataset.textRejected };
    const word = words[item.dataset.verdict];
    return word ? this.dataset.textDecided.replace("{}", word) : this.dataset.textRedone;
  }

  #count(change) {
    const place = this.querySelector("[data-waiting]");
    if (!place.dataset.waiting) return; // more than anybody counted
    place.dataset.waiting = Math.max(0, Number(place.dataset.waiting) + change);
    place.textContent = this.dataset.textWaiting.replace("{}", place.dataset.waiting);
  }
}

customElements.define("review-room", ReviewRoom);
