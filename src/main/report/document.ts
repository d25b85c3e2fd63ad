/**
 * @file A report as pages are made of it: sections of a few kinds of block with plain values. What people read (HTML, PDF, Word, Markdown) is
 * written from this alone; every text in it has passed through `visible`, and the writers escape it.
 */
import type { SeverityLevel } from '../../shared/alerts.ts';
import type { VerdictValue } from '../../shared/verdicts.ts';
import { markdownTree, type MarkdownNode } from '../../shared/markdown.ts';
import type { TimelinePicture } from './timeline.ts';
import { visible, visibleLines } from './visible.ts';

/** `log`: text of a log, in the fixed width; `name`: a name from a log, kept apart from the direction of the text around. */
export type Run = {
  text: string;
  look?: 'log' | 'name';
  isStrong?: boolean;
  isEmphasised?: boolean;
  isStruck?: boolean;
  severity?: SeverityLevel;
  verdict?: VerdictValue;
  /** Bits of surprise: drawn on the ground of the scale. */
  bits?: number;
};

export type Column = {
  title: string;
  isNumber?: boolean;
  /** Holds points in time, which are broken after the day only. */
  isTime?: boolean;
  /** Part of the width, of the sum over the columns. */
  share: number;
};

export type TableBlock = { kind: 'table'; columns: Column[]; rows: { cells: Run[][]; isMain?: boolean }[] };

export type Block =
  | { kind: 'heading'; runs: Run[] }
  | { kind: 'paragraph'; runs: Run[]; isQuiet?: boolean }
  /** A raw line with its surprise. */
  | { kind: 'line'; runs: Run[] }
  /** Lines as a log has them, one under the other. */
  | { kind: 'lines'; lines: { number: number; text: string; isMain: boolean }[] }
  | TableBlock
  /** What an analyst wrote in Markdown; only here may a text have line breaks. */
  | { kind: 'written'; nodes: MarkdownNode[] }
  | { kind: 'timeline'; picture: TimelinePicture; caption: string };

export type Section = { id: string; title: string; blocks: Block[] };

export type ReportDocument = {
  /** C-147 */
  name: string;
  /** What it is, as pages have it at their head: Case C-147 */
  label: string;
  title: string;
  madeAt: string;
  facts: string;
  sections: Section[];
  footer: string;
};

export function plain(text: string): Run[] {
  return [{ text }];
}

export function heading(text: string): Block {
  return { kind: 'heading', runs: plain(text) };
}

export function paragraph(text: string, look: { isQuiet?: boolean } = {}): Block {
  return { kind: 'paragraph', runs: plain(text), ...look };
}

/** Markdown as the app shows it; nothing written, nothing printed. */
export function written(markdown: string, textOf: (text: string) => string = (text) => text): Block[] {
  const named = (nodes: readonly MarkdownNode[]): MarkdownNode[] =>
    nodes.map((node) => ({ ...node, text: textOf(node.text), children: named(node.children) }));
  const nodes = markdownTree(markdown);
  return nodes.length === 0 ? [] : [{ kind: 'written', nodes: named(nodes) }];
}

/** Whether a block says what the one after it is, and must not stand at the end of a page. */
export function isHead(blocks: readonly Block[], index: number): boolean {
  const [block, next] = [blocks[index], blocks[index + 1]];
  if (block?.kind === 'heading') return next !== undefined;
  return block?.kind === 'paragraph' && block.isQuiet === true && (next?.kind === 'table' || next?.kind === 'lines');
}

export function textOfRuns(runs: readonly Run[]): string {
  return runs.map(({ text }) => text).join('');
}

function visibleRuns(runs: readonly Run[]): Run[] {
  return runs.map((run) => ({ ...run, text: visible(run.text) }));
}

function visibleNodes(nodes: readonly MarkdownNode[]): MarkdownNode[] {
  return nodes.map((node) => ({
    ...node,
    text: visibleLines(node.text).join('\n'),
    children: visibleNodes(node.children),
  }));
}

function visibleBlock(block: Block): Block {
  switch (block.kind) {
    case 'heading':
    case 'paragraph':
    case 'line':
      return { ...block, runs: visibleRuns(block.runs) };
    case 'lines':
      return { ...block, lines: block.lines.map((line) => ({ ...line, text: visible(line.text) })) };
    case 'table':
      return { ...block, rows: block.rows.map((row) => ({ ...row, cells: row.cells.map(visibleRuns) })) };
    case 'written':
      return { ...block, nodes: visibleNodes(block.nodes) };
    case 'timeline': {
      const marks = block.picture.marks.map((mark) => ({ ...mark, label: visible(mark.label) }));
      const phases = block.picture.phases.map((phase) => ({ ...phase, name: visible(phase.name) }));
      return { ...block, picture: { ...block.picture, marks, phases } };
    }
  }
}

/** Every text of it visible, as the writers take it. */
export function visibleDocument({ sections, ...head }: ReportDocument): ReportDocument {
  const { name, label, title, madeAt, facts, footer } = head;
  return {
    ...{ name: visible(name), label: visible(label), title: visible(title), madeAt: visible(madeAt) },
    ...{ facts: visible(facts), footer: visible(footer) },
    sections: sections.map((section) => ({
      ...{ id: section.id, title: visible(section.title) },
      blocks: section.blocks.map(visibleBlock),
    })),
  };
}
