/** @file The known word that a mistyped one was most likely meant to be. */

/** Changes, insertions, removals and swaps of neighbours that lead from one word to the other. */
function distance(from: string, to: string): number {
  let older: number[] = [];
  let above = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let best = Math.min(
        (above[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (above[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const isSwap = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (isSwap) best = Math.min(best, (older[column - 2] ?? 0) + 1);
      current.push(best);
    }
    older = above;
    above = current;
  }
  return above[to.length] ?? 0;
}

const longestCompared = 40;

/** Null: none of them is near. */
export function nearest(word: string, known: readonly string[]): string | null {
  if (word === '' || word.length > longestCompared) return null;
  const wanted = word.toLowerCase();
  const begun = wanted.length >= 2 ? known.find((one) => one.startsWith(wanted)) : undefined;
  if (begun !== undefined) return begun;
  const most = Math.max(1, Math.floor(wanted.length / 3));
  let best: { word: string; distance: number } | null = null;
  for (const one of known) {
    const found = distance(wanted, one);
    if (found <= most && (!best || found < best.distance)) best = { word: one, distance: found };
  }
  return best?.word ?? null;
}
