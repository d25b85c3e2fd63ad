/** @file Where each head of a key model looked in the window that scored a token, and what it expected all along. On request, on the CPU. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { agreementNat, type EvidenceInput, type EvidenceOutput } from '../../shared/engineProtocol.ts';
import { AppError } from '../../shared/errors.ts';
import type { EngineOptions, LoadedModel } from './model.ts';
import { readModelFile } from './modelFiles.ts';
import { checkIds } from './score.ts';
import type { Session } from './session.ts';
import { planWindows } from './windows.ts';

const fileName = 'evidence.onnx';

/** Throws NOT_FOUND where the graph was not written yet, MODEL_INVALID where it is not this model's, BAD_REQUEST for a position that is not scored. */
export async function evidenceOf(
  model: LoadedModel,
  { ids, position, top }: Omit<EvidenceInput, 'modelId'>,
  { openSession, intraOpThreads }: EngineOptions,
): Promise<EvidenceOutput> {
  const { contextLength, vocabularySize } = model.shape;
  checkIds(ids, vocabularySize);
  const window = planWindows(ids.length, contextLength).find(
    ({ firstScored, end }) => position >= firstScored && position < end,
  );
  if (!window) throw new AppError('BAD_REQUEST', `Position ${position} of ${ids.length} is not one that is scored.`);
  const path = join(model.directory, fileName);
  if (!(await stat(path).catch(() => undefined))) throw new AppError('NOT_FOUND', `${path} was not written yet.`);
  const inputs = BigInt64Array.from(ids.subarray(window.start, window.end - 1), BigInt);
  const targets = BigInt64Array.from(ids.subarray(window.start + 1, window.end), BigInt);
  let session: Session | undefined;
  try {
    session = await openSession(await readModelFile(path), 'cpu', intraOpThreads);
    const answer = await session.run({
      ids: new ort.Tensor('int64', inputs, [1, inputs.length]),
      targets: new ort.Tensor('int64', targets, [1, targets.length]),
      top: new ort.Tensor('int64', BigInt64Array.of(BigInt(Math.min(top, vocabularySize))), [1]),
    });
    const output = read(answer, model.shape.layers, window.start);
    // The graph that explains is f32, as this one is, whichever one scores. By rank: equally probable ids may change places.
    const last = BigInt64Array.of(BigInt(inputs.length - 1));
    const width = output.topIds.length / inputs.length;
    const { logProbability } = await model.graphs.mostProbable(inputs, last, width);
    const found = floatsOf(answer, 'topLogProbability').slice(-width); // not through exp: of what is improbable float32 keeps nothing
    const agrees = logProbability.every((nat, rank) => Math.abs(nat - (found[rank] ?? NaN)) <= agreementNat);
    if (!agrees) throw new Error('it expects something else than the model does');
    return output;
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('MODEL_INVALID', `${path} does not belong to this model: ${String(error)}`, { cause: error });
  } finally {
    await session?.release();
  }
}

function floatsOf(answer: ort.InferenceSession.OnnxValueMapType, name: string): Float32Array {
  const tensor = answer[name];
  if (tensor && 'data' in tensor && tensor.data instanceof Float32Array) return tensor.data;
  throw new Error(`it has no ${name}`);
}

function read(answer: ort.InferenceSession.OnnxValueMapType, layers: number, start: number): EvidenceOutput {
  const floats = (name: string): Float32Array => floatsOf(answer, name);
  const { topIds } = answer;
  if (!topIds || !('data' in topIds) || !(topIds.data instanceof BigInt64Array)) throw new Error('it has no topIds');
  const perLayer = Array.from({ length: layers }, (_, layer) => floats(`attention.${layer}`));
  const size = perLayer[0]?.length ?? 0;
  const attention = new Float32Array(layers * size);
  perLayer.forEach((values, layer) => attention.set(values, layer * size));
  return {
    start,
    bits: floats('logProbability').map((nat) => Math.max(0, -nat / Math.LN2)),
    topIds: Int32Array.from(topIds.data, Number),
    topProbabilities: floats('topLogProbability').map(Math.exp),
    attention,
  };
}
