/** @file What needs no model: novelty of character trigrams, surprise of character 5-grams, words never seen. On the text as it is written. */

export type ScoreText = (text: string) => number;
/** `sum` over a line or `mean` over its characters (words): which is better hangs on the data, so both are measured. */
export type Counting = Record<
  'trigram_novelty' | 'fivegram_surprise' | 'unseen_words',
  { sum: ScoreText; mean: ScoreText }
>;

const begin = '\u0002';
const end = '\u0003';
const order = 5;
const symbols = 256;

export function learnCounting(lines: readonly string[]): Counting {
  return {
    trigram_novelty: trigramNovelty(lines),
    fivegram_surprise: fivegramSurprise(lines),
    unseen_words: unseenWords(lines),
  };
}

function trigramNovelty(lines: readonly string[]): { sum: ScoreText; mean: ScoreText } {
  const runsOf = (line: string): string[] => {
    const text = begin + line + end;
    return Array.from({ length: Math.max(0, text.length - 2) }, (_, i) => text.slice(i, i + 3));
  };
  const seen = new Set(lines.flatMap(runsOf));
  return sumAndMean(runsOf, (run) => (seen.has(run) ? 0 : 1));
}

/** Interpolated back-off (Witten-Bell) to one in 256. Bits. */
function fivegramSurprise(lines: readonly string[]): { sum: ScoreText; mean: ScoreText } {
  type Context = { total: number; next: Map<string, number> };
  const contexts = new Map<string, Context>();
  const framed = (line: string): string => begin.repeat(order - 1) + line + end;
  for (const line of lines) {
    const text = framed(line);
    for (let i = order - 1; i < text.length; i++) {
      for (let length = 0; length < order; length++) {
        const key = text.slice(i - length, i);
        const context = contexts.get(key) ?? { total: 0, next: new Map<string, number>() };
        contexts.set(key, context);
        context.total++;
        context.next.set(text[i] ?? '', (context.next.get(text[i] ?? '') ?? 0) + 1);
      }
    }
  }
  const bitsOf = (line: string): number[] => {
    const text = framed(line);
    return Array.from({ length: text.length - order + 1 }, (_, place) => {
      const i = place + order - 1;
      let probability = 1 / symbols;
      for (let length = 0; length < order; length++) {
        const context = contexts.get(text.slice(i - length, i));
        if (!context) break;
        const { total, next } = context;
        probability = ((next.get(text[i] ?? '') ?? 0) + next.size * probability) / (total + next.size);
      }
      return -Math.log2(probability);
    });
  };
  return sumAndMean(bitsOf, (bits) => bits);
}

function unseenWords(lines: readonly string[]): { sum: ScoreText; mean: ScoreText } {
  const wordsOf = (line: string): string[] => line.match(/[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]+/gu) ?? [];
  const seen = new Set(lines.flatMap(wordsOf));
  return sumAndMean(wordsOf, (word) => (seen.has(word) ? 0 : 1));
}

function sumAndMean<T>(
  partsOf: (line: string) => T[],
  score: (part: T) => number,
): { sum: ScoreText; mean: ScoreText } {
  const sum = (line: string): number => partsOf(line).reduce((all, part) => all + score(part), 0);
  return { sum, mean: (line) => sum(line) / Math.max(1, partsOf(line).length) };
}
