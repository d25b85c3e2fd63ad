/** @file The command line as a user runs it: a process of its own, its exit status and what it wrote. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

export type Outcome = {
  status: number | null;
  stdout: string;
  stderr: string;
  /** Every line of stdout as JSON; throws where one is not. */
  json: () => Record<string, unknown>[];
};

export function startCli(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['scripts/surprisal.mjs', ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
}

export async function runCli(...args: string[]): Promise<Outcome> {
  const child = startCli(args);
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, stdout, stderr, json: () => jsonLines(stdout) };
}

export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
