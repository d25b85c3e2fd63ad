/**
 * @file What event ids stand for, from a file beside an archive: CSV, JSON or a pickle. The texts are log text: shown, never interpreted.
 */
import { AppError } from '../../shared/errors.ts';
import { readPickle } from './pickle.ts';
import { PickledArray, type PickleValue } from './pickleArrays.ts';

export const largestTemplatesBytes = 32 * 1024 * 1024;
const mostTemplates = 100_000;
const mostTextChars = 2000;

/** By event id. */
export type TemplateTable = Map<number, string>;

type Row = { id: string | number; text: string };

/** By what the file begins with, not by its name. Throws BAD_INPUT. */
export function readTemplates(bytes: Uint8Array): TemplateTable {
  if (bytes.length > largestTemplatesBytes)
    throw new AppError('BAD_INPUT', `The file of templates is larger than ${largestTemplatesBytes / 2 ** 20} MB.`);
  const rows = rowsOf(bytes);
  if (rows.length > mostTemplates)
    throw new AppError('BAD_INPUT', `There are ${rows.length} templates; at most ${mostTemplates} are read.`);
  if (rows.length === 0)
    throw new AppError('BAD_INPUT', 'There are no templates in the file: neither ids with texts nor a list of texts.');
  // Where one id is no number (E5 is one), the places in the file are the ids: that is how such files are numbered when they are encoded.
  const ids = rows.map(({ id }) =>
    typeof id === 'number' ? id : Number(/^\s*E?(\d{1,10})\s*$/i.exec(id)?.[1] ?? NaN),
  );
  const isNumbered = ids.every((id) => Number.isInteger(id) && id >= 0) && new Set(ids).size === ids.length;
  return new Map(
    rows.map(({ text }, place) => [isNumbered ? (ids[place] ?? place) : place, text.slice(0, mostTextChars)]),
  );
}

function rowsOf(bytes: Uint8Array): Row[] {
  // Protocols 0 and 1 have no mark of their own; what Python writes today does.
  if (bytes[0] === 0x80) return rowsOfPickle(readPickle(bytes));
  if (/^[([}\]cdl]/.test(String.fromCharCode(bytes[0] ?? 0)) && bytes.at(-1) === 0x2e && !isJson(bytes))
    return rowsOfPickle(readPickle(bytes));
  const text = new TextDecoder().decode(bytes);
  return /^\s*[[{]/.test(text) ? rowsOfJson(text) : rowsOfCsv(text);
}

function isJson(bytes: Uint8Array): boolean {
  return /^\s*[[{]/.test(new TextDecoder().decode(bytes.subarray(0, 64))) && bytes.at(-1) !== 0x2e;
}

const idNames = ['eventid', 'event_id', 'id', 'templateid', 'template_id', 'index', 'key'];
const textNames = ['eventtemplate', 'event_template', 'template', 'text', 'log_template', 'value'];

function rowsOfPickle(value: PickleValue): Row[] {
  if (value instanceof Map) return pairsOf([...value]);
  if (Array.isArray(value)) return listOf(value);
  throw new AppError(
    'BAD_INPUT',
    value instanceof PickledArray
      ? 'The pickle holds numbers and no texts.'
      : 'The pickle holds no list and no dictionary.',
  );
}

function rowsOfJson(text: string): Row[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new AppError('BAD_INPUT', 'The file of templates begins as JSON and is none.', { cause: error });
  }
  return Array.isArray(value) ? listOf(value) : pairsOf(Object.entries(value as object));
}

/** Ids to texts, or texts to ids as an encoder keeps them. */
function pairsOf(pairs: readonly (readonly [unknown, unknown])[]): Row[] {
  return pairs.flatMap(([key, value]): Row[] => {
    if (isId(value) && typeof key === 'string' && typeof value === 'number') return [{ id: value, text: key }];
    return isId(key) && typeof value === 'string' ? [{ id: key, text: value }] : [];
  });
}

/** Texts in the order of their ids, or records that name both. */
function listOf(items: readonly unknown[]): Row[] {
  return items.flatMap((item, place): Row[] => {
    if (typeof item === 'string') return [{ id: place, text: item }];
    if (typeof item !== 'object' || item === null) return [];
    const fields = new Map<string, unknown>(
      (item instanceof Map ? [...item] : Object.entries(item)).map(([name, value]) => [
        String(name).toLowerCase(),
        value,
      ]),
    );
    const find = (names: readonly string[]): unknown =>
      names.map((name) => fields.get(name)).find((found) => found !== undefined);
    const [id, text] = [find(idNames) ?? place, find(textNames)];
    return isId(id) && typeof text === 'string' ? [{ id, text }] : [];
  });
}

function isId(value: unknown): value is string | number {
  return typeof value === 'number' || typeof value === 'string';
}

/** With a head that names its columns, or of two columns, or of one. */
function rowsOfCsv(text: string): Row[] {
  const [first = [], ...rest] = csvRows(text);
  const head = first.map((cell) => cell.trim().toLowerCase());
  const textAt = head.findIndex((name) => textNames.includes(name));
  const idAt = head.findIndex((name) => idNames.includes(name));
  const hasHead = textAt >= 0;
  const records = hasHead ? rest : [first, ...rest];
  return records.flatMap((cells, place): Row[] => {
    if (cells.every((cell) => cell.trim() === '')) return [];
    const [idColumn, textColumn] = hasHead ? [idAt, textAt] : cells.length > 1 ? [0, 1] : [-1, 0];
    const found = cells[textColumn];
    return found === undefined ? [] : [{ id: cells[idColumn] ?? place, text: found }];
  });
}

/** RFC 4180, with either line end. */
function csvRows(text: string): string[][] {
  const rows: string[][] = [];
  let [row, cell, isQuoted]: [string[], string, boolean] = [[], '', false];
  const endRow = (): void => {
    row.push(cell);
    if (row.length > 1 || cell !== '') rows.push(row);
    if (rows.length > mostTemplates + 1)
      throw new AppError('BAD_INPUT', `There are more than ${mostTemplates} templates.`);
    [row, cell] = [[], ''];
  };
  for (let at = text.startsWith('\uFEFF') ? 1 : 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (isQuoted) {
      if (character !== '"') cell += character;
      else if (text[at + 1] === '"') [cell, at] = [`${cell}"`, at + 1];
      else isQuoted = false;
    } else if (character === '"' && cell === '') isQuoted = true;
    else if (character === ',') {
      row.push(cell);
      cell = '';
    } else if (character === '\n') endRow();
    else if (character !== '\r') cell += character;
  }
  endRow();
  return rows;
}
