// The original under a restored picture: while the mouse or the focus is on its card, and by a button for fingers.

const gallery = document.getElementById("gallery");
const PAUSE = 140; // milliseconds: a mouse on its way elsewhere shows nothing
let waiting = 0;
let shown = null;

function show(card) {
  if (!card?.dataset.before || shown === card) return;
  hide();
  shown = card;
  const picture = card.querySelector(".card__picture");
  if (!picture.querySelector(".card__before")) {
    const { width, height } = picture.querySelector("img");
    const image = Object.assign(document.createElement("img"), { className: "card__before", alt: "", width, height });
    image.src = card.dataset.before;
    const label = Object.assign(document.createElement("span"), { className: "card__label" });
    label.textContent = gallery.dataset.labelBefore;
    label.setAttribute("aria-hidden", "true");
    picture.append(image, label);
  }
  card.querySelector(".card__before").decode().then(
    () => shown === card && card.setAttribute("data-peek", ""),
    () => {}, // a picture that does not come leaves the restored one
  );
  card.querySelector(".card__peek")?.setAttribute("aria-pressed", "true");
}

function hide() {
  clearTimeout(waiting);
  shown?.removeAttribute("data-peek");
  shown?.querySelector(".card__peek")?.setAttribute("aria-pressed", "false");
  shown = null;
}

gallery.addEventListener("pointerover", (event) => {
  const card = event.target.closest(".card");
  if (event.pointerType === "touch" || !card || card === shown) return;
  hide();
  waiting = setTimeout(() => show(card), PAUSE);
});
gallery.addEventListener("pointerleave", (event) => event.pointerType === "touch" || hide());
gallery.addEventListener("focusin", (event) => {
  if (event.target.matches(".card__link:focus-visible")) show(event.target.closest(".card"));
});
gallery.addEventListener("focusout", (event) => event.target.matches(".card__link") && hide());

function addButtons() {
  for (const card of gallery.querySelectorAll(".card[data-before]:not(:has(.card__peek))")) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "card__peek" });
    button.textContent = gallery.dataset.labelBefore;
    button.setAttribute("aria-pressed", "false");
    button.setAttribute(
      "aria-label",
      `${gallery.dataset.labelShow}: ${card.querySelector(".card__link").textContent}`,
    );
    button.addEventListener("click", () => (shown === card ? hide() : show(card)));
    card.append(button);
  }
}

if (matchMedia("(any-pointer: coarse)").matches) {
  addButtons();
  for (const name of ["htmx:oobAfterSwap", "pulih:more-cards"]) document.addEventListener(name, addButtons);
}
