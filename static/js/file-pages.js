// The pages of a file that has several, turned in place: what belongs to a page (data-of-page, each with an id) is
// fetched with the address that leads to it and put in the place of what is shown. Without this script the same
// links lead from page to page.

/**
 * `record`: whether the address becomes that of the page. What is being watched by polling (hx-get) is left to
 * whole pages.
 */
export function turnPagesInPlace(root, { record = false } = {}) {
  root.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-file-page]");
    if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    turn(root, event, link.href, link.dataset.filePage, record);
  });
  root.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-file-page]");
    if (!form) return;
    const address = new URL(form.action);
    address.search = new URLSearchParams(new FormData(form));
    turn(root, event, address.href, form.dataset.filePage, record);
  });
  if (record) window.addEventListener("popstate", () => window.location.reload());
}

async function turn(root, event, address, control, record) {
  if (record && root.querySelector("[hx-get]")) return;
  event.preventDefault();
  const shown = root.querySelector("#compared");
  const other = await fetched(address);
  if (!other) {
    window.location.assign(address); // which says what is wrong
    return;
  }
  if (!shown.isConnected) return; // another picture was shown meanwhile
  keepChoices(shown, other.querySelector("#compared"));
  for (const part of other.querySelectorAll("[data-of-page]")) {
    root.querySelector(`#${part.id}`)?.replaceWith(document.importNode(part, true));
  }
  if (record) window.history.pushState(null, "", address);
  const pages = root.querySelector("[data-file-pages]");
  const same = pages.querySelector(`a[data-file-page="${control}"], [data-file-page="${control}"] input:not([type=hidden])`);
  (same ?? pages.querySelector("a[data-file-page]")).focus({ preventScroll: true });
  document.getElementById("announcer").textContent = pages.dataset.turned;
}

/** The page at the address, if there is such a page of the file. */
async function fetched(address) {
  const answer = await fetch(address, { credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok || answer.redirected) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return page.querySelector("#compared [data-file-pages]") ? page : null;
}

/** One compares this page as one has compared the other. */
function keepChoices(shown, other) {
  const [before, after] = [shown, other].map((part) => part.querySelector("picture-viewer"));
  if (before?.dataset.keys && after) after.dataset.keys = before.dataset.keys;
  for (const choice of shown.querySelectorAll("[data-mode-choice], [data-layer]")) {
    const same = other.querySelector(`#${choice.id}`);
    if (same) same.checked = choice.checked;
  }
}
