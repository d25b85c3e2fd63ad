/**
 * @file The header of a safetensors file: an 8-byte little-endian length, then JSON that says of each tensor its element type, shape and
 * byte range. Nothing in it is trusted: what this returns lies inside the file, without gaps or overlaps, and fits its shape.
 */
import { AppError } from '../../src/shared/errors.ts';

/** Bytes of one element. Weights are F32, F16 or BF16; checkpoints carry buffers of other types, which must be laid out rightly too. */
const elementBytes = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
} as const;

export type ElementType = keyof typeof elementBytes;
/** `start` and `end` count from the first byte after the header. */
export type TensorEntry = { name: string; type: ElementType; dims: readonly number[]; start: number; end: number };

export const lengthBytes = 8;
export const metadataKey = '__metadata__';
/** The format's own limit is 100 MB; ours is what some ten thousand tensors need. */
const largestHeaderBytes = 4 * 1024 * 1024;
const longestShownName = 80;

type Need = (holds: boolean, what: string) => asserts holds;

function needOf(fileName: string): Need {
  return (holds, what) => {
    if (!holds) throw new AppError('MODEL_INVALID', `${fileName} is not a usable safetensors file: ${what}.`);
  };
}

/** The header's length, from the file's first bytes. Throws MODEL_INVALID before anything of a senseless size is read. */
export function readHeaderLength(first: Uint8Array, fileBytes: number, fileName: string): number {
  const need: Need = needOf(fileName);
  need(fileBytes >= lengthBytes && first.length >= lengthBytes, 'it is shorter than its header length');
  const declared = new DataView(first.buffer, first.byteOffset, first.byteLength).getBigUint64(0, true);
  need(
    declared <= BigInt(largestHeaderBytes),
    `its header claims ${declared} bytes, more than the ${largestHeaderBytes} that any model needs`,
  );
  need(
    declared <= BigInt(fileBytes - lengthBytes),
    `its header claims ${declared} bytes, but the file ends before that; it was cut short`,
  );
  return Number(declared);
}

/** The tensors in order of their place in the file, which has `bodyBytes` after the header. Throws MODEL_INVALID with what is wrong. */
export function parseHeader(header: Uint8Array, bodyBytes: number, fileName: string): TensorEntry[] {
  const need: Need = needOf(fileName);
  const entries = parseEntries(header, need);
  // The format asks for data without gaps or overlaps, so in order of offset each tensor starts where the one before it ended.
  entries.sort((a, b) => a.start - b.start || a.end - b.end);
  let at = 0;
  for (const { name, type, dims, start, end } of entries) {
    const shown = shownName(name);
    need(start === at, `tensor ${shown} starts at ${start}, not at ${at}: tensors overlap or leave a gap`);
    need(end >= start, `tensor ${shown} ends at ${end}, before its start`);
    need(end <= bodyBytes, `tensor ${shown} ends at ${end} of ${bodyBytes} bytes; the file was cut short`);
    const bytes = dims.reduce((product, n) => product * n, 1) * elementBytes[type];
    need(bytes === end - start, `tensor ${shown} [${dims.join()}] of ${type} does not fill its ${end - start} bytes`);
    at = end;
  }
  need(at === bodyBytes, `${bodyBytes - at} bytes belong to no tensor`);
  return entries;
}

function parseEntries(bytes: Uint8Array, need: Need): TensorEntry[] {
  let header: unknown;
  let text = '';
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    header = JSON.parse(text);
  } catch {
    need(false, 'its header is not JSON');
  }
  need(isRecord(header), 'its header is not an object');
  // JSON.parse keeps the last of two equal names; an object with fewer keys than the text has is the sign of it.
  need(countTopLevelKeys(text) === Object.keys(header).length, 'a tensor name occurs twice');
  const entries: TensorEntry[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === metadataKey) continue;
    const shown = shownName(name);
    need(isRecord(value), `tensor ${shown} has no description`);
    const { dtype: type, shape: dims, data_offsets: range } = value;
    need(isElementType(type), `tensor ${shown} has the element type ${shownName(String(type))}, which is unknown`);
    need(isSizes(dims), `tensor ${shown} has no valid shape`);
    need(isSizes(range) && range.length === 2, `tensor ${shown} has no valid data_offsets`);
    entries.push({ name, type, dims, start: range[0] ?? 0, end: range[1] ?? 0 });
  }
  return entries;
}

/** A name out of a hostile file, fit for a message: on one line and not endless. */
export function shownName(name: string): string {
  const clean = name.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '\uFFFD');
  return clean.length > longestShownName ? `${clean.slice(0, longestShownName)}…` : clean;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isElementType(value: unknown): value is ElementType {
  return typeof value === 'string' && Object.hasOwn(elementBytes, value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.length <= 8 && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

/** Keys of the outermost object of valid JSON. */
function countTopLevelKeys(json: string): number {
  let [depth, keys] = [0, 0];
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:]/g)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    else if (token === ':' && depth === 1) keys++;
  }
  return keys;
}
