/** @file Which kinds of line a model knows, and their token ids. Kinds are referred to by keyed content hash: a model file holds no text. */
import { keyTokens } from '../../shared/sequences.ts';
import { kindKey, severityOfKind, templateOfKind } from './keyTable.ts';

export type VocabularyEntry = {
  templateIndex: number;
  contentHash: string;
  /** Index into lineSeverities; -1: none. */
  severity: number;
  /** Events of this kind in training. */
  count: number;
};

/** Kinds beyond this many are left to `unseen`, the rarest first: the softmax stays small. */
const maxKinds = 20_000;

export class Vocabulary {
  /** Entry i has token id `keyTokens.firstEventId + i`. */
  readonly entries: readonly VocabularyEntry[];
  readonly eventCount: number;
  readonly #ids = new Map<number, number>();
  /** Templates that are another version of one that is known, and that one. */
  readonly #versions = new Map<number, number>();

  constructor(entries: readonly VocabularyEntry[]) {
    this.entries = entries;
    this.eventCount = entries.reduce((sum, entry) => sum + entry.count, 0);
    entries.forEach((entry, index) =>
      this.#ids.set(kindKey(entry.templateIndex, entry.severity), keyTokens.firstEventId + index),
    );
  }

  /** Counts kinds over training events; the commonest get the lowest ids. */
  static fromCounts(counts: ReadonlyMap<number, number>, contentHashOf: (templateIndex: number) => string): Vocabulary {
    const entries = [...counts].map(([key, count]): VocabularyEntry => {
      const templateIndex = templateOfKind(key);
      return { templateIndex, contentHash: contentHashOf(templateIndex), severity: severityOfKind(key), count };
    });
    entries.sort((a, b) => b.count - a.count || a.templateIndex - b.templateIndex || a.severity - b.severity);
    return new Vocabulary(entries.slice(0, maxKinds));
  }

  /** Number of token ids, the special ones included. */
  get size(): number {
    return keyTokens.firstEventId + this.entries.length;
  }

  /** Of a version of a known kind, that kind's. */
  idOf(templateIndex: number, severity: number): number {
    return this.#ids.get(this.knownKind(templateIndex, severity)) ?? keyTokens.unseen;
  }

  /** `kindKey` of the kind whose version this is; of any other kind, and of one that is as severe as no known version, its own. */
  knownKind(templateIndex: number, severity: number): number {
    const own = kindKey(templateIndex, severity);
    const version = this.#versions.get(templateIndex);
    if (version === undefined || this.#ids.has(own)) return own;
    const known = kindKey(version, severity);
    return this.#ids.has(known) ? known : own;
  }

  /** From now on lines of template `templateIndex` come where those of `knownIndex` did. */
  addVersion(templateIndex: number, knownIndex: number): void {
    this.#versions.set(templateIndex, knownIndex);
  }

  entryOf(id: number): VocabularyEntry | undefined {
    return this.entries[id - keyTokens.firstEventId];
  }
}
