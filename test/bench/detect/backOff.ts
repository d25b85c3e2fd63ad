/** @file Surprise by the last n - 1 events, counted: Witten and Bell's interpolated back-off (1991), of any order. The simplest model of sequences there is. */
import { keyTokens } from '../../../src/shared/sequences.ts';

type Context = { total: number; followers: Map<number, number> };

export class BackOff {
  readonly #order: number;
  readonly #vocabularySize: number;
  readonly #contexts = new Map<string, Context>();

  constructor(order: number, vocabularySize: number, sequences: readonly ArrayLike<number>[]) {
    this.#order = order;
    this.#vocabularySize = vocabularySize;
    for (const sequence of sequences) {
      for (let i = 1; i < sequence.length; i++) {
        for (let length = 0; length < order && length <= i; length++) this.#count(sequence, i, length);
      }
    }
  }

  /** Of the least expected token; the first of a sequence is given. */
  largestBits(sequence: ArrayLike<number>): number {
    let largest = 0;
    for (let i = 1; i < sequence.length; i++) largest = Math.max(largest, this.#bits(sequence, i));
    return largest;
  }

  #bits(sequence: ArrayLike<number>, place: number): number {
    const id = sequence[place] ?? keyTokens.unseen;
    let probability = 1 / this.#vocabularySize;
    for (let length = 0; length < this.#order && length <= place; length++) {
      const context = this.#contexts.get(contextKey(sequence, place, length));
      if (!context) break;
      const { total, followers } = context;
      probability = ((followers.get(id) ?? 0) + followers.size * probability) / (total + followers.size);
    }
    return -Math.log2(probability);
  }

  #count(sequence: ArrayLike<number>, place: number, length: number): void {
    const key = contextKey(sequence, place, length);
    const context = this.#contexts.get(key) ?? { total: 0, followers: new Map<number, number>() };
    this.#contexts.set(key, context);
    const id = sequence[place] ?? keyTokens.unseen;
    context.total++;
    context.followers.set(id, (context.followers.get(id) ?? 0) + 1);
  }
}

function contextKey(sequence: ArrayLike<number>, place: number, length: number): string {
  let key = '';
  for (let i = place - length; i < place; i++) key += `${sequence[i] ?? 0} `;
  return key;
}
