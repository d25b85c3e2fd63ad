/** @file What template each line of a set of `loghub/` has by its reference: by the set's own table of lines, else by the one template that fits the line. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type ReferenceSet = {
  name: string;
  lines: string[];
  /** Id of each line's template; null where none fits or several do. */
  ids: (string | null)[];
  templateCount: number;
  /** The ids come from a table of lines, not from fitting. */
  hasLineReferences: boolean;
};

const wildcard = '<*>';

/** Sets of `DIR/loghub`, in the order of their names. */
export function readReferenceSets(dataDirectory: string): ReferenceSet[] {
  const directory = join(dataDirectory, 'loghub');
  if (!existsSync(directory)) throw new Error(`There is no folder loghub in ${dataDirectory}.`);
  const folders = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.map(({ name }) => readSet(name, join(directory, name, `${name}_2k.log`)));
}

function readSet(name: string, path: string): ReferenceSet {
  const lines = readFileSync(path, 'utf8').split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  const templates = readTable(`${path}_templates.csv`);
  const tablePath = `${path}_structured.csv`;
  const hasLineReferences = existsSync(tablePath);
  const ids = hasLineReferences ? readTable(tablePath).map((row) => row['EventId'] ?? null) : fit(lines, templates);
  if (ids.length !== lines.length) throw new Error(`${tablePath} has ${ids.length} rows for ${lines.length} lines.`);
  return { name, lines, ids, templateCount: templates.length, hasLineReferences };
}

function fit(lines: readonly string[], templates: readonly Row[]): (string | null)[] {
  const patterns = templates.map((row) => ({ id: row['EventId'] ?? '', pieces: piecesOf(row['EventTemplate'] ?? '') }));
  return lines.map((raw) => {
    const line = withSingleBlanks(raw);
    const fitting = patterns.filter(({ pieces }) => endsWith(line, pieces));
    return fitting.length === 1 ? (fitting[0]?.id ?? null) : null;
  });
}

function withSingleBlanks(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ');
}

/** What stands between the wildcards of a template. Wildcards in a row are one. */
export function piecesOf(template: string): string[] {
  const pieces = withSingleBlanks(template).split(wildcard);
  return pieces.filter((piece, index) => piece !== '' || index === 0 || index === pieces.length - 1);
}

/**
 * Whether the end of the line, from the beginning of a word on, is what the template says: its pieces in order, something between them. The
 * references are about messages, and where the line's head ends is not told.
 */
export function endsWith(line: string, pieces: readonly string[]): boolean {
  const [first = '', ...rest] = pieces;
  const last = rest.pop();
  if (last === undefined) return line.endsWith(first) && opensWord(line, line.length - first.length);
  if (!line.endsWith(last)) return false;
  const limit = line.length - last.length;
  for (let start = line.indexOf(first); start >= 0 && start < limit; start = line.indexOf(first, start + 1)) {
    if (!opensWord(line, start)) continue;
    let end = start + first.length;
    for (const piece of rest) {
      const found = line.indexOf(piece, end + 1);
      end = found < 0 ? Number.POSITIVE_INFINITY : found + piece.length;
    }
    // A later start leaves less room still, but its first piece may be another's.
    if (end < limit) return true;
    if (first === '') return false;
  }
  return false;
}

function opensWord(line: string, start: number): boolean {
  return start === 0 || !/[\p{L}\p{N}]/u.test(line[start - 1] ?? '');
}

type Row = Record<string, string>;

/** Rows of a CSV file (RFC 4180) by the names of its first line. */
function readTable(path: string): Row[] {
  const text = readFileSync(path, 'utf8');
  const rows: string[][] = [[]];
  let position = 0;
  while (position < text.length) {
    let field = '';
    if (text[position] === '"') {
      for (position++; position < text.length; position++) {
        if (text[position] === '"' && text[++position] !== '"') break;
        field += text[position];
      }
    } else {
      const start = position;
      while (position < text.length && !',\r\n'.includes(text[position] ?? '')) position++;
      field = text.slice(start, position);
    }
    rows.at(-1)?.push(field);
    if (text[position] === '\r') position++;
    if (text[position] === '\n' && position + 1 < text.length) rows.push([]);
    position++;
  }
  const [names = [], ...values] = rows;
  return values.map((fields) => Object.fromEntries(names.map((name, index) => [name, fields[index] ?? ''])));
}
