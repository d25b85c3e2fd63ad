/** @file Outputs from the command line: what is set, setting one, sending what waits. */
import { readFile } from 'node:fs/promises';
import { AppError } from '../../shared/errors.ts';
import type { OutputSettings } from '../../shared/outputs.ts';
import { outputSecret, outputSettings } from '../../shared/outputsSchema.ts';
import type { App } from '../app/createApp.ts';
import type { Arguments } from './arguments.ts';
import type { Output } from './commands.ts';

export async function listOutputs(app: App, output: Output): Promise<void> {
  for (const one of await app.parts.outputs.list()) output(one);
}

/** Sets one output and, if asked, sends a test alert first: what does not work is not kept. */
export async function setOutput(app: App, args: Arguments, output: Output): Promise<void> {
  const { outputs } = app.parts;
  const kind = args.outputKind();
  const before = (await outputs.list()).find(({ target }) => target.kind === kind);
  if (!before) throw new Error(`There is no output ${kind}.`);
  const given = outputSettings.safeParse({
    target: args.outputTarget() ?? before.target,
    isOn: !args.flag('off'),
    minSeverity: args.severity() ?? before.minSeverity,
    sendsLine: before.sendsLine && !args.flag('without-lines'),
  });
  if (!given.success) throw new AppError('BAD_INPUT', given.error.issues.map(({ message }) => message).join(' '));
  const settings: OutputSettings = given.data;
  const secret = await secretIn(args.optional('secret-file'));
  if (args.flag('test')) await outputs.test(settings, secret);
  const { secret: made } = await outputs.set(settings, secret);
  const [now] = (await outputs.list()).filter(({ target }) => target.kind === kind);
  output({ ...now, ...(made === null ? {} : { secret: made }) });
}

/** On the command line itself everybody on the machine could read it. */
async function secretIn(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new AppError('BAD_INPUT', `The secret cannot be read: ${error.message}`);
  });
  const read = outputSecret.safeParse(text);
  if (!read.success) throw new AppError('BAD_INPUT', `${path}: ${read.error.issues[0]?.message ?? 'no secret.'}`);
  return read.data;
}

/** Sends what waits. UNREACHABLE where a receiver does not take it; then it still waits. */
export async function sendWaiting(app: App, output: Output): Promise<void> {
  const { outputs } = app.parts;
  await outputs.open();
  await outputs.settled();
  const all = (await outputs.list()).filter(({ isOn }) => isOn);
  for (const { target, sentCount, waitingCount } of all) output({ kind: target.kind, sentCount, waitingCount });
  const problems = outputs.problems();
  if (problems.length > 0) throw new AppError('UNREACHABLE', problems.join(' '));
}
