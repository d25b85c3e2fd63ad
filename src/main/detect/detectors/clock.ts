/**
 * @file Times that go backwards or into the future against the log's own clock: by how far, against how far lines of this kind go in training. A
 * source that is always in disorder is quiet, and so is one whose silences are as long; also where that began after training, as in a log that is
 * a sample of another or of a quieter time.
 */
import { LogClock } from '../../../shared/logClock.ts';
import type { StreamDetector } from '../detector.ts';
import { addTo, bitsOf, stepOf, type Tail } from '../streams/tails.ts';

/** Less is how clocks and buffers are. */
const leastMs = 2000;
/** Of a kind with fewer lines nothing is known by itself. */
const leastLines = 20;
const mostKinds = 2000;
const leastBits = 9;
/** What more than so many of the last events of the log that is scored did is usual there by now. */
const usualJumps = 10;
const recentEvents = 1000;

/** Seconds back and seconds ahead. */
type Jumps = { lines: number; back: Tail; ahead: Tail };
type State = { all: Jumps; kinds: [templateIndex: number, jumps: Jumps][] };

function noJumps(): Jumps {
  return { lines: 0, back: [], ahead: [] };
}

function addJump(jumps: Jumps, jumpMs: number): void {
  jumps.lines++;
  if (Math.abs(jumpMs) >= leastMs) addTo(jumpMs < 0 ? jumps.back : jumps.ahead, Math.abs(jumpMs) / 1000);
}

/** Of the log that is scored, where lines jumped last. */
class RecentJumps {
  /** By steps of how far: the last places. */
  readonly #places = { back: [] as number[][], ahead: [] as number[][] };

  /** Whether enough lines lately jumped as far. This one is one of them from now on. */
  isUsual(jumpMs: number, place: number): boolean {
    const places = this.#places[jumpMs < 0 ? 'back' : 'ahead'];
    const step = stepOf(Math.abs(jumpMs) / 1000);
    while (places.length <= step) places.push([]);
    let alike = 0;
    for (let further = step; further < places.length; further++)
      for (const before of places[further] ?? []) if (place - before < recentEvents) alike++;
    const own = places[step] ?? [];
    if (own.push(place) > usualJumps) own.shift();
    return alike >= usualJumps;
  }
}

export const clock: StreamDetector<State> = {
  kind: 'stream',
  id: 'clock',
  fit: (sources) => {
    const all = noJumps();
    const kinds = new Map<number, Jumps>();
    for (const pages of sources) {
      const own = new LogClock();
      for (const { at, templateIndexes, leftOut } of pages) {
        for (let row = 0; row < at.length; row++) {
          const stamp = at[row] ?? NaN;
          if (Number.isNaN(stamp)) continue;
          const { now, isSet } = own;
          own.advance(stamp);
          if (!isSet || now === null || (leftOut?.[row] ?? 0) !== 0) continue;
          const kind = templateIndexes[row] ?? 0;
          let jumps = kinds.get(kind);
          if (!jumps && kinds.size < mostKinds) kinds.set(kind, (jumps = noJumps()));
          addJump(all, stamp - now);
          if (jumps) addJump(jumps, stamp - now);
        }
      }
    }
    return { all, kinds: [...kinds].filter(([, { lines }]) => lines >= leastLines) };
  },
  open: ({ all, kinds }) => {
    const ownClock = new LogClock();
    const known = new Map(kinds);
    const recent = new RecentJumps();
    let place = 0;
    return {
      score: ({ at, templateIndexes }, scores) => {
        for (let row = 0; row < at.length; row++, place++) {
          const stamp = at[row] ?? NaN;
          if (Number.isNaN(stamp)) continue;
          const { now, isSet } = ownClock;
          ownClock.advance(stamp);
          const jumpMs = stamp - (now ?? stamp);
          if (!isSet || Math.abs(jumpMs) < leastMs || all.lines === 0) continue;
          const seconds = Math.abs(jumpMs) / 1000;
          const tailOf = (jumps: Jumps): Tail => (jumpMs < 0 ? jumps.back : jumps.ahead);
          // Asked of each, told or not.
          const isUsual = recent.isUsual(jumpMs, place);
          const broader = bitsOf(tailOf(all), all.lines, seconds);
          const kind = known.get(templateIndexes[row] ?? 0);
          // What is usual for the log or for the kind of line is usual.
          const bits = kind ? Math.min(broader, bitsOf(tailOf(kind), kind.lines, seconds)) : broader;
          if (bits >= leastBits && !isUsual) scores[row] = bits;
        }
      },
    };
  },
};
