// Uploads one file with tus-js-client, as Node runs it:
//   node tus_upload.mjs FILE ENDPOINT TOKEN SHA256 CHUNK_BYTES
// Writes how often it had to try again.

import { createReadStream, statSync } from "node:fs";
import { basename } from "node:path";
import tus from "tus-js-client";

const [path, endpoint, token, sha256, chunkBytes] = process.argv.slice(2);
let retries = 0;

const upload = new tus.Upload(createReadStream(path), {
  endpoint,
  uploadSize: statSync(path).size,
  chunkSize: Number(chunkBytes),
  retryDelays: Array(2000).fill(20),
  headers: { Authorization: `Token ${token}` },
  metadata: { filename: basename(path), sha256 },
  onShouldRetry: (error) => {
    retries += 1;
    const status = error.originalResponse?.getStatus() ?? 0;
    return status === 0 || status === 409 || status >= 500;
  },
  onError: (error) => {
    console.error(String(error));
    process.exitCode = 1;
  },
  onSuccess: () => console.log(JSON.stringify({ retries })),
});
upload.start();
