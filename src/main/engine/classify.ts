/** @file Classifiers of windows: their logits, and where their heads looked. In f32 on the CPU: a window is small. Engine. */
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { largestWindow } from '../../shared/classify.ts';
import type { ClassifyEngineMethods } from '../../shared/engineProtocol.ts';
import { AppError } from '../../shared/errors.ts';
import { Transferred, type Handlers } from '../../shared/port.ts';
import type { EngineOptions } from './model.ts';
import { readModelFile } from './modelFiles.ts';
import type { Session } from './session.ts';
import { Slot } from './slot.ts';
import { classifierFile, floatsOf, WindowModel } from './windowModel.ts';

const windowsPerRun = 512;

export function createClassifyHandlers(options: EngineOptions): Handlers<ClassifyEngineMethods> {
  /** Of the model in use: what is scored asks it about every event. */
  const inUse = new Slot((directory) => WindowModel.load(directory, options));
  /** Opened and closed with each request: they are few, and a file may have been replaced. */
  const withSession = async <T>(directory: string, work: (session: Session) => Promise<T>): Promise<T> => {
    const path = join(directory, classifierFile);
    let session: Session | undefined;
    try {
      session = await options.openSession(await readModelFile(path), 'cpu', options.intraOpThreads);
      return await work(session);
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw new AppError('MODEL_INVALID', `${path} is no classifier of such windows: ${String(error)}`, {
        cause: error,
      });
    } finally {
      await session?.release();
    }
  };
  return {
    classify: async ({ directory, ids, length }, { signal, progress }) => {
      const count = countOf(ids, length);
      const logits = new Float32Array(count);
      await withSession(directory, async (session) => {
        for (let from = 0; from < count; from += windowsPerRun) {
          signal.throwIfAborted();
          const to = Math.min(count, from + windowsPerRun);
          const input = BigInt64Array.from(ids.subarray(from * length, to * length), BigInt);
          const answer = await session.run({ ids: new ort.Tensor('int64', input, [to - from, length]) }, ['logit']);
          logits.set(floatsOf(answer, 'logit'), from);
          progress({ doneWindows: to });
        }
      });
      return new Transferred({ logits }, [logits.buffer]);
    },
    classify_events: async ({ directory, sequences, length }, { signal }) => {
      checkLength(length);
      const logits = await inUse.use(directory, (model) => model.logitsAlong(sequences, length, signal));
      return new Transferred({ logits }, [logits.buffer]);
    },
    classify_attention: async ({ directory, ids, layers }) => {
      countOf(ids, ids.length);
      return withSession(directory, async (session) => {
        const input = BigInt64Array.from(ids, BigInt);
        const answer = await session.run({ ids: new ort.Tensor('int64', input, [1, ids.length]) });
        return {
          logit: floatsOf(answer, 'logit')[0] ?? NaN,
          layers: Array.from({ length: layers }, (_, layer) => floatsOf(answer, `attention.${layer}`).slice()),
        };
      });
    },
  };
}

function countOf(ids: Int32Array, length: number): number {
  checkLength(length);
  if (ids.length % length === 0) return ids.length / length;
  throw new AppError('BAD_REQUEST', `${ids.length} ids are no windows of ${length}.`);
}

function checkLength(length: number): void {
  if (Number.isInteger(length) && length >= 1 && length <= largestWindow) return;
  throw new AppError('BAD_REQUEST', `There are no windows of ${length} events.`);
}
