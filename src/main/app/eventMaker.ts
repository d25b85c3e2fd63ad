/**
 * @file What an event has besides its text: its kind of line, its actor, how severe its writer found it. One maker is for one order of events,
 * since the miner learns kinds from each. Runs in the import thread.
 */
import { lineSeverities, type ParsedLine } from '../../shared/lines.ts';
import { templatePrefixOf } from '../ingest/parser.ts';
import type { TemplateRecord } from '../store/protocol/sources.ts';
import { LineValueReader } from '../text/lineValues.ts';
import { entityKey, findEntity } from '../text/entity.ts';
import { tokenize } from '../text/mask.ts';
import { TemplateMiner, type Cluster } from '../text/templates.ts';
import { Tokens } from '../text/tokens.ts';
import type { NewEvent } from './eventWriter.ts';

export class EventMaker {
  readonly #keyedHash: (text: string) => number;
  readonly #miner: TemplateMiner;
  readonly #values: LineValueReader;
  /** Filled anew for every line: a line costs no allocation of its own. */
  readonly #tokens = new Tokens();
  /** Cluster index → an event of it. */
  readonly #examples: Map<number, number>;
  /** Clusters met by this maker. */
  readonly #met = new Set<number>();

  constructor(keyedHash: (text: string) => number, templates: readonly TemplateRecord[]) {
    this.#keyedHash = keyedHash;
    this.#values = new LineValueReader(keyedHash);
    this.#miner = new TemplateMiner({ hashWord: keyedHash });
    this.#miner.restore(
      templates.map(({ index, prefixHash, tokens, count, isFrozen, contentHash }) => ({
        index,
        prefixHash,
        tokens,
        count,
        frozen: isFrozen,
        contentHash,
      })),
    );
    this.#examples = new Map(templates.map(({ index, exampleEventId }) => [index, exampleEventId]));
  }

  /** The event of a parsed line that gets this id. */
  make(line: Pick<NewEvent, 'raw' | 'lineNumber' | 'rawBytes'>, parsed: ParsedLine, eventId: number): NewEvent {
    const { raw, lineNumber, rawBytes } = line;
    const tokens = tokenize(raw, parsed.message, this.#tokens);
    const templateIndex = this.kindOf(templatePrefixOf(raw, parsed), raw, eventId, tokens);
    const entity = findEntity(raw, parsed, tokens);
    return {
      lineNumber,
      raw,
      at: parsed.at,
      severity: parsed.severity === null ? -1 : lineSeverities.indexOf(parsed.severity),
      templateIndex,
      entity: entity
        ? { kind: entity.kind, hash: this.#keyedHash(entityKey(entity)), text: entity.text }
        : { kind: 'source', hash: 0, text: null },
      host: parsed.host ? raw.slice(parsed.host.start, parsed.host.end) : null,
      rawBytes,
      values: this.#values.read(raw, parsed, tokens),
      sessionId: 0,
    };
  }

  /** Counts a line of this prefix and gives the index of its template. */
  kindOf(
    prefix: string,
    raw: string,
    eventId: number,
    tokens = tokenize(raw, { start: 0, end: raw.length }, this.#tokens),
  ): number {
    const index = this.#miner.add(prefix, raw, tokens);
    // The newest import's: the log of an earlier example may be gone.
    if (!this.#met.has(index)) {
      this.#met.add(index);
      this.#examples.set(index, eventId);
    }
    return index;
  }

  /** Lines that are no kind of their own, because there are too many. */
  get overflowLines(): number {
    return this.#miner.overflowLines;
  }

  /** Templates that are new or changed since the last call. */
  takeTemplates(): TemplateRecord[] {
    return this.#miner.takeChanged().map((cluster: Cluster) => ({
      index: cluster.index,
      contentHash: cluster.contentHash,
      prefixHash: cluster.prefixHash,
      tokens: cluster.tokens,
      count: cluster.count,
      isFrozen: cluster.frozen,
      exampleEventId: this.#examples.get(cluster.index) ?? 0,
    }));
  }
}
