/**
 * @file In which language an answer is, as far as its script and its most common words tell, and where it calls an alert harmless in another one than English.
 * What is not in English was not checked for what else it says.
 */
import type { Span } from '../../shared/lines.ts';
import { english, languages } from './languages.ts';

/** Scripts that are not Latin, and whose they are; where several fit, the first. */
const scripts: readonly [name: string, letters: RegExp][] = [
  ['Japanese', /[\p{sc=Hiragana}\p{sc=Katakana}]/gu],
  ['Chinese', /\p{sc=Han}/gu],
  ['Korean', /\p{sc=Hangul}/gu],
  ['Russian', /\p{sc=Cyrillic}/gu],
  ['Arabic', /\p{sc=Arabic}/gu],
  ['Hebrew', /\p{sc=Hebrew}/gu],
  ['Greek', /\p{sc=Greek}/gu],
  ['Hindi', /\p{sc=Devanagari}/gu],
];
/** Quoting a line in another script is no other language. */
const mostForeignLetters = 0.3;
/** Of the words; plain English has two in five. */
const leastCommonWords = 0.15;
const word = /\p{L}+(?:['’]\p{L}+)?/gu;

const wordsOf = (text: string): Set<string> => new Set(text.split(' ').filter(Boolean));
const commonEnglish = wordsOf(english);
const common = languages.flatMap((language) =>
  language.common === '' ? [] : [{ name: language.name, words: wordsOf(language.common) }],
);

/** Null: English, or nothing that could be told. Otherwise a name of the language to put into a sentence. */
export function otherLanguage(text: string): string | null {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  if (letters === 0) return null;
  const foreign = text.match(/(?!\p{sc=Latin})\p{L}/gu)?.length ?? 0;
  if (foreign > letters * mostForeignLetters) {
    const found = scripts.find(([, own]) => (text.match(own)?.length ?? 0) * 8 > foreign);
    return found?.[0] ?? 'another script';
  }
  const words = (text.toLowerCase().match(word) ?? []).map((one) => one.replace(/['’].*/, ''));
  const countOf = (known: ReadonlySet<string>): number => words.filter((one) => known.has(one)).length;
  const own = countOf(commonEnglish);
  const [other] = common
    .map(({ name, words: known }) => ({ name, count: countOf(known) }))
    .sort((a, b) => b.count - a.count);
  if (other && other.count > own) return other.name;
  return own < words.length * leastCommonWords ? 'another language' : null;
}

/** An ending may follow, in scripts that write words apart. */
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const isApart = (text: string): boolean => !/[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]/u.test(text);
/** In Japanese the negation follows. */
const negatedBehind = '(?!(?:で|と)は(?:ない|ありません|なく|言え))';

/** English words among the terms say nothing in an English sentence: `harmless.ts` knows when they do. */
const alsoEnglish = /^(?:normal|benign|legitim|routine)$/;

function patternOf(terms: readonly string[]): RegExp {
  const joinedBy = (list: readonly string[]): string => list.map(escaped).join('|');
  const apart = joinedBy(terms.filter(isApart));
  const joined = joinedBy(terms.filter((term) => !isApart(term)));
  const ofWords = String.raw`(?<![\p{L}\p{N}])(?:${apart})\p{L}{0,5}`;
  return new RegExp(joined === '' ? ofWords : `${ofWords}|(?:${joined})${negatedBehind}`, 'giu');
}

const terms = [...new Set(languages.flatMap(({ harmless }) => harmless))];
const inAnyAnswer = patternOf(terms.filter((term) => !alsoEnglish.test(term)));
const inForeignAnswer = patternOf(terms);
/** Right before, or with a word between. Of all languages: they share terms. */
const negation = languages.flatMap(({ negations }) => negations.map(escaped)).join('|');
const turned = new RegExp(
  String.raw`(?<!\p{L})(?:${negation})\s+(?:\p{L}+\s+)?$|(?:${negation})\p{sc=Han}{0,2}$`,
  'iu',
);
const lookedBack = 24;

/** Ways of other languages to call an alert harmless. It would rather find too much. */
export function foreignClaims(text: string, isEnglish: boolean): Span[] {
  return [...text.matchAll(isEnglish ? inAnyAnswer : inForeignAnswer)].flatMap(({ 0: found, index }) =>
    turned.test(text.slice(Math.max(0, index - lookedBack), index))
      ? []
      : [{ start: index, end: index + found.length }],
  );
}
