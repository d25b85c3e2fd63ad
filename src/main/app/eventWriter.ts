/**
 * @file Collects the events of an import into batches, puts them into sessions, and writes one batch while the next is made. Of an import
 * that goes on, what was written before is only made again, and compared. Runs in the import thread.
 */
import { AppError } from '../../shared/errors.ts';
import { emptyValues } from '../../shared/eventValues.ts';
import type { EntityKind } from '../../shared/lines.ts';
import type { Client } from '../../shared/port.ts';
import { EventDigest } from '../store/eventDigest.ts';
import type { Actor } from '../store/protocol/workspace.ts';
import type { EventBatch, SourceTotals, TemplateRecord } from '../store/protocol/sources.ts';
import type { StoreMethods } from '../store/protocol.ts';
import type { LineValues } from '../text/lineValues.ts';
import { LogClock } from '../../shared/logClock.ts';
import { Sessionizer } from './sessionizer.ts';

const batchEvents = 4096;

export type NewEvent = {
  /** Of its first line. */
  lineNumber: number;
  raw: string;
  at: number | null;
  severity: number;
  templateIndex: number;
  entity: { kind: EntityKind; hash: number; text: string | null };
  host: string | null;
  rawBytes: Uint8Array | undefined;
  /** Null: nothing is known of it beside its kind. */
  values: LineValues | null;
  /** 0 until it has one. */
  sessionId: number;
};

/** Events as columns, with ids from `firstEventId` on. In one pass: a line of an import costs little else. */
export function toBatch(events: readonly NewEvent[], firstEventId: number): EventBatch {
  const count = events.length;
  const batch: EventBatch = {
    firstEventId,
    lineNumbers: new Int32Array(count),
    at: new Float64Array(count),
    severities: new Int8Array(count),
    templateIndexes: new Int32Array(count),
    sessionIds: new Float64Array(count),
    hosts: [],
    entities: [],
    raws: [],
    rawBytes: new Map(),
    values: events.some(({ values }) => values) ? emptyValues(count) : null,
  };
  const shapes = batch.values ? new Int32Array(batch.values.shapes.buffer) : new Int32Array();
  events.forEach((event, row) => {
    batch.lineNumbers[row] = event.lineNumber;
    batch.at[row] = event.at ?? Number.NaN;
    batch.severities[row] = event.severity;
    batch.templateIndexes[row] = event.templateIndex;
    batch.sessionIds[row] = event.sessionId;
    batch.hosts.push(event.host);
    batch.entities.push(event.entity.text);
    batch.raws.push(event.raw);
    if (event.rawBytes) batch.rawBytes.set(row, event.rawBytes);
    const { values } = event;
    if (!values || !batch.values) return;
    batch.values.lineHashes[row] = values.lineHash;
    batch.values.users[row] = values.user;
    batch.values.networks[row] = values.network;
    batch.values.hosts[row] = values.host;
    batch.values.outcomes[row] = values.outcome;
    batch.values.flags[row] = values.flags;
    shapes[2 * row] = values.shapeLow;
    shapes[2 * row + 1] = values.shapeHigh;
  });
  return batch;
}

export class EventWriter {
  readonly totals: SourceTotals = {
    lineCount: 0,
    eventCount: 0,
    plainCount: 0,
    blankCount: 0,
    badByteCount: 0,
    encoding: 'utf-8',
    sessionCount: 0,
    firstAt: null,
    lastAt: null,
  };
  readonly sourceId: number;
  readonly #store: Client<StoreMethods>;
  readonly #sessions: Sessionizer;
  readonly #takeTemplates: () => TemplateRecord[];
  readonly #clock = new LogClock();
  #events: NewEvent[] = [];
  /** How many of `#events` have their session: those further back than the clock looks ahead. */
  #placed = 0;
  #firstEventId: number;
  #writing: Promise<unknown> = Promise.resolve();
  /** Events up to this id are written already. */
  readonly #writtenTo: number;
  /** Of what is made again. */
  readonly #digest = new EventDigest();
  #isMakingAgain: boolean;

  constructor(
    store: Client<StoreMethods>,
    source: { sourceId: number; nextEventId: number; nextSessionId: number; lastEventId?: number },
    takeTemplates: () => TemplateRecord[],
  ) {
    this.#store = store;
    this.sourceId = source.sourceId;
    this.#firstEventId = source.nextEventId;
    this.#writtenTo = source.lastEventId ?? 0;
    this.#isMakingAgain = this.#writtenTo >= source.nextEventId;
    this.#sessions = new Sessionizer(source.nextSessionId);
    this.#takeTemplates = takeTemplates;
  }

  get nextEventId(): number {
    return this.#firstEventId + this.#events.length;
  }

  /** Sessions left without an end, there being too many. */
  get cutSessionCount(): number {
    return this.#sessions.cutCount;
  }

  /** True until the first write of what was not written before. */
  get isMakingAgain(): boolean {
    return this.#isMakingAgain;
  }

  add(event: NewEvent): void {
    const { totals } = this;
    if (this.nextEventId <= this.#writtenTo) this.#digest.add(event.lineNumber, event.raw, event.rawBytes);
    this.#clock.advance(event.at);
    this.#events.push(event);
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
    await this.#compare(); // a file that ends before what was written of it
    this.#sessions.finish();
    this.totals.sessionCount = this.#sessions.count;
    await this.#store.call('finish_source', {
      sourceId: this.sourceId,
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
    if (this.#placed === 0) return;
    const written = Math.min(this.#placed, Math.max(0, this.#writtenTo - this.#firstEventId + 1));
    const events = this.#events.slice(written, this.#placed);
    if (events.length === 0) {
      // What these events changed of templates and sessions was written with them; what later ones did is not.
      if (this.nextEventId - 1 <= this.#writtenTo) {
        this.#takeTemplates();
        this.#sessions.takeChanged();
      }
      this.#forgetPlaced();
      return;
    }
    await this.#compare();
    const batch = toBatch(events, this.#firstEventId + written);
    this.#forgetPlaced();
    const templates = this.#takeTemplates();
    const sessions = this.#sessions.takeChanged();
    await this.#writing;
    this.#writing = this.#store.call('append_events', { sourceId: this.sourceId, events: batch, templates, sessions });
    this.#writing.catch(() => undefined); // heard at the next await
  }

  #forgetPlaced(): void {
    this.#firstEventId += this.#placed;
    this.#events = this.#events.slice(this.#placed);
    this.#placed = 0;
  }

  /**
   * Throws CONFLICT where the file no longer says what was read from it. The lines themselves are compared: size and time of change would
   * refuse a log that only grew, and pass one whose time was set back.
   */
  async #compare(): Promise<void> {
    if (!this.#isMakingAgain) return;
    const isShorter = this.nextEventId <= this.#writtenTo;
    const written = await this.#store.call('digest_events', { sourceId: this.sourceId });
    if (isShorter || this.#digest.hex() !== written) {
      throw new AppError('CONFLICT', 'The file no longer says what was read from it: it was changed or replaced.');
    }
    this.#isMakingAgain = false;
  }
}
