// Colours stand in the style sheets; scripts that draw pixels ask for them here.

/** The custom property `name` ("--accent"), as it counts for `element`, as [red, green, blue] from 0 to 255. */
export function colourOf(element, name) {
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  context.fillStyle = getComputedStyle(element).getPropertyValue(name);
  context.fillRect(0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}
