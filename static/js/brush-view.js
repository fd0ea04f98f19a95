// What one sees of a brush: the circle where it stands, and the part of the picture that is enlarged.
// Places are { x, y } in pixels of the mask.

const ZOOMS = [1, 1.5, 2, 3, 4, 6, 8];
const MARGIN = 0.1; // of the stage, that stays between its rim and a brush moved by keys

export class BrushView {
  #stage;
  #frame;
  #size;
  #zoom = 0;

  /** `stage` scrolls, `frame` lies in it and holds the picture; `size` is the mask's { width, height }. */
  constructor(stage, frame, size) {
    this.#stage = stage;
    this.#frame = frame;
    this.#size = size;
  }

  /** The place under a pointer. */
  placeOf(event) {
    const box = this.#frame.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * this.#size.width,
      y: ((event.clientY - box.top) / box.height) * this.#size.height,
    };
  }

  moveCursor(at) {
    this.#frame.style.setProperty("--brush-x", `${(100 * at.x) / this.#size.width}%`);
    this.#frame.style.setProperty("--brush-y", `${(100 * at.y) / this.#size.height}%`);
  }

  /** `diameter` in pixels of the mask. */
  resizeCursor(diameter) {
    this.#frame.style.setProperty("--brush", `${(100 * diameter) / this.#size.width}%`);
  }

  /** Goes one step nearer (1) or farther (-1), `at` staying where it is on the screen; returns the factor. */
  zoom(direction, at) {
    this.#zoom = Math.min(ZOOMS.length - 1, Math.max(0, this.#zoom + direction));
    const before = this.#onFrame(at);
    this.#frame.style.setProperty("--zoom", ZOOMS[this.#zoom]);
    const after = this.#onFrame(at);
    this.scrollBy(after.x - before.x, after.y - before.y);
    return ZOOMS[this.#zoom];
  }

  scrollBy(x, y) {
    this.#stage.scrollBy(x, y);
  }

  keepInView(at) {
    const stage = this.#stage;
    const { x, y } = this.#onFrame(at);
    const scroll = (place, from, length) =>
      Math.min(Math.max(from, place - (1 - MARGIN) * length), place - MARGIN * length);
    stage.scrollTo(
      scroll(x, stage.scrollLeft, stage.clientWidth),
      scroll(y, stage.scrollTop, stage.clientHeight),
    );
  }

  #onFrame({ x, y }) {
    return {
      x: (this.#frame.offsetWidth * x) / this.#size.width,
      y: (this.#frame.offsetHeight * y) / this.#size.height,
    };
  }
}
