/** @file Processes that are there to be killed: the served app as a user starts it, or the same in less words, and commands. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { talkTo, type Serving } from '../helpers/serving.ts';
import type { How } from './killed.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const child = fileURLToPath(new URL('../helpers/servingChild.ts', import.meta.url));

/** Training leaves off so often here: a run of the campaign is over before the app's own time has passed once. */
const checkpointMs = 150;

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export function spawnServing(workspace: string, how: How): ChildProcess {
  const words = how === 'command' ? ['scripts/surprisal.mjs', 'browse', '--workspace', workspace] : [child, workspace];
  const serving = spawn(process.execPath, words, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
    env: { ...process.env, SURPRISAL_CHECKPOINT_MS: String(checkpointMs) },
  });
  serving.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderrOf.set(serving, `${stderrOf.get(serving) ?? ''}${text}`.slice(-4000));
  });
  return serving;
}

const stderrOf = new WeakMap<ChildProcess, string>();

/** The end of what it said on stderr: why it did not come up. */
export function lastWords(process: ChildProcess): string {
  return stderrOf.get(process) ?? '';
}

export async function serve(workspace: string, how: How): Promise<Serving> {
  const process = spawnServing(workspace, how);
  const died = once(process, 'close').then(() => {
    throw new Error(`The app ended before it served: ${lastWords(process)}`);
  });
  died.catch(() => undefined);
  return Promise.race([talkTo(process), died]);
}

export function spawnCommand(words: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['scripts/surprisal.mjs', ...words], { cwd: root, stdio: 'ignore' });
}

/** SIGKILL, and the end of the process; of what it started, too, where that holds its output. */
export async function killNow(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const gone = once(process, 'close');
  process.kill('SIGKILL');
  await gone;
}
