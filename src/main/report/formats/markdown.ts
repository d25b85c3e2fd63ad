/** @file A report as Markdown (CommonMark with tables): text of logs is escaped or stands in fences, so that it is never markup, a link or HTML. */
import type { MarkdownNode } from '../../../shared/markdown.ts';
import type { Block, ReportDocument, Run } from '../document.ts';
import { markerOf, passagesOf, type Passage } from '../passages.ts';
import { textOfRuns } from '../document.ts';
import { formatBits, formatCount } from '../format.ts';

/** Surprising parts that are named under a raw line, which cannot be coloured. */
const mostParts = 5;
const leastBits = 2;
/** Of the marker of a list with its blanks: `999. ` fits. */
const itemWidth = 5;

/** Every character that means something somewhere in a line, also what GitHub makes links and formulas of. */
function inline(text: string): string {
  return text
    .replace(/[\\`*_{}[\]()<>#+\-!|~&$^=@"']/g, (character) => escapes[character] ?? `\\${character}`)
    .replace(/:(?=\/\/)/g, '\\:')
    .replace(/\b(www)\./gi, '$1\\.')
    .replace(/^(\s*\d{1,9})([.)])/, '$1\\$2');
}

/** A backslash does not help in HTML's own terms. */
const escapes: Record<string, string> = { '<': '&lt;', '>': '&gt;', '&': '&amp;' };

function run({ text, bits, isStrong, isEmphasised, isStruck }: Run): string {
  const shown = text.split('\n').map(inline).join('\n');
  if (shown.trim() === '') return shown;
  const isBold = isStrong === true || (bits !== undefined && bits >= 7);
  const marks = `${isStruck === true ? '~~' : ''}${isBold ? '**' : ''}${isEmphasised === true ? '*' : ''}`;
  if (marks === '') return shown;
  // Blanks within the marks would make them text.
  const [, before = '', inner = '', after = ''] = /^(\s*)(.*?)(\s*)$/s.exec(shown) ?? [];
  return `${before}${marks}${inner}${[...marks].reverse().join('')}${after}`;
}

function runs(all: readonly Run[]): string {
  return all.map(run).join('');
}

/** Longer than any row of backticks in it. */
function fence(lines: readonly string[]): string {
  const longest = Math.max(2, ...lines.flatMap((line) => (line.match(/`+/g) ?? []).map(({ length }) => length)));
  const mark = '`'.repeat(longest + 1);
  return `${mark}text\n${lines.join('\n')}\n${mark}\n`;
}

function surprisingParts(all: readonly Run[]): string {
  const parts = all
    .flatMap(({ text, bits }) => (bits !== undefined && bits >= leastBits ? [{ text, bits }] : []))
    .sort((a, b) => b.bits - a.bits)
    .slice(0, mostParts);
  if (parts.length === 0) return '';
  return `\nMost surprising: ${parts.map(({ text, bits }) => `${inline(text)} (${formatBits(bits)})`).join(', ')}.\n`;
}

/** Written anew from what was read of it: what an analyst wrote as text, or pasted from a log, stays text for every reader. */
function written(nodes: readonly MarkdownNode[]): string {
  return passagesOf(nodes)
    .map((passage, index, all) => {
      const isNextItem = passage.item !== null && all[index - 1]?.around.includes('list') === true;
      return `${index === 0 || isNextItem ? '' : '\n'}${passageText(passage)}`;
    })
    .join('');
}

function passageText(passage: Passage): string {
  const { around, item } = passage;
  const marker = item === null ? '' : item.isOrdered ? `${markerOf(passage)} ` : '- ';
  const itemAt = around.lastIndexOf('list');
  const prefix = (isFirst: boolean): string =>
    around
      .map((one, place) => (one === 'quotation' ? '> ' : (isFirst && place === itemAt ? marker : '').padEnd(itemWidth)))
      .join('');
  const lines = passageLines(passage).map((line, index) => `${prefix(index === 0)}${line}`.trimEnd());
  return `${lines.join('\n')}\n`;
}

function passageLines(passage: Passage): string[] {
  switch (passage.kind) {
    case 'text':
      // A line break is kept by the sign for one.
      return runs(passage.runs)
        .split('\n')
        .map((line, index, all) => (index < all.length - 1 ? `${line}\\` : line));
    case 'heading':
      return [`#### ${runs(passage.runs).replaceAll('\n', ' ')}`];
    case 'code':
      return fence(passage.lines).trimEnd().split('\n');
    case 'rule':
      return ['---'];
    case 'table':
      return block(passage.table).trimEnd().split('\n');
  }
}

function block(one: Block): string {
  switch (one.kind) {
    case 'heading':
      return `### ${runs(one.runs)}\n`;
    case 'paragraph':
      return textOfRuns(one.runs).trim() === '' ? '' : `${runs(one.runs).trim()}\n`;
    case 'line':
      return `${fence([textOfRuns(one.runs)])}${surprisingParts(one.runs)}`;
    case 'lines':
      return fence(
        one.lines.map(({ number, text, isMain }) => `${isMain ? '>' : ' '} ${formatCount(number)}  ${text}`),
      );
    case 'table': {
      const head = one.columns.map(({ title }) => inline(title));
      const rule = one.columns.map(({ isNumber }) => (isNumber === true ? '---:' : '---'));
      const rows = one.rows.map(({ cells }) => cells.map(runs));
      return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
    }
    case 'written':
      return written(one.nodes);
    case 'timeline':
      return `${inline(one.caption)}\n`;
  }
}

/** The same report gives the same bytes. */
export function renderMarkdown({ name, title, madeAt, facts, sections, footer }: ReportDocument): string {
  const parts = [
    `# ${inline(name)} ${inline(title)}\n`,
    `${inline(madeAt)}\n`,
    `${inline(facts)}\n`,
    ...sections.flatMap((section) => [`## ${inline(section.title)}\n`, ...section.blocks.map(block)]),
    `---\n`,
    `${inline(footer)}\n`,
  ];
  return parts.filter((part) => part !== '').join('\n');
}
