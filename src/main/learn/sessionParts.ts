/**
 * @file The events of a source as stretches of sessions ready to be scored: one pass in the order of the log, in memory that does not grow
 * with it. A long session comes in several parts, cut where the model's windows end, so that each event is scored as in the whole.
 */
import type { EntityKind } from '../../shared/lines.ts';
import { entityKinds } from '../../shared/lines.ts';
import type { Client } from '../../shared/port.ts';
import { keyTokens } from '../../shared/sequences.ts';
import type { KeyPage } from '../store/protocol/events.ts';
import type { StoreMethods } from '../store/protocol.ts';
import { kindKey, readKeyPages } from './keyTable.ts';
import type { Vocabulary } from './vocabulary.ts';

export type SessionFacts = { id: number; entityKind: EntityKind; entityHash: number };

export type SessionPart = {
  session: SessionFacts;
  /** What the model reads: it begins where one of the session's windows does. Empty where no event is left for the last part. */
  ids: Int32Array;
  /** Position in `ids` of the first event that is scored here; what stands before it is context. */
  firstScored: number;
  /** Place of that event in its session, from 0. */
  firstEvent: number;
  /** Event i stands at position `firstScored + i`. */
  events: EventColumns;
  /** The last id is the session's end. */
  hasEnd: boolean;
  /** No more of this session comes. */
  isLast: boolean;
};

/** Events by column; `kinds` are of `kindKey`, `at` is NaN where the line has no time, `logRows` are the page's own. */
export type EventColumns = { eventIds: number[]; kinds: number[]; at: number[]; logRows: number[] };

/** With a number for each event that is handed on with it. */
export type NumberedPage = KeyPage & { logRows?: Int32Array };

export type PartOptions = {
  contextLength: number;
  /** Where reading ends: a log that is followed grows meanwhile, and its sessions would not be those that were read. */
  lastEventId?: number;
  /** The source's events; read from the store where it is left out. */
  pages?: AsyncIterable<NumberedPage>;
  /** Rows that are read at once. */
  pageRows?: number;
  /** Events of one session that wait for more before they are scored. */
  mostWaiting?: number;
  /** The same of all sessions. */
  mostWaitingInAll?: number;
};

type Reading = {
  facts: SessionFacts;
  eventCount: number;
  isOpen: boolean;
  /** Events read so far. */
  seen: number;
  /** Tokens from position `base` of the session on, which is a multiple of half the context; `scored` of all tokens were given out. */
  ids: number[];
  base: number;
  scored: number;
  waiting: EventColumns;
};

export async function* sessionParts(
  store: Client<StoreMethods>,
  sourceId: number,
  vocabulary: Vocabulary,
  options: PartOptions,
  signal: AbortSignal,
): AsyncGenerator<SessionPart> {
  const { contextLength, pageRows, mostWaiting = 4 * contextLength, mostWaitingInAll = 1_000_000 } = options;
  const { lastEventId = Infinity } = options;
  const pages: AsyncIterable<NumberedPage> = options.pages ?? readKeyPages(store, sourceId, signal, pageRows);
  const facts = new SessionReader(store, sourceId, signal);
  const open = new Map<number, Reading>();
  let waitingInAll = 0;
  const take = (reading: Reading, end: number, isLast: boolean): SessionPart => {
    const part = takePart(reading, end, isLast, contextLength);
    waitingInAll -= part.events.eventIds.length;
    return part;
  };
  for await (const page of pages) {
    for (let row = 0; row < page.eventIds.length; row++) {
      if ((page.eventIds[row] ?? 0) > lastEventId) break;
      const sessionId = page.sessionIds[row] ?? 0;
      let reading = open.get(sessionId);
      if (!reading) {
        reading = begin(facts.found(sessionId) ?? (await facts.find(sessionId)));
        open.set(sessionId, reading);
      }
      const [template, severity] = [page.templateIndexes[row] ?? 0, page.severities[row] ?? -1];
      reading.ids.push(vocabulary.idOf(template, severity));
      reading.waiting.eventIds.push(page.eventIds[row] ?? 0);
      reading.waiting.kinds.push(kindKey(template, severity));
      reading.waiting.at.push(page.at[row] ?? NaN);
      if (page.logRows) reading.waiting.logRows.push(page.logRows[row] ?? 0);
      waitingInAll++;
      if (++reading.seen === reading.eventCount) {
        open.delete(sessionId);
        yield take(reading, reading.ids.length, true);
      } else if (reading.waiting.eventIds.length >= mostWaiting) {
        yield take(reading, endOfWindow(reading, contextLength), false);
      }
    }
    if ((page.eventIds.at(-1) ?? 0) >= lastEventId) break;
    if (waitingInAll <= mostWaitingInAll) continue;
    for (const reading of open.values())
      if (reading.waiting.eventIds.length > 0) yield take(reading, reading.ids.length, false);
  }
  for (const reading of open.values()) yield take(reading, reading.ids.length, true);
}

function begin({ eventCount, isOpen, ...facts }: Found): Reading {
  const waiting = { eventIds: [], kinds: [], at: [], logRows: [] };
  return { facts, eventCount, isOpen, seen: 0, ids: [keyTokens.begin], base: 0, scored: 1, waiting };
}

/** The index behind the last whole window of what was read. */
function endOfWindow({ ids }: Reading, contextLength: number): number {
  const stride = Math.max(1, Math.floor(contextLength / 2));
  return ids.length - ((ids.length - contextLength - 1) % stride);
}

/** Gives out the tokens up to index `end`, and keeps those of the window in which the next one will be scored. */
function takePart(reading: Reading, end: number, isLast: boolean, contextLength: number): SessionPart {
  const { facts, ids, base, scored, waiting } = reading;
  if (isLast && waiting.eventIds.length === 0) {
    const events = { eventIds: [], kinds: [], at: [], logRows: [] };
    const nothing = { ids: new Int32Array(0), firstScored: 0, events, hasEnd: false };
    return { session: facts, ...nothing, firstEvent: scored - 1, isLast };
  }
  const hasEnd = isLast && !reading.isOpen && reading.seen === reading.eventCount;
  const firstScored = scored - base;
  const count = end - firstScored;
  const read = new Int32Array(hasEnd ? end + 1 : end).fill(keyTokens.end, end);
  for (let i = 0; i < end; i++) read[i] = ids[i] ?? 0;
  const part: SessionPart = {
    session: facts,
    ids: read,
    firstScored,
    firstEvent: scored - 1,
    events: {
      eventIds: waiting.eventIds.splice(0, count),
      kinds: waiting.kinds.splice(0, count),
      at: waiting.at.splice(0, count),
      logRows: waiting.logRows.splice(0, count),
    },
    hasEnd,
    isLast,
  };
  const stride = Math.max(1, Math.floor(contextLength / 2));
  reading.scored = base + end;
  reading.base = stride * Math.max(0, Math.ceil((reading.scored - contextLength) / stride));
  reading.ids = ids.slice(reading.base - base);
  return part;
}

type Found = SessionFacts & { eventCount: number; isOpen: boolean };

/** Sessions in the order of their ids, which is that of their first events. */
class SessionReader {
  readonly #store: Client<StoreMethods>;
  readonly #sourceId: number;
  readonly #signal: AbortSignal;
  readonly #waiting = new Map<number, Found>();
  #last = 0;
  #isAtEnd = false;

  constructor(store: Client<StoreMethods>, sourceId: number, signal: AbortSignal) {
    this.#store = store;
    this.#sourceId = sourceId;
    this.#signal = signal;
  }

  /** Each is found once. */
  found(id: number): Found | undefined {
    const found = this.#waiting.get(id);
    this.#waiting.delete(id);
    return found;
  }

  async find(id: number): Promise<Found> {
    while (!this.#isAtEnd && this.#last < id) await this.#readPage();
    // One that was never written down, of an import that was cut off, goes on to the end of the log.
    return this.found(id) ?? { id, entityKind: 'source', entityHash: 0, eventCount: Infinity, isOpen: true };
  }

  async #readPage(): Promise<void> {
    const limit = 20_000;
    const input = { sourceId: this.#sourceId, afterSessionId: this.#last, limit };
    const page = await this.#store.call('read_sessions', input, { signal: this.#signal });
    page.ids.forEach((id, index) =>
      this.#waiting.set(id, {
        id,
        entityKind: entityKinds[page.entityKinds[index] ?? -1] ?? 'source',
        entityHash: page.entityHashes[index] ?? 0,
        eventCount: page.eventCounts[index] ?? Infinity,
        isOpen: page.open[index] === 1,
      }),
    );
    this.#last = page.ids.at(-1) ?? this.#last;
    this.#isAtEnd = page.ids.length < limit;
  }
}
