/**
 * @file The events of one source that grows: lines in, a part for the store out. The same steps as an import's, in the same order, with the
 * state between them restored from the store: what was not written is read again. Runs in the import thread.
 */
import type { TextEncoding } from '../../../shared/lines.ts';
import type { FilePlace } from '../../ingest/fileIdentity.ts';
import type { Piece } from '../../ingest/growingFile.ts';
import { splitLines } from '../../ingest/lines.ts';
import { createLineParser } from '../../ingest/parser.ts';
import { createJoiner } from '../../ingest/records.ts';
import type { EventRecord } from '../../store/protocol/events.ts';
import type { FollowPart, FollowTotals } from '../../store/protocol/follows.ts';
import type { StoreMethods } from '../../store/protocol.ts';
import { toBatch, type NewEvent } from '../eventWriter.ts';
import type { EventMaker } from '../eventMaker.ts';
import { LogClock } from '../../../shared/logClock.ts';
import { Sessionizer } from '../sessionizer.ts';

/** Where reading goes on: `file` is where a line numbered `firstLine` begins. */
export type LivePlace = {
  file: FilePlace | null;
  firstLine: number;
  /** The first line whose event is not written. Of those behind it, the ones in `taken` are, or need not be. */
  nextLine: number;
  taken: number[];
  /** Of the bytes before `file`, over all files that bore the name. */
  readBytes: number;
  encoding: TextEncoding | null;
};

export const startOfLog: LivePlace = {
  file: null,
  firstLine: 1,
  nextLine: 1,
  taken: [],
  readBytes: 0,
  encoding: null,
};

type Parsed = ReturnType<ReturnType<typeof createLineParser>>;
type Waiting = Pick<NewEvent, 'raw' | 'lineNumber' | 'rawBytes'> & { moreLines: readonly number[]; parsed: Parsed };
type ReadPiece = Pick<LivePlace, 'file' | 'firstLine' | 'readBytes' | 'encoding'>;

/** Sessions ended in one micro-batch. */
const mostEnds = 2000;
/** Events behind which the log's time and the year's turn are known again. */
export const recentEvents = 32;

export class LiveSource {
  readonly sourceId: number;
  /** In milliseconds of a clock that is never set: when its last event was placed. */
  placedAt: number;
  readonly #parse: (raw: string) => Parsed;
  readonly #joiner;
  readonly #clock = new LogClock();
  readonly #sessions: Sessionizer;
  readonly #totals: FollowTotals;
  readonly #kinds: Set<number>;
  #hasNewKind = false;
  #lineNumber: number;
  readonly #skip: { before: number; taken: Set<number> };
  #encoding: TextEncoding | null;
  /** Pieces that hold a line not written yet, oldest first. */
  #pieces: ReadPiece[] = [];
  /** Lines that the joiner holds. */
  readonly #joining = new Set<number>();
  /** Lines with bytes that are no text, whose event is not placed yet. */
  readonly #badLines = new Set<number>();
  /** Events whose session waits for the stamps behind them. */
  readonly #waiting: Waiting[] = [];
  #placed: NewEvent[] = [];
  #nextEventId: number;
  /** Of the micro-batch under way. */
  #making: { maker: EventMaker; now: number } | null = null;
  #isChanged = false;
  #hasPlaced = false;
  #sweptAt = -Infinity;
  #sweptTime = -Infinity;

  constructor(record: StoreMethods['read_follow']['output'], recent: readonly EventRecord[], now: number) {
    const place = record.place as LivePlace;
    this.sourceId = record.sourceId;
    this.placedAt = now;
    this.#totals = { ...record.totals, sizeBytes: place.readBytes };
    this.#kinds = new Set(record.kinds);
    this.#lineNumber = place.firstLine - 1;
    this.#skip = { before: place.nextLine, taken: new Set(place.taken) };
    this.#encoding = place.encoding;
    this.#nextEventId = record.lastEventId + 1;
    for (const { at } of recent) this.#clock.advance(at);
    this.#sessions = new Sessionizer(record.nextSessionId);
    this.#sessions.restore(record.openSessions, record.totals.sessionCount, this.#clock.now, record.lastEventId);
    this.#parse = parserBehind(record, recent);
    this.#joiner = createJoiner(record.format, (raw, lineNumber, rawBytes, moreLines) => {
      this.#joining.delete(lineNumber);
      for (const line of moreLines) this.#joining.delete(line);
      const parsed = this.#parse(raw);
      this.#waiting.push({ raw, lineNumber, rawBytes, moreLines, parsed });
      this.#clock.advance(parsed.at);
      if (this.#waiting.length > LogClock.lag) this.#place();
    });
  }

  /** True while lines wait for what comes behind them. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0 || this.#joining.size > 0;
  }

  add(piece: Piece, maker: EventMaker, now: number): number {
    const { lines, rawBytes, encoding } = splitLines(piece.bytes, this.#encoding, piece.isAtStart);
    this.#making = { maker, now };
    const readBytes = this.#totals.sizeBytes;
    this.#pieces.push({ file: piece.place, firstLine: this.#lineNumber + 1, readBytes, encoding: this.#encoding });
    this.#encoding = encoding;
    this.#totals.sizeBytes += piece.sizeBytes;
    this.#totals.encoding = piece.encoding ?? encoding ?? 'utf-8';
    this.#isChanged = true;
    lines.forEach((raw, index) => {
      const lineNumber = ++this.#lineNumber;
      if (lineNumber < this.#skip.before || this.#skip.taken.delete(lineNumber)) return;
      this.#totals.lineCount = Math.max(this.#totals.lineCount, lineNumber);
      if (raw.trim() === '') {
        this.#totals.blankCount++;
        this.#joiner.pause();
      } else {
        const bytes = rawBytes.get(index);
        if (bytes && this.#totals.encoding === 'utf-8') this.#badLines.add(lineNumber);
        this.#joining.add(lineNumber);
        this.#joiner.push(raw, lineNumber, bytes);
      }
    });
    return lines.length;
  }

  /** One whole event that was sent: it waits for nothing behind it, and `at` stands above what its text says of the time. Gives its id. */
  push({ raw, at }: { raw: string; at: number }, maker: EventMaker, now: number): number {
    this.#making = { maker, now };
    const lineNumber = ++this.#lineNumber;
    this.#totals.lineCount = lineNumber;
    this.#totals.sizeBytes += Buffer.byteLength(raw);
    const parsed = { ...this.#parse(raw), at };
    this.#waiting.push({ raw, lineNumber, rawBytes: undefined, moreLines: [], parsed });
    this.#clock.advance(at);
    this.#isChanged = true;
    this.#place();
    return this.#nextEventId - 1;
  }

  /** Nothing comes for now: what waits for later lines is an event as the log is. */
  settle(maker: EventMaker, now: number): void {
    this.#making = { maker, now };
    this.#joiner.finish();
    while (this.#waiting.length > 0) this.#place();
  }

  /**
   * Ends sessions that have been silent too long: by the log's time, and once all of it is read also by the time that passed since.
   * True: there are some that are not written yet.
   */
  endIdle(now: number, isReadToItsEnd: boolean): boolean {
    const logTime = this.#clock.now;
    const time = logTime === null ? null : logTime + (isReadToItsEnd ? Math.max(0, now - this.placedAt) : 0);
    const isDue = (time ?? now) - this.#sweptTime >= 60_000 || (this.#hasPlaced && isReadToItsEnd);
    if (isDue && now - this.#sweptAt >= 1000 && !this.#sessions.endIdle(time, mostEnds)) {
      this.#sweptAt = now;
      this.#sweptTime = time ?? now;
      this.#hasPlaced = false;
    }
    return this.#sessions.hasChanged;
  }

  /** What is new since the last call, null where nothing is. `file`: where reading goes on if no line waits. */
  take(file: FilePlace | null): FollowPart | null {
    const sessions = this.#sessions.takeChanged();
    if (!this.#isChanged && this.#placed.length === 0 && sessions.length === 0) return null;
    this.#isChanged = false;
    const events = toBatch(this.#placed, this.#nextEventId - this.#placed.length);
    this.#placed = [];
    this.#totals.sessionCount = this.#sessions.count;
    const kinds = this.#hasNewKind ? [...this.#kinds] : null;
    this.#hasNewKind = false;
    return {
      sourceId: this.sourceId,
      events,
      sessions,
      ended: sessions.filter(({ isOpen }) => !isOpen).map(({ id }) => id),
      totals: { ...this.#totals },
      place: this.#placeBehind(file),
      kinds,
    };
  }

  #placeBehind(file: FilePlace | null): LivePlace {
    const open = new Set(this.#joining);
    for (const { lineNumber, moreLines } of this.#waiting)
      for (const line of [lineNumber, ...moreLines]) open.add(line);
    if (open.size === 0) {
      this.#pieces = [];
      const firstLine = this.#lineNumber + 1;
      const readBytes = this.#totals.sizeBytes;
      return { file, firstLine, nextLine: firstLine, taken: [], readBytes, encoding: this.#encoding };
    }
    const nextLine = Math.min(...open);
    while ((this.#pieces[1]?.firstLine ?? Infinity) <= nextLine) this.#pieces.shift();
    const [piece] = this.#pieces;
    if (!piece) throw new Error(`Line ${nextLine} is in no piece that was read.`);
    const taken: number[] = [];
    for (let line = nextLine + 1; line <= this.#lineNumber; line++) if (!open.has(line)) taken.push(line);
    return { ...piece, nextLine, taken };
  }

  /** Gives the next event its kind of line and its session, by the log's time around it. */
  #place(): void {
    const waiting = this.#waiting.shift();
    if (!waiting || !this.#making) return;
    const totals = this.#totals;
    const { raw, lineNumber, rawBytes, moreLines, parsed } = waiting;
    const eventId = this.#nextEventId++;
    const event = this.#making.maker.make({ raw, lineNumber, rawBytes }, parsed, eventId);
    const { now } = this.#clock;
    event.sessionId = this.#sessions.add(event.entity.kind, event.entity.hash, eventId, now);
    this.#placed.push(event);
    if (!parsed.fits) totals.plainCount++;
    for (const line of [lineNumber, ...moreLines]) if (this.#badLines.delete(line)) totals.badByteCount++;
    totals.eventCount++;
    if (now !== null) {
      totals.firstAt = Math.min(totals.firstAt ?? now, now);
      totals.lastAt = Math.max(totals.lastAt ?? now, now);
    }
    if (!this.#kinds.has(event.templateIndex)) {
      this.#kinds.add(event.templateIndex);
      this.#hasNewKind = true;
    }
    this.placedAt = this.#making.now;
    this.#hasPlaced = true;
  }
}

/** A parser in the state that it had behind the recent events: stamps without a year are of the year that the log has come to. */
function parserBehind(
  { format, assumption }: Pick<StoreMethods['read_follow']['output'], 'format' | 'assumption'>,
  recent: readonly EventRecord[],
): (raw: string) => Parsed {
  const first = recent.find(({ at }) => at !== null);
  if (assumption.year === null || !first) return createLineParser(format, assumption);
  const year = new Date(first.at ?? 0).getUTCFullYear();
  // Near the turn of a year the log's own zone decides.
  const years = [year, year - 1, year + 1];
  const own = years.find((one) => createLineParser(format, { ...assumption, year: one })(first.raw).at === first.at);
  const parse = createLineParser(format, { ...assumption, year: own ?? year });
  for (const { raw } of recent) parse(raw);
  return parse;
}
