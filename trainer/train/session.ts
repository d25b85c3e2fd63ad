/** @file ONNX Runtime sessions as the trainer wants them: repeatable, quiet, and without the allocations that end an Electron process. */
import * as ort from 'onnxruntime-node';

/**
 * The arena and the memory pattern are off because their doubling asks for 2 GiB at once, which Electron's allocator answers by ending
 * the process; measured, they gain nothing here (trainer.md 4 and 7). Threads that spin while they wait take the other processes' cores.
 */
export function createSession(model: Uint8Array, intraOpThreads: number): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(model, {
    executionProviders: ['cpu'],
    executionMode: 'sequential',
    intraOpNumThreads: intraOpThreads,
    interOpNumThreads: 1,
    enableCpuMemArena: false,
    enableMemPattern: false,
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
}

/** A tensor over `data` itself: what is later written there is what the next run reads, and the other way round. */
export function tensorView(data: Float32Array | BigInt64Array, dims: readonly number[]): ort.Tensor {
  return data instanceof Float32Array ? new ort.Tensor('float32', data, dims) : new ort.Tensor('int64', data, dims);
}
