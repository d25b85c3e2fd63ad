/** @file ONNX Runtime sessions as the trainer wants them: repeatable, quiet, and kept from the allocation that ends an Electron process. */
import * as ort from 'onnxruntime-node';
import type { KeyModelShape } from '../../src/shared/trainerProtocol.ts';

/** A step that needs more than this runs without the arena. Its regions double up to 512 MB, which together hold 1,023 MB. */
const largestArenaBytes = 700 * 1024 * 1024;

/**
 * ONNX Runtime's arena grows by doubling, and a request for 2 GiB ends an Electron process (trainer.md 7): a large model goes without.
 * For a small one it can never get there, and without it every step gives its pages back and faults them in again (measured on
 * 4 layers, width 64, 2,040 tokens: 12,000 page faults and 60 ms a step instead of 45; on 6 layers, width 256, vocabulary 8,192, 1,024 tokens:
 * 926 ms of processor time a step and a peak of 685 MB instead of 793 ms and 568 MB). Spinning threads take other processes' cores.
 * Denormal numbers, of which softmax makes many where tokens are masked, count as zero: 5 to 9 % faster.
 */
export function createSession(
  model: Uint8Array,
  intraOpThreads: number,
  stepBytes: number,
): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(model, {
    executionProviders: ['cpu'],
    executionMode: 'sequential',
    intraOpNumThreads: intraOpThreads,
    interOpNumThreads: 1,
    enableCpuMemArena: stepBytes <= largestArenaBytes,
    enableMemPattern: false,
    logSeverityLevel: 3,
    extra: { session: { set_denormal_as_zero: '1', intra_op: { allow_spinning: '0' } } },
  });
}

/** About what one forward and backward pass over `tokens` tokens allocates. */
export function stepBytes(
  { layers, width, heads, contextLength, vocabularySize }: KeyModelShape,
  tokens: number,
): number {
  return 4 * tokens * (layers * (34 * width + 3 * heads * contextLength) + 4 * vocabularySize);
}

/** A tensor over `data` itself: what is later written there is what the next run reads, and the other way round. */
export function tensorView(data: Float32Array | BigInt64Array, dims: readonly number[]): ort.Tensor {
  return data instanceof Float32Array ? new ort.Tensor('float32', data, dims) : new ort.Tensor('int64', data, dims);
}
