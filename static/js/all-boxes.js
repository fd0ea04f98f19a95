// A box above a column of boxes: ticks all of them, and shows whether all are ticked.

for (const all of document.querySelectorAll("[data-all-boxes]")) {
  const boxes = () => [...document.querySelectorAll(`input[type="checkbox"][name="${all.dataset.allBoxes}"]`)];
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
  });
  document.addEventListener("change", (event) => {
    if (event.target.name !== all.dataset.allBoxes) return;
    const ticked = boxes().filter((box) => box.checked).length;
    all.checked = ticked === boxes().length;
    all.indeterminate = ticked > 0 && !all.checked;
  });
}
