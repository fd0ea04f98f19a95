// Files with their paths, from a drop (folders opened), a folder chooser or a file chooser.
// Each is {file, path}: `path` has the folders above it ("Album/1.jpg"), `inFolder` whether there are any.

const HIDDEN = /(^|\/)(\.[^/]*|__MACOSX|Thumbs\.db|desktop\.ini)(\/|$)/;

/** What was dropped. To be called within the event: afterwards browsers forget what it held. */
export async function droppedFiles(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (entries.length === 0) return chosenFiles(transfer.files);
  const found = [];
  for (const entry of entries) await walk(entry, found);
  return found;
}

/** What was chosen, one by one or as a folder. */
export function chosenFiles(files) {
  return [...files].map((file) => described(file, file.webkitRelativePath || file.name)).filter(Boolean);
}

async function walk(entry, found) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    const item = described(file, entry.fullPath.replace(/^\//, ""));
    if (item) found.push(item);
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    // A hundred at a time, by the browser's choice; none at the end.
    const batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (batch.length === 0) return;
    for (const inner of batch) await walk(inner, found);
  }
}

function described(file, path) {
  const inFolder = path.includes("/");
  return inFolder && HIDDEN.test(path) ? null : { file, path, inFolder };
}
