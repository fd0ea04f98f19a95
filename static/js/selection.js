// Choosing photos in a gallery: how many are chosen, ranges with the shift key, all of a page, all that were found.
// Without this script the checkboxes and the form work as they stand.

const form = document.getElementById("selection");
const gallery = document.getElementById("gallery");
const all = form.elements.namedItem("all");
const chosen = new Set();
let last = null;

const boxes = () => [...gallery.querySelectorAll('input[name="photo"]')];

function show() {
  for (const box of boxes()) {
    box.checked = all.checked || chosen.has(box.value);
    box.disabled = all.checked;
  }
  const some = all.checked || chosen.size > 0;
  form.toggleAttribute("data-active", some);
  const count = all.checked ? all.parentElement.textContent.trim() : chosen.size;
  const sentence = all.checked ? count : form.dataset.some.replace("{}", count);
  document.getElementById("selection-count").textContent = some ? sentence : form.dataset.none;
  for (const button of form.querySelectorAll("[data-needs-choice]")) button.disabled = !some;
  for (const button of form.querySelectorAll("[data-choose]")) button.hidden = false;
  form.querySelector('[data-choose="none"]').hidden = !some;
  form.querySelector('[data-choose="page"]').hidden = all.checked;
}

function set(box, checked) {
  if (checked) chosen.add(box.value);
  else chosen.delete(box.value);
}

gallery.addEventListener("click", (event) => {
  const box = event.target;
  if (!box.matches?.('input[name="photo"]')) return;
  const listed = boxes();
  const from = event.shiftKey && last !== null ? listed.findIndex((each) => each.value === last) : -1;
  const to = listed.indexOf(box);
  const range = from < 0 ? [box] : listed.slice(Math.min(from, to), Math.max(from, to) + 1);
  for (const each of range) set(each, box.checked);
  last = box.value;
  show();
});

// A range would mark the text between as well.
gallery.addEventListener("mousedown", (event) => {
  if (event.shiftKey && event.target.closest(".card__choice")) event.preventDefault();
});

form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-choose]");
  if (!button) return;
  if (button.dataset.choose === "page") for (const box of boxes()) set(box, true);
  else {
    chosen.clear();
    all.checked = false;
  }
  show();
});

all.addEventListener("change", show);
// A poll swaps cards, and a new one knows nothing of the choice.
document.addEventListener("htmx:oobAfterSwap", show);
// Coming back, a browser may fill in what was chosen before.
for (const box of boxes()) set(box, box.checked);
show();
