/** @file A language model's text in pieces, by what the evidence says of each. */
import type { AnswerMark, Explanation } from '../../shared/explanations.ts';

export type ExplanationPart = { text: string; kind: AnswerMark['kind'] | null };

/** Marks are in order and apart. */
export function explanationParts({ text, check }: Pick<Explanation, 'text' | 'check'>): ExplanationPart[] {
  const parts: ExplanationPart[] = [];
  let from = 0;
  for (const { start, end, kind } of check.marks) {
    if (start > from) parts.push({ text: text.slice(from, start), kind: null });
    parts.push({ text: text.slice(start, end), kind });
    from = end;
  }
  if (from < text.length) parts.push({ text: text.slice(from), kind: null });
  return parts;
}
