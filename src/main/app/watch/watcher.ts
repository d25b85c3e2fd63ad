/**
 * @file Follows files: looks at them, makes a micro-batch of what is new in all of them, writes it in one transaction. What could not be
 * written is tried again before anything else is read. Runs in the import thread, in turn with its imports.
 */
import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { AppError, forStderr, toErrorData } from '../../../shared/errors.ts';
import type { Client } from '../../../shared/port.ts';
import type { GrowingOptions } from '../../ingest/growingFile.ts';
import type { FollowPart, WatchRecord } from '../../store/protocol/follows.ts';
import type { StoreMethods } from '../../store/protocol.ts';
import type { TemplateRecord } from '../../store/protocol/sources.ts';
import { createKeyedHash } from '../../text/keyedHash.ts';
import { EventMaker } from '../eventMaker.ts';
import { Followed } from './followed.ts';
import { logsOfFolder } from './folderLogs.ts';
import type { LivePlace } from './liveSource.ts';
import type { FollowInput, FollowReport, ReadOnOutput } from './watchProtocol.ts';

const lookMs = 50;
const answerMs = 1000;
/** Of one file before another has its turn, and of all in one micro-batch: about a tenth of a second's work. */
const pieceBytes = 128 << 10;
const batchBytes = 512 << 10;
/** What waits for later lines is an event when none come for so long. */
const settleMs = 250;
const halfLineMs = 10_000;
const leaveMs = 1500;
const retryMs = 1000;
/** Files that are looked at each time: those that were written to lately. Of the others, some in turn. */
const livelyMs = 60_000;
const othersPerLook = 200;
const listMs = 2000;
const mostOpenFiles = 64;

type Unwritten = { files: Followed[]; parts: FollowPart[]; templates: TemplateRecord[]; retryAt: number };

export class Watcher {
  readonly #store: Client<StoreMethods>;
  readonly #keyedHash: (text: string) => number;
  readonly #options: GrowingOptions;
  /** Work of the thread's, one at a time. */
  readonly #inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  #input: FollowInput | null = null;
  /** By path: one that two watches want is followed by the first. */
  readonly #files = new Map<string, Followed>();
  /** By watch and path that were followed before: the source, and its place. */
  readonly #known = new Map<string, { sourceId: number; place: LivePlace }>();
  #maker: EventMaker | null = null;
  #unwritten: Unwritten | null = null;
  #trouble: string | null = null;
  /** By folder: why it cannot be listed. */
  readonly #unlisted = new Map<string, string>();
  /** Nothing is read before. */
  #retryAt = -Infinity;
  #nextOther = 0;
  #nextFirst = 0;
  #listedAt = -Infinity;

  constructor(store: Client<StoreMethods>, hashKey: Uint8Array, inTurn: <T>(work: () => Promise<T>) => Promise<T>) {
    this.#store = store;
    this.#keyedHash = createKeyedHash(hashKey);
    this.#inTurn = inTurn;
    const hash = (bytes: Uint8Array): string => createHmac('sha256', hashKey).update(bytes).digest('hex').slice(0, 32);
    this.#options = { hash, halfLineMs, leaveMs };
  }

  follow(input: FollowInput): Promise<undefined> {
    return this.#inTurn(async () => {
      this.#input = input;
      const wanted = new Map(input.watches.map((watch) => [watch.id, watch]));
      for (const [path, file] of this.#files) {
        const watch = wanted.get(file.watch.id);
        if (watch) file.tellAnew(watch);
        else {
          file.feed.close();
          this.#files.delete(path);
        }
      }
      this.#known.clear();
      for (const { watchId, path, sourceId, place } of await this.#store.call('list_follows', undefined)) {
        const watch = wanted.get(watchId);
        this.#known.set(keyOf(watchId, path), { sourceId, place: place as LivePlace });
        if (watch) this.#add(watch, path);
      }
      for (const watch of input.watches) if (watch.kind !== 'folder') this.#add(watch, watch.path);
      this.#listedAt = -Infinity;
      return undefined;
    });
  }

  async readOn(): Promise<ReadOnOutput> {
    const until = performance.now() + answerMs;
    for (;;) {
      const now = performance.now();
      this.#look(now);
      const appended = this.#hasWork(now) ? await this.#inTurn(() => this.#batch()) : [];
      const over = [...this.#files.values()].filter((file) => file.isOver && !file.isOverTold && !this.#unwritten);
      if (appended.length > 0 || over.length > 0 || now >= until) {
        for (const file of over) file.isOverTold = true;
        const changed = this.#changes(performance.now());
        return {
          appended,
          changed,
          fileCount: this.#files.size,
          trouble: this.#trouble ?? this.#unlisted.values().next().value ?? null,
        };
      }
      await new Promise((resolve) => setTimeout(resolve, lookMs));
    }
  }

  /** Templates are another's for a while, or were frozen. Belongs into the turn of what changes them. */
  async forgetTemplates(): Promise<void> {
    this.#maker = null;
    // Made by a miner that knew less than what is there now.
    if (this.#unwritten) await this.#startAgain();
  }

  /**
   * What makes events of lines, for lines that come in another way: everyone's kinds of line are its. Belongs into a turn of the thread's.
   * Throws CONFLICT while nothing can be written.
   */
  async makerForOthers(): Promise<EventMaker> {
    if (this.#unwritten) throw new AppError('CONFLICT', this.#trouble ?? 'What was read could not be written yet.');
    const maker = await this.#readyMaker();
    if (!maker)
      throw new AppError('CONFLICT', 'A log whose import was cut off goes first. Open the app to go on with it.');
    return maker;
  }

  close(): void {
    for (const file of this.#files.values()) file.feed.close();
  }

  #add(watch: WatchRecord, path: string): void {
    if (this.#files.has(path)) return;
    const known = this.#known.get(keyOf(watch.id, path)) ?? null;
    this.#files.set(path, new Followed(watch, path, known, this.#options));
  }

  #look(now: number): void {
    if (now - this.#listedAt >= listMs) {
      this.#listedAt = now;
      for (const watch of this.#input?.watches ?? []) if (watch.kind === 'folder') this.#list(watch);
    }
    const files = [...this.#files.values()];
    const others: Followed[] = [];
    for (const file of files) {
      if (file.watch.kind !== 'folder' || now - file.readAt < livelyMs || file.feed.lagBytes > 0) file.feed.look(now);
      else others.push(file);
    }
    const count = Math.min(othersPerLook, others.length);
    for (let index = 0; index < count; index++) others[(this.#nextOther + index) % others.length]?.feed.look(now);
    this.#nextOther = others.length === 0 ? 0 : (this.#nextOther + count) % others.length;
    this.#restSome(files);
  }

  /** Handles are few: those of files that are read to their end, and longest ago, are given back first. */
  #restSome(files: readonly Followed[]): void {
    const open = files.filter(({ feed }) => feed.isOpen);
    if (open.length <= mostOpenFiles) return;
    const isRead = ({ feed }: Followed): number => (feed.lagBytes === 0 ? 0 : 1);
    open.sort((a, b) => isRead(a) - isRead(b) || a.readAt - b.readAt);
    for (const { feed } of open.slice(0, open.length - mostOpenFiles)) feed.rest();
  }

  #list(watch: WatchRecord): void {
    try {
      for (const name of logsOfFolder(watch, this.#files.keys())) this.#add(watch, join(watch.path, name));
      this.#unlisted.delete(watch.path);
    } catch (error) {
      const { code = 'unknown error' } = error as NodeJS.ErrnoException;
      this.#unlisted.set(watch.path, `The folder ${watch.path} could not be read (${code}).`);
    }
  }

  #hasWork(now: number): boolean {
    if (now < this.#retryAt) return false;
    if (this.#unwritten) return now >= this.#unwritten.retryAt;
    for (const file of this.#files.values()) {
      if (file.isReady(now)) return true;
      const { source } = file;
      if (!source) continue;
      if (source.isWaiting && now - file.readAt >= settleMs) return true;
      if (source.endIdle(now, file.feed.lagBytes === 0 && !source.isWaiting)) return true;
    }
    return false;
  }

  async #batch(): Promise<ReadOnOutput['appended']> {
    if (this.#unwritten) return this.#write(this.#unwritten);
    const maker = await this.#readyMaker();
    const input = this.#input;
    if (!maker || !input) return [];
    try {
      await this.#read(maker, input);
    } catch (error) {
      await this.#fail(error);
      return [];
    }
    const parts: FollowPart[] = [];
    const files: Followed[] = [];
    for (const file of this.#files.values()) {
      const part = file.source?.take(file.feed.place());
      if (!part) continue;
      parts.push(part);
      files.push(file);
    }
    if (parts.length === 0) return [];
    return this.#write({ files, parts, templates: maker.takeTemplates(), retryAt: 0 });
  }

  /** Null while an import that was cut off has to find the templates as it left them. */
  async #readyMaker(): Promise<EventMaker | null> {
    if (this.#maker) return this.#maker;
    if (await this.#store.call('find_open_import', undefined)) return null;
    this.#maker = new EventMaker(this.#keyedHash, await this.#store.call('list_templates', undefined));
    return this.#maker;
  }

  async #read(maker: EventMaker, input: FollowInput): Promise<void> {
    const files = [...this.#files.values()];
    let left = batchBytes;
    const first = this.#nextFirst++;
    for (let index = 0; index < files.length && left > 0; index++) {
      const file = files[(first + index) % files.length];
      if (!file) continue;
      const now = performance.now();
      const piece = file.isReady(now) ? file.feed.read(pieceBytes, now) : null;
      if (piece) {
        const source = await file.open(this.#store, piece, input, now);
        // Its last lines are in a file of its own, that may be gone at the next start.
        if (piece.isAtStart) source.settle(maker, now);
        file.lineCount += source.add(piece, maker, now);
        file.readAt = now;
        left -= piece.sizeBytes;
      }
      const { source } = file;
      const isQuiet = now - file.readAt >= settleMs || piece?.isCut === true;
      if (source?.isWaiting && isQuiet && (piece === null || piece.isCut)) source.settle(maker, now);
    }
  }

  async #write(unwritten: Unwritten): Promise<ReadOnOutput['appended']> {
    const { files, parts, templates } = unwritten;
    this.#unwritten = unwritten;
    try {
      await this.#store.call('append_follows', { parts, templates });
    } catch (error) {
      const { code, message } = toErrorData(error);
      this.#trouble = message;
      unwritten.retryAt = performance.now() + retryMs;
      if (code !== 'STORE_FULL' && code !== 'STORE_READONLY') await this.#startAgain();
      return [];
    }
    this.#unwritten = null;
    this.#trouble = null;
    files.forEach(({ watch, path }, index) => {
      const part = parts[index];
      if (part) this.#known.set(keyOf(watch.id, path), { sourceId: part.sourceId, place: part.place as LivePlace });
    });
    return parts.map(({ sourceId, events }) => ({
      sourceId,
      lastEventId: events.firstEventId + events.raws.length - 1,
    }));
  }

  async #fail(error: unknown): Promise<void> {
    const { code, message } = toErrorData(error);
    this.#trouble = message;
    if (code === 'INTERNAL') console.error(forStderr(error));
    await this.#startAgain();
    this.#retryAt = performance.now() + retryMs;
  }

  /** As after a crash: everything goes on from what the store says. */
  async #startAgain(): Promise<void> {
    this.#unwritten = null;
    this.#maker = null;
    const states = await this.#store.call('list_follows', undefined).catch((error: unknown) => {
      if (error instanceof AppError) return null;
      throw error;
    });
    if (!states) return;
    this.#known.clear();
    for (const { watchId, path, sourceId, place } of states)
      this.#known.set(keyOf(watchId, path), { sourceId, place: place as LivePlace });
    for (const file of this.#files.values()) {
      const known = this.#known.get(keyOf(file.watch.id, file.path)) ?? null;
      file.sourceId = known?.sourceId ?? null;
      file.startAgain(known?.place ?? null);
    }
  }

  /** What is to be told of: a state or a lag that is another than last time. */
  #changes(now: number): FollowReport[] {
    const changed: FollowReport[] = [];
    for (const file of this.#files.values()) {
      const report = file.report(now);
      const text = JSON.stringify([
        report.sourceId,
        report.state,
        report.message,
        report.lagBytes,
        report.lineCount,
        report.isOver,
      ]);
      if (text === file.reported) continue;
      file.reported = text;
      changed.push(report);
    }
    return changed;
  }
}

function keyOf(watchId: number, path: string): string {
  return `${watchId}\0${path}`;
}
