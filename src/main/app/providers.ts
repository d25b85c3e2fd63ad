/** @file What runs the models: which providers were found to, the fastest of them or the one that was pinned, and what became of it. */
import { printable } from '../../shared/hidden.ts';
import { join } from 'node:path';
import type { ProviderName, TrialInput } from '../../shared/engineProtocol.ts';
import {
  failureKinds,
  providerLabels,
  type EngineFailure,
  type EngineReport,
  type Trial,
} from '../../shared/engineReport.ts';
import { AppError, forStderr, toErrorData } from '../../shared/errors.ts';
import type { Machine } from '../host/machine.ts';
import type { ModelRecord } from '../store/protocol/models.ts';
import {
  diagnosticsText,
  isSameMachine,
  readDiagnostics,
  withoutPaths,
  writeDiagnostics,
  type Diagnostics,
} from './diagnostics.ts';
import { scoreGraphOf, type ModelCard } from './keyModel.ts';
import { modelDirectory, type Services } from './services.ts';
import { candidatesFor, tryProvider, withRandomModel } from './trials.ts';

/** A provider that the app went down with so often in a row is not tried again by itself. */
const mostUnfinished = 2;
const pinKey = 'provider';

export class Providers {
  readonly #services: Services;
  readonly #changed: () => void;
  readonly #machine: Machine;
  readonly #abort = new AbortController();
  #diagnostics: Diagnostics | undefined;
  #pinned: ProviderName | null = null;
  /** Providers that failed at work since the app started, or since the user asked to try again. */
  readonly #stopped = new Set<ProviderName>();
  #trying: Promise<void> | undefined;
  #runtimeVersion: Promise<string> | undefined;
  /** Models in use (null: none) for which the app tried by itself, once a launch. */
  readonly #triedFor = new Set<string | null>();
  #written: Promise<void> = Promise.resolve();

  private constructor(services: Services, changed: () => void) {
    this.#services = services;
    this.#changed = changed;
    this.#machine = services.host.machine();
  }

  /** Takes up what was found out before. `changed` hears of everything that `report` tells. */
  static async open(services: Services, changed: () => void): Promise<Providers> {
    const providers = new Providers(services, changed);
    providers.#diagnostics = await readDiagnostics(services.directory);
    const pinned = await services.store.call('get_setting', { key: pinKey });
    providers.#pinned = Object.hasOwn(providerLabels, String(pinned)) ? (pinned as ProviderName) : null;
    services.engine().onFailed = (failure) => providers.#failed(failure);
    services.engine().use(providers.#choice());
    return providers;
  }

  report(): EngineReport {
    const engine = this.#services.engine();
    return {
      trials: this.#diagnostics?.trials ?? [],
      triedOn: this.#diagnostics?.selfTest.model ?? null,
      isTrying: this.#trying !== undefined,
      inUse: engine.provider,
      home: engine.homeKind,
      pinned: this.#pinned,
      fallback: engine.failure ?? this.#notUsed(),
      figures: engine.figures,
    };
  }

  /** Of ONNX Runtime. Asked of the engine once: later it may be busy. */
  runtimeVersion(): Promise<string> {
    this.#runtimeVersion ??= this.#services
      .engine()
      .call('info', undefined)
      .then((info) => info.runtimeVersion)
      .catch((error: unknown) => {
        this.#runtimeVersion = undefined;
        throw error;
      });
    return this.#runtimeVersion;
  }

  /** What a user can send, as JSON with a final newline. Tries the providers first where what is known does not hold any more. */
  async diagnosticsText(): Promise<string> {
    await (this.#trying ?? this.tryIfOutdated());
    const { inUse, home, pinned, fallback } = this.report();
    return diagnosticsText({ ...this.#diagnostics, inUse, home, pinned, fallback });
  }

  /** Null: the fastest that agrees. Throws CONFLICT for one that cannot be used. */
  async pin(provider: ProviderName | null): Promise<void> {
    const { store, actor } = this.#services;
    if (provider !== null && provider !== 'cpu' && !this.#isUsable(provider)) {
      const reason = this.#diagnostics?.trials.find((trial) => trial.provider === provider)?.reason;
      const why = reason ? ` ${reason}` : ' It was not tried yet, or stopped working; try again first.';
      throw new AppError('CONFLICT', `${providerLabels[provider]} cannot be pinned.${why}`);
    }
    await store.call('set_setting', { key: pinKey, value: provider, actor: await actor() });
    this.#pinned = provider;
    this.#apply();
  }

  /** Tries the providers where the app, the runtime, the machine or the model in use is another than when they were last tried. */
  async tryIfOutdated(): Promise<void> {
    const model = (await this.#modelInUse())?.id ?? null;
    if (this.#triedFor.has(model) || this.#abort.signal.aborted) return;
    this.#triedFor.add(model);
    const known = this.#diagnostics;
    const holds =
      known && known.runtimeVersion === (await this.runtimeVersion()) && isSameMachine(known, this.#facts());
    // A model that learned nothing tells as much as any, until there is one that did.
    if (!holds || (model !== null && model !== known.selfTest.modelId)) await this.try();
  }

  /** `again`: also those that took their process down. Resolves when all were tried; never rejects. Asked again meanwhile, it is the same. */
  try({ again = false }: { again?: boolean } = {}): Promise<void> {
    this.#trying ??= this.#tryAll(again)
      .catch((error: unknown) => {
        if (!this.#abort.signal.aborted) console.error('The providers could not be tried:', forStderr(error));
      })
      .finally(() => {
        this.#trying = undefined;
        if (!this.#abort.signal.aborted) this.#apply();
      });
    this.#changed();
    return this.#trying;
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await this.#trying;
    await this.#written;
  }

  async #tryAll(again: boolean): Promise<void> {
    const { host, directory } = this.#services;
    const startedAt = host.now();
    if (again) this.#stopped.clear();
    const model = await this.#modelInUse();
    const before = this.#diagnostics;
    const isSame = before !== undefined && isSameMachine(before, this.#facts());
    const diagnostics: Diagnostics = {
      surprisalDiagnostics: 1,
      ...this.#facts(),
      runtimeVersion: await this.runtimeVersion(),
      selfTest: {
        startedAt,
        durationMs: 0,
        modelId: model?.id ?? null,
        model: model ? `m${model.number}` : 'a model that has learned nothing',
        problem: '',
      },
      trials: isSame ? before.trials : [],
      unfinished: isSame && !again ? before.unfinished : {},
      failures: before?.failures ?? [],
    };
    this.#diagnostics = diagnostics;
    const tryOn = async (on: Omit<TrialInput, 'provider'>): Promise<void> => {
      for (const provider of candidatesFor(this.#machine.system)) await this.#tryOne(provider, on, again);
    };
    try {
      const card = model?.card as ModelCard | undefined;
      if (model && card?.shape) {
        const folder = modelDirectory(this.#services, model.id);
        await tryOn({ directory: folder, shape: card.shape, graph: scoreGraphOf(card) });
      } else await withRandomModel(host, join(directory, 'self-test'), tryOn);
    } catch (error) {
      if (this.#abort.signal.aborted) throw error;
      diagnostics.selfTest.problem = withoutPaths(toErrorData(error).message);
    }
    diagnostics.selfTest.durationMs = host.now() - startedAt;
    await this.#write();
  }

  async #tryOne(provider: ProviderName, model: Omit<TrialInput, 'provider'>, again: boolean): Promise<void> {
    const diagnostics = this.#diagnostics;
    if (!diagnostics) return;
    const { unfinished } = diagnostics;
    const known = diagnostics.trials.find((trial) => trial.provider === provider);
    // Not into a crash a second time.
    if (!again && (known?.state === 'ended' || known?.state === 'silent')) return;
    if ((unfinished[provider] ?? 0) >= mostUnfinished) {
      this.#record({
        ...{ provider, state: 'ended', at: this.#services.host.now() },
        reason: `Surprisal ended ${mostUnfinished} times while it was tried.`,
        ...{ msPerThousandEvents: null, differenceNat: null, startMs: null },
      });
      return;
    }
    unfinished[provider] = (unfinished[provider] ?? 0) + 1;
    await this.#write();
    try {
      this.#record(await tryProvider(this.#services.host, { ...model, provider }, { signal: this.#abort.signal }));
    } finally {
      // An end in good order, a cancelled one too.
      unfinished[provider] = 0;
      await this.#write();
    }
    this.#changed();
  }

  #record(trial: Trial): void {
    if (!this.#diagnostics) return;
    const others = this.#diagnostics.trials.filter(({ provider }) => provider !== trial.provider);
    const order = candidatesFor(this.#machine.system);
    this.#diagnostics.trials = [...others, trial].sort(
      (one, other) => order.indexOf(one.provider) - order.indexOf(other.provider),
    );
  }

  /** The engine goes on with the CPU by itself; what took its process down is remembered beyond this launch. */
  #failed(failure: EngineFailure): void {
    if (failure.provider !== 'cpu') this.#stopped.add(failure.provider);
    if (this.#diagnostics) {
      this.#diagnostics.failures.push(failure);
      const trial = this.#diagnostics.trials.find(({ provider }) => provider === failure.provider);
      if (trial && failure.provider !== 'cpu' && failure.how !== 'refused')
        this.#record({ ...trial, state: failure.how, at: failure.at, reason: failure.reason });
      void this.#write();
    }
    this.#changed();
  }

  #apply(): void {
    this.#services.engine().use(this.#choice());
    this.#changed();
  }

  #choice(): ProviderName {
    if (!this.#diagnostics || !isSameMachine(this.#diagnostics, this.#facts())) return 'cpu';
    if (this.#pinned !== null) return this.#isUsable(this.#pinned) ? this.#pinned : 'cpu';
    const usable = this.#diagnostics.trials.filter(({ provider }) => this.#isUsable(provider));
    const time = (trial: Trial): number => trial.msPerThousandEvents ?? Infinity;
    return usable.sort((one, other) => time(one) - time(other))[0]?.provider ?? 'cpu';
  }

  /** What was pinned and cannot be used, or was at work in an earlier launch and failed, is a fallback as much as what fails now. */
  #notUsed(): EngineFailure | null {
    const inUse = this.#services.engine().provider;
    if (this.#pinned === inUse) return null;
    const trial = this.#diagnostics?.trials.find(({ provider, state, msPerThousandEvents }) =>
      // One that failed at work has the figures of its trial; one that failed in its trial was never missed.
      this.#pinned === null
        ? (state === 'ended' || state === 'silent') && msPerThousandEvents !== null
        : // One that agreed and does not run is only not tried yet on what this computer is now.
          provider === this.#pinned && state !== 'agrees',
    );
    if (!trial) return null;
    const how = failureKinds.find((kind) => kind === trial.state) ?? 'refused';
    return { at: trial.at, provider: trial.provider, home: 'process', how, reason: trial.reason };
  }

  #isUsable(provider: ProviderName): boolean {
    const trial = this.#diagnostics?.trials.find((candidate) => candidate.provider === provider);
    return trial?.state === 'agrees' && !this.#stopped.has(provider);
  }

  #facts(): Pick<Diagnostics, 'appVersion' | 'machine'> {
    return { appVersion: this.#services.host.appVersion, machine: this.#machine };
  }

  async #modelInUse(): Promise<ModelRecord | undefined> {
    return (await this.#services.store.call('list_models', undefined)).find(({ state }) => state === 'in_use');
  }

  /** One after the other; what cannot be kept (a full disk, a folder that cannot be written) is found out again the next time. */
  #write(): Promise<void> {
    const diagnostics = this.#diagnostics;
    if (!diagnostics) return Promise.resolve();
    this.#written = this.#written.then(() =>
      writeDiagnostics(this.#services.directory, diagnostics).catch((error: unknown) =>
        console.error('diagnostics.json was not written:', printable(toErrorData(error).message)),
      ),
    );
    return this.#written;
  }
}
