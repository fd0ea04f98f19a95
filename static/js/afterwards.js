// What a page can do without for a moment waits for what one sees first.

const LATEST = 2000; // milliseconds: somewhere something always moves
const SIGNS = ["pointermove", "pointerdown", "wheel", "scroll", "keydown", "focusin"];

const somebody = new Promise((moved) => {
  const signs = new AbortController();
  const hear = () => {
    signs.abort();
    moved();
  };
  if (navigator.userActivation?.hasBeenActive) hear(); // before this script was there
  for (const sign of SIGNS) document.addEventListener(sign, hear, { signal: signs.signal, capture: true, passive: true });
});

/** Resolves once the page with its pictures is there, and the browser has nothing else to do. */
export async function afterwards() {
  if (document.readyState !== "complete") {
    await new Promise((loaded) => window.addEventListener("load", loaded, { once: true }));
  }
  await new Promise((idle) => {
    if (window.requestIdleCallback) requestIdleCallback(idle, { timeout: LATEST });
    else setTimeout(idle, LATEST / 10);
  });
}

/** Resolves, afterwards, once a hand, a finger or a key has moved: what is heavy is only for those who do. */
export async function onceSomebodyMoves() {
  await somebody;
  await afterwards();
}
