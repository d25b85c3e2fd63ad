/** @file From what the store keeps to what the renderer shows: templates get their words back from an example line, rows their place in words. */
import type { AlertRow } from '../../shared/alerts.ts';
import type { LogLine } from '../../shared/sources.ts';
import { lineSeverities, overflowToken, type Span } from '../../shared/lines.ts';
import { createLineParser, templatePrefixOf } from '../ingest/parser.ts';
import type { AlertRecord } from '../store/protocol/alerts.ts';
import type { EventRecord } from '../store/protocol/events.ts';
import type { TemplateRecord } from '../store/protocol/sources.ts';
import { createKeyedHash } from '../text/keyedHash.ts';
import { templateText } from '../text/templateText.ts';
import { tokenize } from '../text/mask.ts';
import { excerptOf, messageBehindWriter } from './excerpt.ts';
import { sequenceIdName } from './importProtocol.ts';
import type { Services } from './services.ts';

/** Lists show this much of a line. */
export const listChars = 2000;
/** A line looked at by itself is shown whole up to here; longer ones are cut in view and whole in the store. */
export const detailChars = 20_000;
/** So much of an event is read to be parsed: a field that ends behind it is not found. */
export const parsedChars = 16_000;
const cacheSize = 20_000;
export const erasedText = '(text erased)';
/** Of the template that holds what found none. */
const overflowText = '(any other line: there are more kinds than are told apart)';

export function toLogLine(event: EventRecord): LogLine {
  return {
    eventId: event.id,
    lineNumber: event.lineNumber,
    at: event.at,
    severity: lineSeverities[event.severity] ?? null,
    raw: event.raw,
    isCut: event.rawLengthChars > event.raw.length,
  };
}

/** The parser of an event's source. */
export function parserOf({
  format,
  assumption,
}: Pick<EventRecord, 'format' | 'assumption'>): ReturnType<typeof createLineParser> {
  return createLineParser(format === 'sequences' ? 'plain' : format, assumption);
}

/** An event without its header: what its writer said, as lists show it, and which program did. */
export function messageOf(event: EventRecord): { text: string; aside: Span | null } {
  return messageBehindWriter(event.raw, parserOf(event)(event.raw), listChars);
}

/** An event from what surprised on: `excerptOf`. A session of ids says nothing in words. */
export function eventExcerpt(event: EventRecord | undefined, surpriseAt: number | null): string | null {
  if (!event || event.format === 'sequences') return null;
  return excerptOf(event.raw, parserOf(event)(event.raw), surpriseAt);
}

/** Shows templates by number. Templates hold no text: it comes from the raw line of an example event. */
export class TemplateTexts {
  readonly #services: Services;
  readonly #hash: (text: string) => number;
  readonly #texts = new Map<number, string>();
  readonly #records = new Map<number, TemplateRecord>();

  constructor(services: Services) {
    this.#services = services;
    this.#hash = createKeyedHash(services.opened.hashKey);
  }

  /** Forget what may have changed: after an import or a learn job. */
  clear(): void {
    this.#texts.clear();
    this.#records.clear();
  }

  async records(): Promise<ReadonlyMap<number, TemplateRecord>> {
    if (this.#records.size === 0) {
      for (const record of await this.#services.store.call('list_templates', undefined))
        this.#records.set(record.index, record);
    }
    return this.#records;
  }

  /** `others` are events of some of the kinds, by kind: where a kind's example was removed with its log, one of them stands in. */
  async of(
    indexes: readonly number[],
    others: Iterable<readonly [index: number, eventId: number]> = [],
  ): Promise<(index: number) => string> {
    // A map of its own: the shared one may be cleared while the caller still shows what it asked for.
    const texts = new Map<number, string>();
    const standIns = new Map(others);
    const missing: number[] = [];
    for (const index of new Set(indexes)) {
      const known = this.#texts.get(index);
      if (known === undefined || (known === erasedText && standIns.has(index))) missing.push(index);
      else texts.set(index, known);
    }
    if (missing.length > 0) {
      let records = await this.records();
      if (missing.some((index) => !records.has(index))) {
        // A log that is followed has new kinds.
        this.#records.clear();
        records = await this.records();
      }
      const events = await this.#events(missing.flatMap((index) => records.get(index)?.exampleEventId ?? []));
      const exampleOf = (index: number): EventRecord | undefined => events.get(records.get(index)?.exampleEventId ?? 0);
      const lost = missing.filter((index) => !exampleOf(index));
      const found = await this.#events(lost.flatMap((index) => standIns.get(index) ?? []));
      if (this.#texts.size + missing.length > cacheSize) this.#texts.clear();
      for (const index of missing) {
        const record = records.get(index);
        const event = exampleOf(index) ?? found.get(standIns.get(index) ?? 0);
        const text = record && event ? this.#render(record, event) : erasedText;
        texts.set(index, text);
        this.#texts.set(index, text);
      }
    }
    return (index) => texts.get(index) ?? erasedText;
  }

  /** What the lines of alerts say, from what surprised on; null where a line is gone. */
  async excerpts(records: readonly AlertRecord[]): Promise<(record: AlertRecord) => string | null> {
    const events = await this.#events(records.map(({ eventId }) => eventId));
    return ({ eventId, surpriseAt }) => eventExcerpt(events.get(eventId), surpriseAt);
  }

  async #events(ids: readonly number[]): Promise<Map<number, EventRecord>> {
    if (ids.length === 0) return new Map();
    const input = { ids: [...new Set(ids)], maxChars: parsedChars };
    const events = await this.#services.store.call('get_events', input);
    return new Map(events.map((event) => [event.id, event]));
  }

  #render(record: TemplateRecord, event: EventRecord): string {
    const parsed = parserOf(event)(event.raw);
    const tokens = tokenize(event.raw, parsed.message);
    const prefix = templatePrefixOf(event.raw, parsed);
    if (event.format === 'sequences') {
      const id = this.#idIn(record, event);
      if (id !== undefined) return sequenceIdName(id);
    }
    const isOverflow = record.tokens[0] === overflowToken;
    const text = isOverflow ? overflowText : templateText(event.raw, tokens, record.tokens, parsed.message);
    return prefix === '' || record.prefixHash === 0 ? text : `${prefix}: ${text}`;
  }

  /** A session of ids: the id that this kind stands for. */
  #idIn(record: TemplateRecord, event: EventRecord): string | undefined {
    return event.raw.split(/[\s,"]+/).find((word) => this.#hash(sequenceIdName(word)) === record.prefixHash);
  }
}

export async function toAlertRows(records: readonly AlertRecord[], texts: TemplateTexts): Promise<AlertRow[]> {
  const kinds = records.map(({ templateIndex, eventId }) => [templateIndex, eventId] as const);
  const [textOf, excerptIn] = await Promise.all([
    texts.of(
      kinds.map(([index]) => index),
      kinds,
    ),
    texts.excerpts(records),
  ]);
  return records.map((record) => toAlertRow(record, textOf(record.templateIndex), excerptIn(record)));
}

/** `excerpt`: null where there is no line to be had; the kind of line stands in. */
export function toAlertRow(record: AlertRecord, template: string, excerpt: string | null): AlertRow {
  const {
    templateIndex,
    eventId: _event,
    surpriseAt: _surpriseAt,
    sessionId: _session,
    sourceId: _source,
    modelId: _model,
    perplexity: _perplexity,
    confidence: _confidence,
    ownSeverity: _ownSeverity,
    entityKind,
    entity,
    ...rest
  } = record;
  return {
    ...rest,
    template,
    excerpt: excerpt ?? template,
    templateNumber: templateIndex + 1,
    entity: { kind: entityKind, text: entity ?? (entityKind === 'source' ? record.sourceName : erasedText) },
  };
}
