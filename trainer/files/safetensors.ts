/**
 * @file Small safetensors files in one piece, as our own models are: F32 only. Checkpoints from elsewhere, which may be larger than
 * memory, are read by `tensorFile.ts` and written by `tensorWriter.ts`.
 */
import { AppError } from '../../src/shared/errors.ts';
import { lengthBytes, metadataKey, parseHeader, readHeaderLength, shownName } from './safetensorsHeader.ts';

export type NamedTensor = { name: string; dims: readonly number[]; data: Float32Array };

/** Header length and header for F32 tensors that follow each other. Padded with spaces, so that the data starts on 64 bytes. */
export function writeHeader(
  tensors: readonly { name: string; dims: readonly number[] }[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header: Record<string, unknown> = { [metadataKey]: metadata };
  let end = 0;
  for (const { name, dims } of tensors) {
    const bytes = 4 * dims.reduce((product, n) => product * n, 1);
    header[name] = { dtype: 'F32', shape: dims, data_offsets: [end, end + bytes] };
    end += bytes;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const wholeBytes = Math.ceil((lengthBytes + json.length) / 64) * 64;
  const bytes = new Uint8Array(wholeBytes).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(wholeBytes - lengthBytes), true);
  bytes.set(json, lengthBytes);
  return bytes;
}

export function writeSafetensors(
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header = writeHeader(tensors, metadata);
  const file = new Uint8Array(tensors.reduce((total, { data }) => total + data.byteLength, header.length));
  file.set(header);
  let at = header.length;
  for (const { data } of tensors) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

/** Throws MODEL_INVALID, naming `fileName` and what is wrong with it. The data is copied out of `file`. */
export function readSafetensors(file: Uint8Array, fileName: string): NamedTensor[] {
  const headerBytes = readHeaderLength(file, file.length, fileName);
  const body = file.subarray(lengthBytes + headerBytes);
  const entries = parseHeader(file.subarray(lengthBytes, lengthBytes + headerBytes), body.length, fileName);
  return entries.map(({ name, type, dims, start, end }) => {
    if (type !== 'F32')
      throw new AppError('MODEL_INVALID', `${fileName}: tensor ${shownName(name)} is ${type}, not F32.`);
    // Copied byte by byte: the file may be a Buffer, whose slices are views, and may start at any address.
    const data = new Float32Array((end - start) / 4);
    new Uint8Array(data.buffer).set(body.subarray(start, end));
    return { name, dims, data };
  });
}
