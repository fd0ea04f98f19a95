// What one sees of a comparison: original and restored picture over each other, or beside each other, moved and
// enlarged together. OpenSeadragon draws; what is drawn of which picture is decided here.

import { ViewedPicture } from "./viewer-picture.js";

const STEP = 80; // pixels that a key moves the picture by
const ZOOM_STEP = 1.5;
const NEAREST = 8; // screen pixels for one of the picture
const BLINK = 900; // milliseconds; slower than what could harm anybody

const CALM = window.matchMedia("(prefers-reduced-motion: reduce)");

export class ViewerStage extends EventTarget {
  #library;
  #main;
  #beside;
  #besideElement;
  #besidePicture;
  #left;
  #right;
  #size;
  #pictures;
  #mode = "result";
  #strength = 1; // what the restored picture covers of the original
  #split = 0.5; // of the visible picture, the share on the left of the line
  #shown = "left"; // while blinking
  #timer;
  #resizing; // the frame in which the elements' sizes are looked at again
  #previewed;
  #isWhole = true;
  #leader; // the one of two that is being moved; the other follows

  /**
   * `main`, `beside`: the elements to draw in. `left`, `right` (null where there is only one picture):
   * { url, zoom }, `size`: { width, height } of both in pixels. Dispatches "move" whenever something else is
   * seen, and "tiles" (detail: waiting, ready or failed).
   */
  constructor(library, { main, beside, left, right, size }) {
    super();
    this.#library = library;
    this.#size = size;
    this.#pictures = { left, right };
    this.#main = this.#open(main);
    this.#leader = this.#main;
    this.#left = new ViewedPicture(library, this.#main);
    this.#right = right ? new ViewedPicture(library, this.#main, { above: true }) : null;
    this.#besideElement = beside;
    this.#main.addHandler("viewport-change", () => this.#moved());
    this.#main.addHandler("after-resize", () => this.#resized());
  }

  /** Resolves once both pictures are seen. */
  async start() {
    const tiles = (state) => this.dispatchEvent(new CustomEvent("tiles", { detail: state }));
    await this.#left.show(this.#pictures.left, tiles);
    await this.#right?.show(this.#pictures.right, tiles);
    this.#resized();
    this.#arrange();
  }

  stop() {
    clearInterval(this.#timer);
    cancelAnimationFrame(this.#resizing);
    for (const picture of [this.#left, this.#right, this.#besidePicture]) picture?.leave();
    this.#beside?.destroy();
    this.#main.destroy();
  }

  /** Where the whole picture would lie: [left, top, width, height] in pixels of the stage. */
  get place() {
    const from = this.#pixel(0, 0);
    const to = this.#pixel(1, this.#size.height / this.#size.width);
    return [from.x, from.y, to.x - from.x, to.y - from.y];
  }

  get mode() {
    return this.#mode;
  }

  set mode(mode) {
    this.#mode = mode;
    this.#shown = "left";
    this.blink(mode === "blink" && !CALM.matches);
    if (mode === "beside" && !this.#beside) this.#openBeside();
    this.#arrange();
    // The elements' sizes follow the mode; the pictures follow them.
    cancelAnimationFrame(this.#resizing);
    this.#resizing = requestAnimationFrame(() => {
      this.#main.forceResize();
      this.#beside?.forceResize();
    });
  }

  /** Of two that blink, that which is seen: "left" or "right". */
  get shown() {
    return this.#shown;
  }

  blink(byItself) {
    clearInterval(this.#timer);
    this.#timer = byItself ? setInterval(() => this.swap(), BLINK) : undefined;
  }

  swap() {
    this.#shown = this.#shown === "left" ? "right" : "left";
    this.#arrange();
  }

  get split() {
    return this.#split;
  }

  set split(share) {
    this.#split = Math.min(1, Math.max(0, share));
    this.#moved();
  }

  /** Where on the stage, in pixels from its left, the visible part of the picture begins and ends. */
  get visible() {
    const from = this.#pixel(0).x;
    const to = this.#pixel(1).x;
    const width = this.#main.viewport.getContainerSize().x;
    return { from: Math.max(0, from), to: Math.max(Math.max(0, from), Math.min(width, to)) };
  }

  /** Where the line stands, in pixels from the left. */
  get line() {
    const { from, to } = this.visible;
    return from + this.#split * (to - from);
  }

  set line(x) {
    const { from, to } = this.visible;
    if (to > from) this.split = (x - from) / (to - from);
  }

  /** Another rendering in the place of the restored one, covering `share` of the original. */
  async preview(url, share) {
    if (!this.#right) return;
    this.#strength = share;
    this.#arrange();
    if (url === this.#previewed) return;
    this.#previewed = url;
    await this.#right.show(url === this.#pictures.right.url ? this.#pictures.right : { url });
    this.#arrange();
  }

  /** Screen pixels for one of the picture. */
  get scale() {
    const viewport = this.#main.viewport;
    return (viewport.getZoom() * viewport.getContainerSize().x * devicePixelRatio) / this.#size.width;
  }

  get isFitted() {
    const viewport = this.#main.viewport;
    return viewport.getZoom() <= viewport.getHomeZoom() * 1.01;
  }

  zoom(direction) {
    this.#leader = this.#main;
    this.#main.viewport.zoomBy(ZOOM_STEP ** direction);
    this.#main.viewport.applyConstraints();
    this.#moved(); // what is said about it does not wait for the next frame
  }

  /** One pixel of the picture is one of the screen. */
  actual() {
    this.#leader = this.#main;
    this.#main.viewport.zoomBy(1 / this.scale);
    this.#main.viewport.applyConstraints();
    this.#moved();
  }

  fit(immediately = CALM.matches) {
    this.#leader = this.#main;
    this.#main.viewport.goHome(immediately);
    this.#moved();
  }

  pan(x, y) {
    this.#leader = this.#main;
    const by = this.#main.viewport.deltaPointsFromPixels(new this.#library.Point(x * STEP, y * STEP));
    this.#main.viewport.panBy(by);
    this.#main.viewport.applyConstraints();
  }

  #open(element) {
    const viewer = this.#library({
      element,
      drawer: "canvas", // quick on an old laptop without a graphics card, too
      animationTime: CALM.matches ? 0 : 0.5,
      showNavigationControl: false,
      keyboardNavEnabled: false, // its keys would turn pictures round
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
      minScrollDeltaTime: 0,
      zoomPerScroll: 1.15,
      visibilityRatio: 1,
      constrainDuringPan: true,
      minZoomImageRatio: 1,
      maxZoomLevel: 1000,
      crossOriginPolicy: false,
      maxImageCacheCount: 400,
    });
    viewer.addHandler("canvas-scroll", (event) => this.#wheel(event, element));
    for (const kind of ["pointerdown", "wheel"]) {
      element.addEventListener(kind, () => (this.#leader = viewer), { capture: true, passive: true });
    }
    return viewer;
  }

  /** Until one has pressed on the picture, the wheel moves the page. */
  #wheel(event, element) {
    const { ctrlKey, metaKey } = event.originalEvent;
    if (ctrlKey || metaKey || element.contains(document.activeElement) || document.fullscreenElement) return;
    event.preventDefaultAction = true;
    event.preventDefault = false;
  }

  #openBeside() {
    this.#beside = this.#open(this.#besideElement);
    this.#besidePicture = new ViewedPicture(this.#library, this.#beside);
    this.#besidePicture.show(this.#pictures.left).then(() => this.#moved());
    this.#beside.addHandler("viewport-change", () => this.#follow(this.#beside));
    this.#limit();
  }

  /** The other of two viewers shows the same part, at once. */
  #follow(leader) {
    if (this.#mode !== "beside" || leader !== this.#leader || !this.#beside) return;
    const { viewport } = leader === this.#main ? this.#beside : this.#main;
    viewport.zoomTo(leader.viewport.getZoom(true), null, true);
    viewport.panTo(leader.viewport.getCenter(true), true);
  }

  /** What was seen whole still is. */
  #resized() {
    this.#limit();
    if (this.#isWhole) this.#main.viewport.goHome(true);
    this.#moved();
  }

  #limit() {
    for (const viewer of [this.#main, this.#beside]) {
      if (!viewer) continue;
      const { viewport } = viewer;
      const actual = this.#size.width / (viewport.getContainerSize().x * devicePixelRatio);
      viewport.maxZoomLevel = Math.max(NEAREST * actual, 4 * viewport.getHomeZoom());
    }
  }

  #moved() {
    this.#follow(this.#main);
    this.#isWhole = this.isFitted;
    // What needs no finger to move it leaves the finger to the page.
    const action = this.#isWhole ? "pan-y" : "none";
    for (const viewer of [this.#main, this.#beside]) {
      if (!viewer || viewer.canvas.style.touchAction === action) continue;
      this.#library.setElementTouchAction(viewer.canvas, action);
      this.#library.setElementTouchAction(viewer.container, action);
    }
    if (this.#mode === "curtain") this.#arrange();
    else this.dispatchEvent(new Event("move"));
  }

  #arrange() {
    if (!this.#right) {
      this.dispatchEvent(new Event("move"));
      return;
    }
    const mode = this.#mode;
    const hidden = mode === "original" || (mode === "blink" && this.#shown === "left");
    const right = { opacity: hidden ? 0 : this.#strength, from: 0, operation: null };
    if (mode === "curtain") right.from = this.#shareLeftOfLine();
    if (mode === "difference") right.operation = "difference";
    this.#right.look(right);
    this.dispatchEvent(new Event("move"));
  }

  #shareLeftOfLine() {
    const { from, to } = { from: this.#pixel(0).x, to: this.#pixel(1).x };
    return to > from ? Math.min(0.99999, Math.max(0, (this.line - from) / (to - from))) : 0;
  }

  #pixel(x, y = 0) {
    return this.#main.viewport.pixelFromPoint(new this.#library.Point(x, y), true);
  }
}
