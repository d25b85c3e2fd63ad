/** @file What an analyst wrote in Markdown, as Word has it: its own headings, lists and quotations. */
import {
  AlignmentType,
  BorderStyle,
  HeadingLevel,
  LevelFormat,
  Paragraph,
  ShadingType,
  type INumberingOptions,
  type IParagraphOptions,
  type ParagraphChild,
  type Table,
} from 'docx';
import type { Block, ReportDocument, Run, TableBlock } from '../document.ts';
import { paper } from '../palette.ts';
import { depthOf, passagesOf, type Passage } from '../passages.ts';

/** Twentieths of a point, for each list and each quotation around. */
const indent = 360;
/** Word has nine. */
const deepestLevel = 8;
const bullets = 'bullets';
const numbersFrom = (start: number): string => `numbers-${start}`;

/** How runs and tables become parts of a document. */
type Parts = { runs: (runs: readonly Run[], isCode: boolean) => ParagraphChild[]; table: (table: TableBlock) => Table };
/** Counts the ordered lists of a document: each begins anew. */
export type ListCounter = { next: number };

/** The lists that `writtenParts` refers to. */
export function numberingOf({ sections }: ReportDocument): INumberingOptions {
  const passages = sections.flatMap(({ blocks }) => blocks.flatMap(passagesOfBlock));
  const starts = new Set(passages.flatMap(({ item }) => (item?.isOrdered === true ? [item.start] : [])));
  const levels = (format: 'bullet' | 'decimal', start: number) =>
    Array.from({ length: deepestLevel + 1 }, (_, level) => ({
      level,
      format: format === 'bullet' ? LevelFormat.BULLET : LevelFormat.DECIMAL,
      text: format === 'bullet' ? '•' : `%${level + 1}.`,
      alignment: AlignmentType.LEFT,
      start,
      style: { paragraph: { indent: { left: (level + 1) * indent, hanging: indent } } },
    }));
  return {
    config: [
      { reference: bullets, levels: levels('bullet', 1) },
      ...[...starts].map((start) => ({ reference: numbersFrom(start), levels: levels('decimal', start) })),
    ],
  };
}

function passagesOfBlock(block: Block): Passage[] {
  return block.kind === 'written' ? passagesOf(block.nodes) : [];
}

export function writtenParts(
  block: Extract<Block, { kind: 'written' }>,
  parts: Parts,
  counter: ListCounter,
): (Paragraph | Table)[] {
  const instances = new Map<number, number>();
  const instanceOf = (list: number): number => {
    const known = instances.get(list) ?? counter.next++;
    instances.set(list, known);
    return known;
  };
  return passagesOf(block.nodes).flatMap((passage): (Paragraph | Table)[] => {
    const place = placeOf(passage, instanceOf);
    switch (passage.kind) {
      case 'text':
        return [new Paragraph({ ...place, spacing: { after: 40 }, children: parts.runs(passage.runs, false) })];
      case 'heading':
        return [
          new Paragraph({
            ...place,
            heading: HeadingLevel.HEADING_4,
            keepNext: true,
            spacing: { before: 120, after: 40 },
            children: parts.runs(
              passage.runs.map((one) => ({ ...one, isStrong: true })),
              false,
            ),
          }),
        ];
      case 'code':
        return passage.lines.map(
          (text, index) =>
            new Paragraph({
              ...(index === 0 ? place : placeOf({ ...passage, item: null }, instanceOf)),
              shading: { type: ShadingType.CLEAR, fill: paper.raised.slice(1), color: 'auto' },
              spacing: { before: index === 0 ? 60 : 0, after: index === passage.lines.length - 1 ? 60 : 0 },
              children: parts.runs([{ text }], true),
            }),
        );
      case 'rule':
        return [
          new Paragraph({
            ...place,
            border: { bottom: { style: BorderStyle.SINGLE, size: 4, color: paper.rule.slice(1) } },
            children: [],
          }),
        ];
      case 'table':
        return [parts.table(passage.table), new Paragraph({ spacing: { after: 60 }, children: [] })];
    }
  });
}

function placeOf(passage: Passage, instanceOf: (list: number) => number): IParagraphOptions {
  const { around, item } = passage;
  const level = Math.min(depthOf(passage) - 1, deepestLevel);
  const left = around.length * indent;
  return {
    ...(item !== null
      ? {
          numbering: {
            reference: item.isOrdered ? numbersFrom(item.start) : bullets,
            level,
            instance: item.isOrdered ? instanceOf(item.list) : 0,
          },
        }
      : {}),
    ...(item !== null ? { indent: { left, hanging: indent } } : left > 0 ? { indent: { left } } : {}),
    ...(around.includes('quotation')
      ? { border: { left: { style: BorderStyle.SINGLE, size: 12, space: 8, color: paper.rule.slice(1) } } }
      : {}),
  };
}
