/**
 * @file What an analyst wrote in Markdown as passages one under the other, for the writers that draw pages: what each is, how deep in lists and
 * quotations it stands, and the looks of its words.
 */
import type { MarkdownNode } from '../../shared/markdown.ts';
import { textOfRuns, type Run, type TableBlock } from './document.ts';

type Place = {
  /** What it stands in, the outermost first. */
  around: readonly ('list' | 'quotation')[];
  /** Where an item begins: which list of the note it is of, counted from 0, with what that begins, and where in it the item stands. */
  item: { isOrdered: boolean; list: number; start: number; number: number } | null;
};
type Content =
  | { kind: 'text'; runs: Run[] }
  | { kind: 'heading'; level: number; runs: Run[] }
  | { kind: 'code'; lines: string[] }
  | { kind: 'rule' }
  | { kind: 'table'; table: TableBlock };
export type Passage = Place & Content;

/** Line breaks of the text are in the runs. */
export function passagesOf(nodes: readonly MarkdownNode[]): Passage[] {
  const walk = new Walk();
  walk.blocks(nodes);
  return walk.passages;
}

/** How many lists it stands in. */
export function depthOf({ around }: Passage): number {
  return around.filter((one) => one === 'list').length;
}

/** `1.` or `•`; empty for what is no beginning of an item. */
export function markerOf({ item }: Passage): string {
  return item === null ? '' : item.isOrdered ? `${item.number}.` : '•';
}

/** For a cell, which has no looks: lines of text. */
export function plainPassage(passage: Passage): string {
  const marker = markerOf(passage);
  return `${'  '.repeat(Math.max(0, depthOf(passage) - 1))}${marker === '' ? '' : `${marker} `}${plainContent(passage)}`;
}

function plainContent(passage: Passage): string {
  switch (passage.kind) {
    case 'text':
    case 'heading':
      return textOfRuns(passage.runs).replaceAll('\n', ' ');
    case 'code':
      return passage.lines.join(' ');
    case 'rule':
      return '';
    case 'table':
      return [
        passage.table.columns.map(({ title }) => title),
        ...passage.table.rows.map(({ cells }) => cells.map(textOfRuns)),
      ]
        .map((cells) => cells.join(', '))
        .join('; ');
  }
}

type Looks = Pick<Run, 'isStrong' | 'isEmphasised' | 'isStruck' | 'look'>;

const looks: Partial<Record<string, Looks>> = {
  strong: { isStrong: true },
  em: { isEmphasised: true },
  s: { isStruck: true },
  code: { look: 'log' },
};

/** All other elements stand within a line. */
const blockTags = /^(?:p|h[1-6]|ul|ol|li|blockquote|hr|pre|table)$/;

function isBlock({ tag }: MarkdownNode): boolean {
  return tag !== null && blockTags.test(tag);
}

function runsOf(nodes: readonly MarkdownNode[], around: Looks = {}): Run[] {
  return nodes.flatMap(({ tag, text, children }): Run[] => {
    if (tag === null) return [{ text, ...around }];
    if (tag === 'br') return [{ text: '\n', ...around }];
    return runsOf(children, { ...around, ...looks[tag] });
  });
}

function textOf(nodes: readonly MarkdownNode[]): string {
  return nodes.map(({ text, children }) => text + textOf(children)).join('');
}

class Walk {
  readonly passages: Passage[] = [];
  #around: Place['around'] = [];
  #lists = 0;
  #item: Place['item'] = null;

  blocks(nodes: readonly MarkdownNode[]): void {
    let line: MarkdownNode[] = [];
    const endLine = (): void => {
      if (line.length > 0) this.#put({ kind: 'text', runs: runsOf(line) });
      line = [];
    };
    for (const node of nodes) {
      if (isBlock(node)) {
        endLine();
        this.#block(node);
      } else line.push(node);
    }
    endLine();
  }

  #block({ tag, children, start = 1 }: MarkdownNode): void {
    switch (tag) {
      case 'ul':
      case 'ol':
        return this.#list(children, tag === 'ol', start);
      case 'blockquote':
        return this.#within('quotation', () => this.blocks(children));
      case 'hr':
        return this.#put({ kind: 'rule' });
      case 'pre':
        return this.#put({ kind: 'code', lines: textOf(children).split('\n') });
      case 'table':
        return this.#put({ kind: 'table', table: tableOf(children) });
      case 'p':
        return this.#put({ kind: 'text', runs: runsOf(children) });
      default:
        return this.#put({ kind: 'heading', level: Number(tag?.slice(1)), runs: runsOf(children) });
    }
  }

  #list(items: readonly MarkdownNode[], isOrdered: boolean, start: number): void {
    this.#endItem();
    const list = this.#lists++;
    this.#within('list', () => {
      for (const [index, { children }] of items.entries()) {
        this.#item = { isOrdered, list, start, number: start + index };
        this.blocks(children);
        this.#endItem();
      }
    });
  }

  /** An item of no words, or of a list at once, is a marker all the same. */
  #endItem(): void {
    if (this.#item !== null) this.#put({ kind: 'text', runs: [] });
  }

  #within(what: Place['around'][number], work: () => void): void {
    const around = this.#around;
    this.#around = [...around, what];
    work();
    this.#around = around;
  }

  #put(content: Content): void {
    this.passages.push({ around: this.#around, item: this.#item, ...content });
    this.#item = null;
  }
}

function tableOf(parts: readonly MarkdownNode[]): TableBlock {
  const rows = parts.flatMap(({ children }) => children);
  const [head, ...body] = rows.map(({ children }) => children.map((cell) => runsOf(cell.children)));
  return {
    kind: 'table',
    columns: (head ?? []).map((runs) => ({ title: textOfRuns(runs), share: 2 })),
    rows: body.map((cells) => ({ cells })),
  };
}
