// One picture in a viewer: at first what the page shows of it anyway, and once its tiles are there, those.
// Both lie at the same place, one unit wide.

const SLOWEST = 15_000; // milliseconds between two questions whether the tiles are there

export class ViewedPicture {
  #library;
  #viewer;
  #item = null;
  #look = { opacity: 1, from: 0, operation: null };
  #left = false;
  #above;
  #call;

  /** `viewer`: OpenSeadragon's. `above`: the picture lies over others, not under them. */
  constructor(library, viewer, { above = false } = {}) {
    this.#library = library;
    this.#viewer = viewer;
    this.#above = above;
  }

  /**
   * Shows the rendition at `url`, and when there is a descriptor at `zoom`, from then on its tiles. Resolves
   * once something is seen; `onTiles(state)` hears "waiting", "ready" or "failed".
   */
  async show({ url, zoom }, onTiles = () => {}) {
    const call = (this.#call = Symbol("the newest call counts"));
    await this.#put({ type: "image", url }, call);
    if (!zoom) return;
    this.#tiles(zoom, call, onTiles);
  }

  /** `from`: the share of the width, from the left, that is left out; `operation` as of a canvas. */
  look(look) {
    Object.assign(this.#look, look);
    this.#apply();
  }

  leave() {
    this.#left = true;
  }

  #apply() {
    const item = this.#item;
    if (!item) return;
    const { opacity, from, operation } = this.#look;
    if (item.getOpacity() !== opacity) item.setOpacity(opacity);
    if (item.compositeOperation !== operation) item.setCompositeOperation(operation);
    const { x: width, y: height } = item.source.dimensions;
    item.setClip(from > 0 ? new this.#library.Rect(from * width, 0, (1 - from) * width, height) : null);
  }

  /** Puts another source in the place of what is shown, as soon as enough of it is there. */
  #put(tileSource, call) {
    return new Promise((resolve, reject) => {
      const world = this.#viewer.world;
      this.#viewer.addTiledImage({
        tileSource,
        width: 1,
        index: this.#above ? world.getItemCount() : 0,
        opacity: 0,
        preload: true,
        error: ({ message }) => {
          if (!this.#left) reject(new Error(message));
        },
        success: ({ item }) => {
          const take = () => {
            if (this.#left) return;
            if (this.#call !== call) world.removeItem(item);
            else {
              const before = this.#item;
              this.#item = item;
              this.#apply();
              if (before) world.removeItem(before);
            }
            resolve();
          };
          if (this.#item) item.whenFullyLoaded(take);
          else take();
        },
      });
    });
  }

  async #tiles(address, call, onTiles) {
    let pause = 1000;
    for (;;) {
      const answer = await fetch(address, { credentials: "same-origin" }).catch(() => null);
      if (this.#left || this.#call !== call) return;
      if (answer?.status === 200) {
        const source = this.#source(address, await answer.text());
        await this.#put(source, call).then(
          () => onTiles("ready"),
          () => onTiles("failed"),
        );
        return;
      }
      if (answer && answer.status !== 202) {
        onTiles("failed");
        return;
      }
      onTiles("waiting");
      await new Promise((resolve) => setTimeout(resolve, pause));
      if (this.#left || this.#call !== call) return;
      pause = Math.min(SLOWEST, pause * 1.5);
    }
  }

  #source(address, descriptor) {
    const image = new DOMParser().parseFromString(descriptor, "application/xml").documentElement;
    const number = (element, name) => Number(element.getAttribute(name));
    const size = image.querySelector("Size");
    const { pathname, search } = new URL(address, window.location.href);
    const tiles = pathname.replace(/\.dzi$/, "_files");
    const format = image.getAttribute("Format");
    return {
      width: number(size, "Width"),
      height: number(size, "Height"),
      tileSize: number(image, "TileSize"),
      tileOverlap: number(image, "Overlap"),
      // With the page of the file that was asked for.
      getTileUrl: (level, column, row) => `${tiles}/${level}/${column}_${row}.${format}${search}`,
    };
  }
}
