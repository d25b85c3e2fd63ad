/** @file Templates as a new version of the software writes them: a word replaced, put in, dropped, or two exchanged, the same in every line of the template. Labels stay. */
import { Random } from '../../../src/shared/random.ts';

export type Edit = { kind: 'replace' | 'insert' | 'drop' | 'shuffle'; draw: number };

const kinds = ['replace', 'insert', 'drop', 'shuffle'] as const;
const newWords = ['currently', 'instance', 'operation', 'handled', 'unit', 'procedure', 'finally', 'segment'];

/** An edit for `share` of the keys that there are, rounded, at least one. */
export function drawEdits(keys: Iterable<number>, share: number, seed: number): Map<number, Edit> {
  const random = new Random(seed);
  const rest = [...new Set(keys)].sort((a, b) => a - b);
  const wanted = Math.max(1, Math.round(share * rest.length));
  const edits = new Map<number, Edit>();
  while (edits.size < wanted) {
    const [key = 0] = rest.splice(random.integer(0, rest.length - 1), 1);
    edits.set(key, { kind: random.pick(kinds), draw: random.share() });
  }
  return edits;
}

/** The first `headWords` words, numbers and names of things stay as they are; a line without two words of text, too. */
export function editLine(line: string, { kind, draw }: Edit, headWords: number): string {
  const words = line.split(' ');
  const texts = [...words.keys()].filter((i) => i >= headWords && /^[A-Za-z]{2,}[:,.]?$/.test(words[i] ?? ''));
  const chosen = texts[Math.floor(draw * texts.length)];
  if (chosen === undefined || texts.length < 2) return line;
  const word = newWords[Math.floor(draw * 997) % newWords.length] ?? '';
  if (kind === 'replace') words[chosen] = word;
  else if (kind === 'insert') words.splice(chosen, 0, word);
  else if (kind === 'drop') words.splice(chosen, 1);
  else {
    const other = texts[(texts.indexOf(chosen) + 1) % texts.length] ?? chosen;
    [words[chosen], words[other]] = [words[other] ?? '', words[chosen] ?? ''];
  }
  return words.join(' ');
}
