/** @file The command line as a user runs it: a process of its own, its exit status and what it wrote. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { App } from '../../src/main/app/createApp.ts';
import { readArguments } from '../../src/main/cli/readArguments.ts';
import { score } from '../../src/main/cli/commands.ts';
import { main } from '../../src/main/cli/main.ts';

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

/** The same within this process: quicker, for everything but what is about processes. */
export function runMain(...args: string[]): Promise<Outcome> {
  return heard(() => main(args));
}

/** A command in an app that is open already. Throws what it throws. */
export function runInApp(app: App, ...args: string[]): Promise<Outcome> {
  const read = readArguments(args);
  if (read === 'help' || read.command !== 'score') throw new Error('Only score is run in an open app.');
  return heard(async () => {
    await score(app, read, (value) => void process.stdout.write(`${JSON.stringify(value)}\n`));
    return 0;
  });
}

async function heard(work: () => Promise<number>): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  const { write: toStdout } = process.stdout;
  const { write: toStderr } = process.stderr;
  process.stdout.write = (text) => ((stdout += String(text)), true);
  process.stderr.write = (text) => ((stderr += String(text)), true);
  try {
    const status = await work();
    return { status, stdout, stderr, json: () => jsonLines(stdout) };
  } finally {
    process.stdout.write = toStdout;
    process.stderr.write = toStderr;
  }
}
