/** @file Compares what a model wrote with the evidence that it was given: claims that the alert is harmless, and numbers, names and addresses that are in no evidence. */
import type { AnswerCheck, AnswerMark } from '../../shared/explanations.ts';
import { harmlessClaims } from './harmless.ts';

/** Counting what is shown is no invention: up to so many. */
const countable = 12;

/** Words with a digit, addresses of the web and of mail. */
const word = /[^\s"“”„'‘’`(){}[\]‹›⟦⟧;!?]+/g;
const edges = /^[.,:*_#~≈<≤≥>=-]+|[.,:*_#=-]+$/g;
const isNamed = /\d|:\/\/|^www\.|@[^@]+\./i;
const number = /^[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:e[-+]?\d+)?%?$/i;
const numbersIn = /(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[-+]?\d+)?/gi;
const unit = /(?:bits?|th|st|nd|rd|x|ms|s|%)$/i;
const listNumber = /^[ \t]*$/;

function valueOf(text: string): number {
  return Number(text.replace(/,|%$/g, ''));
}

/** Whether `said` is `known`, rounded to the digits that it has. */
function isRounded(said: string, known: number): boolean {
  const value = Math.abs(valueOf(said));
  if (value === known) return true;
  const digits = said.replace(/e.*$|[^\d.]/gi, '');
  const significant = digits.replace('.', '').replace(/^0+/, '').length;
  const decimals = digits.includes('.') ? digits.length - digits.indexOf('.') - 1 : 0;
  if (known !== 0 && significant >= 2 && Number(known.toPrecision(Math.min(significant, 15))) === value) return true;
  // "About 14 bits" for 14.2; a number below one is not rounded away.
  return known >= 1 && decimals < 15 && Number(known.toFixed(decimals)) === value;
}

class Evident {
  readonly #text: string;
  readonly #numbers: number[];

  constructor(evidence: string) {
    this.#text = plain(evidence);
    const values = [...new Set((this.#text.match(numbersIn) ?? []).map(valueOf))].filter(Number.isFinite);
    const shares = values.filter((value) => value > 0 && value < 1);
    // A probability may be said as per cent, or as one in so many.
    this.#numbers = [
      ...values,
      ...shares.flatMap((value) => [value * 100, 1 / value]),
      ...values.map((value) => value / 100),
    ];
  }

  has(said: string): boolean {
    const token = plain(said);
    if (this.#contains(token)) return true;
    const bare = token.replace(unit, '');
    if (number.test(token) || number.test(bare)) return this.#hasNumber(number.test(token) ? token : bare);
    // A link is more than its parts.
    if (token.includes('://') || token.startsWith('www.') || token.includes('@')) return false;
    const parts = token.split(/[/:=,|\\-]+/).filter((part) => /\d/.test(part));
    return (
      parts.length > 1 && parts.every((part) => this.#contains(part) || (number.test(part) && this.#hasNumber(part)))
    );
  }

  #contains(token: string): boolean {
    for (let at = this.#text.indexOf(token); at >= 0; at = this.#text.indexOf(token, at + 1)) {
      const isWhole = (character: string | undefined): boolean =>
        character === undefined || !/[\p{L}\p{N}]/u.test(character);
      const before = this.#text[at - 1];
      const after = this.#text[at + token.length];
      // 10.0.0.1 is not in 10.0.0.12, and 4 not in 4.2.
      const goesOn = after === '.' && /\d/.test(this.#text[at + token.length + 1] ?? '');
      const wentOn = before === '.' && /\d/.test(this.#text[at - 2] ?? '');
      if (isWhole(before) && isWhole(after) && !goesOn && !wentOn) return true;
    }
    return false;
  }

  #hasNumber(said: string): boolean {
    const value = valueOf(said);
    if (Number.isInteger(value) && value >= 0 && value <= countable && !said.includes('%')) return true;
    return this.#numbers.some((known) => isRounded(said, known));
  }
}

/** As data is written in a prompt, so that both ways of writing brackets are the same. */
function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/[‹⟦]/g, (bracket) => (bracket === '‹' ? '<' : '['))
    .replace(/›/g, '>');
}

function unknownWords(text: string, evidence: string): AnswerMark[] {
  const evident = new Evident(evidence);
  const marks: AnswerMark[] = [];
  for (const { 0: raw, index } of text.matchAll(word)) {
    const said = raw.replace(edges, '');
    if (said === '' || !isNamed.test(said)) continue;
    const start = index + raw.indexOf(said);
    const lineStart = text.lastIndexOf('\n', start) + 1;
    // "1." at the beginning of a line counts the line.
    if (
      /^\d{1,2}$/.test(said) &&
      /^[.)]/.test(text.slice(start + said.length)) &&
      listNumber.test(text.slice(lineStart, start))
    )
      continue;
    if (!evident.has(said)) marks.push({ start, end: start + said.length, kind: 'unknown' });
  }
  return marks;
}

/** Marks in the order of the text; where two meet, the claim stays. */
function apart(marks: readonly AnswerMark[]): AnswerMark[] {
  const rank = ({ kind }: AnswerMark): number => (kind === 'harmless' ? 0 : 1);
  const kept: AnswerMark[] = [];
  for (const mark of marks.toSorted((a, b) => rank(a) - rank(b) || a.start - b.start || b.end - a.end)) {
    if (kept.every(({ start, end }) => mark.end <= start || mark.start >= end)) kept.push(mark);
  }
  return kept.sort((a, b) => a.start - b.start);
}

/** `evidence`: all that the answer may draw on, as text. */
export function checkAnswer(text: string, evidence: string): AnswerCheck {
  const claims = harmlessClaims(text).map((span): AnswerMark => ({ ...span, kind: 'harmless' }));
  // It was asked to begin so; a model that was talked round does not.
  const first = /^[^.!?\n]*/.exec(text.trimStart())?.[0] ?? '';
  const firstEnd = text.length - text.trimStart().length + first.length;
  return {
    marks: apart([...claims, ...unknownWords(text, evidence)]),
    restatesVerdict: /\banomal(?:ous|y|ies)\b/i.test(first) && claims.every(({ start }) => start >= firstEnd),
  };
}
