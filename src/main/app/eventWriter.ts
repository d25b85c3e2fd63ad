/** @file Collects the events of an import into batches, puts them into sessions, and writes one batch while the next is made. Runs in the import thread. */
import type { EntityKind } from '../../shared/lines.ts';
import type { Client } from '../../shared/port.ts';
import type { Actor, EventBatch, SourceTotals, StoreMethods, TemplateRecord } from '../store/protocol.ts';
import { LogClock } from './logClock.ts';
import { Sessionizer } from './sessionizer.ts';

const batchEvents = 4096;

export type NewEvent = {
  raw: string;
  at: number | null;
  severity: number;
  templateIndex: number;
  entity: { kind: EntityKind; hash: number; text: string | null };
  host: string | null;
  rawBytes: Uint8Array | undefined;
};

export class EventWriter {
  readonly totals: SourceTotals = {
    lineCount: 0,
    eventCount: 0,
    plainCount: 0,
    blankCount: 0,
    badByteCount: 0,
    sessionCount: 0,
    firstAt: null,
    lastAt: null,
  };
  readonly #store: Client<StoreMethods>;
  readonly #sourceId: number;
  readonly #sessions: Sessionizer;
  readonly #takeTemplates: () => TemplateRecord[];
  readonly #clock = new LogClock();
  #events: (NewEvent & { lineNumber: number; sessionId: number })[] = [];
  /** How many of `#events` have their session: those further back than the clock looks ahead. */
  #placed = 0;
  #firstEventId: number;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(
    store: Client<StoreMethods>,
    source: { sourceId: number; nextEventId: number; nextSessionId: number },
    takeTemplates: () => TemplateRecord[],
  ) {
    this.#store = store;
    this.#sourceId = source.sourceId;
    this.#firstEventId = source.nextEventId;
    this.#sessions = new Sessionizer(source.nextSessionId);
    this.#takeTemplates = takeTemplates;
  }

  get nextEventId(): number {
    return this.#firstEventId + this.#events.length;
  }

  add(event: NewEvent): void {
    const { totals } = this;
    this.#clock.advance(event.at);
    this.#events.push({ ...event, lineNumber: totals.lineCount, sessionId: 0 });
    if (this.#events.length - this.#placed > LogClock.lag) this.#place();
    totals.eventCount++;
  }

  /** Back-pressure: at most one batch is being written while the next is made. */
  async flushFull(): Promise<void> {
    if (this.#placed >= batchEvents) await this.#flush();
  }

  /** `sha256` null: the file was not read to its end. */
  async finish(sha256: string | null, actor: Actor): Promise<void> {
    while (this.#placed < this.#events.length) this.#place();
    await this.#flush();
    await this.#writing;
    this.#sessions.finish();
    this.totals.sessionCount = this.#sessions.count;
    await this.#store.call('finish_source', {
      sourceId: this.#sourceId,
      state: sha256 === null ? 'partial' : 'ready',
      sha256,
      totals: this.totals,
      templates: this.#takeTemplates(),
      sessions: this.#sessions.takeChanged(),
      actor,
    });
  }

  /** Gives the next event its session, by the log's time around it. */
  #place(): void {
    const event = this.#events[this.#placed];
    if (!event) return;
    const { kind, hash } = event.entity;
    // The log's own time, so that one forged stamp neither stretches the log nor a session.
    const { now } = this.#clock;
    event.sessionId = this.#sessions.add(kind, hash, this.#firstEventId + this.#placed, now);
    if (now !== null) {
      this.totals.firstAt = Math.min(this.totals.firstAt ?? now, now);
      this.totals.lastAt = Math.max(this.totals.lastAt ?? now, now);
    }
    this.#placed++;
  }

  async #flush(): Promise<void> {
    const events = this.#events.slice(0, this.#placed);
    if (events.length === 0) return;
    const batch: EventBatch = {
      firstEventId: this.#firstEventId,
      lineNumbers: Int32Array.from(events, (event) => event.lineNumber),
      at: Float64Array.from(events, (event) => event.at ?? Number.NaN),
      severities: Int8Array.from(events, (event) => event.severity),
      templateIndexes: Int32Array.from(events, (event) => event.templateIndex),
      sessionIds: Float64Array.from(events, (event) => event.sessionId),
      hosts: events.map((event) => event.host),
      entities: events.map((event) => event.entity.text),
      raws: events.map((event) => event.raw),
      rawBytes: new Map(events.flatMap((event, index) => (event.rawBytes ? [[index, event.rawBytes]] : []))),
    };
    this.#firstEventId += events.length;
    this.#events = this.#events.slice(this.#placed);
    this.#placed = 0;
    const templates = this.#takeTemplates();
    const sessions = this.#sessions.takeChanged();
    await this.#writing;
    this.#writing = this.#store.call('append_events', { sourceId: this.#sourceId, events: batch, templates, sessions });
    this.#writing.catch(() => undefined); // heard at the next await
  }
}
