/** @file The host on plain Node: worker threads, and `child_process` for the trainers and for an engine apart. Also the base of the Electron host. */
import { fork } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { availableParallelism, userInfo } from 'node:os';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Host, RunningProcess, RunningThread, ThreadName } from './host.ts';
import { readMachine } from './machine.ts';
import { childPort, workerPort } from '../../shared/nodePorts.ts';

export type Entries = Record<ThreadName | 'trainer' | 'adapt', URL>;

/** The entries as they lie in the source tree, run by Node's own type stripping. */
export const sourceEntries: Entries = {
  store: new URL('../store/thread.ts', import.meta.url),
  engine: new URL('../engine/main.ts', import.meta.url),
  import: new URL('../app/importThread.ts', import.meta.url),
  textData: new URL('../app/training/textDataThread.ts', import.meta.url),
  report: new URL('../report/thread.ts', import.meta.url),
  trainer: new URL('../../../trainer/main.ts', import.meta.url),
  adapt: new URL('../../../trainer/adapt.ts', import.meta.url),
};

/** A child process gets what it needs of the environment and no more: the last row finds GPUs, their drivers and libraries. */
const childVariables = [
  ...['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'LANG', 'XDG_RUNTIME_DIR'],
  ...['LD_LIBRARY_PATH', 'CUDA_PATH', 'CUDA_VISIBLE_DEVICES', 'VK_ICD_FILENAMES', 'VK_DRIVER_FILES', 'DISPLAY'],
];

export function childEnvironment(): Record<string, string> {
  return {
    ...Object.fromEntries(childVariables.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []))),
    // A GPU that rounds float32 to 19 bits would not agree with the CPU.
    NVIDIA_TF32_OVERRIDE: '0',
  };
}

/** What a thread allocates dies young, and V8 lets that pile up: 200 MB more over all threads of an import without this, for a few percent of time. */
const resourceLimits = { maxYoungGenerationSizeMb: 32 };

function startThread(entry: URL): RunningThread {
  const worker = new Worker(entry, { resourceLimits });
  const gone = new Promise<void>((resolve) => worker.on('exit', () => resolve()));
  const port = workerPort(worker);
  return {
    port,
    async stop() {
      // A thread inside native code ends when that returns, and keeps the process from ending till then: at its exit it is not waited for.
      const endByForce = (): void => void process.kill(process.pid, 'SIGKILL');
      process.once('exit', endByForce);
      await worker.terminate();
      await gone;
      process.off('exit', endByForce);
    },
  };
}

/** `isQuiet`: GPU drivers and their loaders write to stderr whatever they miss; what of it matters comes as an error of its call. */
function startProcess(entry: URL, isQuiet = false): RunningProcess {
  const child = fork(fileURLToPath(entry), [], {
    serialization: 'advanced',
    env: childEnvironment(),
    execArgv: [],
    stdio: ['ignore', 'ignore', isQuiet ? 'ignore' : 'inherit', 'ipc'],
  });
  const gone = new Promise<void>((resolve) => {
    child.on('exit', () => resolve());
    child.on('error', () => resolve());
  });
  return {
    port: childPort(child),
    pid: child.pid,
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

export function createNodeHost(appVersion: string, entries: Entries = sourceEntries): Host {
  return {
    appVersion,
    userName: safeUserName(),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    cores: availableParallelism(),
    // Tests that end the app in the middle of a short training set it lower.
    checkpointMs: Number(process.env['SURPRISAL_CHECKPOINT_MS']) || 10_000,
    now: () => Date.now(),
    newId: () => randomUUID(),
    randomBytes: (length) => new Uint8Array(randomBytes(length)),
    startThread: (name) => startThread(entries[name]),
    startTrainer: () => startProcess(entries.trainer),
    startAdapt: () => startProcess(entries.adapt),
    startEngine: () => startProcess(entries.engine, true),
    machine: readMachine,
    chooseFiles: undefined,
    chooseFolder: undefined,
    setMenu: undefined,
    unsaved: undefined,
    notify: undefined,
    saveFile: undefined,
  };
}

function safeUserName(): string {
  try {
    return userInfo().username || 'analyst';
  } catch {
    return 'analyst'; // a user id without an entry in the password file
  }
}
