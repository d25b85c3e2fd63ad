/**
 * @file What line detectors say of events: each distinct masked line is read and scored once, however many events have it. Used by calibration,
 * by scoring and by what is followed. One for each key model in use with its text model; what it remembers is bounded.
 */
import type { EngineMethods } from '../../../shared/engineProtocol.ts';
import type { Client } from '../../../shared/port.ts';
import { packSequences } from '../../../shared/sequences.ts';
import type { StoreMethods } from '../../store/protocol.ts';
import { mostLineChars } from '../../text/maskedLine.ts';
import type { LineDetection } from './lineDetection.ts';
import { LineReader } from './lineReader.ts';

/** Columns of the events whose lines are asked about. */
export type LinePage = { eventIds: Float64Array; lineHashes: Float64Array };

/** Some 20 MB. */
const mostKnown = 200_000;
/** Read, masked and scored together. */
const linesPerCall = 1024;

export type LineSource = { store: Client<StoreMethods>; engine: Client<EngineMethods> };

/** Of a page, one column for each of the detection's line detectors. */
export type PageScores = { score(page: LinePage, signal: AbortSignal): Promise<Float32Array[]> };

export class LineScores implements PageScores {
  readonly detection: LineDetection;
  readonly #source: LineSource;
  readonly #reader: LineReader;
  /** By line hash, those asked for last at the end. */
  readonly #known = new Map<number, Float32Array>();
  readonly #mostKnown: number;

  constructor(source: LineSource, detection: LineDetection, most = mostKnown) {
    this.#source = source;
    this.detection = detection;
    this.#mostKnown = most;
    this.#reader = new LineReader(detection.model?.tokenizer ?? null);
  }

  /** One column for each detector of the detection; NaN where an event has no line hash, or its line is gone. */
  async score({ eventIds, lineHashes }: LinePage, signal: AbortSignal): Promise<Float32Array[]> {
    const columns = this.detection.ids.map(() => new Float32Array(lineHashes.length).fill(Number.NaN));
    if (columns.length === 0) return columns;
    // A page may have more distinct lines than are remembered: they are kept until it is done.
    const page = new Map<number, Float32Array>();
    const unknown = new Map<number, number>();
    lineHashes.forEach((hash, row) => {
      if (hash === 0 || page.has(hash) || unknown.has(hash)) return;
      const known = this.#known.get(hash);
      if (known) page.set(hash, known);
      else unknown.set(hash, eventIds[row] ?? 0);
    });
    const examples = [...unknown];
    for (let from = 0; from < examples.length; from += linesPerCall)
      for (const [hash, scores] of await this.#scoresOf(examples.slice(from, from + linesPerCall), signal))
        page.set(hash, scores);
    for (const [hash, scores] of page) this.#remember(hash, scores);
    lineHashes.forEach((hash, row) => {
      const scores = page.get(hash);
      if (scores) columns.forEach((column, detector) => (column[row] = scores[detector] ?? Number.NaN));
    });
    return columns;
  }

  async #scoresOf(
    examples: readonly (readonly [hash: number, eventId: number])[],
    signal: AbortSignal,
  ): Promise<[number, Float32Array][]> {
    const { store, engine } = this.#source;
    const { model, scorers } = this.detection;
    const ids = examples.map(([, eventId]) => eventId);
    const events = await store.call('get_events', { ids, maxChars: mostLineChars }, { signal });
    const byId = new Map(events.map((event) => [event.id, event]));
    const read = examples.flatMap(([hash, eventId]) => {
      const event = byId.get(eventId);
      if (!event) return []; // removed meanwhile
      const { masked, encoded } = this.#reader.read(event);
      return [{ hash, text: masked.text, ids: encoded?.ids.slice(0, encoded.length) ?? new Int32Array() }];
    });
    const sequences = packSequences(read.map((line) => line.ids));
    const { bits } = model
      ? await engine.call('score_text', { directory: model.directory, sequences }, { signal })
      : { bits: new Float32Array() };
    return read.map(({ hash, text }, index) => {
      const own = bits.subarray(sequences.offsets[index] ?? 0, sequences.offsets[index + 1] ?? 0);
      return [hash, Float32Array.from(scorers, (scorer) => scorer.score({ text, bits: own }))];
    });
  }

  #remember(hash: number, scores: Float32Array): void {
    this.#known.delete(hash);
    this.#known.set(hash, scores);
    if (this.#known.size <= this.#mostKnown) return;
    const [oldest] = this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
  }
}
