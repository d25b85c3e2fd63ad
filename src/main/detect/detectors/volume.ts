/**
 * @file Bursts: how many of a kind of line, of failed logins from a network and of failed logins of a user came within ten minutes, against what
 * training saw: of a kind of line at that hour of the day, of failures wherever there were any. A burst speaks where it first passes a level.
 */
import { loginOutcomes } from '../../../shared/eventValues.ts';
import { LogClock } from '../../../shared/logClock.ts';
import type { StreamDetector, StreamPage } from '../detector.ts';
import { Recency } from '../streams/recency.ts';
import { addTo, bitsOf, type Tail } from '../streams/tails.ts';
import { SlidingCounts } from '../streams/slidingCounts.ts';

const windowMs = 600_000;
const windowsPerHour = 6;
const hours = 24;
const mostKinds = 3000;
/** Fewer lines are no burst. */
const leastCount = 6;
const leastBits = 8;
/** Each level is half as much again. */
const levelsPerDoubling = 1.7;

/** Windows of training by hour, and of each kind how many lines came in them, and the largest counts that came within windows. */
type Kind = { lines: number[]; peaks: Tail; windows: number };
type State = {
  hourWindows: number[];
  kinds: [templateIndex: number, kind: Kind][];
  failures: { user: Tail; network: Tail };
  total: { user: number; network: number };
};

function levelOf(count: number): number {
  return Math.floor(levelsPerDoubling * Math.log2(count));
}

function hourIn(at: number): number {
  return ((Math.floor(at / 3_600_000) % hours) + hours) % hours;
}

/** Of each key, the largest count of each window. */
class Peaks {
  readonly #open = new Map<string, { window: number; count: number }>();
  readonly #close: (key: string, count: number) => void;

  constructor(close: (key: string, count: number) => void) {
    this.#close = close;
  }

  add(key: string, at: number): void {
    const window = Math.floor(at / windowMs);
    const open = this.#open.get(key);
    if (open?.window === window) open.count++;
    else {
      if (open) this.#close(key, open.count);
      else if (this.#open.size >= 3 * mostKinds) this.finish();
      this.#open.set(key, { window, count: 1 });
    }
  }

  finish(): void {
    for (const [key, { count }] of this.#open) this.#close(key, count);
    this.#open.clear();
  }
}

const failureKeys = (page: StreamPage, row: number): ['user' | 'network', number][] => {
  if (page.outcomes[row] !== loginOutcomes.failed) return [];
  const user = page.users[row] ?? 0;
  const network = page.networks[row] ?? 0;
  return [
    ...(user === 0 ? [] : [['user', user] as ['user', number]]),
    ...(network === 0 ? [] : [['network', network] as ['network', number]]),
  ];
};

export const volume: StreamDetector<State> = {
  kind: 'stream',
  id: 'volume',
  fit: (sources) => {
    const state: State = {
      hourWindows: Array<number>(hours).fill(0),
      kinds: [],
      failures: { user: [], network: [] },
      total: { user: 0, network: 0 },
    };
    const kinds = new Map<number, Kind>();
    for (const pages of sources) {
      const clock = new LogClock();
      let lastWindow = NaN;
      const peaks = new Peaks((key, count) => {
        const [what = '', id = ''] = key.split(' ');
        if (what === 'kind') {
          const kind = kinds.get(Number(id));
          if (kind) {
            addTo(kind.peaks, count);
            kind.windows++;
          }
        } else {
          addTo(state.failures[what as 'user' | 'network'], count);
          state.total[what as 'user' | 'network']++;
        }
      });
      for (const page of pages) {
        for (let row = 0; row < page.at.length; row++) {
          const stamp = page.at[row] ?? NaN;
          if (!Number.isNaN(stamp)) clock.advance(stamp);
          const { now } = clock;
          if (now === null || page.lineHashes[row] === 0) continue;
          const window = Math.floor(now / windowMs);
          // Windows in which nothing was written were windows, too, unless the log itself was away.
          const passed = Number.isNaN(lastWindow)
            ? 1
            : Math.min(windowsPerHour * hours, Math.max(0, window - lastWindow));
          for (let step = 0; step < passed; step++) {
            const hour = hourIn((window - step) * windowMs);
            state.hourWindows[hour] = (state.hourWindows[hour] ?? 0) + 1;
          }
          lastWindow = Math.max(window, Number.isNaN(lastWindow) ? window : lastWindow);
          const id = page.templateIndexes[row] ?? 0;
          let kind = kinds.get(id);
          if (!kind && kinds.size < mostKinds)
            kinds.set(id, (kind = { lines: Array<number>(hours).fill(0), peaks: [], windows: 0 }));
          if (kind) {
            const hour = hourIn(now);
            kind.lines[hour] = (kind.lines[hour] ?? 0) + 1;
            peaks.add(`kind ${id}`, now);
          }
          for (const [what, key] of failureKeys(page, row)) peaks.add(`${what} ${key}`, now);
        }
      }
      peaks.finish();
    }
    state.kinds = [...kinds];
    return state;
  },
  open: ({ hourWindows, kinds, failures, total }) => {
    const known = new Map(kinds);
    const windows = hourWindows.reduce((sum, count) => sum + count, 0);
    const clock = new LogClock();
    const counts = new SlidingCounts(windowMs);
    const told = new Recency<string>();
    let place = 0;

    /** A sliding window of the kind: its peaks say how it comes in bursts, its hours how many to expect. */
    const kindBits = (id: number, hour: number, count: number): number => {
      const kind = known.get(id);
      if (!kind || windows === 0) return 0;
      const mean = (kind.lines[hour] ?? 0) / Math.max(1, hourWindows[hour] ?? 0);
      // At an hour that usually has many, only what passes them counts as a burst.
      return Math.min(bitsOf(kind.peaks, windows, count), countBits(count, mean, kind));
    };
    return {
      score: (page, scores) => {
        for (let row = 0; row < page.at.length; row++, place++) {
          const stamp = page.at[row] ?? NaN;
          if (!Number.isNaN(stamp)) clock.advance(stamp);
          const { now } = clock;
          if (now === null || page.lineHashes[row] === 0) continue;
          let largest = 0;
          const look = (key: string, bitsAt: (count: number) => number): void => {
            const count = counts.add(key, now, place);
            const level = levelOf(count);
            if (count < leastCount || level === levelOf(count - 1) || !told.isNews(`${key} ${level}`, place)) return;
            const bits = bitsAt(count);
            if (bits >= leastBits) largest = Math.max(largest, bits);
          };
          const id = page.templateIndexes[row] ?? 0;
          look(`kind ${id}`, (count) => kindBits(id, hourIn(now), count));
          for (const [what, key] of failureKeys(page, row)) {
            look(`${what} ${key}`, (count) => (total[what] === 0 ? 0 : bitsOf(failures[what], total[what], count)));
          }
          if (largest > 0) scores[row] = largest;
        }
      },
    };
  },
};

/** -log2 P(at least `count`) of a negative binomial with this mean; its spread is that of the kind's windows in training. */
function countBits(count: number, mean: number, { lines, windows }: Kind): number {
  const total = lines.reduce((sum, of) => sum + of, 0);
  // Lines of a kind come in groups of this many.
  const group = Math.max(1, total / Math.max(1, windows));
  const rate = Math.max(mean, 0.01);
  const size = rate / group;
  // Chernoff's bound: exact enough far out, and without a sum over the tail.
  const x = count;
  if (x <= rate) return 0;
  const nats = x * Math.log(x / rate) - (x + size) * Math.log((x + size) / (rate + size));
  return Math.max(0, nats / Math.LN2);
}
