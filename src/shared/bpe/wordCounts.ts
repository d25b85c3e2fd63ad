/** @file How often each word occurs: what a tokenizer is trained on. Bounded in words and in their length; what is left out is told. */
import type { CountedWords } from './training.ts';
import { endOfWord } from './words.ts';

/** Longer runs without a blank are no words of a language: base64, padding, attacks. */
const longestWord = 64;

export class WordCounts {
  /** Occurrences that do not count: of words too long, or dropped when there were too many. */
  leftOut = 0;
  readonly #counts = new Map<string, number>();
  readonly #mostWords: number;
  #dropUpTo = 0;

  constructor(mostWords = 1_000_000) {
    this.#mostWords = mostWords;
  }

  get size(): number {
    return this.#counts.size;
  }

  /** Counts the words of the text [start, end), which stands for `times` texts. */
  add(text: string, start: number, end: number, times = 1): void {
    const textEnd = Math.min(end, text.length);
    for (let position = start; position < textEnd;) {
      const wordEnd = endOfWord(text, position, textEnd);
      if (wordEnd - position > longestWord) this.leftOut += times;
      else this.#count(text.slice(position, wordEnd), times);
      position = wordEnd;
    }
  }

  #count(word: string, times: number): void {
    const count = this.#counts.get(word);
    if (count !== undefined) {
      this.#counts.set(word, count + times);
      return;
    }
    // A slice keeps the whole line in memory; a copy does not.
    this.#counts.set(copyOf(word), times);
    while (this.#counts.size > this.#mostWords) this.#dropRare();
  }

  /** Half the room is made, so that this happens seldom: first those seen once, then twice, four times and so on. */
  #dropRare(): void {
    this.#dropUpTo = Math.max(1, this.#dropUpTo * 2);
    for (const [word, count] of this.#counts) {
      if (count > this.#dropUpTo) continue;
      this.#counts.delete(word);
      this.leftOut += count;
    }
    if (this.#counts.size <= this.#mostWords / 2) this.#dropUpTo /= 2;
  }

  pack(): CountedWords {
    let length = 0;
    for (const word of this.#counts.keys()) length += word.length;
    const characters = new Uint16Array(length);
    const offsets = new Int32Array(this.#counts.size + 1);
    const counts = new Float64Array(this.#counts.size);
    let [index, end] = [0, 0];
    for (const [word, count] of this.#counts) {
      for (let position = 0; position < word.length; position++) characters[end++] = word.charCodeAt(position);
      counts[index++] = count;
      offsets[index] = end;
    }
    return { characters, offsets, counts };
  }
}

function copyOf(word: string): string {
  const units: number[] = [];
  for (let position = 0; position < word.length; position++) units.push(word.charCodeAt(position));
  return String.fromCharCode(...units);
}
