/** @file Which backend trains, and how its failures are told apart from everything else that ends a run. */
import { AppError } from '../../src/shared/errors.ts';
import type { TrainProvider } from '../../src/shared/trainerProtocol.ts';
import type { Backend, BackendOptions, StepOptions } from './backend.ts';
import { CpuBackend } from './cpuBackend.ts';
import { WebGpuBackend } from './webGpuBackend.ts';

export type CreateBackend = (provider: TrainProvider, options: BackendOptions) => Promise<Backend>;

export const createBackend: CreateBackend = (provider, options) =>
  provider === 'webgpu' ? WebGpuBackend.create(options) : CpuBackend.create(options);

/** What computes failed: no adapter, a device that was lost, a kernel that gave up. */
export class ProviderFailure extends Error {
  readonly provider: TrainProvider;
  constructor(provider: TrainProvider, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    // ONNX Runtime names source files and functions before what happened, which comes last.
    super(reason.split('\n')[0]?.slice(-200) ?? '', { cause });
    this.provider = provider;
  }
}

/** Does `work` on the provider that is asked for or, where that fails, on the CPU, which is told why it is not the other. */
export async function withProvider<T>(
  wanted: TrainProvider,
  work: (on: { provider: TrainProvider; providerFailure: string | null }) => Promise<T>,
): Promise<T> {
  try {
    return await work({ provider: wanted, providerFailure: null });
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    if (error.provider === 'cpu') throw error.cause;
    return work({ provider: 'cpu', providerFailure: error.message });
  }
}

/** The backend with its failures marked. What `between` throws is the run's own and passes unmarked. */
export async function markedBackend(
  create: CreateBackend,
  provider: TrainProvider,
  options: BackendOptions,
): Promise<Backend> {
  const marked = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw error instanceof AppError ? error : new ProviderFailure(provider, error);
    }
  };
  const backend = await marked(() => create(provider, options));
  const step = async (options: StepOptions): Promise<number> => {
    let own: { error: unknown } | undefined;
    const between = async (): Promise<void> => {
      try {
        await options.between();
      } catch (error) {
        own = { error };
        throw error;
      }
    };
    try {
      return await marked(() => backend.step({ ...options, between }));
    } catch (error) {
      throw own ? own.error : error;
    }
  };
  return {
    step,
    loss: (batch, arrays) => marked(() => backend.loss(batch, arrays)),
    download: () => marked(() => backend.download()),
    upload: () => marked(() => backend.upload()),
    release: () => backend.release(),
  };
}
