/** @file What each command does: the app's own work without a renderer, its results as JSON. */
import { basename, resolve } from 'node:path';
import type { AlertRow } from '../../shared/alerts.ts';
import type { QueueTab } from '../../shared/alertLists.ts';
import { AppError } from '../../shared/errors.ts';
import { parseFilter } from '../../shared/filter/parse.ts';
import type { App } from '../app/createApp.ts';
import { findModel } from '../app/modelRegistry.ts';
import { choosePreset } from '../app/presets.ts';
import { keepPreset } from '../app/settings.ts';
import { toAlertRows } from '../app/presenter.ts';
import { scoreSequences } from '../app/sequences.ts';
import { shareOf } from '../app/runShares.ts';
import { currentThreshold } from '../app/thresholdInForce.ts';
import { WholeFile } from '../app/wholeFile.ts';
import type { StoreMethods } from '../store/protocol.ts';
import { generateOffice } from '../lab/office.ts';
import { alertIdOf } from './alertIds.ts';
import type { Arguments } from './arguments.ts';
import { checkWritable, RowWriter } from './rows.ts';
import { finishJob, runJob } from './runJob.ts';
import { emptyRow, pOf, scoreToRows } from './scoreRows.ts';

/** What goes to stdout: one JSON line per item. */
export type Output = (value: unknown) => void;

const rowChunk = 1000;
/** The same seed gives the same bytes on any day: the lab's log starts on a fixed Monday. */
const labStart = Date.UTC(2026, 8, 7);

export async function importForCli(app: App, path: string): Promise<number> {
  const { files, work } = app.parts;
  const offered = await files.offer(path, { name: basename(path), isTemporary: false });
  const job = await finishJob(app, work.startImport(files.get(offered.token), null, false));
  return job.sourceIds[0] ?? 0;
}

export async function learn(app: App, args: Arguments, output: Output): Promise<void> {
  const { services, models, work } = app.parts;
  const { store } = services;
  const seed = args.seed();
  const budget = args.budget();
  const preset = args.preset();
  const countsOnly = args.flag('counts-only');
  const paths = args.inputs().map((path) => resolve(path));
  const subject = paths.map((path) => basename(path)).join(', ');
  const textModel = args.optional('text-model');
  if (textModel === 'none') await models.readWithout('lines');
  else if (textModel !== undefined)
    await models.readWith(findModel(await store.call('list_models', undefined), textModel).id);
  const sourceIds: number[] = [];
  if (!args.flag('sequences')) for (const path of paths) sourceIds.push(await importForCli(app, path));
  const from = args.flag('sequences') ? { paths } : { sourceIds };
  const options = { budget, seed, preset, ...(countsOnly ? { countsOnly } : {}) };
  await finishJob(app, work.startLearn(from, options, subject));
  // Kept for the next time, now that there was no failure.
  if (budget) await store.call('set_setting', { key: 'budget', value: budget, actor: await services.actor() });
  if (preset) await keepPreset(services, preset);
  const model = (await store.call('list_models', undefined)).find(({ state }) => state === 'in_use');
  const threshold = await currentThreshold(services);
  output({
    model: model?.id,
    number: model?.number,
    ...model?.card,
    threshold: {
      version: threshold?.version,
      score: threshold?.score,
      p: 10 ** -(threshold?.score ?? 0),
      preset: threshold?.preset,
      meaning: threshold?.meaning,
    },
  });
}

export async function score(app: App, args: Arguments, output: Output): Promise<void> {
  const { services, models, scoring } = app.parts;
  const path = args.input();
  const outputPath = args.text('output');
  await checkWritable(outputPath);
  const preset = args.preset();
  if (preset) await choosePreset(app.parts, preset);
  const model = await models.inUse();
  const context = await scoring.judging();
  if (!context) throw new AppError('CONFLICT', 'There is no threshold yet. Learn what is normal first.');
  const { version: threshold } = context;
  if (args.flag('sequences')) {
    if (model.card.keys !== 'sequences')
      throw new AppError('CONFLICT', 'The model in use learned lines, not sequences. Learn with --sequences first.');
    const result = await runJob(app, { kind: 'score', subject: basename(path) }, (job) =>
      scoreSequences(services, path, context, job),
    );
    const textOf = await app.parts.texts.of(result.scored.map(({ templateIndex }) => templateIndex));
    const rows = await RowWriter.open(outputPath);
    let next = 0;
    for (let line = result.firstLine; line <= result.lineCount; line++) {
      const found = result.scored[next]?.line === line ? result.scored[next++] : undefined;
      if (!found) await rows.write(emptyRow(line));
      else
        await rows.write({
          line,
          score: found.bits,
          p: pOf(found.score),
          alert: found.score >= threshold.score,
          ...(found.detector === null ? {} : { detector: found.detector }),
          template: textOf(found.templateIndex),
          session: String(line),
        });
    }
    await rows.close();
    output({
      lines: result.lineCount,
      sessions: result.scored.length,
      alerts: result.alertCount,
      preset: threshold.preset,
      share: shareOf(threshold, { over: result.alertCount, rows: result.scored.length }),
      output: outputPath,
    });
    return;
  }
  if (model.card.keys !== 'lines')
    throw new AppError('CONFLICT', 'The model in use learned sequences. Score with --sequences, or learn from lines.');
  const sourceId = await importForCli(app, path);
  const source = (await services.store.call('list_sources', undefined)).find(({ id }) => id === sourceId);
  if (!source) throw new AppError('NOT_FOUND', `${path} is no longer in the workspace.`);
  const { overCount, ...counts } = await runJob(app, { kind: 'score', subject: basename(path) }, (job) =>
    scoreToRows(app, { source, path, outputPath }, job),
  );
  const share = shareOf(threshold, { over: overCount, rows: counts.events });
  output({ ...counts, preset: threshold.preset, share, output: outputPath });
}

/** Those that the query finds, or all; the most severe first, state by state. */
export async function alerts(app: App, args: Arguments, output: Output): Promise<void> {
  for await (const row of alertsFound(app, args.optional('query') ?? '')) output(row);
}

export async function* alertsFound(app: App, filter: string): AsyncGenerator<AlertRow> {
  const { filter: terms } = parseFilter(filter);
  // A query that names states has them in its own order; without one, what is open comes first.
  const tabs = terms.some(({ kind }) => kind === 'state')
    ? (['all'] as const)
    : (['open', 'muted', 'decided', 'folded'] as const);
  for (const tab of tabs) yield* alertRows(app, tab, filter);
}

export async function* alertRows(app: App, tab: QueueTab, filter: string): AsyncGenerator<AlertRow> {
  const { services, texts } = app.parts;
  const { analyst, at: now } = await services.actor();
  const minScore = (await currentThreshold(services))?.score ?? 0;
  const query = { tab, filter, zone: services.host.timeZone, asOf: null, minScore, now, analyst };
  for (let after: string | null = null; ;) {
    const page: StoreMethods['list_alerts']['output'] = await services.store.call('list_alerts', {
      ...query,
      order: 'severity',
      after,
      until: null,
      limit: 500,
    });
    yield* await toAlertRows(page.rows, texts);
    after = page.nextCursor;
    if (after === null) return;
  }
}

/** As the key in the queue does: what is alike folds, and what was learned of it is there when this ends; `problem` is what the status bar would say. */
export async function label(app: App, args: Arguments, output: Output): Promise<void> {
  const { services, teaching, thresholds } = app.parts;
  const alertId = await alertIdOf(app, args.text('alert'));
  const effect = await teaching.give({
    selection: { kind: 'ids', ids: [alertId] },
    value: args.verdict(),
    note: args.note(),
    isWide: false,
  });
  await thresholds.settled();
  const threshold = await currentThreshold(services);
  const { verdict, foldedCount } = effect;
  output({
    ...{ alert: alertId, verdict: verdict.value, verdictId: verdict.id, folded: foldedCount },
    threshold: threshold ? { version: threshold.version, score: threshold.score } : null,
    problem: thresholds.problem,
  });
}

/** Needs no workspace: writes a made-up office network's log and what is what in it. */
export async function lab(args: Arguments, output: Output): Promise<void> {
  const { lines, seed, anomalyRate, hasChanges } = args.labOptions();
  const labels = await RowWriter.open(args.text('labels'));
  let line = 0;
  let anomalies = 0;
  const log = await WholeFile.create(args.text('output')).catch(async (error: Error) => {
    await labels.discard();
    throw new AppError('BAD_INPUT', `The log cannot be written: ${error.message}`);
  });
  let chunk: string[] = [];
  const flush = async (): Promise<void> => {
    await log.write(chunk.join(''));
    chunk = [];
  };
  try {
    for (const made of generateOffice({ lines, seed, anomalyRate, hasChanges, startAt: labStart })) {
      line++;
      if (made.label === 'anomaly') anomalies++;
      await labels.write({ line, label: made.label, kind: made.kind });
      chunk.push(made.text, '\n');
      if (chunk.length >= 2 * rowChunk) await flush();
    }
    await flush();
    await log.finish();
  } catch (error) {
    await Promise.all([log.discard(), labels.discard()]);
    if (error instanceof AppError) throw error;
    throw new AppError('BAD_INPUT', `The log cannot be written: ${(error as Error).message}`);
  }
  await labels.close();
  output({ lines: line, anomalies });
}
