/** @file Rows in the order of their scores, without comparing them: a verdict's effect waits for it, and it is asked of tens of thousands of rows. */

const digitBits = 11;
const digitCount = 1 << digitBits;
const signBit = 0x8000_0000;

/** Rows in descending order of their scores, equal ones in the order of the log, without those that are NaN. */
export function descendingRows(scores: Float32Array): Uint32Array {
  const bits = new Uint32Array(scores.length);
  const raw = new Uint32Array(scores.slice().buffer);
  let rows = new Uint32Array(scores.length);
  let count = 0;
  for (let row = 0; row < scores.length; row++) {
    const score = scores[row] ?? NaN;
    if (Number.isNaN(score)) continue;
    // Numbers as the machine writes them rise with their magnitude; turned so that they fall as scores rise. 0 and -0 are one.
    const own = score === 0 ? 0 : (raw[row] ?? 0);
    bits[row] = own >= signBit ? own : ~(own | signBit);
    rows[count++] = row;
  }
  rows = rows.subarray(0, count);
  let sorted = new Uint32Array(count);
  const starts = new Uint32Array(digitCount);
  for (let shift = 0; shift < 32; shift += digitBits) {
    starts.fill(0);
    for (let at = 0; at < count; at++) {
      const digit = ((bits[rows[at] ?? 0] ?? 0) >>> shift) & (digitCount - 1);
      starts[digit] = (starts[digit] ?? 0) + 1;
    }
    let place = 0;
    for (let digit = 0; digit < digitCount; digit++) {
      const own = starts[digit] ?? 0;
      starts[digit] = place;
      place += own;
    }
    for (let at = 0; at < count; at++) {
      const row = rows[at] ?? 0;
      const digit = ((bits[row] ?? 0) >>> shift) & (digitCount - 1);
      const own = starts[digit] ?? 0;
      sorted[own] = row;
      starts[digit] = own + 1;
    }
    [rows, sorted] = [sorted, rows];
  }
  return rows;
}
