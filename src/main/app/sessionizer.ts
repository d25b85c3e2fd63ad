/** @file Puts events into sessions: those of one actor without a long silence. Bounded: ended sessions go, then those silent the longest. */
import type { EntityKind } from '../../shared/lines.ts';
import type { SessionRecord } from '../store/protocol/sources.ts';

/** A session ends when its actor is silent this long. */
export const idleMs = 30 * 60_000;
/** The same where the log has no times. */
export const idleEvents = 20_000;
const mostOpenSessions = 200_000;

/** `seenAt` is the log's time when the actor last spoke, not the line's own stamp: a forged one must not end a session. */
type OpenSession = SessionRecord & { seenAt: number | null };

export class Sessionizer {
  /** By kind and hash of the actor. */
  readonly #open = new Map<EntityKind, Map<number, OpenSession>>();
  #openCount = 0;
  readonly #changed = new Set<OpenSession>();
  #nextId: number;
  #count = 0;
  #now: number | null = null;
  #lastEventId = 0;

  readonly #mostOpen: number;
  #cutCount = 0;

  constructor(nextId: number, mostOpen = mostOpenSessions) {
    this.#nextId = nextId;
    this.#mostOpen = mostOpen;
  }

  /** Sessions that were let go before their end, there being too many. */
  get cutCount(): number {
    return this.#cutCount;
  }

  /** Sessions begun so far. */
  get count(): number {
    return this.#count;
  }

  /** Session id of an event. Events come in the order of the log; `now` is the log's time (see LogClock), null where unknown. */
  add(entityKind: EntityKind, entityHash: number, eventId: number, now: number | null): number {
    this.#now = now ?? this.#now;
    let ofKind = this.#open.get(entityKind);
    if (!ofKind) this.#open.set(entityKind, (ofKind = new Map()));
    let session = ofKind.get(entityHash);
    if (session && this.#isIdle(session, eventId)) {
      this.#close(session);
      this.#openCount--;
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
        startedAt: now,
        endedAt: now,
        isOpen: true,
        seenAt: this.#now,
      };
      if (this.#openCount >= this.#mostOpen) this.#letGo();
      ofKind.set(entityHash, session);
      this.#openCount++;
    }
    session.lastEventId = eventId;
    session.eventCount++;
    if (now !== null) {
      session.startedAt ??= now;
      session.endedAt = Math.max(session.endedAt ?? now, now);
      session.seenAt = now;
    }
    this.#lastEventId = eventId;
    this.#changed.add(session);
    return session.id;
  }

  /** Takes over what is open of a log that is gone on with: of each actor, the session that began last. `now`: the log's time. */
  restore(sessions: readonly SessionRecord[], count: number, now: number | null, lastEventId: number): void {
    this.#count = count;
    this.#now = now;
    this.#lastEventId = lastEventId;
    for (const session of sessions) {
      let ofKind = this.#open.get(session.entityKind);
      if (!ofKind) this.#open.set(session.entityKind, (ofKind = new Map()));
      if (!ofKind.has(session.entityHash)) this.#openCount++;
      ofKind.set(session.entityHash, { ...session, seenAt: session.endedAt });
    }
  }

  /** Ends sessions that are silent long enough at this time of the log, at most so many. True: there may be more. */
  endIdle(now: number | null, most: number): boolean {
    this.#now = now === null || this.#now === null ? (now ?? this.#now) : Math.max(now, this.#now);
    let left = most;
    for (const ofKind of this.#open.values()) {
      for (const [hash, session] of ofKind) {
        if (!this.#isIdle(session, this.#lastEventId)) continue;
        if (left-- === 0) return true;
        this.#close(session);
        ofKind.delete(hash);
        this.#openCount--;
      }
    }
    return false;
  }

  get hasChanged(): boolean {
    return this.#changed.size > 0;
  }

  /** Sessions that changed since the last call. */
  takeChanged(): SessionRecord[] {
    const records = [...this.#changed].map(({ seenAt: _seenAt, ...record }) => record);
    this.#changed.clear();
    return records;
  }

  /** At the end of the log: sessions silent long enough have ended, the others were cut off and have no end. */
  finish(): void {
    for (const ofKind of this.#open.values()) {
      for (const session of ofKind.values()) {
        if (this.#isIdle(session, this.#lastEventId)) this.#close(session);
      }
    }
    this.#open.clear();
    this.#openCount = 0;
  }

  #isIdle(session: OpenSession, eventId: number): boolean {
    const now = this.#now;
    // A clock that was set back since says nothing of the time between.
    if (now !== null && session.seenAt !== null && now >= session.seenAt) return now - session.seenAt > idleMs;
    return eventId - session.lastEventId > idleEvents;
  }

  #close(session: OpenSession): void {
    session.isOpen = false;
    this.#changed.add(session);
  }

  /**
   * Makes room for half as many again: sessions that have ended, then those silent the longest. The latter stay open in the record: nobody
   * saw them end. What goes depends on nothing but the events so far.
   */
  #letGo(): void {
    const open: OpenSession[] = [];
    for (const ofKind of this.#open.values()) {
      for (const session of ofKind.values()) {
        if (!this.#isIdle(session, this.#lastEventId)) {
          open.push(session);
          continue;
        }
        this.#close(session);
        ofKind.delete(session.entityHash);
      }
    }
    open.sort((a, b) => a.lastEventId - b.lastEventId);
    const cut = open.slice(0, Math.max(0, open.length - Math.floor(this.#mostOpen / 2)));
    for (const { entityKind, entityHash } of cut) this.#open.get(entityKind)?.delete(entityHash);
    this.#cutCount += cut.length;
    this.#openCount = open.length - cut.length;
  }
}
