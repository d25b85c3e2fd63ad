/** @file Lines as the tutorial reads them, window by window: their text, its perplexity by a text model, and what the other two look at. */
import type { EngineMethods } from '../../../shared/engineProtocol.ts';
import type { SourceFormat, TimeAssumption } from '../../../shared/lines.ts';
import type { Client } from '../../../shared/port.ts';
import { packSequences } from '../../../shared/sequences.ts';
import { mostWindowTokens, tutorialLine, tutorialPerplexity } from '../../detect/tutorial/window.ts';
import { createLineParser } from '../../ingest/parser.ts';
import type { EventRecord } from '../../store/protocol/events.ts';
import type { StoreMethods } from '../../store/protocol.ts';
import { mostLineChars } from '../../text/maskedLine.ts';
import { idsOf } from '../textPrompt.ts';
import type { LineModel } from './lineDetection.ts';

/** Read at once. */
const linesPerCall = 1024;
const windowsPerCall = 128;
/** Windows whose perplexity is remembered: logs say the same again and again. */
const mostKnown = 5000;

export class TutorialWindows {
  readonly #store: Client<StoreMethods>;
  readonly #engine: Client<EngineMethods>;
  readonly #model: LineModel;
  #parser: { of: string; parse: ReturnType<typeof createLineParser> } | undefined;
  /** By text, those asked for last at the end. */
  readonly #known = new Map<string, number>();

  constructor(store: Client<StoreMethods>, engine: Client<EngineMethods>, model: LineModel) {
    this.#store = store;
    this.#engine = engine;
    this.#model = model;
  }

  /** Of each event; empty for one that was removed meanwhile. */
  async linesOf(eventIds: readonly number[], signal: AbortSignal): Promise<string[]> {
    const lines: string[] = [];
    for (let from = 0; from < eventIds.length; from += linesPerCall) {
      const ids = eventIds.slice(from, from + linesPerCall);
      const events = await this.#store.call('get_events', { ids, maxChars: mostLineChars }, { signal });
      const byId = new Map(events.map((event) => [event.id, event]));
      for (const id of ids) {
        const event = byId.get(id);
        lines.push(event ? this.#lineOf(event) : '');
      }
    }
    return lines;
  }

  async perplexitiesOf(windows: readonly string[], signal: AbortSignal): Promise<number[]> {
    const found = new Map<string, number>();
    const unknown: string[] = [];
    for (const text of new Set(windows)) {
      const known = this.#known.get(text);
      if (known === undefined) unknown.push(text);
      else found.set(text, known);
    }
    const { directory, tokenizer } = this.#model;
    for (let from = 0; from < unknown.length; from += windowsPerCall) {
      const some = unknown.slice(from, from + windowsPerCall);
      const sequences = packSequences(some.map((text) => idsOf(tokenizer, text).slice(0, mostWindowTokens)));
      const { bits } = await this.#engine.call('score_text', { directory, sequences }, { signal });
      some.forEach((text, index) => {
        const own = bits.subarray(sequences.offsets[index] ?? 0, sequences.offsets[index + 1] ?? 0);
        found.set(text, tutorialPerplexity(own));
      });
    }
    for (const [text, perplexity] of found) this.#remember(text, perplexity);
    return windows.map((text) => found.get(text) ?? 1);
  }

  #lineOf({ raw, format, assumption }: Pick<EventRecord, 'raw' | 'format' | 'assumption'>): string {
    const { severity, message } = this.#parse(format, assumption)(raw);
    return tutorialLine(severity, raw.slice(message.start, message.end));
  }

  #parse(format: SourceFormat, assumption: TimeAssumption): ReturnType<typeof createLineParser> {
    const of = `${format} ${assumption.year} ${assumption.zone}`;
    if (this.#parser?.of !== of)
      this.#parser = { of, parse: createLineParser(format === 'sequences' ? 'plain' : format, assumption) };
    return this.#parser.parse;
  }

  #remember(text: string, perplexity: number): void {
    this.#known.delete(text);
    this.#known.set(text, perplexity);
    if (this.#known.size <= mostKnown) return;
    const [oldest] = this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
  }
}
