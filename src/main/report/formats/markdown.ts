/** @file A report as Markdown (CommonMark with tables): text of logs is escaped or stands in fences, so that it is never markup, a link or HTML. */
import type { Block, ReportDocument, Run } from '../document.ts';
import { textOfRuns } from '../document.ts';
import { formatBits, formatCount } from '../format.ts';

/** Surprising parts that are named under a raw line, which cannot be coloured. */
const mostParts = 5;
const leastBits = 2;

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

function run({ text, look, bits }: Run): string {
  const shown = inline(text);
  if (shown.trim() === '') return shown;
  const isStrong = look === 'strong' || (bits !== undefined && bits >= 7);
  return isStrong ? `**${shown.trim()}**` : shown;
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
