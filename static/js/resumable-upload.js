// One file on its way to the server, by tus-js-client: cut off anywhere, it goes on from what has arrived,
// even after the page was closed.

const CHUNK_BYTES = 8 * 1024 * 1024;
const RETRY_DELAYS = [0, 1000, 3000, 5000, 10000, 20000, 30000];
// Larger ones would have to be read into memory as a whole to be hashed.
const HASHED_BYTES = 64 * 1024 * 1024;

/**
 * Sends a file. `on.progress(share)`; then one of `on.stored({photo, importRun})`, `on.refused(code, message)`
 * and `on.interrupted(status)` (0 without an answer), after which `start()` goes on.
 */
export class ResumableUpload {
  #upload;
  #on;
  #csrf;
  #stopped = false;

  constructor({ file, path }, { endpoint, csrf, on }) {
    this.#on = on;
    this.#csrf = csrf;
    this.file = file;
    this.#upload = new window.tus.Upload(file, {
      endpoint,
      chunkSize: CHUNK_BYTES,
      retryDelays: RETRY_DELAYS,
      removeFingerprintOnSuccess: true,
      metadata: { filename: file.name, relativePath: path, filetype: file.type },
      headers: { "X-CSRFToken": csrf },
      onProgress: (sent, total) => on.progress(total ? sent / total : 0),
      onSuccess: () => this.#tellOutcome(),
      onError: (error) => this.#tellError(error),
    });
  }

  async start() {
    this.#stopped = false;
    const earlier = await this.#upload.findPreviousUploads();
    if (earlier.length > 0) this.#upload.resumeFromPreviousUpload(earlier[0]);
    else await this.#hash();
    if (!this.#stopped) this.#upload.start();
  }

  /** Ends it for good: what has arrived is forgotten, here and on the server. */
  async cancel() {
    this.#stopped = true;
    await this.#upload.abort(true).catch(() => {}); // what the server still has, it forgets by itself
  }

  /** So that the server can tell a file that changed on its way. */
  async #hash() {
    if (this.file.size > HASHED_BYTES || !window.crypto?.subtle) return;
    const digest = await window.crypto.subtle.digest("SHA-256", await this.file.arrayBuffer());
    const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    this.#upload.options.metadata.sha256 = hex;
  }

  async #tellOutcome() {
    try {
      const answer = await fetch(this.#upload.url, { headers: { "X-CSRFToken": this.#csrf } });
      const state = await answer.json();
      if (state.state === "refused") this.#on.refused(state.code, state.message);
      else this.#on.stored({ photo: state.photo, importRun: state.import_run });
    } catch {
      this.#on.interrupted(0);
    }
  }

  #tellError(error) {
    const response = error.originalResponse;
    const status = response?.getStatus() ?? 0;
    const refusal = refusalIn(response);
    if (refusal && status >= 400 && status < 500 && ![401, 403, 409, 429].includes(status)) {
      this.#on.refused(refusal.code, refusal.message);
    } else {
      this.#on.interrupted(status, refusal?.message);
    }
  }
}

function refusalIn(response) {
  try {
    const { code, message } = JSON.parse(response.getBody());
    return message ? { code, message } : null;
  } catch {
    return null;
  }
}
