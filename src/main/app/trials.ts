/** @file Providers tried one by one, each in a process of its own: a driver that takes it down or never comes back costs nothing else. */
import { mkdir, rm } from 'node:fs/promises';
import { agreementNat, type EngineMethods, type ProviderName, type TrialInput } from '../../shared/engineProtocol.ts';
import type { Trial } from '../../shared/engineReport.ts';
import { AppError, toErrorData } from '../../shared/errors.ts';
import { connectPort } from '../../shared/port.ts';
import type { KeyModelShape, TrainerMethods } from '../../shared/trainerProtocol.ts';
import type { Host, RunningProcess } from '../host/host.ts';
import { withoutPaths } from './diagnostics.ts';

/** Slowest seen: 12 s, software Vulkan on a busy machine. */
const defaultLimitMs = 60_000;

/** Which ones a system may have at all; whether it has them is found by trying. */
export function candidatesFor(system: string): ProviderName[] {
  if (system.startsWith('win32')) return ['cpu', 'dml', 'webgpu'];
  if (system.startsWith('darwin')) return ['cpu', 'coreml', 'webgpu'];
  return ['cpu', 'cuda', 'webgpu'];
}

/** Never rejects but for CANCELLED: what goes wrong is what came of it. */
export async function tryProvider(
  host: Host,
  input: TrialInput,
  { signal, limitMs = defaultLimitMs }: { signal: AbortSignal; limitMs?: number },
): Promise<Trial> {
  const { provider } = input;
  const nothing = { msPerThousandEvents: null, differenceNat: null, startMs: null };
  const failed = (state: Trial['state'], reason: string): Trial => ({
    ...{ provider, state, at: host.now(), reason: withoutPaths(reason) },
    ...nothing,
  });
  let child: RunningProcess;
  try {
    child = host.startEngine();
  } catch (error) {
    return failed('refused', toErrorData(error).message);
  }
  let isLate = false;
  const late = new AbortController();
  const limit = setTimeout(() => {
    isLate = true;
    late.abort();
  }, limitMs);
  try {
    const engine = connectPort<EngineMethods>(child.port, 'trial');
    const found = await engine.call('try', input, { signal: AbortSignal.any([signal, late.signal]) });
    if (!found.isThere) return failed('absent', found.reason);
    const { isThere: _, ...figures } = found;
    // NaN agrees with nothing.
    const agrees = found.differenceNat <= agreementNat;
    const reason = agrees ? '' : `Its answers differ from the CPU's by ${found.differenceNat.toPrecision(2)} nat.`;
    const differenceNat = Number.isFinite(found.differenceNat) ? found.differenceNat : null;
    return { provider, state: agrees ? 'agrees' : 'differs', at: host.now(), reason, ...figures, differenceNat };
  } catch (error) {
    if (isLate) return failed('silent', `It gave no answer in ${Math.round(limitMs / 1000)} s.`);
    const { code, message } = toErrorData(error);
    if (signal.aborted) throw new AppError('CANCELLED', 'The trial was cancelled.');
    return code === 'PROCESS_GONE'
      ? failed('ended', message.replace(/^The trial ended: /, ''))
      : failed('refused', message);
  } finally {
    clearTimeout(limit);
    await child.kill();
  }
}

/** As key models are, and like them trained on nothing yet. */
const selfTestShape: KeyModelShape = { layers: 4, heads: 4, width: 64, contextLength: 64, vocabularySize: 300 };

/** A model to try providers on where none was learned yet, made by the trainer in a folder that is gone when `use` is done. */
export async function withRandomModel<T>(
  host: Host,
  directory: string,
  use: (model: Omit<TrialInput, 'provider'>) => Promise<T>,
): Promise<T> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  try {
    const trainer = host.startTrainer();
    try {
      const client = connectPort<TrainerMethods>(trainer.port, 'trainer');
      await client.call('write_random_model', { directory, shape: selfTestShape, seed: 1 });
    } finally {
      await trainer.kill();
    }
    return await use({ directory, shape: selfTestShape });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
