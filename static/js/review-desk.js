// What lies on one's desk in the review room is kept from others: while the page is open it is renewed, and on
// leaving it is cleared. Should a page end without saying so, the server waits a few minutes and forgets.

export class ReviewDesk {
  #room;

  constructor(room) {
    this.#room = room;
  }

  open() {
    setInterval(() => this.#renew(), 1000 * Number(this.#room.dataset.renew));
    window.addEventListener("pagehide", () => this.#leave());
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) window.location.reload(); // what is shown may be decided by now
    });
  }

  /** Whether the photo is on the desk again. */
  async take(photo) {
    return (await this.#ask("take", [photo]))?.includes(photo) ?? false;
  }

  release(photos) {
    this.#ask("release", photos);
  }

  async #renew() {
    const photos = this.#room.held;
    if (photos.length === 0) return;
    const held = await this.#ask("renew", photos);
    const shown = this.#room.item;
    if (held && shown && photos.includes(shown.dataset.photo) && !held.includes(shown.dataset.photo)) {
      if (!(await this.take(shown.dataset.photo))) this.#room.complain(this.#room.dataset.textLost);
    }
  }

  /** With a beacon, for nothing else is sure to be sent any more. */
  #leave() {
    const photos = this.#room.held;
    if (photos.length > 0) navigator.sendBeacon(this.#room.dataset.desk, this.#form("release", photos));
  }

  #form(action, photos) {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", this.#room.csrf);
    body.set("action", action);
    for (const photo of photos) body.append("photo", photo);
    return body;
  }

  /** The photos that are held after it; undefined where the server cannot be reached. */
  async #ask(action, photos) {
    return (await post(this.#room.dataset.desk, this.#form(action, photos), "")).held;
  }
}

/** {ok, message, ...}: what the server answered. Goes on when the page is left. */
export async function post(address, body, otherwise) {
  try {
    const answer = await fetch(address, {
      method: "POST",
      headers: { "X-Requested-With": "XMLHttpRequest" },
      body,
      keepalive: true,
    });
    const told = answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : {};
    return { message: otherwise, ...told, ok: answer.ok && !answer.redirected };
  } catch {
    return { ok: false, message: otherwise };
  }
}
