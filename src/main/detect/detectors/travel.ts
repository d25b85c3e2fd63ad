/**
 * @file One user from two networks in too short a time. No place of an address is known: two networks that training saw somebody use together
 * belong together, of others it is learned how soon users change. Sessions side by side are the shortest time.
 */
import { loginOutcomes, valueFlags } from '../../../shared/eventValues.ts';
import { LogClock } from '../../../shared/logClock.ts';
import { streamHistoryEvents, type StreamDetector, type StreamPage } from '../detector.ts';
import { BoundedMap } from '../streams/boundedMap.ts';
import { Recency } from '../streams/recency.ts';
import { addTo, countUpTo, type Tail } from '../streams/tails.ts';

/** Longer than this nobody needs to get anywhere. */
const mostMs = 86_400_000;
const mostPairs = 20_000;
const leastBits = 8;
/** A journey of the next day is another. */
const toldEvents = 2000;
/** Two networks that were used together as quickly before, once, are as usual as this many changes between strange ones. */
const pairWeight = 50;

type State = {
  /** Times that a user was seen in some network. */
  seen: number;
  /** Minutes from one network to another that training had not seen together before. */
  changes: Tail;
  pairs: [pair: string, minutes: Tail][];
};

function pairOf(one: number, other: number): string {
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}

/** `outside`: the networks of the two that are not ours. */
type Change = { row: number; pair: string; outside: number[]; gapMs: number };

/** Where users were last, by the log's own time. */
class Whereabouts {
  readonly #clock = new LogClock();
  readonly #last = new Map<number, { network: number; isInside: boolean; at: number; place: number }>();
  place = 0;

  /** Goes through a page: users seen in a network, and in another one than before. */
  follow(page: StreamPage, seen: () => void, changed: (change: Change) => void): void {
    const { at, users, networks, outcomes, flags } = page;
    for (let row = 0; row < at.length; row++) {
      const place = this.place++;
      const stamp = at[row] ?? NaN;
      if (!Number.isNaN(stamp)) this.#clock.advance(stamp);
      const user = users[row] ?? 0;
      const network = networks[row] ?? 0;
      const { now } = this.#clock;
      // Who failed to log in only says that they are somebody.
      if (user === 0 || network === 0 || outcomes[row] === loginOutcomes.failed || now === null) continue;
      this.#forget(place);
      const before = this.#last.get(user);
      const isInside = ((flags[row] ?? 0) & valueFlags.isInside) !== 0;
      seen();
      // A desk and a VPN are used side by side.
      if (before && before.network !== network && !(isInside && before.isInside)) {
        const outside = [...(isInside ? [] : [network]), ...(before.isInside ? [] : [before.network])];
        changed({ row, pair: pairOf(before.network, network), outside, gapMs: Math.abs(now - before.at) });
      }
      this.#last.delete(user);
      this.#last.set(user, { network, isInside, at: now, place });
    }
  }

  #forget(place: number): void {
    for (const [user, { place: lastPlace }] of this.#last) {
      if (place - lastPlace < streamHistoryEvents) return;
      this.#last.delete(user);
    }
  }
}

export const travel: StreamDetector<State> = {
  kind: 'stream',
  id: 'travel',
  fit: (sources) => {
    let seen = 0;
    const changes: Tail = [];
    const pairs = new BoundedMap<string, Tail>(mostPairs, (minutes) => countUpTo(minutes, Infinity));
    for (const pages of sources) {
      const whereabouts = new Whereabouts();
      for (const page of pages) {
        whereabouts.follow(
          page,
          () => seen++,
          ({ pair, gapMs }) => {
            if (gapMs > mostMs) return;
            const minutes = pairs.get(pair, () => []);
            if (minutes.length === 0) addTo(changes, gapMs / 60_000);
            addTo(minutes, gapMs / 60_000);
          },
        );
      }
    }
    return { seen, changes, pairs: [...pairs.entries] };
  },
  open: ({ seen, changes, pairs }) => {
    const known = new Map(pairs);
    const whereabouts = new Whereabouts();
    const told = new Recency<string>(toldEvents);
    return {
      score: (page, scores) => {
        const from = whereabouts.place;
        whereabouts.follow(
          page,
          () => undefined,
          ({ row, pair, outside, gapMs }) => {
            if (gapMs > mostMs || seen === 0) return;
            const minutes = gapMs / 60_000;
            const alike = countUpTo(known.get(pair) ?? [], minutes) * pairWeight;
            const bits = -Math.log2(Math.min(1, (countUpTo(changes, minutes) + alike + 0.5) / (seen + 1)));
            if (bits < leastBits) return;
            // The way back is no second journey.
            const news = outside.filter((network) => told.isNews(`${page.users[row]} ${network}`, from + row));
            if (news.length > 0) scores[row] = bits;
          },
        );
      },
    };
  },
};
