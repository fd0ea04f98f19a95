// What a hand has marked on a picture: one byte for each pixel, and the way back. Knows no page.

export const LEAVE = 0; // to the model
export const PROTECT = 128; // never to be changed
export const REPAIR = 255; // damaged for sure

const STEPS_KEPT = 50;

/** Areas are { left, top, right, bottom } in pixels, right and bottom excluded. */
export class HandMask {
  #before = null; // a copy, while a stroke is being drawn
  #touched = null;
  #undone = [];
  #done = [];

  constructor(width, height) {
    this.width = width;
    this.height = height;
    this.values = new Uint8Array(width * height);
  }

  get canUndo() {
    return this.#done.length > 0;
  }

  get canRedo() {
    return this.#undone.length > 0;
  }

  get isEmpty() {
    return this.share(LEAVE) === 1;
  }

  /** The share of the picture with this value, 0 to 1. */
  share(value) {
    let count = 0;
    // Millions of pixels, at the end of every stroke: the plain loop is many times as fast as the others.
    for (let at = 0; at < this.values.length; at += 1) if (this.values[at] === value) count += 1;
    return count / this.values.length;
  }

  valueAt(x, y) {
    return this.values[Math.floor(y) * this.width + Math.floor(x)];
  }

  /** Opens a step: everything until `endStep` is undone at once. */
  beginStep() {
    this.#before = this.values.slice();
    this.#touched = null;
  }

  /** Sets all within `radius` of the line between two points { x, y }; returns the area, or null off the picture. */
  drawLine(from, to, radius, value) {
    const area = this.#clipped({
      left: Math.floor(Math.min(from.x, to.x) - radius),
      top: Math.floor(Math.min(from.y, to.y) - radius),
      right: Math.ceil(Math.max(from.x, to.x) + radius) + 1,
      bottom: Math.ceil(Math.max(from.y, to.y) + radius) + 1,
    });
    if (!area) return null;
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const length = dx * dx + dy * dy;
    for (let y = area.top; y < area.bottom; y += 1) {
      for (let x = area.left; x < area.right; x += 1) {
        // Pixels are judged by their middle.
        const [px, py] = [x + 0.5 - from.x, y + 0.5 - from.y];
        const along = length > 0 ? Math.min(1, Math.max(0, (px * dx + py * dy) / length)) : 0;
        const [ox, oy] = [px - along * dx, py - along * dy];
        if (ox * ox + oy * oy <= radius * radius) this.values[y * this.width + x] = value;
      }
    }
    this.#touch(area);
    return area;
  }

  /** Replaces everything by `values`, or by nothing, as one step. */
  replace(values = new Uint8Array(this.values.length)) {
    this.beginStep();
    this.values.set(values);
    this.#touch(this.#all);
    this.endStep();
  }

  /** Closes a step; one that changed nothing is forgotten. */
  endStep() {
    const [before, area] = [this.#before, this.#touched];
    this.#before = null;
    if (!area) return;
    const [old, now] = [this.#cut(before, area), this.#cut(this.values, area)];
    if (old.every((value, index) => value === now[index])) return;
    this.#done.push({ area, values: old });
    this.#undone = [];
    if (this.#done.length > STEPS_KEPT) this.#done.shift();
  }

  /** Leaves an open step as if it had never begun; returns the area to be drawn again, if any. */
  abandonStep() {
    if (this.#before) this.values.set(this.#before);
    this.#before = null;
    return this.#touched;
  }

  /** Takes the last step back; returns its area. */
  undo() {
    return this.#exchange(this.#done, this.#undone);
  }

  redo() {
    return this.#exchange(this.#undone, this.#done);
  }

  get #all() {
    return { left: 0, top: 0, right: this.width, bottom: this.height };
  }

  #exchange(from, to) {
    const step = from.pop();
    if (!step) return null;
    to.push({ area: step.area, values: this.#cut(this.values, step.area) });
    const width = step.area.right - step.area.left;
    for (let y = step.area.top; y < step.area.bottom; y += 1) {
      const row = (y - step.area.top) * width;
      this.values.set(step.values.subarray(row, row + width), y * this.width + step.area.left);
    }
    return step.area;
  }

  #cut(values, { left, top, right, bottom }) {
    const width = right - left;
    const cut = new Uint8Array(width * (bottom - top));
    for (let y = top; y < bottom; y += 1) {
      cut.set(values.subarray(y * this.width + left, y * this.width + right), (y - top) * width);
    }
    return cut;
  }

  #clipped({ left, top, right, bottom }) {
    const area = {
      left: Math.max(0, left),
      top: Math.max(0, top),
      right: Math.min(this.width, right),
      bottom: Math.min(this.height, bottom),
    };
    return area.left < area.right && area.top < area.bottom ? area : null;
  }

  #touch(area) {
    const known = this.#touched ?? area;
    this.#touched = {
      left: Math.min(known.left, area.left),
      top: Math.min(known.top, area.top),
      right: Math.max(known.right, area.right),
      bottom: Math.max(known.bottom, area.bottom),
    };
  }
}
