/** @file Puts events into sessions: those of one actor without a long silence. Bounded: the actor silent the longest is let go first. */
import type { EntityKind } from '../../shared/lines.ts';
import type { SessionRecord } from '../store/protocol.ts';

/** A session ends when its actor is silent this long. */
export const idleMs = 30 * 60_000;
/** The same where the log has no times. */
export const idleEvents = 20_000;
const maxOpenSessions = 200_000;

type OpenSession = SessionRecord & { lastSeenAt: number | null };

export class Sessionizer {
  /** By actor, the longest silent first. */
  readonly #open = new Map<string, OpenSession>();
  readonly #changed = new Set<OpenSession>();
  #nextId: number;
  #count = 0;
  #latestAt: number | null = null;
  #lastEventId = 0;

  constructor(nextId: number) {
    this.#nextId = nextId;
  }

  /** Sessions begun so far. */
  get count(): number {
    return this.#count;
  }

  /** Session id of an event. Events come in the order of the log; `at` may be unknown or step backwards. */
  add(entityKind: EntityKind, entityHash: number, eventId: number, at: number | null): number {
    const key = `${entityKind} ${entityHash}`;
    let session = this.#open.get(key);
    if (session) this.#open.delete(key);
    if (session && this.#isIdle(session, eventId, at)) {
      this.#close(session);
      session = undefined;
    }
    if (!session) {
      this.#count++;
      session = {
        id: this.#nextId++,
        entityKind,
        entityHash,
        firstEventId: eventId,
        lastEventId: eventId,
        eventCount: 0,
        startedAt: at,
        endedAt: at,
        isOpen: true,
        lastSeenAt: at,
      };
      if (this.#open.size >= maxOpenSessions) this.#letGo();
    }
    session.lastEventId = eventId;
    session.eventCount++;
    if (at !== null) {
      session.startedAt ??= at;
      session.endedAt = Math.max(session.endedAt ?? at, at);
      session.lastSeenAt = at;
      this.#latestAt = Math.max(this.#latestAt ?? at, at);
    }
    this.#lastEventId = eventId;
    this.#open.set(key, session); // at the end: it spoke last
    this.#changed.add(session);
    return session.id;
  }

  /** Sessions that changed since the last call. */
  takeChanged(): SessionRecord[] {
    const records = [...this.#changed].map(({ lastSeenAt: _lastSeenAt, ...record }) => record);
    this.#changed.clear();
    return records;
  }

  /** At the end of the log: sessions silent long enough have ended, the others were cut off and have no end. */
  finish(): void {
    for (const session of this.#open.values()) {
      if (this.#isIdle(session, this.#lastEventId, this.#latestAt)) this.#close(session);
    }
    this.#open.clear();
  }

  #isIdle(session: OpenSession, eventId: number, at: number | null): boolean {
    if (at !== null && session.lastSeenAt !== null) return at - session.lastSeenAt > idleMs;
    return eventId - session.lastEventId > idleEvents;
  }

  #close(session: OpenSession): void {
    session.isOpen = false;
    this.#changed.add(session);
  }

  /** Forgets the longest silent actor. Its session stays open in the record: nobody saw it end. */
  #letGo(): void {
    const [key] = this.#open.keys();
    if (key !== undefined) this.#open.delete(key);
  }
}
