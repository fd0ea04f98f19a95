// Draws a HandMask for the eye. What is to be repaired and what is protected differ by colour and by texture.

import { PROTECT, REPAIR } from "./hand-mask.js";
import { colourOf } from "./page-colours.js";

const HATCHES = 70; // of them fit into the longer side
const EDGE_ALPHA = 255;

export class HandMarks {
  #context;
  #mask;
  #colours = []; // by value
  #hatch;

  /** `canvas` gets the size of `mask`; its colours are the style sheet's. */
  constructor(canvas, mask) {
    canvas.width = mask.width;
    canvas.height = mask.height;
    this.#context = canvas.getContext("2d");
    this.#mask = mask;
    this.#hatch = Math.max(4, Math.round(Math.max(mask.width, mask.height) / HATCHES));
    this.#colours[REPAIR] = colourOf(canvas, "--hand-repair");
    this.#colours[PROTECT] = colourOf(canvas, "--hand-protect");
  }

  /** Draws an area of the mask, by default all of it, as it stands now. */
  draw(area = { left: 0, top: 0, right: this.#mask.width, bottom: this.#mask.height }) {
    const { width, height, values } = this.#mask;
    // Neighbours just outside may have gained or lost an edge.
    const [left, top] = [Math.max(0, area.left - 1), Math.max(0, area.top - 1)];
    const [right, bottom] = [Math.min(width, area.right + 1), Math.min(height, area.bottom + 1)];
    const image = this.#context.createImageData(right - left, bottom - top);
    for (let y = top, at = 0; y < bottom; y += 1) {
      for (let x = left; x < right; x += 1, at += 4) {
        const value = values[y * width + x];
        const colour = this.#colours[value];
        if (!colour) continue;
        [image.data[at], image.data[at + 1], image.data[at + 2]] = colour;
        image.data[at + 3] = this.#alpha(x, y, value);
      }
    }
    this.#context.putImageData(image, left, top);
  }

  #alpha(x, y, value) {
    const { width, height, values } = this.#mask;
    const at = y * width + x;
    const isEdge =
      (x > 0 && values[at - 1] !== value) ||
      (x < width - 1 && values[at + 1] !== value) ||
      (y > 0 && values[at - width] !== value) ||
      (y < height - 1 && values[at + width] !== value);
    if (isEdge) return EDGE_ALPHA;
    if (value === REPAIR) return 125;
    return (x + y) % this.#hatch < this.#hatch / 3 ? 215 : 85;
  }
}
