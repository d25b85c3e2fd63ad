/**
 * @file A session as it grows: the last of its events, which the model and the detectors of its stretch still look back to, and the finding that
 * its next surprise may belong to. Bits are those that the whole session gets: the engine's windows stand at fixed places, so what is sent begins at one of them.
 */
import { keyTokens } from '../../../shared/sequences.ts';
import { stretchEvents, type SessionPartView, type TokenScores } from '../../detect/detector.ts';
import { gatherEpisodes, type Episode } from '../../detect/episodes.ts';
import { kindKey } from '../../learn/keyTable.ts';
import type { SessionFacts } from '../../learn/sessionParts.ts';
import type { KeyPage } from '../../store/protocol/events.ts';
import type { EventSurprise } from '../newAlert.ts';

export type LiveEvent = Pick<EventSurprise, 'eventId' | 'templateIndex' | 'severity' | 'at'>;
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
  readonly #bits: number[] = [];
  readonly #unexpected: number[] = [];
  readonly #logits: number[] = [];
  /** The last finding; the next surprise may belong to it. */
  #surprises: readonly EventSurprise[] = [];

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

  /**
   * The session from the beginning of the stretch that is judged: with these events behind it, or at its end without any, its last event again.
   * `scored` is of `sequence`. Events from `from` on are those to judge.
   */
  view(
    fresh: readonly LiveEvent[],
    hasEnd: boolean,
    sequence: LiveSequence,
    { bits, unexpected, logits }: TokenScores,
    tokenOf: (event: LiveEvent) => number,
  ): { part: SessionPartView; events: LiveEvent[]; from: number } {
    const all = [...this.#events, ...fresh];
    const judged = this.#events.length - (fresh.length === 0 ? 1 : 0);
    const begin = this.#skipped === 0 ? 1 : 0;
    const stretch = stretchEvents * Math.floor((this.#skipped + judged) / stretchEvents) - this.#skipped;
    // Of a session that came back without its beginning: the first whole stretch.
    const start = stretch >= 0 ? stretch : Math.min(all.length, stretch + stretchEvents);
    const ids = Int32Array.from([
      ...(begin ? [keyTokens.begin] : []),
      ...all.map(tokenOf),
      ...(hasEnd ? [keyTokens.end] : []),
    ]);
    const firstFresh = this.#events.length + begin;
    const own = bits.length > 0 ? new Float32Array(ids.length) : bits;
    if (bits.length > 0) {
      own.set(this.#bits, begin);
      own.set(bits.subarray(bits.length - (ids.length - firstFresh)), firstFresh);
    }
    const ownUnexpected = unexpected && new Uint8Array(ids.length);
    if (ownUnexpected) {
      ownUnexpected.set(this.#unexpected, begin);
      ownUnexpected.set(unexpected.subarray(unexpected.length - (ids.length - firstFresh)), firstFresh);
    }
    const ownLogits = logits && new Float32Array(ids.length).fill(Number.NaN);
    if (ownLogits) {
      ownLogits.set(this.#logits, begin);
      ownLogits.set(logits.subarray(logits.length - (ids.length - firstFresh)), firstFresh);
    }
    const events = all.slice(start);
    return {
      part: {
        ...{
          ids,
          bits: own,
          unexpected: ownUnexpected,
          logits: ownLogits,
          first: start + begin,
          count: events.length,
          firstEvent: this.#skipped + start,
        },
        kinds: events.map(({ templateIndex, severity }) => kindKey(templateIndex, severity)),
        ...{ hasEnd, isLast: hasEnd },
      },
      events,
      // What a window that is not there gave its bits to is not judged.
      from: Math.max(0, (fresh.length > 0 ? sequence.firstNew - 1 - this.#skipped : judged) - start),
    };
  }

  /** What new surprises, in order, make of the findings so far. */
  findings(surprises: readonly EventSurprise[]): Finding[] {
    const known = [...this.#surprises];
    const fresh = [...surprises];
    const [again] = fresh;
    const last = known.at(-1);
    if (again && last?.position === again.position) {
      // The session ended behind its last event, which was judged before.
      if (again.score < last.score || (again.score === last.score && again.isEnd === last.isEnd)) fresh.shift();
      else known.pop();
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

  /** Verdicts changed how what voted is judged: what is looked back to has the scores of now. */
  rejudge(scoreOf: (surprise: EventSurprise) => number): void {
    this.#surprises = this.#surprises.map((surprise) => ({ ...surprise, score: scoreOf(surprise) }));
  }

  /** Whether the event at this place surprised as much before. */
  wasOver(position: number, score: number): boolean {
    const last = this.#surprises.at(-1);
    return last?.position === position && last.score >= score;
  }

  /** The store has it. `scored` is of the fresh events; `last`: the finding that came last, null where none did. */
  accept(fresh: readonly LiveEvent[], { bits, unexpected, logits }: TokenScores, last: LiveEpisode | null): void {
    this.#events.push(...fresh);
    this.#bits.push(...bits);
    if (unexpected) this.#unexpected.push(...unexpected);
    if (logits) this.#logits.push(...logits);
    if (last) this.#surprises = last.surprises;
    const place = this.#skipped + this.#events.length;
    // Its last event may be judged again, with its stretch.
    const stretch = stretchEvents * Math.floor(Math.max(0, place - 1) / stretchEvents);
    const spare = Math.min(windowOf(place + 1, this.#contextLength) - 1, stretch) - this.#skipped;
    if (spare < this.#contextLength) return;
    this.#events.splice(0, spare);
    this.#bits.splice(0, spare);
    this.#unexpected.splice(0, spare);
    this.#logits.splice(0, spare);
    this.#skipped += spare;
  }
}

/** Where the window begins that gives a token its bits: the first that holds it (`planWindows` of the engine). */
export function windowOf(token: number, contextLength: number): number {
  const stride = Math.max(1, Math.floor(contextLength / 2));
  return stride * Math.max(0, Math.ceil((token - contextLength) / stride));
}

export function eventsOf(page: KeyPage): LiveEvent[] {
  return Array.from(page.eventIds, (eventId, row) => ({
    eventId,
    templateIndex: page.templateIndexes[row] ?? 0,
    severity: page.severities[row] ?? -1,
    at: page.at[row] ?? Number.NaN,
  }));
}
