/**
 * @file Compares what a model wrote with the evidence that it was given and with what it was asked for: claims that the alert is harmless, figures that are not the
 * evidence's, orders to the reader, numbers, names and addresses that are in no evidence, another language.
 */
import type { AnswerCheck, AnswerMark } from '../../shared/explanations.ts';
import type { Span } from '../../shared/lines.ts';
import { evidenceText, type Evidence } from './evidence.ts';
import { wrongFigures } from './figures.ts';
import { harmlessClaims } from './harmless.ts';
import { foreignClaims, otherLanguage } from './language.ts';
import { isRounded, valueOf } from './numbers.ts';
import { ordersIn } from './orders.ts';

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

function unknownWords(text: string, evident: Evident): Span[] {
  const found: Span[] = [];
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
    if (!evident.has(said)) found.push({ start, end: start + said.length });
  }
  return found;
}

const ranks: Record<AnswerMark['kind'], number> = { harmless: 0, order: 1, wrong: 2, unknown: 3 };

/** Marks in the order of the text; where two meet, the graver stays. */
function apart(marks: readonly AnswerMark[]): AnswerMark[] {
  const kept: AnswerMark[] = [];
  for (const mark of marks.toSorted((a, b) => ranks[a.kind] - ranks[b.kind] || a.start - b.start || b.end - a.end)) {
    if (kept.every(({ start, end }) => mark.end <= start || mark.start >= end)) kept.push(mark);
  }
  return kept.sort((a, b) => a.start - b.start);
}

/** Answers to one question are checked as they grow. */
export function answerChecker(evidence: Evidence): (text: string) => AnswerCheck {
  const evident = new Evident(evidenceText(evidence));
  return (text) => {
    const language = otherLanguage(text);
    const found: Record<AnswerMark['kind'], Span[]> = {
      harmless: [...harmlessClaims(text), ...foreignClaims(text, language === null)],
      order: ordersIn(text),
      wrong: wrongFigures(text, evidence),
      unknown: unknownWords(text, evident),
    };
    const marks = (Object.keys(ranks) as AnswerMark['kind'][]).flatMap((kind) =>
      found[kind].map((span) => ({ ...span, kind })),
    );
    // It was asked to begin so; a model that was talked round does not.
    const first = /^[^.!?\n]*/.exec(text.trimStart())?.[0] ?? '';
    const firstEnd = text.length - text.trimStart().length + first.length;
    return {
      marks: apart(marks),
      restatesVerdict: /\banomal(?:ous|y|ies)\b/i.test(first) && found.harmless.every(({ start }) => start >= firstEnd),
      otherLanguage: language,
    };
  };
}
