/** @file The size of a rem in pixels: what the user's own font size makes of every measure here. */

export function rootPixels(): number {
  return parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
}

/** How much larger than drawn for the normal font size. */
export function rootScale(): number {
  return rootPixels() / 16;
}
