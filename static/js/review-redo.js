// The form for another version, in a dialog of the review room.

import { post } from "./review-desk.js";

/** Asks for the item's photo with other settings; `done` is called once the server has queued it. */
export function askAgain(room, item, done) {
  const dialog = document.getElementById("review-redo");
  const form = dialog.querySelector("[data-redo-form]");
  const complaint = dialog.querySelector("[data-complaint]");
  form.reset();
  complaint.hidden = true;
  form.onsubmit = async (event) => {
    event.preventDefault();
    const told = await post(item.dataset.again, new FormData(form), room.dataset.textOffline);
    if (told.ok) {
      dialog.close();
      done();
      return;
    }
    complaint.textContent = told.message;
    complaint.hidden = false;
  };
  dialog.showModal();
}
