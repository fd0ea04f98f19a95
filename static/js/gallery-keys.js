// Going from card to card with the arrow keys, as they stand on the page.

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The card to go to from `card` with `key`: the one before or after it, or the nearest in the row above or below.
    None at an edge, and for other keys. */
export function neighbour(card, key) {
  const [across, down] = STEPS[key] ?? [0, 0];
  if (across) return across > 0 ? card.nextElementSibling : card.previousElementSibling;
  if (!down) return null;
  const middle = (box) => box.left + box.width / 2;
  const from = card.getBoundingClientRect();
  let found = null;
  let rowTop = null;
  for (let each = step(card, down); each; each = step(each, down)) {
    const box = each.getBoundingClientRect();
    if (Math.abs(box.top - from.top) < 4) continue;
    rowTop ??= box.top;
    if (Math.abs(box.top - rowTop) > 4) break;
    const away = Math.abs(middle(box) - middle(from));
    if (!found || away < found.away) found = { card: each, away };
  }
  return found?.card ?? null;
}

function step(card, down) {
  return down > 0 ? card.nextElementSibling : card.previousElementSibling;
}
