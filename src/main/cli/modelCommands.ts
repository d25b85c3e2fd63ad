/** @file The commands about models: train, list, import and export checkpoints, and what a text model says of text. */
import { basename, resolve } from 'node:path';
import type { ModelPlan } from '../../shared/models.ts';
import type { App } from '../app/createApp.ts';
import { findModel } from '../app/modelRegistry.ts';
import type { Services } from '../app/services.ts';
import { exportTextModel, importTextModel, openTextModel } from '../app/textModels.ts';
import { continueLine as continued, logProbabilities } from '../app/textScores.ts';
import { trainingProvider } from '../app/training/estimate.ts';
import type { ModelRecord } from '../store/protocol/models.ts';
import type { Arguments } from './arguments.ts';
import { importForCli, type Output } from './commands.ts';
import { checkWritable, RowWriter } from './rows.ts';
import { finishJob, runJob } from './runJob.ts';

const never = new AbortController().signal;

function shown({ id, number, state, createdAt, card, files }: ModelRecord): Record<string, unknown> {
  return { model: id, number, state, createdAt, kind: 'keys', ...card, files };
}

/** One line per model. */
export async function listModels(app: App, output: Output): Promise<void> {
  for (const record of await app.parts.services.store.call('list_models', undefined)) output(shown(record));
}

/** Trains beside nothing else, and keeps what comes of it; `learn` is what also puts it in use. */
export async function train(app: App, args: Arguments, output: Output): Promise<void> {
  const { services, work, providers } = app.parts;
  const { store } = services;
  const { plan, ...options } = args.training();
  const provider = options.provider ?? trainingProvider(providers.report());
  const paths = args.inputs().map((path) => resolve(path));
  const subject = paths.map((path) => basename(path)).join(', ');
  const asked = plan.kind === 'fine_tune' ? await namedParent(services, plan) : plan;
  const sourceIds: number[] = [];
  for (const path of paths) sourceIds.push(await importForCli(app, path));
  const started = await work.startTraining({ ...options, plan: asked, provider, sourceIds }, subject);
  await finishJob(app, Promise.resolve(started));
  const record = (await store.call('list_models', undefined)).find(({ id }) => id === started.modelId);
  if (record) output(shown(record));
}

async function namedParent(
  { store }: Services,
  { parent, ...plan }: Omit<Extract<ModelPlan, { kind: 'fine_tune' }>, 'parentId'> & { parent: string },
): Promise<ModelPlan> {
  return { ...plan, parentId: findModel(await store.call('list_models', undefined), parent).id };
}

export async function importModel(app: App, args: Arguments, output: Output): Promise<void> {
  const input = { from: args.text('from'), name: args.text('name'), seed: args.seed() ?? 1 };
  output(
    shown(
      await runJob(app, { kind: 'import', subject: input.name }, (job) =>
        importTextModel(app.parts.services, input, job),
      ),
    ),
  );
}

export async function exportModel(app: App, args: Arguments, output: Output): Promise<void> {
  const { services } = app.parts;
  const model = await openTextModel(services, args.text('model'), never);
  const to = args.text('output');
  const format = args.modelFormat();
  output({ model: model.record.id, format, output: to, files: await exportTextModel(services, { model, to, format }) });
}

export async function logprobs(app: App, args: Arguments, output: Output): Promise<void> {
  const { services } = app.parts;
  const [path, outputPath] = [args.input(), args.text('output')];
  await checkWritable(outputPath);
  const totals = { lines: 0, tokens: 0, scored: 0, nats: 0 };
  await runJob(app, { kind: 'score', subject: basename(path) }, async (job) => {
    const model = await openTextModel(services, args.text('model'), job.signal);
    const rows = await RowWriter.open(outputPath);
    for await (const row of logProbabilities(services, model, path, job)) {
      await rows.write(row);
      totals.lines++;
      totals.tokens += row.ids.length;
      totals.scored += Math.max(0, row.ids.length - 1);
      totals.nats -= row.logprobs.reduce<number>((sum, value) => sum + (value ?? 0), 0);
    }
    await rows.close();
  });
  const { lines, tokens, scored, nats } = totals;
  output({ lines, tokens, perplexity: scored > 0 ? Math.exp(nats / scored) : null, output: outputPath });
}

export async function continueLine(app: App, args: Arguments, output: Output): Promise<void> {
  const { services } = app.parts;
  const model = await openTextModel(services, args.text('model'), never);
  const input = { text: args.text('text'), ...args.continueOptions() };
  output({ ...input, continuation: await continued(services, model, input) });
}
