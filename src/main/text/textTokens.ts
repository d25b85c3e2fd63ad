/**
 * @file The named tokens of the text model: what begins, ends and separates, the levels, and the typed placeholders of `kinds.ts`. The one
 * table: a tokenizer is trained with these names, a GPT-2 checkpoint gets them added, and ids are looked up by name in either.
 */
import type { BpeTokenizer } from '../../shared/bpe/tokenizer.ts';
import { AppError } from '../../shared/errors.ts';
import { lineSeverities, type LineSeverity } from '../../shared/lines.ts';
import { keyTokens } from '../../shared/sequences.ts';
import { fineKinds } from './fineKinds.ts';
import { kindName, tokenKinds } from './kinds.ts';

/** How the tokens of structure are named. The first four have the ids of `keyTokens` in a tokenizer trained here. */
export const structureNames = {
  padding: '<pad>',
  begin: '<begin>',
  end: '<end>',
  unseen: '<new>',
  separator: '<separator>',
} as const;

const structureOrder: readonly string[] = Object.assign([], {
  [keyTokens.padding]: structureNames.padding,
  [keyTokens.begin]: structureNames.begin,
  [keyTokens.end]: structureNames.end,
  [keyTokens.unseen]: structureNames.unseen,
  [keyTokens.firstEventId]: structureNames.separator,
});

const levelName = (severity: LineSeverity): string => `<level:${severity}>`;
const placeholderKinds = Object.values(tokenKinds).filter((kind) => kind !== tokenKinds.word);
/** Kinds that came later, and those that tokenizers made before have in their place. */
const laterKinds: readonly (readonly [kind: number, earlier: number])[] = [
  [tokenKinds.none, tokenKinds.number],
  [tokenKinds.size, tokenKinds.number],
  [tokenKinds.duration, tokenKinds.number],
  [tokenKinds.version, tokenKinds.number],
  [tokenKinds.pathOdd, tokenKinds.path],
  [tokenKinds.queryOdd, tokenKinds.query],
  [tokenKinds.urlOdd, tokenKinds.url],
  [tokenKinds.agentOdd, tokenKinds.agent],
];

/** Every name, in the order of the ids that training gives them. */
export const textTokenNames: readonly string[] = [
  ...structureOrder,
  ...lineSeverities.map(levelName),
  ...placeholderKinds.map(kindName),
  ...fineKinds.map(({ name }) => name),
];

/** The ids that a tokenizer has for the names. */
export class TextTokenIds {
  readonly padding: number;
  readonly begin: number;
  readonly end: number;
  readonly unseen: number;
  readonly separator: number;
  readonly #levels: ReadonlyMap<LineSeverity, number>;
  readonly #kinds = new Int32Array(256);

  /** Throws MODEL_INVALID where the tokenizer lacks a name: it was never prepared for masked lines. One made before a kind came has a broader one. */
  constructor(tokenizer: BpeTokenizer) {
    const idOf = (name: string): number => {
      const id = tokenizer.namedId(name);
      if (id !== undefined) return id;
      throw new AppError(
        'MODEL_INVALID',
        `The model's tokenizer has no token ${name}. Train or import the model anew.`,
      );
    };
    this.padding = idOf(structureNames.padding);
    this.begin = idOf(structureNames.begin);
    this.end = idOf(structureNames.end);
    this.unseen = idOf(structureNames.unseen);
    this.separator = idOf(structureNames.separator);
    this.#levels = new Map(lineSeverities.map((severity) => [severity, idOf(levelName(severity))]));
    this.#kinds.fill(this.unseen);
    const earlierKinds = new Map(laterKinds);
    for (const kind of placeholderKinds) {
      const earlier = earlierKinds.get(kind);
      const own = tokenizer.namedId(kindName(kind));
      this.#kinds[kind] = own ?? idOf(kindName(earlier ?? kind));
    }
    for (const { kind, broad, name } of fineKinds) this.#kinds[kind] = tokenizer.namedId(name) ?? this.kind(broad);
  }

  level(severity: LineSeverity): number {
    return this.#levels.get(severity) ?? this.unseen;
  }

  /** Id of a placeholder of `tokenKinds` or `fineKinds`. */
  kind(kind: number): number {
    return this.#kinds[kind] ?? this.unseen;
  }
}
