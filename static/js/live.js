// Keeps the gallery in step with the worker, and tells screen readers about changes of state only:
// a fragment that is swapped every second would otherwise be read out every second.

const announced = new Map();

function announceChanges() {
  const changes = [];
  for (const element of document.querySelectorAll("[data-announce]")) {
    const text = element.dataset.announce;
    if (announced.has(element.id) && announced.get(element.id) !== text) changes.push(text);
    announced.set(element.id, text);
  }
  if (changes.length > 0) document.getElementById("announcer").textContent = changes.join(". ");
}

/** Puts the card of a photo that has just arrived in front of the gallery, at most a page of them. */
function addCard(html) {
  const gallery = document.getElementById("gallery");
  if (gallery.hasAttribute("data-accepts-new")) {
    const template = document.createElement("template");
    template.innerHTML = html;
    gallery.prepend(template.content);
    while (gallery.children.length > Number(gallery.dataset.pageSize)) gallery.lastElementChild.remove();
    document.getElementById("gallery-empty")?.remove();
    announceChanges(); // learns the new card without reading it out
  }
  restartPolling();
}

/** A poll that the server has ended (status 286) starts again only as a new element. */
function restartPolling() {
  const poll = document.getElementById("gallery-poll");
  if (!poll.hasAttribute("data-ended")) return;
  const fresh = poll.cloneNode(true);
  fresh.removeAttribute("data-ended");
  poll.replaceWith(fresh);
  htmx.process(fresh);
}

// So many can be asked for at once, the nearest first: with further pages there may be more than an address holds.
const MOST_ASKED = 40;

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt.id !== "gallery-poll") return;
  const away = (box) => Math.abs(box.closest(".card").getBoundingClientRect().top - innerHeight / 2);
  const active = [...document.querySelectorAll('#gallery [name="active"]')];
  const asked = active.sort((one, other) => away(one) - away(other)).slice(0, MOST_ASKED);
  for (const name of ["active", "photo"]) event.detail.formData.delete(name);
  for (const box of asked) event.detail.formData.append("active", box.value);
});

document.addEventListener("htmx:afterSettle", announceChanges);
document.addEventListener("htmx:oobAfterSwap", announceChanges);
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.xhr.status !== 286) return;
  event.target.setAttribute("data-ended", "");
  // A card that came while the server was answering was not in the question.
  if (document.querySelector('#gallery [name="active"]')) restartPolling();
});
document.addEventListener("pulih:uploaded", (event) => addCard(event.detail.html));
announceChanges();
