// Choosing photos in a gallery: how many are chosen, ranges with the shift key, a frame drawn with the mouse, keys,
// all that are shown, all that were found. Without this script the checkboxes and the form work as they stand.

import { drawFrames } from "./gallery-frame.js";
import { neighbour } from "./gallery-keys.js";

// More would not fit into an address: the server keeps them, and the address names what it keeps.
const MOST_IN_ADDRESS = 40;

const form = document.getElementById("selection");
const gallery = document.getElementById("gallery");
const all = form.elements.namedItem("all");
let chosen = new Set();
let before = chosen;
let last = null;

const boxes = () => [...gallery.querySelectorAll('input[name="photo"]')];
const boxOf = (card) => card?.querySelector('input[name="photo"]');

function show() {
  for (const box of boxes()) {
    box.checked = all.checked || chosen.has(box.value);
    box.disabled = all.checked;
  }
  const some = all.checked || chosen.size > 0;
  form.toggleAttribute("data-active", some);
  gallery.classList.toggle("gallery--choosing", some);
  const count = all.checked ? all.parentElement.textContent.trim() : chosen.size;
  const sentence = all.checked ? count : form.dataset.some.replace("{}", count);
  document.getElementById("selection-count").textContent = some ? sentence : form.dataset.none;
  for (const button of form.querySelectorAll("[data-needs-choice]")) button.disabled = !some;
  form.querySelector('[data-choose="none"]').hidden = !some;
  form.querySelector('[data-choose="page"]').hidden = all.checked;
}

function set(box, checked) {
  if (checked) chosen.add(box.value);
  else chosen.delete(box.value);
}

/** `box` as it is wanted, and with `isRange` everything from the last one to it. */
function choose(box, checked, isRange) {
  const listed = boxes();
  const from = isRange && last !== null ? listed.findIndex((each) => each.value === last) : -1;
  const to = listed.indexOf(box);
  const range = from < 0 ? [box] : listed.slice(Math.min(from, to), Math.max(from, to) + 1);
  for (const each of range) set(each, checked);
  last = box.value;
  show();
}

function chooseShown() {
  for (const box of boxes()) set(box, true);
  show();
}

function chooseNone() {
  chosen.clear();
  all.checked = false;
  show();
}

gallery.addEventListener("click", (event) => {
  const box = event.target;
  if (box.matches?.('input[name="photo"]')) choose(box, box.checked, event.shiftKey);
});

// A range would mark the text between as well.
gallery.addEventListener("mousedown", (event) => {
  if (event.shiftKey && event.target.closest(".card__choice")) event.preventDefault();
});

drawFrames(gallery, {
  begin: () => (before = new Set(chosen)),
  choose: (cards, isAdding) => {
    if (all.checked) return;
    chosen = isAdding ? new Set(before) : new Set();
    for (const card of cards) set(boxOf(card), true);
    show();
  },
  cancel: () => {
    chosen = before;
    show();
  },
});

// Keys count only while the focus is in the gallery.
gallery.addEventListener("keydown", (event) => {
  const card = event.target.closest(".card");
  if (!card || event.altKey) return;
  const toCard = neighbour(card, event.key);
  const isX = event.key.toLowerCase() === "x" && !event.ctrlKey && !event.metaKey;
  if (toCard) toCard.querySelector(".card__link").focus();
  else if (isX && !all.checked) choose(boxOf(card), event.shiftKey || !boxOf(card).checked, event.shiftKey);
  else if (event.key.toLowerCase() === "a" && (event.ctrlKey || event.metaKey)) chooseShown();
  else if (event.key === "Escape") chooseNone();
  else return;
  event.preventDefault();
});

form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-choose]");
  if (button?.dataset.choose === "page") chooseShown();
  else if (button) chooseNone();
});

form.addEventListener("submit", async (event) => {
  if (all.checked || chosen.size <= MOST_IN_ADDRESS) return;
  event.preventDefault();
  const { "X-CSRFToken": token } = JSON.parse(document.body.getAttribute("hx-headers"));
  const body = new URLSearchParams({ photos: [...chosen].join(","), csrfmiddlewaretoken: token });
  const answer = await fetch(form.dataset.keep, { method: "POST", body }).catch(() => null);
  if (!answer?.ok) {
    document.getElementById("selection-count").textContent = form.dataset.failed;
    return;
  }
  const address = new URL(event.submitter?.getAttribute("formaction") ?? form.action, location.href);
  const found = form.elements.namedItem("found")?.value;
  if (found) address.searchParams.set("found", found);
  address.searchParams.set("selection", (await answer.json()).selection);
  location.assign(address);
});

all.addEventListener("change", show);
// A poll swaps cards and further pages come: new ones know nothing of the choice.
document.addEventListener("htmx:oobAfterSwap", show);
document.addEventListener("pulih:more-cards", show);
for (const element of form.querySelectorAll("[data-choose], .selection__keys")) element.hidden = false;
// Coming back, a browser may fill in what was chosen before.
for (const box of boxes()) set(box, box.checked);
show();
