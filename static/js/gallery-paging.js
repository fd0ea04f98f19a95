// Endless paging: the next page is put after this one, by itself a few times and then by its button. The address is
// always that of the page in view, and whoever comes back finds the place again. Without script: pages.

const BY_ITSELF = 3; // pages; then the footer can be reached, and the button goes on
const AHEAD = "1200px";
const SAVE_AFTER = 300; // milliseconds: browsers refuse to be told more often

const gallery = document.getElementById("gallery");
const ends = document.getElementById("gallery-ends");
const status = document.getElementById("gallery-status");
const addresses = new Map([[gallery.firstElementChild?.id, gallery.dataset.address]]); // by the page's first card
const startsAtTop = !ends.querySelector('[rel="prev"]');
let left = BY_ITSELF;
let isLoading = false;

const nextLink = () => ends.querySelector('[rel="next"]');

async function fetched(address) {
  const answer = await fetch(address);
  if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

/** Puts the page of `link` after the cards, or with `above` before them; where it does not come, the link stays one. */
async function load(link, above = false) {
  if (isLoading) return;
  isLoading = true;
  link.setAttribute("aria-disabled", "true");
  try {
    const page = await fetched(link.href);
    const list = page.getElementById("gallery");
    const cards = [...list.children].filter((card) => !document.getElementById(card.id));
    if (cards.length > 0) addresses.set(cards[0].id, list.dataset.address);
    if (above) keepingPlace(() => gallery.prepend(...cards));
    else gallery.append(...cards);
    gallery.dataset.pageSize = gallery.children.length;
    if (above) document.getElementById("gallery-earlier").replaceWith(page.getElementById("gallery-earlier") ?? "");
    else showEnds(page);
    status.textContent = status.dataset.textMore.replace("{}", cards.length);
    document.dispatchEvent(new CustomEvent("pulih:more-cards"));
  } catch {
    left = 0;
  } finally {
    isLoading = false;
    link.removeAttribute("aria-disabled");
    watch();
  }
}

function showEnds(page) {
  ends.replaceChildren(...page.getElementById("gallery-ends").children);
  // What lies before is on the page, or above it.
  for (const link of ends.querySelectorAll(startsAtTop ? '[rel="prev"], [data-end="first"]' : '[rel="prev"]')) link.remove();
}

function keepingPlace(change) {
  const card = cardInView();
  const top = card.getBoundingClientRect().top;
  change();
  scrollBy(0, card.getBoundingClientRect().top - top);
}

function cardInView() {
  return [...gallery.children].find((card) => card.getBoundingClientRect().bottom > 0) ?? gallery.lastElementChild;
}

const observer = new IntersectionObserver(
  (entries) => {
    if (left > 0 && entries.some((entry) => entry.isIntersecting)) {
      left -= 1;
      load(nextLink());
    }
  },
  { rootMargin: AHEAD },
);

function watch() {
  observer.disconnect();
  if (nextLink() && left > 0) observer.observe(nextLink());
}

document.addEventListener("click", (event) => {
  const link = event.target.closest('#gallery-ends [rel="next"], [data-earlier]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (link.matches("[data-earlier]")) load(link, true);
  else {
    left = BY_ITSELF;
    load(link);
  }
});

function savePlace() {
  const card = cardInView();
  if (!card) return;
  let address = gallery.dataset.address;
  for (let each = card; each; each = each.previousElementSibling) {
    if (addresses.has(each.id)) {
      address = addresses.get(each.id);
      break;
    }
  }
  const place = { ...history.state, card: card.id, top: card.getBoundingClientRect().top };
  history.replaceState(place, "", address + location.hash);
}

function findPlace() {
  const card = history.state?.card && document.getElementById(history.state.card);
  if (card) scrollBy(0, card.getBoundingClientRect().top - history.state.top);
}

let saving = 0;
addEventListener("scroll", () => {
  saving ||= setTimeout(() => {
    saving = 0;
    savePlace();
  }, SAVE_AFTER);
});
addEventListener("pagehide", () => {
  // Whoever has left by a link is elsewhere already when a waiting one would be saved.
  clearTimeout(saving);
});
gallery.addEventListener("click", savePlace);
history.scrollRestoration = "manual";
findPlace();
watch();
