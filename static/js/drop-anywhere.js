// Files that are dropped anywhere on a page of a collection are uploaded: by the queue that stands on the page, or by
// one that comes when something is dragged in. Whoever may not add to the collection gets none, and drops in vain.

import { droppedFiles } from "./dropped-files.js";

const zone = document.querySelector("drop-anywhere");
let queue = null; // promise of the queue, or of null

const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
const isOverQueue = (event) => event.target.closest?.("upload-queue");

function findQueue() {
  const here = document.querySelector("main upload-queue");
  queue ??= here ? Promise.resolve(here) : fetchQueue().catch(() => null);
  return queue;
}

async function fetchQueue() {
  const answer = await fetch(zone.dataset.panel);
  if (!answer.ok || answer.redirected) return null;
  const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href: zone.dataset.style });
  const tus = Object.assign(document.createElement("script"), { src: zone.dataset.tus });
  const isThere = [style, tus].map((element) => new Promise((done, failed) => {
    element.addEventListener("load", done);
    element.addEventListener("error", failed);
    document.head.append(element);
  }));
  await Promise.all([...isThere, import("./upload-queue.js")]);
  const panel = zone.querySelector("[data-panel-body]");
  panel.innerHTML = await answer.text();
  return panel.querySelector("upload-queue");
}

let isDragging = false; // the queue may come after the drop

function show(isShown) {
  zone.toggleAttribute("data-dragging", isShown);
}

function end() {
  isDragging = false;
  show(false);
}

for (const name of ["dragenter", "dragover"]) {
  document.addEventListener(name, (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    if (name !== "dragenter") return;
    isDragging = true;
    findQueue().then((found) => show(Boolean(found) && isDragging && !isOverQueue(event)));
  });
}
document.addEventListener("dragleave", (event) => event.relatedTarget || end());
document.addEventListener("drop", async (event) => {
  end();
  if (!hasFiles(event) || isOverQueue(event)) return;
  event.preventDefault();
  const files = droppedFiles(event.dataTransfer); // begun now: afterwards the browser forgets what was dropped
  const found = await findQueue();
  if (!found) return;
  zone.querySelector("[data-panel-frame]").hidden = !zone.contains(found);
  found.add(await files);
  found.scrollIntoView({ block: "nearest" });
});
