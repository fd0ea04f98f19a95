// <picture-layer>: a grey picture of measurements that lies over a photograph, in colours and see-through.
// `data-kind` is "outline" (an area: edge and hatching) or "heat" (the more, the brighter). Without script the
// grey picture itself is laid on. Dispatches "pulih:drawn" when its canvas is there.

import { colourOf } from "./page-colours.js";

const INSIDE_FROM = 128; // from this value on a pixel belongs to an area
const HATCHES = 90; // of them fit into the longer side
const SEEN_FROM = 6; // weaker measurements stay invisible

class PictureLayer extends HTMLElement {
  connectedCallback() {
    const picture = this.querySelector("img");
    // Layers are loaded when they are first shown.
    if (picture.complete && picture.naturalWidth > 0) this.#colour(picture);
    else picture.addEventListener("load", () => this.#colour(picture), { once: true });
  }

  #colour(picture) {
    const canvas = document.createElement("canvas");
    canvas.width = picture.naturalWidth;
    canvas.height = picture.naturalHeight;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", picture.alt);
    const context = canvas.getContext("2d");
    context.drawImage(picture, 0, 0);
    const image = context.getImageData(0, 0, canvas.width, canvas.height);
    if (this.dataset.kind === "heat") this.#drawHeat(image);
    else this.#drawOutline(image);
    context.putImageData(image, 0, 0);
    picture.replaceWith(canvas);
    this.dispatchEvent(new Event("pulih:drawn"));
  }

  #drawHeat({ data }) {
    const stops = ["--low", "--middle", "--high"].map((name) => colourOf(this, name));
    const ramp = Array.from({ length: 256 }, (_, value) => heat(value, stops));
    for (let at = 0; at < data.length; at += 4) data.set(ramp[data[at]], at);
  }

  #drawOutline({ data, width, height }) {
    const colour = colourOf(this, "--outline");
    const inside = Uint8Array.from({ length: width * height }, (_, at) => data[4 * at] >= INSIDE_FROM);
    const edge = Math.max(1, Math.round(Math.max(width, height) / 800));
    const hatch = Math.max(4, Math.round(Math.max(width, height) / HATCHES));
    const isInside = (x, y) => x >= 0 && y >= 0 && x < width && y < height && inside[y * width + x];
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const isEdge =
          !isInside(x - edge, y) || !isInside(x + edge, y) || !isInside(x, y - edge) || !isInside(x, y + edge);
        const strength = isEdge ? 255 : (x + y) % hatch < hatch / 4 ? 150 : 50;
        data.set([...colour, inside[y * width + x] ? strength : 0], 4 * (y * width + x));
      }
    }
  }
}

/** [red, green, blue, alpha] of a measurement: three colours one after the other, at first see-through. */
function heat(value, [low, middle, high]) {
  if (value < SEEN_FROM) return [0, 0, 0, 0];
  const share = Math.sqrt(value / 255); // small changes count on a photograph, and would hardly be seen
  const [from, to, along] = share < 0.5 ? [low, middle, 2 * share] : [middle, high, 2 * share - 1];
  const colour = from.map((channel, index) => Math.round(channel + (to[index] - channel) * along));
  return [...colour, Math.round(255 * Math.min(0.9, 0.2 + 1.2 * share))];
}

customElements.define("picture-layer", PictureLayer);
