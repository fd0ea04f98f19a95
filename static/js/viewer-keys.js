// Which key does what in a viewer. Numbers choose a way of comparing, by their order on the page.

const LAYERS = { m: "mask", h: "change", i: "invention" };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * What the key asks of `viewer`, as a function to call; nothing where it is none of ours. `arrows`: whether
 * they may move the picture.
 */
export function actionOf(event, viewer, { arrows = true } = {}) {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const { key } = event;
  const letter = key.toLowerCase();
  if (arrows && key in ARROWS) return () => viewer.stage.pan(...ARROWS[key]);
  if (letter in LAYERS) return () => viewer.toggleLayer(LAYERS[letter]);
  if (/^[1-6]$/.test(key)) return () => viewer.chooseMode(Number(key) - 1);
  switch (letter) {
    case "+":
    case "=":
      return () => viewer.stage.zoom(1);
    case "-":
      return () => viewer.stage.zoom(-1);
    case "0":
      return () => viewer.stage.fit();
    case "f":
      return () => viewer.toggleFullScreen();
    case "n":
      return () => viewer.turnPage("next");
    case "p":
      return () => viewer.turnPage("previous");
    case "?":
      return () => viewer.toggleKeys();
    case " ":
      return arrows && viewer.stage?.mode === "blink" ? () => viewer.swap() : null;
    default:
      return null;
  }
}
