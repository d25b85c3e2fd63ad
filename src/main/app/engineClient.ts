/**
 * @file The engine as the app sees it: one at a time, started when it is first needed, with the models it had. On the CPU its home is a
 * thread of main; any other provider, and the CPU after a crash or a call without an answer, gets a process of its own.
 */
import type { EngineMethods, LoadInput, ProviderName, ScoreInput, ScoreOutput } from '../../shared/engineProtocol.ts';
import { AppError } from '../../shared/errors.ts';
import { connectPort, endMessage, type CallOptions, type Client, type Port } from '../../shared/port.ts';
import type { EngineFailure, EngineFigures, EngineHome } from '../../shared/engineReport.ts';
import { withoutPaths } from './diagnostics.ts';
import { EngineMeter } from './engineMeter.ts';

type Progress<K extends keyof EngineMethods> = EngineMethods[K] extends { progress: infer P } ? P : never;
type Started = { port: Port; stop: () => Promise<void> };

export type EngineClientOptions = {
  startThread: () => Started;
  startProcess: () => Started;
  now: () => number;
  /** A home that has work and says nothing for so long has failed. */
  silenceMs?: number;
};

/** A batch takes seconds at the most; a graphics driver may take long over a model's first. */
const defaultSilenceMs = 60_000;
/** One run of a large text model over its whole context takes minutes on a slow computer, and says nothing meanwhile. */
const slowMethods: readonly string[] = ['score_text', 'continue_text'] satisfies (keyof EngineMethods)[];
const slowFactor = 20;
/** A GPU that fails, and a CPU that fails once after it. What fails a third time fails for its caller. */
const mostAttempts = 3;
const stopLimitMs = 2000;
/** What a session has under way comes to its end, a batch at most. */
const endLimitMs = 5000;
/** A model holds memory for as long as it is loaded; one that is asked for again is loaded again. */
const mostLoaded = 4;

export class EngineClient implements Client<EngineMethods> {
  /** Hears of each failure, before the work goes on. */
  onFailed: (failure: EngineFailure) => void = () => undefined;
  readonly #options: EngineClientOptions;
  #provider: ProviderName = 'cpu';
  #failure: EngineFailure | null = null;
  #isApart = false;
  #isClosed = false;
  #home: Home | undefined;
  readonly #homes = new Set<Home>();
  /** Models that were loaded once and not given back since. */
  readonly #models = new Map<string, LoadInput>();
  readonly #meter: EngineMeter;

  constructor(options: EngineClientOptions) {
    this.#options = options;
    this.#meter = new EngineMeter(options.now);
  }

  get provider(): ProviderName {
    return this.#provider;
  }

  get homeKind(): EngineHome {
    return this.#isApart || this.#provider !== 'cpu' ? 'process' : 'thread';
  }

  /** The last failure that what runs now stands in for. */
  get failure(): EngineFailure | null {
    return this.#failure;
  }

  get figures(): EngineFigures {
    return this.#meter.figures(this.homeKind);
  }

  /** From the next request on, the models run on this provider; what is under way is answered by the one before. */
  use(provider: ProviderName): void {
    if (provider === this.#provider) return;
    this.#provider = provider;
    this.#failure = null;
    this.#home?.retire();
    this.#home = undefined;
  }

  /**
   * A request that a crash, a silence or a failing provider cut off is asked again, as a whole, of what takes its place; buffers must
   * therefore not be transferred. Rejects with PROCESS_GONE when that fails, too.
   */
  async call<K extends keyof EngineMethods & string>(
    method: K,
    input: EngineMethods[K]['input'],
    options: CallOptions<Progress<K>> = {},
  ): Promise<EngineMethods[K]['output']> {
    const answer = (): Promise<EngineMethods[K]['output']> => this.#insist(method, input, options);
    if (method !== 'score') return answer();
    const { sequences } = input as ScoreInput;
    return this.#meter.scoring(sequences.ids.length, answer as () => Promise<ScoreOutput>);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#homes].map((home) => home.stop()));
  }

  async #insist<K extends keyof EngineMethods & string>(
    method: K,
    input: EngineMethods[K]['input'],
    options: CallOptions<Progress<K>>,
  ): Promise<EngineMethods[K]['output']> {
    if (method === 'load') this.#models.set((input as LoadInput).modelId, input as LoadInput);
    for (let attempt = 1; ; attempt++) {
      if (this.#isClosed) throw new AppError('PROCESS_GONE', 'The scoring engine was closed.');
      const home = (this.#home ??= this.#open());
      try {
        return await home.working(() => this.#ask(home, method, input, options), slowMethods.includes(method));
      } catch (error) {
        const code = error instanceof AppError ? error.code : 'INTERNAL';
        if ((code !== 'PROCESS_GONE' && code !== 'PROVIDER_FAILED') || this.#isClosed) throw error;
        const failure = this.#leave(home, code, (error as AppError).message);
        if (attempt < mostAttempts) continue;
        throw new AppError(
          'PROCESS_GONE',
          `The scoring engine failed ${mostAttempts} times on the same work (${failure.reason}). What was scored before is kept; try again, or use another model.`,
          { cause: error },
        );
      }
    }
  }

  async #ask<K extends keyof EngineMethods & string>(
    home: Home,
    method: K,
    input: EngineMethods[K]['input'],
    options: CallOptions<Progress<K>>,
  ): Promise<EngineMethods[K]['output']> {
    const { client, loaded, provider } = home;
    const { modelId } = (input ?? {}) as { modelId?: string };
    if (modelId === undefined) return client.call(method, input, options);
    const load = async (model: LoadInput): Promise<EngineMethods[K]['output']> => {
      await home.leaving.get(modelId);
      const info = await client.call('load', { ...model, provider });
      this.#meter.loaded(info);
      return info;
    };
    if (method === 'load') {
      const output = load(input as LoadInput);
      this.#keep(home, modelId, output);
      return output;
    }
    if (method === 'unload') {
      this.#models.delete(modelId);
      loaded.delete(modelId);
      return client.call(method, input, options);
    }
    const model = this.#models.get(modelId);
    if (model) this.#keep(home, modelId, loaded.get(modelId) ?? load(model));
    await loaded.get(modelId);
    return client.call(method, input, options);
  }

  /** Of the models a home has loaded, this one is now the newest used; the oldest of too many is given back. */
  #keep({ client, loaded, leaving }: Home, modelId: string, output: Promise<unknown>): void {
    const isNew = loaded.get(modelId) !== output;
    loaded.delete(modelId);
    loaded.set(modelId, output);
    if (isNew) {
      output.catch(() => {
        if (loaded.get(modelId) === output) loaded.delete(modelId);
      });
    }
    const [oldest] = loaded;
    if (!oldest || loaded.size <= mostLoaded) return;
    const [oldId, oldOutput] = oldest;
    loaded.delete(oldId);
    // Behind its own loading and behind the requests that waited for that; what uses it keeps it until it is done.
    const gone = oldOutput
      .then(() => client.call('unload', { modelId: oldId }))
      .catch(() => undefined)
      .finally(() => {
        if (leaving.get(oldId) === gone) leaving.delete(oldId);
      });
    leaving.set(oldId, gone);
  }

  #open(): Home {
    const start = this.homeKind === 'thread' ? this.#options.startThread : this.#options.startProcess;
    const home = new Home(start(), this.homeKind, this.#provider, this.#options.silenceMs ?? defaultSilenceMs, () =>
      this.#homes.delete(home),
    );
    this.#homes.add(home);
    return home;
  }

  /** The first request to see a home fail moves the engine out of it; the others follow. */
  #leave(home: Home, code: 'PROCESS_GONE' | 'PROVIDER_FAILED', message: string): EngineFailure {
    const { kind, provider, isSilent } = home;
    const failure: EngineFailure = {
      at: this.#options.now(),
      provider,
      home: kind,
      how: code === 'PROVIDER_FAILED' ? 'refused' : isSilent ? 'silent' : 'ended',
      reason: withoutPaths(home.endReason ?? message),
    };
    if (this.#home !== home) return failure;
    if (code === 'PROCESS_GONE') this.#isApart = true;
    this.#provider = 'cpu';
    this.#home = undefined;
    this.#failure = failure;
    home.retire();
    this.onFailed(failure);
    return failure;
  }
}

/** A running engine. It is stopped when it was left and its last request is answered, or when it says nothing for too long. */
class Home {
  readonly kind: EngineHome;
  readonly provider: ProviderName;
  readonly client: Client<EngineMethods>;
  /** The one used last is last. */
  readonly loaded = new Map<string, Promise<unknown>>();
  /** Being given back: loaded again only after that. */
  readonly leaving = new Map<string, Promise<unknown>>();
  isSilent = false;
  /** Why it ended, once it has. */
  endReason: string | undefined;
  readonly #started: Started;
  readonly #silenceMs: number;
  /** It is gone, or was waited for long enough. */
  readonly #onLeft: () => void;
  #isGone = false;
  #stopping: Promise<void> | undefined;
  readonly #gone = Promise.withResolvers<undefined>();
  #tellClient: (reason: string) => void = () => undefined;
  #working = 0;
  #slowWorking = 0;
  #isLeft = false;
  #silentTicks = 0;
  #watch: NodeJS.Timeout | undefined;

  constructor(started: Started, kind: EngineHome, provider: ProviderName, silenceMs: number, onLeft: () => void) {
    this.#started = started;
    this.kind = kind;
    this.provider = provider;
    this.#silenceMs = silenceMs;
    this.#onLeft = onLeft;
    const { port } = started;
    this.client = connectPort<EngineMethods>(
      {
        post: (message, transfer) => port.post(message, transfer),
        onMessage: (listener) =>
          port.onMessage((message) => {
            this.#silentTicks = 0;
            listener(message);
          }),
        onGone: (listener) => (this.#tellClient = listener),
      },
      'engine',
    );
    port.onGone((reason) => {
      this.#isGone = true;
      this.#gone.resolve(undefined);
      this.#end(reason);
      this.#onLeft();
    });
  }

  async working<T>(work: () => Promise<T>, isSlow: boolean): Promise<T> {
    if (this.#working++ === 0) this.#startWatching();
    if (isSlow) this.#slowWorking++;
    try {
      return await work();
    } finally {
      if (isSlow) this.#slowWorking--;
      if (--this.#working === 0) {
        clearInterval(this.#watch);
        if (this.#isLeft) void this.stop();
      }
    }
  }

  /** No new requests come; those under way are answered. */
  retire(): void {
    this.#isLeft = true;
    if (this.#working === 0) void this.stop();
  }

  /** Resolves when it is gone, or after a while: a thread inside native code cannot be ended. */
  stop(): Promise<void> {
    return (this.#stopping ??= this.#stop());
  }

  async #stop(): Promise<void> {
    this.#end('it was closed');
    if (!this.isSilent && !this.#isGone) {
      this.#started.port.post(endMessage);
      await within(endLimitMs, this.#gone.promise);
    }
    await within(stopLimitMs, this.#started.stop());
    this.#onLeft();
  }

  /** Counted in looks, not by the clock: a computer that slept was not silent. */
  #startWatching(): void {
    const looks = 20;
    this.#silentTicks = 0;
    this.#watch = setInterval(() => {
      const factor = this.#slowWorking > 0 ? slowFactor : 1;
      if (++this.#silentTicks <= looks * factor) return;
      this.isSilent = true;
      this.#end(`no answer for ${Math.round((this.#silenceMs * factor) / 1000)} s`);
      void this.stop();
    }, this.#silenceMs / looks);
    this.#watch.unref();
  }

  #end(reason: string): void {
    if (this.endReason !== undefined) return;
    this.endReason = reason;
    clearInterval(this.#watch);
    this.#tellClient(reason);
  }
}

/** Waits for it, but no longer than so. */
async function within(limitMs: number, work: Promise<unknown>): Promise<void> {
  let limit: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (limit = setTimeout(resolve, limitMs)));
  await Promise.race([work, late]);
  clearTimeout(limit);
}
