/**
 * @file A report as pages are made of it: sections of a few kinds of block with plain values. What people read (HTML, PDF, Word, Markdown) is
 * written from this alone; every text in it has passed through `visible`, and the writers escape it.
 */
import type { SeverityLevel, VerdictValue } from '../../shared/domain.ts';
import type { TimelinePicture } from './timeline.ts';
import { visible } from './visible.ts';

/** `log`: text of a log, in the fixed width; `name`: a name from a log, kept apart from the direction of the text around. */
export type Run = {
  text: string;
  look?: 'strong' | 'quiet' | 'log' | 'name';
  severity?: SeverityLevel;
  verdict?: VerdictValue;
  /** Bits of surprise: drawn on the ground of the scale. */
  bits?: number;
};

export type Column = {
  title: string;
  isNumber?: boolean;
  /** Part of the width, of the sum over the columns. */
  share: number;
};

export type Block =
  | { kind: 'heading'; runs: Run[] }
  | { kind: 'paragraph'; runs: Run[]; isQuiet?: boolean }
  /** A raw line with its surprise. */
  | { kind: 'line'; runs: Run[] }
  /** Lines as a log has them, one under the other. */
  | { kind: 'lines'; lines: { number: number; text: string; isMain: boolean }[] }
  | { kind: 'table'; columns: Column[]; rows: { cells: Run[][]; isMain?: boolean }[] }
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

export function paragraph(text: string, look: { isQuiet?: boolean } = {}): Block {
  return { kind: 'paragraph', runs: plain(text), ...look };
}

export function textOfRuns(runs: readonly Run[]): string {
  return runs.map(({ text }) => text).join('');
}

function visibleRuns(runs: readonly Run[]): Run[] {
  return runs.map((run) => ({ ...run, text: visible(run.text) }));
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
