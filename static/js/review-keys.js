// The keys of the review room. Letters act wherever nobody is writing; they are caught before the picture's own
// keys. They can be switched off, for those whose voice or switch presses keys for them (WCAG 2.1.4).

const STORED = "review-keys-off";

export function listenToKeys(room) {
  const choice = document.querySelector("[data-keys-on]");
  choice.checked = localStorage.getItem(STORED) === null;
  choice.addEventListener("change", () => {
    if (choice.checked) localStorage.removeItem(STORED);
    else localStorage.setItem(STORED, "");
  });

  const actions = {
    a: () => room.decide("approved"),
    r: () => openReasons(room),
    u: () => room.undo(),
    d: () => room.redo(),
    c: () => room.item?.querySelector("textarea").focus(),
    "?": () => room.showKeys(),
    ArrowRight: () => room.next(),
    ArrowLeft: () => room.back(),
  };

  document.addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (document.querySelector("dialog[open]")) return;
      if (event.key === "Escape" && leaveWriting(room, event.target)) return;
      if (!choice.checked || isWriting(event.target)) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      // Arrows belong to whatever moves by them.
      if (key.startsWith("Arrow") && event.target.closest("input, .viewer, [role=slider], [role=radiogroup]")) return;
      const act = reasonOf(room, key) ?? actions[key];
      if (!act) return;
      event.preventDefault();
      event.stopPropagation();
      act();
    },
    { capture: true },
  );
}

function isWriting(target) {
  return target.closest('textarea, select, [contenteditable], input:not([type="range"], [type="checkbox"], [type="radio"])');
}

/** While the reasons are open: their numbers, R for none, Escape to close them. */
function reasonOf(room, key) {
  const reasons = room.item?.querySelector("[data-reasons]");
  if (!reasons?.open) return undefined;
  if (key === "r") return () => room.decide("rejected");
  const button = /^[1-9]$/.test(key) ? reasons.querySelectorAll('[value^="rejected:"]')[Number(key) - 1] : null;
  return button ? () => room.decide(button.value) : undefined;
}

function openReasons(room) {
  const reasons = room.item?.querySelector("[data-reasons]");
  if (!reasons) return;
  if (room.item.dataset.verdict) {
    room.decide("rejected"); // which says that it is decided
    return;
  }
  reasons.open = true;
  reasons.querySelector(".reason").focus();
}

/** Escape leaves the comment, the reasons or the viewer, so that arrows turn over again. */
function leaveWriting(room, target) {
  const item = room.item;
  if (!item?.contains(target)) return false;
  const reasons = item.querySelector("[data-reasons]");
  if (!reasons.open && !target.closest("textarea, .viewer")) return false;
  reasons.open = false;
  item.focus({ preventScroll: true });
  return true;
}
