/**
 * @file An `.npz` archive of labelled windows: `X_train, y_train, X_test, y_test`. Entries are found by name and read into memory; no name
 * ever becomes a path, and what is larger than a bound is refused before and while it is unpacked.
 */
import { fromBufferPromise } from 'yauzl';
import {
  largestWindow,
  mostWindowIds,
  mostWindows,
  shortestWindow,
  type LabelledWindows,
} from '../../shared/classify.ts';
import { AppError, toErrorData } from '../../shared/errors.ts';
import { readNpy, type NumberArray } from './npy.ts';

const parts = ['X_train', 'y_train', 'X_test', 'y_test'] as const;
type PartName = (typeof parts)[number];

export const largestArchiveBytes = 256 * 1024 * 1024;
/** Of one array: 4 million 64-bit numbers and a header. */
const largestEntryBytes = 8 * mostWindowIds + 8192;
const mostEntries = 256;

/** Throws BAD_INPUT with what is wrong, and in which array. */
export async function readArchive(bytes: Uint8Array): Promise<{ train: LabelledWindows; test: LabelledWindows }> {
  const arrays = await readArrays(bytes);
  const of = (name: PartName): NumberArray => {
    const array = arrays.get(name);
    if (array) return array;
    throw new AppError('BAD_INPUT', `The archive has no ${name}; it must hold ${parts.join(', ')}.`);
  };
  const train = labelledWindows(of('X_train'), of('y_train'), 'train');
  const test = labelledWindows(of('X_test'), of('y_test'), 'test');
  if (train.length !== test.length)
    throw new AppError(
      'BAD_INPUT',
      `X_train has windows of ${train.length} events and X_test of ${test.length}; they must be equally long.`,
    );
  return { train, test };
}

async function readArrays(bytes: Uint8Array): Promise<Map<PartName, NumberArray>> {
  if (bytes.length > largestArchiveBytes)
    throw new AppError('BAD_INPUT', `The archive is larger than ${largestArchiveBytes / 2 ** 20} MB.`);
  const found = new Map<PartName, NumberArray>();
  try {
    const zip = await fromBufferPromise(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    if (zip.entryCount > mostEntries)
      throw new AppError('BAD_INPUT', `The archive has ${zip.entryCount} entries; at most ${mostEntries} are read.`);
    for await (const entry of zip.eachEntry()) {
      const name = parts.find((part) => entry.fileName === `${part}.npy`);
      if (!name) continue;
      if (found.has(name)) throw new AppError('BAD_INPUT', `The archive has ${name} twice.`);
      if (entry.uncompressedSize > largestEntryBytes)
        throw new AppError('BAD_INPUT', `${name} would take ${entry.uncompressedSize} bytes; that is too much.`);
      // Refused by yauzl where more comes out of an entry than its size says.
      const stream = await zip.openReadStreamPromise(entry);
      const content = new Uint8Array(entry.uncompressedSize);
      let at = 0;
      for await (const chunk of stream as AsyncIterable<Uint8Array>) {
        if (at + chunk.length > content.length) throw new Error(`${name} is larger than it says`);
        content.set(chunk, at);
        at += chunk.length;
      }
      found.set(name, readNpy(content.subarray(0, at), name, mostWindowIds));
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('BAD_INPUT', `The file is no .npz archive that can be read: ${toErrorData(error).message}.`, {
      cause: error,
    });
  }
  return found;
}

/** `X` [n,L], `y` [n] or [n,1]. */
function labelledWindows(X: NumberArray, y: NumberArray, part: 'train' | 'test'): LabelledWindows {
  const [count = 0, length = 0] = X.shape;
  const refuse = (what: string): never => {
    throw new AppError('BAD_INPUT', what);
  };
  if (X.shape.length !== 2)
    return refuse(`X_${part} has ${X.shape.length} dimensions; windows of event ids have two: windows and events.`);
  if (length < shortestWindow || length > largestWindow)
    return refuse(`X_${part} has windows of ${length} events; from ${shortestWindow} to ${largestWindow} are read.`);
  if (count > mostWindows) return refuse(`X_${part} has ${count} windows; at most ${mostWindows} are read.`);
  const isColumn = y.shape.length === 1 || (y.shape.length === 2 && y.shape[1] === 1);
  if (!isColumn || y.shape[0] !== count)
    return refuse(
      `y_${part} must have one label for each of the ${count} windows; its shape is ${y.shape.join(' × ')}.`,
    );
  const badId = X.data.findIndex((id) => !Number.isInteger(id) || id < 0 || id > 2 ** 31 - 1);
  if (badId >= 0)
    return refuse(
      `X_${part} has ${X.data[badId]} in window ${Math.floor(badId / length)}; event ids are whole numbers from 0.`,
    );
  const badLabel = y.data.findIndex((label) => label !== 0 && label !== 1);
  if (badLabel >= 0)
    return refuse(`y_${part} has ${y.data[badLabel]} at ${badLabel}; labels are 0 (normal) or 1 (anomalous).`);
  return { length, ids: Int32Array.from(X.data), labels: Uint8Array.from(y.data) };
}
