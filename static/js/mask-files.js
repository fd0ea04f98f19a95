// Pictures of masks, read as the marks of a hand.

import { LEAVE, PROTECT, REPAIR } from "./hand-mask.js";

const SAME_SHAPE = 0.02; // as far as the server lets the proportions differ
const WHITE_FROM = 128;

/** The picture at an address of ours, as a Blob. Rejects when it is not there. */
export async function fetchPicture(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${answer.status} ${address}`);
  return answer.blob();
}

/**
 * The marks in a mask file (a Blob; white: repair, mid grey: protect, black: leave to the model), scaled to
 * width x height. Rejects when it is no picture, or its proportions are not those of width and height.
 */
export async function readHand(file, width, height) {
  const grey = await readGrey(file, width, height);
  if (grey.every((value) => value === LEAVE || value === PROTECT || value === REPAIR)) return grey;
  // Soft edges or a scan: black and white. Its greys would be rings of protection.
  return grey.map((value) => (value >= WHITE_FROM ? REPAIR : LEAVE));
}

/** The marks of `mask`, and beside them all damage in a layer (a Blob) that a model found, as to be repaired. */
export async function readDamage(file, mask) {
  const grey = await readGrey(file, mask.width, mask.height);
  return mask.values.map((value, at) => (value === LEAVE && grey[at] >= WHITE_FROM ? REPAIR : value));
}

async function readGrey(file, width, height) {
  const picture = await createImageBitmap(file);
  if (Math.abs((picture.width * height) / (picture.height * width) - 1) > SAME_SHAPE) throw new Error("shape");
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context.imageSmoothingEnabled = false; // halfway between two marks lies a third
  context.drawImage(picture, 0, 0, width, height);
  return Uint8Array.from(context.getImageData(0, 0, width, height).data.filter((_, at) => at % 4 === 0));
}
