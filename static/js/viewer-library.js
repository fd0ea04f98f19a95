// OpenSeadragon, fetched once and only by pages on which somebody looks at a picture.

let fetched;

/**
 * The library would add a style element, which our content security policy refuses, unless it finds its own: an
 * element of that name which is none. What it would say (no outline on phones) is not wanted anyway.
 */
function standInForStyles() {
  const inert = document.createElementNS("", "style");
  inert.setAttribute("data-openseadragon-mobile-css", "");
  document.head.append(inert);
}

/** Resolves with the library; rejects when it cannot be fetched. */
export function deepZoom(address) {
  fetched ??= new Promise((resolve, reject) => {
    standInForStyles();
    const script = document.createElement("script");
    script.src = address;
    script.addEventListener("load", () => resolve(window.OpenSeadragon));
    script.addEventListener("error", () => {
      fetched = undefined;
      reject(new Error(address));
    });
    document.head.append(script);
  });
  return fetched;
}
