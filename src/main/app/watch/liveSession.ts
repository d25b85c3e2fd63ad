/**
 * @file A session as it grows: the last of its events, which the model still looks back to, and the finding that its next surprise may belong
 * to. Bits are those that the whole session gets: the engine's windows stand at fixed places, so what is sent begins at one of them.
 */
import { keyTokens } from '../../../shared/sequences.ts';
import { gatherEpisodes, type Episode, type Surprise } from '../../detect/episodes.ts';
import type { SessionFacts } from '../../learn/sessionParts.ts';
import type { EventSurprise } from '../newAlert.ts';

export type LiveEvent = Omit<EventSurprise, keyof Surprise | 'tokenId'>;
export type LiveEpisode = Episode<EventSurprise>;

/** What is sent of a session. Token 0 of a session is its begin, event i is token i + 1, and the end stands behind the last. */
export type LiveSequence = {
  ids: number[];
  /** Token of `ids[0]`. */
  firstToken: number;
  /** The first token that is new, and has in this sequence the bits that it has in the whole session. */
  firstNew: number;
};

/** A finding that is new or grew; then `previousEventId` is its strongest event's before, and `fresh` what came to it. */
export type Finding = { episode: LiveEpisode; fresh: LiveEpisode; previousEventId: number | null };

export class LiveSession {
  readonly id: number;
  /** Whose it is; null until somebody asked the store. */
  facts: SessionFacts | null = null;
  readonly #contextLength: number;
  /** Events of the session before the first of `#events`. */
  #skipped: number;
  readonly #events: LiveEvent[] = [];
  /** The last finding; the next surprise may belong to it. */
  #surprises: readonly EventSurprise[] = [];
  /** The session's end surprises only beyond the bits of its last event. */
  #lastBits = 0;

  constructor(id: number, skipped: number, contextLength: number) {
    this.id = id;
    this.#skipped = skipped;
    this.#contextLength = contextLength;
  }

  get #stride(): number {
    return Math.max(1, Math.floor(this.#contextLength / 2));
  }

  /** With these events behind it. Changes nothing: `accept` does, once the store has what came of it. */
  sequence(fresh: readonly LiveEvent[], hasEnd: boolean, tokenOf: (event: LiveEvent) => number): LiveSequence {
    const next = this.#skipped + this.#events.length + 1;
    const stride = this.#stride;
    // Where a window begins of which all is there.
    const least = this.#skipped === 0 ? 0 : Math.ceil((this.#skipped + 1) / stride) * stride;
    const window = windowOf(next, this.#contextLength);
    const firstToken = Math.max(least, window);
    const events = [...this.#events, ...fresh].slice(Math.max(0, firstToken - 1 - this.#skipped));
    const ids = events.map(tokenOf);
    if (firstToken === 0) ids.unshift(keyTokens.begin);
    if (hasEnd) ids.push(keyTokens.end);
    return { ids, firstToken, firstNew: window >= least ? next : least + this.#contextLength - stride + 1 };
  }

  /** The event that a token stands for, with these behind it. */
  eventAt(token: number, fresh: readonly LiveEvent[]): LiveEvent | undefined {
    const index = token - 1 - this.#skipped;
    return index < this.#events.length ? this.#events[index] : fresh[index - this.#events.length];
  }

  /** What new surprises, in order, make of the findings so far. `ownBits`: of the last event, for a surprising end. */
  findings(surprises: readonly EventSurprise[], ownBits = this.#lastBits): Finding[] {
    const known = [...this.#surprises];
    const fresh = [...surprises];
    const end = fresh.at(-1);
    if (end?.isEnd === true) {
      // One surprise an event: the larger of its own and the end's behind it.
      const others = fresh.length > 1 ? fresh : known;
      const last = others.at(others === fresh ? -2 : -1);
      if (end.bits <= ownBits) fresh.pop();
      else if (last?.position === end.position) others.splice(others.indexOf(last), 1);
    }
    if (fresh.length === 0) return [];
    const previous = gatherEpisodes(this.#surprises)[0]?.top;
    return gatherEpisodes([...known, ...fresh]).flatMap((episode, index): Finding[] => {
      const [came] = gatherEpisodes(episode.surprises.filter((one) => fresh.includes(one)));
      if (!came) return [];
      const isMore = index === 0 && previous !== undefined && (known.length === 0 || episode.surprises[0] === known[0]);
      return [{ episode, fresh: came, previousEventId: isMore ? previous.eventId : null }];
    });
  }

  /** The store has it. `last`: the finding that came last, null where none did. */
  accept(fresh: readonly LiveEvent[], last: LiveEpisode | null, lastBits: number): void {
    this.#events.push(...fresh);
    this.#lastBits = lastBits;
    if (last) this.#surprises = last.surprises;
    const window = windowOf(this.#skipped + this.#events.length + 1, this.#contextLength);
    const spare = window - 1 - this.#skipped;
    if (spare < this.#contextLength) return;
    this.#events.splice(0, spare);
    this.#skipped += spare;
  }

  get lastBits(): number {
    return this.#lastBits;
  }
}

/** Where the window begins that gives a token its bits: the first that holds it (`planWindows` of the engine). */
export function windowOf(token: number, contextLength: number): number {
  const stride = Math.max(1, Math.floor(contextLength / 2));
  return stride * Math.max(0, Math.ceil((token - contextLength) / stride));
}
