/**
 * @file The safetensors format, written and read: an 8-byte little-endian header length, a JSON header, the tensors' bytes.
 * The reader trusts nothing in the file. Only F32 tensors, which is all that we write.
 */
import { AppError } from '../../src/shared/errors.ts';

export type NamedTensor = { name: string; dims: readonly number[]; data: Float32Array };

const lengthBytes = 8;
/** The format's own limit is 100 MB; ours is what some ten thousand tensors need. */
const largestHeaderBytes = 4 * 1024 * 1024;
const metadataKey = '__metadata__';

/** The header is padded with spaces so that the data starts on 8 bytes, as the reference implementation does. */
export function writeSafetensors(
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header: Record<string, unknown> = { [metadataKey]: metadata };
  let end = 0;
  for (const { name, dims, data } of tensors) {
    header[name] = { dtype: 'F32', shape: dims, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(lengthBytes + headerBytes + end).fill(0x20, lengthBytes, lengthBytes + headerBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.set(json, lengthBytes);
  let at = lengthBytes + headerBytes;
  for (const { data } of tensors) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

/** Throws MODEL_INVALID, naming `fileName` and what is wrong with it. The data is copied out of `file`. */
export function readSafetensors(file: Uint8Array, fileName: string): NamedTensor[] {
  const need: (holds: boolean, what: string) => asserts holds = (holds, what) => {
    if (!holds) throw new AppError('MODEL_INVALID', `${fileName} is not a usable safetensors file: ${what}.`);
  };
  need(file.length >= lengthBytes, 'it is shorter than its header length');
  const declared = new DataView(file.buffer, file.byteOffset, file.byteLength).getBigUint64(0, true);
  need(
    declared <= BigInt(Math.min(largestHeaderBytes, file.length - lengthBytes)),
    `its header claims ${declared} bytes`,
  );
  const headerBytes = Number(declared);
  const body = file.subarray(lengthBytes + headerBytes);
  const entries = parseHeader(file.subarray(lengthBytes, lengthBytes + headerBytes), need);
  // The format asks for data without gaps or overlaps, so in order of offset each tensor starts where the one before it ended.
  entries.sort((a, b) => a.start - b.start || a.end - b.end);
  let at = 0;
  const tensors = entries.map(({ name, dims, start, end }) => {
    need(start === at, `tensor ${name} starts at ${start}, not at ${at}`);
    need(end >= start && end <= body.length, `tensor ${name} ends at ${end} of ${body.length} bytes`);
    const size = dims.reduce((product, n) => product * n, 1);
    need(size * 4 === end - start, `tensor ${name} [${dims.join()}] does not fill its ${end - start} bytes`);
    at = end;
    // Copied byte by byte: the file may be a Buffer, whose slices are views, and may start at any address.
    const data = new Float32Array(size);
    new Uint8Array(data.buffer).set(body.subarray(start, end));
    return { name, dims, data };
  });
  need(at === body.length, `${body.length - at} bytes belong to no tensor`);
  return tensors;
}

type Entry = { name: string; dims: number[]; start: number; end: number };

function parseHeader(bytes: Uint8Array, need: (holds: boolean, what: string) => asserts holds): Entry[] {
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
  const entries: Entry[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === metadataKey) continue;
    need(isRecord(value), `tensor ${name} has no description`);
    const { dtype, shape, data_offsets: range } = value;
    need(dtype === 'F32', `tensor ${name} is ${String(dtype)}, not F32`);
    need(isSizes(shape), `tensor ${name} has no valid shape`);
    need(isSizes(range) && range.length === 2, `tensor ${name} has no valid data_offsets`);
    entries.push({ name, dims: shape, start: range[0] ?? 0, end: range[1] ?? 0 });
  }
  return entries;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
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
