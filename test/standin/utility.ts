/** @file `utilityProcess`: a real process of Node with a real channel; inside it `process.parentPort`, and no `process.send`. */
import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ForkOptions, UtilityProcess } from 'electron';
import { cloned } from './ipc.ts';
import { only, onlyOptions } from './only.ts';
import { isReady } from './ready.ts';

type Offered = Pick<UtilityProcess, 'pid' | 'postMessage' | 'kill'>;

const parentPort = fileURLToPath(new URL('parentPort.ts', import.meta.url));

/** Those that run, with their names, for tests that end them. */
export const utilities = new Map<ChildProcess, string>();

class StandInUtility extends EventEmitter implements Offered {
  readonly #child: ChildProcess;
  #isGone = false;

  constructor(modulePath: string, args: string[], options: ForkOptions) {
    super();
    onlyOptions('utilityProcess.fork', options, ['serviceName', 'stdio', 'env', 'execArgv']);
    const stdio = typeof options.stdio === 'string' ? options.stdio : 'inherit';
    this.#child = fork(modulePath, args, {
      serialization: 'advanced',
      execArgv: ['--import', parentPort, ...(options.execArgv ?? [])],
      stdio: ['ignore', stdio as 'inherit', stdio as 'inherit', 'ipc'],
      ...(options.env ? { env: options.env as NodeJS.ProcessEnv } : {}),
    });
    utilities.set(this.#child, options.serviceName ?? '');
    this.#child.on('spawn', () => this.emit('spawn'));
    this.#child.on('message', (message) => this.emit('message', message));
    this.#child.on('exit', (code) => {
      this.#isGone = true;
      utilities.delete(this.#child);
      this.emit('exit', code ?? 1);
    });
  }

  get pid(): number | undefined {
    return this.#isGone ? undefined : this.#child.pid;
  }

  postMessage(message: unknown, transfer?: unknown[]): void {
    if (transfer?.length) throw new Error('The stand-in transfers no ports to utility processes.');
    const copy = cloned(message) as object;
    if (this.#child.connected) this.#child.send(copy, () => undefined);
  }

  kill(): boolean {
    return !this.#isGone && this.#child.kill('SIGTERM');
  }
}

export const utilityProcess = only('utilityProcess', {
  fork: (modulePath: string, args: string[] = [], options: ForkOptions = {}): UtilityProcess => {
    if (!isReady()) throw new Error('utilityProcess cannot be created before app is ready.');
    return only('UtilityProcess', new StandInUtility(modulePath, args, options)) as unknown as UtilityProcess;
  },
});
