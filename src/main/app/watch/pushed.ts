/**
 * @file Lines that are sent, instead of read from files: each becomes an event of the source that bears its name, and all of a micro-batch are
 * written in one transaction. What is kept here between batches can be had from the store again. Runs in the import thread, in turn with its work.
 */
import { AppError } from '../../../shared/errors.ts';
import type { Client } from '../../../shared/port.ts';
import { detectFormat } from '../../ingest/detect.ts';
import { assumeTimes } from '../../ingest/parser.ts';
import type { FollowPart } from '../../store/protocol/follows.ts';
import type { StoreMethods } from '../../store/protocol.ts';
import { createKeyedHash } from '../../text/keyedHash.ts';
import type { EventMaker } from '../eventMaker.ts';
import { LiveSource, recentEvents, startOfLog } from './liveSource.ts';
import { mostApiSources, type PushedLine, type PushInput, type PushOutput } from './watchProtocol.ts';
import type { Watcher } from './watcher.ts';

const sampleLines = 500;
const parsedChars = 16_000;

export class Pushed {
  readonly #store: Client<StoreMethods>;
  readonly #lineHash: (text: string) => number;
  readonly #watcher: Watcher;
  /** By name; those that were used since the last failure. */
  readonly #sources = new Map<string, LiveSource>();
  /** By name, of all; null: to be read again. */
  #known: Map<string, number> | null = null;

  constructor(store: Client<StoreMethods>, hashKey: Uint8Array, watcher: Watcher) {
    this.#store = store;
    this.#lineHash = createKeyedHash(hashKey);
    this.#watcher = watcher;
  }

  /** What is known is read again: templates or sources are another's for a while, or nothing was written. */
  forget(): void {
    this.#sources.clear();
    this.#known = null;
  }

  /** Throws CONFLICT while nothing can be written, and for too many sources; nothing is kept then. */
  async push(input: PushInput, signal: AbortSignal): Promise<PushOutput> {
    // Nobody waits for it any more.
    signal.throwIfAborted();
    const maker = await this.#watcher.makerForOthers();
    try {
      return await this.#push(input, maker, signal);
    } catch (error) {
      this.forget();
      // Its miner knows lines that were not written.
      await this.#watcher.forgetTemplates();
      throw error;
    }
  }

  async #push(input: PushInput, maker: EventMaker, signal: AbortSignal): Promise<PushOutput> {
    const now = performance.now();
    const bySource = Map.groupBy(input.lines, ({ source }) => source);
    for (const [name, lines] of bySource) await this.#open(name, lines, input, now);
    const eventIds = input.lines.map((line) => this.#sources.get(line.source)?.push(line, maker, now) ?? 0);
    const parts: FollowPart[] = [];
    for (const [name, source] of this.#sources) {
      if (!bySource.has(name) && !source.endIdle(now, true)) continue;
      const part = source.take(null);
      if (part) parts.push(part);
    }
    const lines = input.lines.map(({ raw }, index) => ({
      lineHash: this.#lineHash(raw),
      eventId: eventIds[index] ?? 0,
    }));
    // Who gave up was told to send them again: stored now, they would be there twice.
    signal.throwIfAborted();
    if (parts.length > 0) await this.#store.call('append_follows', { parts, templates: maker.takeTemplates(), lines });
    return { eventIds, sourceIds: parts.map(({ sourceId }) => sourceId) };
  }

  async #open(name: string, lines: readonly PushedLine[], input: PushInput, now: number): Promise<void> {
    if (this.#sources.has(name)) return;
    const sourceId = (await this.#knownSources(input.watchId)).get(name) ?? (await this.#begin(name, lines, input));
    const [record, recent] = await Promise.all([
      this.#store.call('read_follow', { sourceId }),
      this.#store.call('read_lines', {
        sourceId,
        afterLine: Number.MAX_SAFE_INTEGER,
        limit: -recentEvents,
        maxChars: parsedChars,
      }),
    ]);
    this.#sources.set(name, new LiveSource(record, recent, now));
  }

  async #knownSources(watchId: number): Promise<Map<string, number>> {
    if (this.#known) return this.#known;
    const states = await this.#store.call('list_follows', undefined);
    const own = states.filter((state) => state.watchId === watchId);
    return (this.#known = new Map(own.map(({ path, sourceId }) => [path, sourceId])));
  }

  async #begin(name: string, lines: readonly PushedLine[], input: PushInput): Promise<number> {
    const known = await this.#knownSources(input.watchId);
    if (known.size >= mostApiSources) {
      throw new AppError(
        'CONFLICT',
        `There are ${mostApiSources} sources of the API already, and each has a log of its own. Send lines under one of their names, or remove a log.`,
      );
    }
    const sample = lines.slice(0, sampleLines).map(({ raw }) => raw);
    const { format } = detectFormat(sample);
    const { sourceId } = await this.#store.call('begin_follow', {
      watchId: input.watchId,
      path: name,
      name,
      format,
      assumption: assumeTimes(format, sample, input.now, input.zone),
      importedAt: input.now,
      place: startOfLog,
      actor: input.actor,
    });
    known.set(name, sourceId);
    return sourceId;
  }
}
