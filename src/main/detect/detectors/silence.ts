/**
 * @file A kind of line that came with regularity on its host stays away, or a whole host does. Told by the first event of the source after its time
 * is over, by the log's own time, and once. Known only where it was seen within the events that a following which begins again warms up by.
 */
import { LogClock } from '../../../shared/logClock.ts';
import { streamHistoryEvents, type StreamDetector, type StreamPage } from '../detector.ts';
import { BoundedMap } from '../streams/boundedMap.ts';

const mostKeys = 5000;
/** Gaps of a kind that is known to be regular, and of a host. */
const leastGaps = 20;
/** Regular: no gap was longer than this many usual ones. */
const mostUsualGaps = 3;
const leastGapMs = 30_000;
/** Over its time: so many of the longest gap that training saw. */
const lateAfter = { kind: 1.5, host: 3 };

type Rhythm = { gaps: number; longestMs: number; lateMs: number };
type State = { rhythms: [key: string, rhythm: Rhythm][] };

class Gaps {
  lastAt: number;
  count = 0;
  longestMs = 0;
  sumMs = 0;

  constructor(at: number) {
    this.lastAt = at;
  }

  /** It is there, and what it came after is not learned. */
  beginAgain(at: number): void {
    this.lastAt = at;
  }

  add(at: number): void {
    const gapMs = at - this.lastAt;
    // Lines that come together are one beat.
    if (gapMs < leastGapMs) return;
    this.lastAt = at;
    this.count++;
    this.sumMs += gapMs;
    this.longestMs = Math.max(this.longestMs, gapMs);
  }
}

function keysOf({ hosts, templateIndexes }: StreamPage, row: number): string[] {
  const host = hosts[row] ?? 0;
  return host === 0 ? [`kind ${templateIndexes[row]}`] : [`kind ${templateIndexes[row]} ${host}`, `host ${host}`];
}

export const silence: StreamDetector<State> = {
  kind: 'stream',
  id: 'silence',
  fit: (sources) => {
    const rhythms = new Map<string, Rhythm>();
    for (const pages of sources) {
      const clock = new LogClock();
      const all = new BoundedMap<string, Gaps>(mostKeys, ({ count }) => count);
      for (const page of pages) {
        for (let row = 0; row < page.at.length; row++) {
          const stamp = page.at[row] ?? NaN;
          if (!Number.isNaN(stamp)) clock.advance(stamp);
          const { now } = clock;
          if (now === null) continue;
          // Else a silence that nobody decided on, and what is left out itself, would make long gaps usual.
          if ((page.leftOut?.[row] ?? 0) !== 0)
            for (const key of keysOf(page, row)) all.entries.get(key)?.beginAgain(now);
          else if (page.lineHashes[row] !== 0)
            for (const key of keysOf(page, row)) all.get(key, () => new Gaps(now)).add(now);
        }
      }
      for (const [key, gaps] of all.entries) {
        const isHost = key.startsWith('host');
        const { longestMs, count, sumMs } = gaps;
        const open = (clock.now ?? 0) - gaps.lastAt;
        // One that stayed away before training ended has no rhythm to lose.
        if (count < leastGaps || open > lateAfter.host * longestMs) continue;
        if (!isHost && longestMs > (mostUsualGaps * sumMs) / count) continue;
        const lateMs = longestMs * (isHost ? lateAfter.host : lateAfter.kind);
        rhythms.set(key, { gaps: count, longestMs, lateMs });
      }
    }
    return { rhythms: [...rhythms] };
  },
  open: ({ rhythms }) => {
    const known = new Map(rhythms);
    const clock = new LogClock();
    const last = new Map<string, { at: number; place: number }>();
    let place = 0;
    let lookAt = -Infinity;
    return {
      score: (page, scores) => {
        for (let row = 0; row < page.at.length; row++, place++) {
          const stamp = page.at[row] ?? NaN;
          if (!Number.isNaN(stamp)) clock.advance(stamp);
          const { now } = clock;
          if (now === null || page.lineHashes[row] === 0 || known.size === 0) continue;
          if (now >= lookAt) {
            let bits = 0;
            lookAt = Infinity;
            for (const [key, seen] of last) {
              const rhythm = known.get(key);
              if (!rhythm || place - seen.place >= streamHistoryEvents) {
                last.delete(key);
              } else if (now - seen.at > rhythm.lateMs) {
                // The longer the gap against the longest of so many, the less it is one of them.
                bits = Math.max(bits, Math.log2(2 * (rhythm.gaps + 1)) + Math.log2((now - seen.at) / rhythm.longestMs));
                last.delete(key);
              } else lookAt = Math.min(lookAt, seen.at + rhythm.lateMs);
            }
            if (bits > 0) scores[row] = bits;
          }
          for (const key of keysOf(page, row)) {
            const rhythm = known.get(key);
            if (!rhythm) continue;
            last.delete(key);
            last.set(key, { at: now, place });
            lookAt = Math.min(lookAt, now + rhythm.lateMs);
          }
        }
      },
    };
  },
};
