// Measurements over the pictures of a viewer. Only what is on the screen is drawn: as elements of the picture's
// own size they would be larger than what browsers can draw in time.

export class ViewerLayers {
  #canvas;
  #layers;
  #opacity = 1;
  #stage;

  /**
   * `canvas` covers the stage; `layers`: [{ box, layer }], the checkbox of each <picture-layer>. `signal` aborts
   * when the stage stops.
   */
  constructor(canvas, layers, stage, signal) {
    this.#canvas = canvas;
    this.#layers = layers;
    this.#stage = stage;
    for (const { box, layer } of layers) {
      box.addEventListener("change", () => this.draw(), { signal });
      layer.addEventListener("pulih:drawn", () => this.draw(), { signal });
    }
    stage.addEventListener("move", () => this.draw());
  }

  /** From 0 to 1. */
  set opacity(share) {
    this.#opacity = share;
    this.draw();
  }

  draw() {
    const shown = this.#layers.filter(({ box }) => box.checked);
    const canvas = this.#canvas;
    canvas.hidden = shown.length === 0;
    canvas.setAttribute("aria-label", shown.map(({ box }) => box.closest("label").textContent.trim()).join(", "));
    if (canvas.hidden) return;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((side) => side * devicePixelRatio);
    if (canvas.width !== Math.round(width)) canvas.width = width;
    if (canvas.height !== Math.round(height)) canvas.height = height;
    const context = canvas.getContext("2d");
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.globalAlpha = this.#opacity;
    const place = this.#stage.place.map((side) => side * devicePixelRatio);
    for (const { layer } of shown) {
      const drawn = layer.querySelector("canvas");
      if (drawn) context.drawImage(drawn, ...place);
      else layer.querySelector("img").loading = "eager"; // it tells when it is there
    }
  }
}
