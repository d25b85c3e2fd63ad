/**
 * @file The adapting process as the app sees it: started with the app, and started again when it ended, ever later while it keeps ending. While it
 * is down nothing that verdicts taught changes, and `isUp` says so.
 */
import type { AdaptMethods } from '../../shared/adaptProtocol.ts';
import { AppError } from '../../shared/errors.ts';
import { connectPort, type Client } from '../../shared/port.ts';
import type { RunningProcess } from '../host/host.ts';

type Running = { process: RunningProcess; client: Client<AdaptMethods> };

export type AdaptClientOptions = {
  start: () => RunningProcess;
  /** Waits before it is started again: the first, doubled each time it ends without an answer, up to the longest. */
  retry?: { firstMs: number; longestMs: number };
  /** What gives no answer for so long has failed. */
  silenceMs?: number;
};

export class AdaptClient {
  /** It came or went. */
  onChanged: (isUp: boolean) => void = () => undefined;
  readonly #options: Required<AdaptClientOptions>;
  #running: Running | undefined;
  #retry: NodeJS.Timeout | undefined;
  #failures = 0;
  #isClosed = false;

  constructor(options: AdaptClientOptions) {
    this.#options = { retry: { firstMs: 250, longestMs: 30_000 }, silenceMs: 10_000, ...options };
  }

  /** False from when it ended until it runs again. Where nobody needed it yet it counts as up. */
  get isUp(): boolean {
    return this.#retry === undefined;
  }

  get pid(): number | undefined {
    return this.#running?.process.pid;
  }

  start(): void {
    if (this.#running || this.#isClosed) return;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    let process: RunningProcess;
    try {
      process = this.#options.start();
    } catch {
      this.#startLater();
      return;
    }
    const running: Running = { process, client: connectPort<AdaptMethods>(process.port, 'adapting process') };
    this.#running = running;
    process.port.onGone(() => {
      if (this.#running !== running) return;
      this.#running = undefined;
      this.#startLater();
    });
    if (this.#failures > 0) this.onChanged(true);
  }

  /** Throws PROCESS_GONE where it is down, ends meanwhile or says nothing; once it is up again, what it would have done is asked for again. */
  async call<K extends keyof AdaptMethods & string>(
    method: K,
    input: AdaptMethods[K]['input'],
  ): Promise<AdaptMethods[K]['output']> {
    if (this.isUp) this.start();
    const running = this.#running;
    if (!running) throw new AppError('PROCESS_GONE', 'The adapting process is being started again.');
    const silence = setTimeout(() => void running.process.kill(), this.#options.silenceMs);
    try {
      const output = await running.client.call(method, input);
      this.#failures = 0;
      return output;
    } finally {
      clearTimeout(silence);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    const running = this.#running;
    this.#running = undefined;
    await running?.process.kill();
  }

  #startLater(): void {
    if (this.#isClosed) return;
    const { firstMs, longestMs } = this.#options.retry;
    const waitMs = Math.min(longestMs, firstMs * 2 ** this.#failures++);
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.start();
    }, waitMs).unref();
    this.onChanged(false);
  }
}
