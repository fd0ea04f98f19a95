// <picture-viewer>: a photograph and its restoration, compared in six ways at any size, with measurements laid
// over them. What stands in it without script (pictures, or <before-after>) is shown until the library is there
// that draws, and for good where it cannot be fetched.
//
// Hears "pulih:strength" (detail: { picture, share, text }) for a preview of another strength.

import "./before-after.js";
import "./picture-layer.js";
import { afterwards, onceSomebodyMoves } from "./afterwards.js";
import { actionOf } from "./viewer-keys.js";

class PictureViewer extends HTMLElement {
  #left; // aborts what listens to the page
  #range;
  #starting; // promise of the stage
  #strength; // what was last asked for, perhaps before there is a stage to show it on

  connectedCallback() {
    this.#left = new AbortController();
    const { signal } = this.#left;
    const preview = ({ detail }) => {
      this.#strength = detail;
      if (this.stage) this.#preview();
    };
    document.addEventListener("pulih:strength", preview, { signal });
    this.#range = this.#find("range");
    this.#listen();
    // Where it is hidden (a tab, a closed part) nothing has a size yet.
    const seen = new IntersectionObserver(async ([entry]) => {
      if (!entry.isIntersecting) return;
      seen.disconnect();
      // The plain pictures are there already, and their line can be moved. Whoever reviews wants all of it at once.
      await (this.#isForPage ? afterwards() : onceSomebodyMoves());
      if (!signal.aborted) this.#ready();
    });
    seen.observe(this);
    signal.addEventListener("abort", () => seen.disconnect());
  }

  disconnectedCallback() {
    this.#left.abort();
    this.stage = undefined;
    this.#starting = undefined;
    for (const state of ["data-live", "data-plain"]) this.removeAttribute(state);
  }

  /**
   * Resolves with the stage, or with nothing where it does not come or has gone meanwhile; whoever presses
   * something gets it at once.
   */
  async #ready() {
    const { signal } = this.#left;
    this.#starting ??= this.#start().catch((error) => {
      console.info(`The plain pictures stay: ${error.message}`);
      if (!signal.aborted) this.setAttribute("data-plain", "");
    });
    await this.#starting;
    return this.stage;
  }

  async #start() {
    const { signal } = this.#left;
    const [library, { ViewerStage }, { ViewerLayers }] = await Promise.all([
      import("./viewer-library.js").then(({ deepZoom }) => deepZoom(this.dataset.library)),
      import("./viewer-stage.js"),
      import("./viewer-layers.js"),
    ]);
    if (signal.aborted) return;
    const data = this.dataset;
    const stage = new ViewerStage(library, {
      main: this.#find("main"),
      beside: this.#find("beside"),
      left: { url: data.left, zoom: data.leftZoom },
      right: data.right ? { url: data.right, zoom: data.rightZoom } : null,
      size: { width: Number(data.width), height: Number(data.height) },
    });
    signal.addEventListener("abort", () => stage.stop());
    this.#describe();
    stage.addEventListener("tiles", ({ detail }) => this.#tell(detail));
    await stage.start();
    if (signal.aborted) return;
    this.stage = stage;
    stage.addEventListener("move", () => this.#show());
    const { activeElement } = document; // what gets hidden loses the focus
    this.setAttribute("data-live", "");
    this.#layLayers(ViewerLayers);
    stage.mode = this.#chosenMode();
    this.#takeOver(activeElement);
    this.#show();
  }

  chooseMode(index) {
    const mode = this.querySelectorAll("[data-mode-choice]")[index];
    if (!mode) return;
    mode.checked = true;
    this.#changeMode();
  }

  toggleLayer(kind) {
    const box = this.querySelector(`[data-layer="${kind}"]`);
    if (!box) return;
    box.checked = !box.checked;
    box.dispatchEvent(new Event("change", { bubbles: true }));
    const name = box.closest("label").textContent.trim();
    this.#say(`${name}: ${box.checked ? this.dataset.textOn : this.dataset.textOff}`);
  }

  toggleFullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.requestFullscreen?.();
  }

  /** Of a file that has several pages: "next" or "previous". */
  turnPage(which) {
    this.querySelector(`a[data-file-page="${which}"]`)?.click();
  }

  toggleKeys() {
    const keys = this.querySelector("details");
    keys.open = !keys.open;
    if (keys.open) keys.scrollIntoView({ block: "nearest" });
  }

  /** Of two that blink, the other one; from now on they change when asked to. */
  swap() {
    this.stage.blink(false);
    this.stage.swap();
  }

  /** Not what stands in for it. */
  #find(name) {
    return this.querySelector(`[data-${name}]:not(.viewer__plain *)`);
  }

  #chosenMode() {
    return this.querySelector("[data-mode-choice]:checked")?.value ?? "original";
  }

  async #changeMode() {
    const stage = await this.#ready();
    if (!stage) return;
    stage.mode = this.#chosenMode();
    const label = this.querySelector("[data-mode-choice]:checked").closest("label");
    this.#say(label.textContent.trim());
  }

  /** The drawn picture takes the keyboard, and has a name. */
  #describe() {
    const main = this.querySelector("[data-main] .openseadragon-canvas");
    main.tabIndex = 0;
    main.setAttribute("role", "application");
    main.setAttribute("aria-label", this.dataset.textPicture);
    main.setAttribute("aria-describedby", this.querySelector(".keys").id);
  }

  #layLayers(ViewerLayers) {
    const layers = [...this.querySelectorAll("[data-layer]")].map((box) => ({
      box,
      layer: this.querySelector(`.layer--${box.dataset.layer}`),
    }));
    if (layers.length === 0) return;
    const laid = new ViewerLayers(this.#find("layers"), layers, this.stage, this.#left.signal);
    const opacity = this.querySelector("[data-opacity]");
    opacity.closest("[hidden]")?.removeAttribute("hidden");
    const set = () => {
      laid.opacity = opacity.value / 100;
      opacity.setAttribute("aria-valuetext", opacity.dataset.textValue.replace("{share}", opacity.value));
    };
    opacity.addEventListener("input", set);
    set();
  }

  #listen() {
    const { signal } = this.#left;
    const actions = {
      "zoom-in": (stage) => stage.zoom(1),
      "zoom-out": (stage) => stage.zoom(-1),
      fit: (stage) => stage.fit(),
      actual: (stage) => stage.actual(),
      full: () => this.toggleFullScreen(),
      swap: () => this.swap(),
    };
    for (const [name, act] of Object.entries(actions)) {
      this.#find(name).addEventListener(
        "click",
        async () => {
          const stage = await this.#ready();
          if (stage) act(stage);
        },
        { signal },
      );
    }
    for (const mode of this.querySelectorAll("[data-mode-choice]")) {
      mode.addEventListener("change", () => this.#changeMode(), { signal });
    }
    this.#range?.addEventListener("input", () => (this.stage.split = this.#range.valueAsNumber / 100), { signal });
    this.#find("handle")?.addEventListener("pointerdown", (event) => this.#grab(event), { signal });
    (this.#isForPage ? document : this).addEventListener("keydown", (event) => this.#press(event), { signal });
  }

  /** Whether the page is there for this picture, and its single keys count everywhere. */
  get #isForPage() {
    return this.dataset.keys === "page";
  }

  #press(event) {
    if (event.defaultPrevented) return;
    const { target } = event;
    if (target.closest("textarea, select, [contenteditable], input:not([type=radio], [type=checkbox], [type=range])"))
      return;
    // A slider, a radio button and a page that turns over have their own use for arrows and space.
    const arrows = Boolean(target.closest("[data-main], [data-beside]"));
    if (!arrows && !this.#isForPage && !this.contains(target)) return;
    const action = actionOf(event, this, { arrows });
    if (!action) return;
    event.preventDefault();
    this.#ready().then((stage) => stage && action());
  }

  #grab(event) {
    if (event.button !== 0) return;
    const handle = event.currentTarget;
    const left = () => this.#find("stage").getBoundingClientRect().left;
    const follow = (moved) => (this.stage.line = moved.clientX - left());
    const release = () => handle.removeEventListener("pointermove", follow);
    handle.setPointerCapture(event.pointerId);
    handle.addEventListener("pointermove", follow);
    handle.addEventListener("lostpointercapture", release, { once: true });
    this.#range.focus({ preventScroll: true, focusVisible: false });
    event.preventDefault(); // keeps the focus on the range and selects no text
  }

  #preview() {
    const { picture, share, text } = this.#strength;
    this.#find("strength").textContent = text;
    this.stage.preview(picture, share);
  }

  /** What was done before the viewer was there still counts: the line's place, the strength, the focus. */
  #takeOver(focused) {
    if (this.#strength) this.#preview();
    const plain = this.querySelector(".viewer__plain [type=range]");
    if (!plain || !this.#range) return;
    this.stage.split = plain.valueAsNumber / 100;
    if (focused === plain) this.#range.focus({ preventScroll: true });
  }

  /** Brings everything beside the pictures in line with what is seen of them. */
  #show() {
    const { stage } = this;
    if (!stage) return;
    this.setAttribute("data-mode", stage.mode);
    this.setAttribute("data-shown", stage.shown);
    const digits = { maximumFractionDigits: stage.scale < 0.1 ? 1 : 0 };
    const scale = (100 * stage.scale).toLocaleString(document.documentElement.lang, digits);
    this.#find("scale").textContent = `${scale} %`;
    this.#find("fit").disabled = stage.isFitted;
    if (!this.#range) return;
    const share = Math.round(100 * stage.split);
    if (Math.round(this.#range.valueAsNumber) !== share) this.#range.value = 100 * stage.split;
    this.#range.setAttribute("aria-valuetext", this.dataset.textValue.replace("{share}", share));
    this.style.setProperty("--curtain", `${stage.line}px`);
  }

  #tell(state) {
    this.#find("said").textContent = state === "waiting" ? this.dataset.textWaiting : "";
  }

  /** To those who do not see it; the others do. */
  #say(text) {
    document.getElementById("announcer").textContent = text;
  }
}

customElements.define("picture-viewer", PictureViewer);
