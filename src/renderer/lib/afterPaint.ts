/** @file Work that waits until what was changed in the page just now can be seen. */

/** Behind the next frame, so that it was painted. */
export function afterPaint(work: () => void): void {
  requestAnimationFrame(() => setTimeout(work));
}
