/** @file What language models wrote of alerts of the case and an analyst kept: marked as such, with what the evidence does not bear out. */
import type { Block } from '../document.ts';
import { paragraph } from '../document.ts';
import { visibleLines } from '../visible.ts';
import type { SectionContext } from './context.ts';

export function explanationBlocks({ report: { explanations }, times }: SectionContext): Block[] {
  if (explanations.length === 0) return [];
  return [
    paragraph(
      'These texts were written by a language model from the evidence above. They are no evidence, no verdict and no score.',
      { isQuiet: true },
    ),
    ...explanations.flatMap(({ alertNumber, model, text, doubts, madeAt, keptBy, addedAt }): Block[] => [
      { kind: 'heading', runs: [{ text: `A-${alertNumber}, written by ${model}` }] },
      paragraph(`Written ${times.full(madeAt)}, kept by ${keptBy} ${times.full(addedAt)}.`, { isQuiet: true }),
      // Lines and no Markdown: nobody looked at how it would be drawn.
      ...visibleLines(text).map((line) => paragraph(line)),
      ...doubts.map((doubt) => paragraph(`In doubt: ${doubt}`)),
    ]),
  ];
}
