// A frame that is drawn with the mouse around cards of a gallery.

const FAR_ENOUGH = 6; // pixels: less is a click with an unsteady hand
const EDGE = 48; // pixels from the window's edge from which on the page scrolls along

/** Calls `begin()` once a frame is drawn, `choose(cards, isAdding)` whenever it holds others, and `cancel()` where
    Escape ends it. Touch scrolls, so that it draws none. */
export function drawFrames(gallery, { begin, choose, cancel }) {
  let start = null;
  let frame = null;
  let boxes = [];
  let last = null;

  const inPage = (event) => ({ x: event.clientX + scrollX, y: event.clientY + scrollY });

  function open(event) {
    frame = Object.assign(document.createElement("div"), { className: "frame" });
    document.body.append(frame);
    gallery.setPointerCapture(event.pointerId);
    gallery.classList.add("gallery--framing");
    boxes = [...gallery.querySelectorAll(".card")].map((card) => {
      const box = card.getBoundingClientRect();
      return { card, left: box.left + scrollX, top: box.top + scrollY, right: box.right + scrollX, bottom: box.bottom + scrollY };
    });
    begin();
  }

  function draw(event) {
    const end = inPage(event);
    const [left, right] = [Math.min(start.x, end.x), Math.max(start.x, end.x)];
    const [top, bottom] = [Math.min(start.y, end.y), Math.max(start.y, end.y)];
    Object.assign(frame.style, {
      left: `${left}px`,
      top: `${top}px`,
      width: `${right - left}px`,
      height: `${bottom - top}px`,
    });
    const held = boxes.filter((box) => box.left < right && box.right > left && box.top < bottom && box.bottom > top);
    choose(held.map((box) => box.card), event.shiftKey || event.ctrlKey || event.metaKey);
  }

  function scrollAlong() {
    if (!frame) return;
    const down = last.clientY > innerHeight - EDGE ? 1 : last.clientY < EDGE ? -1 : 0;
    if (down) {
      scrollBy(0, down * 14);
      draw(last);
    }
    requestAnimationFrame(scrollAlong);
  }

  function close() {
    start = null;
    if (!frame) return;
    frame.remove();
    frame = null;
    gallery.classList.remove("gallery--framing");
    // The button goes up over some card, which must not open.
    const swallow = (event) => event.preventDefault() || event.stopPropagation();
    gallery.addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => gallery.removeEventListener("click", swallow, { capture: true }), 50);
  }

  gallery.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.pointerType !== "mouse" || event.target.closest("input, button, label")) return;
    start = inPage(event);
  });
  gallery.addEventListener("pointermove", (event) => {
    if (!start) return;
    const here = inPage(event);
    if (!frame && Math.hypot(here.x - start.x, here.y - start.y) < FAR_ENOUGH) return;
    last = event;
    if (!frame) {
      open(event);
      scrollAlong();
    }
    draw(event);
  });
  gallery.addEventListener("pointerup", close);
  gallery.addEventListener("pointercancel", close);
  // Pictures and links would be dragged instead.
  gallery.addEventListener("dragstart", (event) => event.preventDefault());
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !frame) return;
    event.stopImmediatePropagation();
    close();
    cancel();
  });
}
