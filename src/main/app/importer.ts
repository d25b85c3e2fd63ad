/**
 * @file Lines of a file become events: parsed, masked, templated, put into sessions, written to the store in batches. One importer is for one
 * file: it starts from what the store says, so that an import that was cut off can be made again, event for event, and gone on with.
 * Runs in the import thread.
 */
import { createHash } from 'node:crypto';
import { AppError } from '../../shared/errors.ts';
import type { FormatId, SourceFormat } from '../../shared/lines.ts';
import type { Client } from '../../shared/port.ts';
import { detectFormat } from '../ingest/detect.ts';
import { hashFile } from '../ingest/file.ts';
import { readLines, type LineBatch } from '../ingest/lines.ts';
import { assumeTimes, createLineParser } from '../ingest/parser.ts';
import { createJoiner, type EventJoiner } from '../ingest/records.ts';
import type { OpenImport, SourceTotals } from '../store/protocol/sources.ts';
import type { StoreMethods } from '../store/protocol.ts';
import { createKeyedHash } from '../text/keyedHash.ts';
import { EventMaker } from './eventMaker.ts';
import { EventWriter } from './eventWriter.ts';
import { readSequenceLines } from './sequenceLines.ts';
import {
  sequenceIdName,
  type ImportInput,
  type ImportMethods,
  type ImportOutput,
  type ImportProgress,
} from './importProtocol.ts';

const progressMs = 200;
/** Of a line that names no actor. */
const nameless = {
  entity: { kind: 'source', hash: 0, text: null },
  host: null,
  rawBytes: undefined,
  values: null,
  sessionId: 0,
} as const;
const sampleLines = 500;

type BeginSource = StoreMethods['begin_source']['input'];
type SequencesInput = ImportMethods['import_sequences']['input'];
type Run = { signal: AbortSignal; progress: (value: ImportProgress) => void };

export class Importer {
  readonly #store: Client<StoreMethods>;
  readonly #maker: EventMaker;
  /** What an earlier start of the app wrote of this file. */
  readonly #open: OpenImport | null;
  #writer: EventWriter | undefined;

  private constructor(store: Client<StoreMethods>, maker: EventMaker, open: OpenImport | null) {
    this.#open = open;
    this.#store = store;
    this.#maker = maker;
  }

  /** For a file to be read as one of these formats. Whatever other import was cut off is not gone on with any more. */
  static async open(
    store: Client<StoreMethods>,
    hashKey: Uint8Array,
    input: Pick<ImportInput, 'path' | 'actor'>,
    fits: (format: SourceFormat) => boolean,
  ): Promise<Importer> {
    const found = await store.call('find_open_import', undefined);
    const open = found && found.path === input.path && fits(found.format) ? found : null;
    if (!open) await store.call('abandon_imports', { actor: input.actor });
    const templates = await store.call(open ? 'list_templates_before' : 'list_templates', undefined);
    return new Importer(store, new EventMaker(createKeyedHash(hashKey), templates), open);
  }

  /** Reads a file to its end. Cancelled or failed half-way: what was read stays, as a partial source. */
  import(input: ImportInput, run: Run): Promise<ImportOutput> {
    return this.#goingOn(input, () => this.#import(input, run));
  }

  /** One session of event ids per line: lines become events, ids become kinds of their own. */
  importSequences(input: SequencesInput, run: Run): Promise<ImportMethods['import_sequences']['output']> {
    return this.#goingOn(input, () => this.#importSequences(input, run));
  }

  /** What fails before it comes to new lines cannot be gone on with: the words say what is there and what to do. */
  async #goingOn<T>({ name, actor }: ImportInput, work: () => Promise<T>): Promise<T> {
    const open = this.#open;
    try {
      return await work();
    } catch (error) {
      if (!open || this.#writer?.isMakingAgain === false) throw error;
      await this.#store.call('abandon_imports', { actor });
      if (!(error instanceof AppError) || error.code === 'CANCELLED') throw error;
      throw new AppError(
        error.code,
        `${name} could not be read on from where it was cut off. ${error.message} Its first ${open.lineCount} lines are kept as a log read in part; open the file again to read it whole.`,
        { cause: error },
      );
    }
  }

  /** Begins the source, or goes on with it. */
  async #begin(source: BeginSource): Promise<EventWriter> {
    const open = this.#open;
    if (open) await this.#store.call('resize_source', { sourceId: open.sourceId, sizeBytes: source.sizeBytes });
    const begun = open ?? (await this.#store.call('begin_source', source));
    this.#writer = new EventWriter(this.#store, begun, () => this.#maker.takeTemplates());
    return this.#writer;
  }

  async #import(input: ImportInput, run: Run): Promise<ImportOutput> {
    const open = this.#open;
    const hash = createHash('sha256');
    const batches = readLines(input.path, { signal: run.signal, hash });
    const first = await batches.next();
    const sample = first.done ? [] : first.value.lines.slice(0, sampleLines);
    const format = (open?.format as FormatId | undefined) ?? input.format ?? detectFormat(sample).format;
    const assumption = open?.assumption ?? assumeTimes(format, sample, input.now, input.zone);
    const sizeBytes = first.done ? 0 : first.value.sizeBytes;
    const { actor, name, path } = input;
    const begun = { name, format, sizeBytes, assumption, importedAt: input.now, path, actor };
    const writer = await this.#begin(begun).catch(async (error: unknown) => {
      await batches.return(undefined); // closes the file
      throw error;
    });
    const startedAt = performance.now();
    let reportedAt = 0;
    let failure: unknown;
    let cutLineCount = first.done ? 0 : first.value.cutLines;
    const parse = createLineParser(format, assumption);
    const joiner = createJoiner(format, (raw, lineNumber, rawBytes) => {
      const parsed = parse(raw);
      if (!parsed.fits || format === 'plain') writer.totals.plainCount++;
      writer.add(this.#maker.make({ raw, lineNumber, rawBytes }, parsed, writer.nextEventId));
    });
    try {
      if (!first.done) addLines(first.value, joiner, writer.totals);
      for await (const batch of batches) {
        cutLineCount += batch.cutLines;
        addLines(batch, joiner, writer.totals);
        await writer.flushFull();
        const now = performance.now();
        if (now - reportedAt >= progressMs) {
          reportedAt = now;
          run.progress({
            sourceId: writer.sourceId,
            bytesRead: batch.bytesRead,
            sizeBytes: batch.sizeBytes,
            lineCount: writer.totals.lineCount,
            linesPerSecond: Math.round((writer.totals.lineCount / (now - startedAt)) * 1000),
            goesOnAtLine: open && open.lineCount + 1,
          });
        }
      }
    } catch (error) {
      failure = error;
    }
    joiner.finish();
    if (failure && writer.isMakingAgain) throw failure;
    const sha256 = failure ? null : hash.digest('hex');
    // Where the store failed, its own sentence comes first; the source is left to `abandon_imports`.
    await writer.finish(sha256, actor).catch((error: unknown) => {
      throw failure ?? error;
    });
    if (failure) throw failure;
    return {
      sourceId: writer.sourceId,
      sha256: sha256 ?? '',
      totals: writer.totals,
      cutLineCount,
      unsortedLineCount: this.#maker.overflowLines,
      cutSessionCount: writer.cutSessionCount,
    };
  }

  /** Of a source that is `known` the lines are only read again. */
  async #importSequences(input: SequencesInput, run: Run): Promise<ImportMethods['import_sequences']['output']> {
    const { actor, name, known, now, path } = input;
    const ids: number[] = [];
    const offsets: number[] = [0];
    const lineNumbers: number[] = [];
    let writer: EventWriter | undefined;
    let source: { sourceId: number; nextEventId: number } | null = known;
    let lineCount = 0;
    let firstLine = 1;
    try {
      for await (const line of readSequenceLines(input.path, run.signal)) {
        if (!source) {
          const assumption = { year: null, zone: null };
          const { sizeBytes } = line;
          const begun = { name, format: 'sequences', sizeBytes, assumption, importedAt: now, path, actor } as const;
          writer = await this.#begin(begun);
          source = { sourceId: writer.sourceId, nextEventId: writer.nextEventId };
        }
        if (lineCount === 0) firstLine = line.lineNumber;
        lineCount = line.lineNumber;
        if (writer) {
          writer.totals.lineCount = lineCount;
          if (line.ids.length === 0) writer.totals.blankCount++;
        }
        if (line.ids.length === 0) continue;
        const eventId = source.nextEventId + lineNumbers.length;
        for (const id of line.ids) ids.push(this.#maker.kindOf(sequenceIdName(id), id, eventId));
        offsets.push(ids.length);
        lineNumbers.push(line.lineNumber);
        const templateIndex = ids.at(-1) ?? 0;
        writer?.add({ ...nameless, lineNumber: line.lineNumber, raw: line.raw, at: null, severity: -1, templateIndex });
        await writer?.flushFull();
      }
    } catch (error) {
      if (writer?.isMakingAgain !== true) await writer?.finish(null, actor).catch(() => undefined); // the first error says more
      throw error;
    }
    if (!source) throw new AppError('BAD_INPUT', `${name} is empty: there is no session in it.`);
    await writer?.finish(await hashFile(input.path, run.signal), actor);
    const first = source.nextEventId;
    return {
      sourceId: source.sourceId,
      lineCount,
      firstLine,
      sequences: { ids: Int32Array.from(ids), offsets: Int32Array.from(offsets) },
      eventIds: Float64Array.from(lineNumbers, (_line, index) => first + index),
      lineNumbers: Int32Array.from(lineNumbers),
    };
  }
}

/** Counts the lines and hands them to what joins them. Bytes that only another encoding explains are not bad ones. */
function addLines(batch: LineBatch, joiner: EventJoiner, totals: SourceTotals): void {
  totals.encoding = batch.encoding;
  batch.lines.forEach((raw, index) => {
    totals.lineCount++;
    const rawBytes = batch.rawBytes.get(index);
    if (rawBytes && batch.encoding === 'utf-8') totals.badByteCount++;
    if (raw.trim() === '') {
      totals.blankCount++;
      joiner.pause();
    } else {
      joiner.push(raw, totals.lineCount, rawBytes);
    }
  });
}
