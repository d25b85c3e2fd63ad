/** @file A slope that a few odd samples cannot bend (Theil and Sen): the median of the slopes of all pairs. */

export type Sample = { atMs: number; value: number };

const hourMs = 3_600_000;

/** Change of the value per hour over the second half of the time; null with fewer than three samples there. */
export function slopePerHour(samples: readonly Sample[]): number | null {
  const first = samples[0]?.atMs ?? 0;
  const last = samples.at(-1)?.atMs ?? 0;
  const half = samples.filter(({ atMs }) => atMs >= (first + last) / 2);
  if (half.length < 3) return null;
  const slopes: number[] = [];
  for (const [index, earlier] of half.entries()) {
    for (const later of half.slice(index + 1)) {
      const spanMs = later.atMs - earlier.atMs;
      if (spanMs > 0) slopes.push(((later.value - earlier.value) / spanMs) * hourMs);
    }
  }
  return slopes.length === 0 ? null : median(slopes);
}

function median(values: number[]): number {
  values.sort((a, b) => a - b);
  const middle = values.length >> 1;
  const upper = values[middle] as number;
  return values.length % 2 === 1 ? upper : ((values[middle - 1] as number) + upper) / 2;
}
