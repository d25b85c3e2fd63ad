/**
 * @file Somebody is let in after failures: of the same user, or from the same network. By how often training saw a success after so many, for users
 * and networks each; who mistypes every morning is quiet. A success answers for the failures before it, so that its session tells it once.
 */
import { loginOutcomes } from '../../../shared/eventValues.ts';
import type { StreamDetector, StreamPage } from '../detector.ts';
import { recentEvents } from '../streams/recency.ts';
import { addTo, bitsOf, type Tail } from '../streams/tails.ts';

const { accepted, failed } = loginOutcomes;
/** One mistake is everybody's. */
const leastFailures = 2;
const leastBits = 4;

type State = { successes: number; ofUser: Tail; ofNetwork: Tail };

/** Failures within the last events, by whom. */
class Failures {
  /** Of the events looked back at: keys of who failed. */
  readonly #recent: { place: number; key: string }[] = [];
  #first = 0;
  readonly #counts = new Map<string, number>();

  add(place: number, key: string): void {
    this.#recent.push({ place, key });
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** How many there were; they are answered for. */
  take(place: number, key: string): number {
    this.#forget(place);
    const count = this.#counts.get(key) ?? 0;
    this.#counts.delete(key);
    return count;
  }

  #forget(place: number): void {
    for (; this.#first < this.#recent.length; this.#first++) {
      const oldest = this.#recent[this.#first];
      if (!oldest || place - oldest.place < recentEvents) break;
      const left = (this.#counts.get(oldest.key) ?? 0) - 1;
      if (left > 0) this.#counts.set(oldest.key, left);
      else this.#counts.delete(oldest.key);
    }
    if (this.#first < recentEvents) return;
    this.#recent.splice(0, this.#first);
    this.#first = 0;
  }
}

class Logins {
  readonly #failures = new Failures();
  #place = 0;

  follow(
    { users, networks, outcomes }: StreamPage,
    succeeded: (row: number, ofUser: number, ofNetwork: number) => void,
  ): void {
    for (let row = 0; row < outcomes.length; row++) {
      const place = this.#place++;
      const outcome = outcomes[row];
      if (outcome !== accepted && outcome !== failed) continue;
      const keys = [`user ${users[row]}`, `network ${networks[row]}`] as const;
      const isNamed = [users[row] !== 0, networks[row] !== 0] as const;
      if (outcome === failed) keys.forEach((key, index) => isNamed[index] && this.#failures.add(place, key));
      else {
        const [ofUser = 0, ofNetwork = 0] = keys.map((key, index) =>
          isNamed[index] ? this.#failures.take(place, key) : 0,
        );
        succeeded(row, ofUser, ofNetwork);
      }
    }
  }
}

export const afterFailures: StreamDetector<State> = {
  kind: 'stream',
  id: 'after_failures',
  fit: (sources) => {
    const state: State = { successes: 0, ofUser: [], ofNetwork: [] };
    for (const pages of sources) {
      const logins = new Logins();
      for (const page of pages) {
        logins.follow(page, (_row, ofUser, ofNetwork) => {
          state.successes++;
          if (ofUser > 0) addTo(state.ofUser, ofUser);
          if (ofNetwork > 0) addTo(state.ofNetwork, ofNetwork);
        });
      }
    }
    return state;
  },
  open: (state) => {
    const logins = new Logins();
    return {
      score: (page, scores) => {
        logins.follow(page, (row, ofUser, ofNetwork) => {
          const bits = Math.max(
            ofUser < leastFailures ? 0 : bitsOf(state.ofUser, state.successes, ofUser),
            ofNetwork < leastFailures ? 0 : bitsOf(state.ofNetwork, state.successes, ofNetwork),
          );
          if (state.successes > 0 && bits >= leastBits) scores[row] = bits;
        });
      },
    };
  },
};
