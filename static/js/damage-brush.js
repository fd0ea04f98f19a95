// <damage-brush>: the curator's hand on a photograph. Marks what is to be repaired and what must stay, with
// mouse, pen, finger or keys; tells in words where the brush is and what is marked.
//
// `mask` is the HandMask. Dispatches "pulih:marked" (bubbling; detail is { repair, protect }, shares from 0 to
// 1) whenever the marks have changed.

import { BrushView } from "./brush-view.js";
import { HandMarks } from "./hand-marks.js";
import { HandMask, LEAVE, PROTECT, REPAIR } from "./hand-mask.js";
import { fetchPicture, readDamage, readHand } from "./mask-files.js";

const LONG_SIDE = 1600; // of the mask, in pixels; smaller pictures have a mask of their own size
const TOOL_VALUES = { repair: REPAIR, protect: PROTECT, erase: LEAVE };
const TOOL_KEYS = { r: "repair", p: "protect", e: "erase", m: "move" };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const SPOKEN_AFTER = 350; // milliseconds without another move

class DamageBrush extends HTMLElement {
  #canvas;
  #frame;
  #size;
  #marks;
  #view;
  #at; // the brush's middle, in pixels of the mask
  #pointer = null; // the one that draws
  #spoken;
  #left; // aborts what listens to the window
  #isChanged = false;

  connectedCallback() {
    const stage = this.querySelector("[data-stage]");
    this.#frame = this.querySelector("[data-frame]");
    this.#canvas = this.querySelector("canvas");
    this.#size = this.querySelector("[data-size]");
    const picture = this.#frame.querySelector("img");
    const [width, height] = ["width", "height"].map((side) => Number(picture.getAttribute(side)));
    const scale = Math.min(1, LONG_SIDE / Math.max(width, height));
    this.mask = new HandMask(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
    this.#marks = new HandMarks(this.#canvas, this.mask);
    this.#view = new BrushView(stage, this.#frame, this.mask);
    this.#at = { x: this.mask.width / 2, y: this.mask.height / 2 };
    this.#frame.style.setProperty("--aspect", width / height);
    this.#frame.style.setProperty("--pixels", width);
    this.#listen();
    stage.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    this.#resize();
    this.#showHistory();
    if (this.dataset.hand) this.#loadFirst(this.dataset.hand);
  }

  disconnectedCallback() {
    this.#left.abort();
  }

  /** Replaces all marks by those in a mask file. Rejects when it is no picture, or one of another shape. */
  async load(file) {
    this.#replace(await readHand(file, this.mask.width, this.mask.height));
  }

  /** Whoever has taken the marks to the server says so; leaving the page then loses nothing. */
  markAsSaved() {
    this.#isChanged = false;
  }

  get #tool() {
    return this.querySelector('[name="brush-tool"]:checked').value;
  }

  set #tool(value) {
    const choice = this.querySelector(`[name="brush-tool"][value="${value}"]`);
    choice.checked = true;
    this.#showTool();
    this.#say(choice.parentElement.textContent.trim());
  }

  get #radius() {
    const share = Number(this.#size.value) / 100;
    return Math.max(0.75, Math.max(this.mask.width, this.mask.height) * (0.0015 + 0.12 * share * share));
  }

  #listen() {
    const on = (name, action) => this.querySelector(`[data-${name}]`)?.addEventListener("click", action);
    on("undo", () => this.#step(this.mask.undo()));
    on("redo", () => this.#step(this.mask.redo()));
    on("clear", () => this.#clear());
    on("zoom-in", () => this.#zoom(1));
    on("zoom-out", () => this.#zoom(-1));
    on("found", (event) => this.#addDamage(event.currentTarget.dataset.found));
    this.#size.addEventListener("input", () => this.#resize());
    this.querySelector("[data-under]")?.addEventListener("change", (event) => {
      this.#frame.toggleAttribute("data-shows-result", event.target.checked);
    });
    for (const choice of this.querySelectorAll('[name="brush-tool"]')) {
      choice.addEventListener("change", () => this.#showTool());
    }
    this.#canvas.addEventListener("pointerdown", (event) => this.#press(event));
    this.#canvas.addEventListener("pointermove", (event) => this.#follow(event));
    this.#canvas.addEventListener("pointerup", (event) => this.#release(event));
    this.#canvas.addEventListener("pointercancel", (event) => this.#cancel(event));
    this.#canvas.addEventListener("keydown", (event) => this.#key(event));
    this.#canvas.addEventListener("focus", () => this.#view.moveCursor(this.#at));
    this.#left = new AbortController();
    window.addEventListener(
      "beforeunload",
      (event) => {
        if (this.#isChanged) event.preventDefault();
      },
      { signal: this.#left.signal },
    );
    this.#showTool();
  }

  // The pointer

  #press(event) {
    if (event.button !== 0 || this.#pointer !== null) return;
    this.#canvas.focus({ preventScroll: true, focusVisible: false });
    event.preventDefault();
    this.#at = this.#view.placeOf(event);
    if (this.#tool === "move" && event.pointerType === "touch") return; // the browser scrolls by itself
    this.#pointer = event.pointerId;
    this.#canvas.setPointerCapture(event.pointerId);
    if (this.#tool === "move") return;
    this.mask.beginStep();
    this.#line(this.#at, this.#at);
  }

  #follow(event) {
    if (this.#pointer === null) {
      this.#at = this.#view.placeOf(event);
      this.#view.moveCursor(this.#at);
      return;
    }
    if (event.pointerId !== this.#pointer) return;
    if (this.#tool === "move") {
      this.#view.scrollBy(-event.movementX, -event.movementY);
      return;
    }
    // A quick hand moves several times between two frames.
    const moves = event.getCoalescedEvents();
    for (const move of moves.length > 0 ? moves : [event]) this.#line(this.#at, this.#view.placeOf(move));
  }

  #release(event) {
    if (event.pointerId !== this.#pointer) return;
    this.#pointer = null;
    if (this.#tool === "move") return;
    this.mask.endStep();
    this.#changed();
  }

  /** A second finger has made a gesture of it: it was no stroke. */
  #cancel(event) {
    if (event.pointerId !== this.#pointer) return;
    this.#pointer = null;
    const area = this.mask.abandonStep();
    if (area) this.#marks.draw(area);
  }

  #line(from, to) {
    const area = this.mask.drawLine(from, to, this.#radius, TOOL_VALUES[this.#tool]);
    if (area) this.#marks.draw(area);
    this.#at = to;
    this.#view.moveCursor(this.#at);
  }

  // The keys

  #key(event) {
    if (event.altKey) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const control = event.ctrlKey || event.metaKey;
    if (key in ARROWS) this.#walk(ARROWS[key], { fine: control, draws: event.shiftKey });
    else if (key === "z" && control && event.shiftKey) this.#step(this.mask.redo());
    else if (key === "z") this.#step(this.mask.undo());
    else if (key === "y") this.#step(this.mask.redo());
    else if (control) return;
    else if (key === " " || key === "Enter") this.#dab();
    else if (key in TOOL_KEYS) this.#tool = TOOL_KEYS[key];
    else if (key === "[" || key === "]") this.#resize(key === "]" ? 5 : -5);
    else if (key === "+" || key === "-") this.#zoom(key === "+" ? 1 : -1);
    else return;
    event.preventDefault();
  }

  #walk([x, y], { fine, draws }) {
    const far = fine ? 1 : Math.max(1, this.#radius);
    const to = {
      x: Math.min(this.mask.width - 0.5, Math.max(0.5, this.#at.x + x * far)),
      y: Math.min(this.mask.height - 0.5, Math.max(0.5, this.#at.y + y * far)),
    };
    if (draws && this.#tool !== "move") {
      this.mask.beginStep();
      this.#line(this.#at, to);
      this.mask.endStep();
      this.#changed({ silently: true });
    }
    this.#at = to;
    this.#view.moveCursor(this.#at);
    this.#view.keepInView(this.#at);
    this.#sayWhere();
  }

  #dab() {
    if (this.#tool === "move") return;
    this.mask.beginStep();
    this.#line(this.#at, this.#at);
    this.mask.endStep();
    this.#changed();
  }

  // The marks

  #step(area) {
    if (!area) return;
    this.#marks.draw(area);
    this.#changed();
  }

  #replace(values) {
    this.mask.replace(values);
    this.#marks.draw();
    this.#changed();
  }

  #clear() {
    this.#replace();
    this.#canvas.focus({ preventScroll: true });
  }

  async #addDamage(address) {
    try {
      this.#replace(await readDamage(await fetchPicture(address), this.mask));
    } catch {
      this.#say(this.dataset.textMissing);
    }
  }

  async #loadFirst(address) {
    try {
      const file = await fetchPicture(address);
      this.mask.values.set(await readHand(file, this.mask.width, this.mask.height));
    } catch {
      this.#say(this.dataset.textMissing);
      return;
    }
    this.#marks.draw();
    this.#changed({ silently: true });
    this.#isChanged = false;
  }

  #changed({ silently = false } = {}) {
    this.#isChanged = true;
    this.#showHistory();
    const detail = { repair: this.mask.share(REPAIR), protect: this.mask.share(PROTECT) };
    if (!silently) this.#say(this.describe(detail));
    this.dispatchEvent(new CustomEvent("pulih:marked", { bubbles: true, detail }));
  }

  /** The marks in words. */
  describe({ repair, protect }) {
    if (repair === 0 && protect === 0) return this.dataset.textNone;
    const percent = new Intl.NumberFormat(document.documentElement.lang, { maximumSignificantDigits: 2 });
    return this.dataset.textMarked
      .replace("{repair}", percent.format(100 * repair))
      .replace("{protect}", percent.format(100 * protect));
  }

  // What one sees and hears

  #showTool() {
    this.#canvas.dataset.tool = this.#tool;
  }

  #showHistory() {
    this.querySelector("[data-undo]").disabled = !this.mask.canUndo;
    this.querySelector("[data-redo]").disabled = !this.mask.canRedo;
    this.querySelector("[data-clear]").disabled = this.mask.isEmpty;
  }

  #resize(by = 0) {
    this.#size.value = Number(this.#size.value) + by;
    const percent = (200 * this.#radius) / this.mask.width;
    const text = this.dataset.textSize.replace("{percent}", percent < 10 ? percent.toFixed(1) : Math.round(percent));
    this.#size.setAttribute("aria-valuetext", text);
    this.#view.resizeCursor(2 * this.#radius);
    if (by !== 0) this.#say(text);
  }

  #wheel(event) {
    if (!event.ctrlKey) return;
    event.preventDefault();
    this.#at = this.#view.placeOf(event);
    this.#zoom(event.deltaY < 0 ? 1 : -1);
  }

  #zoom(direction) {
    const text = `${Math.round(100 * this.#view.zoom(direction, this.#at))} %`;
    this.querySelector("[data-zoom]").textContent = text;
    this.#say(text);
  }

  #sayWhere() {
    const words = { [REPAIR]: "textToRepair", [PROTECT]: "textProtected", [LEAVE]: "textFree" };
    const percent = (share) => Math.round(100 * share);
    this.#say(
      this.dataset.textWhere
        .replace("{x}", percent(this.#at.x / this.mask.width))
        .replace("{y}", percent(this.#at.y / this.mask.height))
        .replace("{state}", this.dataset[words[this.mask.valueAt(this.#at.x, this.#at.y)]]),
    );
  }

  /** Says it once the hand rests; what comes quickly one after the other would only be noise. */
  #say(text) {
    clearTimeout(this.#spoken);
    this.#spoken = setTimeout(() => (this.querySelector("[data-said]").textContent = text), SPOKEN_AFTER);
  }
}

customElements.define("damage-brush", DamageBrush);
