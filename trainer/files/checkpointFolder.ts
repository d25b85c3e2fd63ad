/** @file The weights of a checkpoint folder as one set of named tensors, whether they lie in one safetensors file or in shards. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../src/shared/errors.ts';
import type { ModelFile } from '../../src/shared/trainerProtocol.ts';
import { isRecord, shownName, type TensorEntry } from './safetensorsHeader.ts';
import { TensorFile } from './tensorFile.ts';

export type FoundTensor = { file: TensorFile; entry: TensorEntry };

const singleName = 'model.safetensors';
const indexName = 'model.safetensors.index.json';
const largestIndexBytes = 16 * 1024 * 1024;
const mostShards = 1000;

export class Checkpoint {
  readonly tensors: ReadonlyMap<string, FoundTensor>;
  /** Names of the files that hold the weights, the index of shards included. */
  readonly fileNames: readonly string[];
  readonly #files: readonly TensorFile[];

  private constructor(files: readonly TensorFile[], fileNames: readonly string[], tensors: Map<string, FoundTensor>) {
    this.#files = files;
    this.fileNames = fileNames;
    this.tensors = tensors;
  }

  /** Reads headers only. Throws MODEL_INVALID with what is wrong, and where. */
  static async open(folder: string): Promise<Checkpoint> {
    const isSingle = await exists(join(folder, singleName));
    if (!isSingle && !(await exists(join(folder, indexName)))) {
      throw new AppError(
        'MODEL_INVALID',
        `${folder} holds neither ${singleName} nor ${indexName}. Other forms of weights are not read: save the model as safetensors.`,
      );
    }
    const placeOf = isSingle ? undefined : await readIndex(folder);
    const names = placeOf ? [...new Set(placeOf.values())] : [singleName];
    const files: TensorFile[] = [];
    try {
      const tensors = new Map<string, FoundTensor>();
      for (const name of names) {
        const file = await TensorFile.open(join(folder, name), name);
        files.push(file);
        for (const entry of file.entries.values()) {
          if (placeOf && placeOf.get(entry.name) !== name) {
            throw new AppError(
              'MODEL_INVALID',
              `${name} holds tensor ${shownName(entry.name)}, which ${indexName} does not place there.`,
            );
          }
          tensors.set(entry.name, { file, entry });
        }
      }
      for (const [tensor, name] of placeOf ?? []) {
        if (tensors.has(tensor)) continue;
        throw new AppError('MODEL_INVALID', `${name} lacks tensor ${shownName(tensor)}, which ${indexName} names.`);
      }
      return new Checkpoint(files, placeOf ? [indexName, ...names] : names, tensors);
    } catch (error) {
      await Promise.all(files.map((file) => file.close()));
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#files.map((file) => file.close()));
  }
}

/** Tensor name to the name of its shard. */
async function readIndex(folder: string): Promise<Map<string, string>> {
  const index = await readJson(folder, indexName, largestIndexBytes);
  const map = isRecord(index) ? index.weight_map : undefined;
  if (!isRecord(map)) throw new AppError('MODEL_INVALID', `${indexName} has no weight_map.`);
  const places = new Map<string, string>();
  for (const [tensor, file] of Object.entries(map)) {
    // A shard is a file of this folder. A path could name any file of the machine.
    if (typeof file !== 'string' || !/^[\w-][\w.-]*\.safetensors$/.test(file)) {
      throw new AppError(
        'MODEL_INVALID',
        `${indexName} places ${shownName(tensor)} in "${shownName(String(file))}", which is no name of a file in this folder.`,
      );
    }
    places.set(tensor, file);
  }
  const shards = new Set(places.values()).size;
  if (shards === 0 || shards > mostShards)
    throw new AppError('MODEL_INVALID', `${indexName} names ${shards} files; 1 to ${mostShards} are read.`);
  return places;
}

/** A JSON file of the folder, refused when it is larger than any such file is. */
export async function readJson(folder: string, name: string, largestBytes: number): Promise<unknown> {
  const text = await readText(folder, name, largestBytes);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AppError('MODEL_INVALID', `${name} is not JSON.`, { cause: error });
  }
}

export async function readText(folder: string, name: string, largestBytes: number): Promise<string> {
  const path = join(folder, name);
  const file = await open(path, 'r').catch((error: unknown) => {
    throw new AppError('MODEL_INVALID', `${path} cannot be read: ${(error as Error).message}.`, { cause: error });
  });
  try {
    const { size } = await file.stat();
    if (size > largestBytes)
      throw new AppError('MODEL_INVALID', `${name} has ${size} bytes; at most ${largestBytes} are read.`);
    return new TextDecoder('utf-8', { fatal: true }).decode(await file.readFile());
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('MODEL_INVALID', `${name} cannot be read: ${(error as Error).message}.`, { cause: error });
  } finally {
    await file.close();
  }
}

export async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/** Size and hash of a file, read in pieces. */
export async function hashFile(folder: string, name: string): Promise<ModelFile> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of createReadStream(join(folder, name)) as AsyncIterable<Uint8Array>) {
    hash.update(chunk);
    sizeBytes += chunk.length;
  }
  return { name, sizeBytes, sha256: hash.digest('hex') };
}
