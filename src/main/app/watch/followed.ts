/** @file One file of a watch: what is read of it, and the source that its lines become once there are enough to tell what it is. Import thread. */
import { AppError } from '../../../shared/errors.ts';
import type { FormatId } from '../../../shared/lines.ts';
import type { Client } from '../../../shared/port.ts';
import { detectFormat } from '../../ingest/detect.ts';
import type { FilePlace } from '../../ingest/fileIdentity.ts';
import { GrowingFile, type GrowingOptions, type Piece } from '../../ingest/growingFile.ts';
import { GrowingInput } from '../../ingest/growingInput.ts';
import { splitLines } from '../../ingest/lines.ts';
import { assumeTimes } from '../../ingest/parser.ts';
import type { StoreMethods } from '../../store/protocol.ts';
import type { WatchRecord } from '../../store/protocol/follows.ts';
import { basename } from 'node:path';
import { LiveSource, recentEvents, startOfLog, type LivePlace } from './liveSource.ts';
import type { FollowInput, FollowReport } from './watchProtocol.ts';

/** A format is told from the first lines: as many as came by then. */
const firstLinesMs = 1000;
const enoughBytes = 16 << 10;
const sampleLines = 500;
const parsedChars = 16_000;

export class Followed {
  watch: WatchRecord;
  readonly path: string;
  feed: GrowingFile | GrowingInput;
  source: LiveSource | null = null;
  sourceId: number | null;
  /** When lines were last read of it. */
  readAt = -Infinity;
  /** Lines in all, for whoever shows a rate. */
  lineCount = 0;
  /** That it is over was answered. */
  isOverTold = false;
  /** What was reported last, as one text. */
  reported = '';
  #notice: string | null = null;
  readonly #options: GrowingOptions;

  constructor(
    watch: WatchRecord,
    path: string,
    known: { sourceId: number; place: LivePlace } | null,
    options: GrowingOptions,
  ) {
    this.watch = watch;
    this.path = path;
    this.sourceId = known?.sourceId ?? null;
    this.#options = options;
    this.feed =
      watch.kind === 'input'
        ? new GrowingInput(0, options.halfLineMs)
        : new GrowingFile(path, known?.place.file ?? null, options);
  }

  /** Whether there is something to be read now. */
  isReady(now: number): boolean {
    const { lagBytes, behindSince } = this.feed;
    if (lagBytes === 0) return false;
    return (
      this.sourceId !== null || lagBytes >= enoughBytes || this.#hasEnded || now - (behindSince ?? now) >= firstLinesMs
    );
  }

  /** Standard input has ended, and all of it is made into events. */
  get isOver(): boolean {
    return this.feed instanceof GrowingInput && this.feed.isOver && this.source?.isWaiting !== true;
  }

  get #hasEnded(): boolean {
    return this.feed instanceof GrowingInput && this.feed.hasEnded;
  }

  /** The source of these lines, begun where there is none yet. */
  async open(store: Client<StoreMethods>, piece: Piece | null, input: FollowInput, now: number): Promise<LiveSource> {
    if (this.source) return this.source;
    this.sourceId ??= await this.#begin(store, piece, input);
    const { sourceId } = this;
    const [record, recent] = await Promise.all([
      store.call('read_follow', { sourceId }),
      store.call('read_lines', {
        sourceId,
        afterLine: Number.MAX_SAFE_INTEGER,
        limit: -recentEvents,
        maxChars: parsedChars,
      }),
    ]);
    this.source = new LiveSource(record, recent, now);
    return this.source;
  }

  /** Who asks has forgotten what was reported of it. */
  tellAnew(watch: WatchRecord): void {
    this.watch = watch;
    this.reported = '';
    this.isOverTold = false;
  }

  /** Forgets what was read and not written: it is read again from `place`. */
  startAgain(place: LivePlace | null): void {
    const hadLines = this.source !== null;
    this.source = null;
    if (this.feed instanceof GrowingInput) {
      if (hadLines)
        this.#notice = 'Lines of standard input may be lost: what was read and not written is not read again.';
      return;
    }
    this.feed.close();
    this.feed = new GrowingFile(this.path, place?.file ?? null, this.#options);
  }

  report(now: number): FollowReport {
    const { state, lagBytes, behindSince } = this.feed;
    if (this.feed.notice !== null) {
      this.#notice = this.feed.notice;
      this.feed.notice = null;
    }
    return {
      watchId: this.watch.id,
      path: this.path,
      sourceId: this.sourceId,
      state: state.kind === 'there' ? 'following' : state.kind === 'missing' ? 'waiting' : 'failed',
      message: state.kind === 'failed' ? state.message : this.#notice,
      lagBytes,
      lagMs: lagBytes > 0 && behindSince !== null ? Math.round(now - behindSince) : 0,
      lineCount: this.lineCount,
      isOver: this.isOver,
    };
  }

  async #begin(store: Client<StoreMethods>, piece: Piece | null, input: FollowInput): Promise<number> {
    if (!piece) throw new AppError('INTERNAL', 'A log was begun without a line.');
    const sample = splitLines(piece.bytes, null, true).lines.slice(0, sampleLines);
    const format: FormatId = this.watch.format ?? detectFormat(sample).format;
    const { sourceId } = await store.call('begin_follow', {
      watchId: this.watch.id,
      path: this.path,
      name: this.watch.kind === 'input' ? 'standard input' : basename(this.path),
      format,
      assumption: assumeTimes(format, sample, input.now, input.zone),
      importedAt: input.now,
      place: { ...startOfLog, file: piece.place satisfies FilePlace | null },
      actor: input.actor,
    });
    return sourceId;
  }
}
