/**
 * @file How a sequence longer than the context is scored: in windows that overlap by half. The windows start at fixed multiples of half
 * the context, so a token's bits depend only on what came before it, and a growing session keeps the bits it had.
 */

/** Reads `ids[start .. end)`; its predictions of `ids[firstScored .. end)` count. Positions are relative to the sequence. */
export type Window = { start: number; end: number; firstScored: number };

/**
 * Windows over a sequence of `length` tokens. Every token but the first is scored exactly once, by the earliest window that holds it,
 * which is the one that gives it the longest context: all there is, or else more than half of `contextLength`.
 */
export function planWindows(length: number, contextLength: number): Window[] {
  const windows: Window[] = [];
  const stride = Math.max(1, Math.floor(contextLength / 2));
  let scored = 1;
  for (let start = 0; scored < length; start += stride) {
    // The last token of a window is a target only, so a window spans one token more than the context.
    const end = Math.min(length, start + contextLength + 1);
    if (end > scored) windows.push({ start, end, firstScored: scored });
    scored = Math.max(scored, end);
  }
  return windows;
}
