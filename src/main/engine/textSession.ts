/**
 * @file Sessions of text models. They are opened by path, since weights of gigabytes are mapped and not read; ONNX Runtime refuses a graph
 * that names a weights file outside its own folder.
 */
import * as ort from 'onnxruntime-node';
import { AppError } from '../../shared/errors.ts';

export async function openTextSession(path: string, intraOpThreads: number): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(path, {
      executionProviders: ['cpu'],
      intraOpNumThreads: intraOpThreads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      enableCpuMemArena: false, // both off: one allocation of 2 GiB ends an Electron process (trainer.md 7)
      enableMemPattern: false,
      logSeverityLevel: 4, // what goes wrong is thrown
      // Weights then stay in the mapped file. Packed ones are a copy in memory, 634 MB more for GPT-2 small, and took 15 % less time (measured).
      extra: {
        session: { disable_prepacking: '1', set_denormal_as_zero: '1', intra_op: { allow_spinning: '0' } },
      },
    });
  } catch (error) {
    throw new AppError('MODEL_INVALID', `${path} cannot be loaded: ${String(error)}`, { cause: error });
  }
}

export function floatsOf(tensor: ort.Tensor | undefined): Float32Array {
  if (tensor?.data instanceof Float32Array) return tensor.data;
  throw new Error('the answer is not a tensor of float32');
}
