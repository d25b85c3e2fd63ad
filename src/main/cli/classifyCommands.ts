/** @file `classify train|explain|evaluate|first-anomaly|labels|use|drop|export`: classifiers of windows of event ids. */
import { writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { attentionNote, mostWindows, type Classifier, type WindowExplanation } from '../../shared/classify.ts';
import { addFromArchive, addFromVerdicts } from '../app/classify/add.ts';
import { exportWorkbook } from '../app/classify/handlers.ts';
import {
  classifyWindows,
  explainWindow,
  findClassifier,
  firstAnomalous,
  openClassifier,
} from '../app/classify/read.ts';
import { listClassifiers } from '../app/classify/use.ts';
import type { App } from '../app/createApp.ts';
import type { Arguments } from './arguments.ts';
import type { Output } from './commands.ts';
import { checkWritable } from './rows.ts';
import { finishJob } from './runJob.ts';

function shown({ id, number, state, createdAt, card, files }: Classifier): Record<string, unknown> {
  return { classifier: `c${number}`, id, state, createdAt, ...card, files };
}

export async function classify(app: App, args: Arguments, output: Output): Promise<void> {
  const { services, texts } = app.parts;
  const reading = { services, texts };
  if (args.command === 'classify train') return train(app, args, output);
  if (args.command === 'classify use' || args.command === 'classify drop') return use(app, args, output);
  if (args.command === 'classify export') await checkWritable(args.text('output'));
  const open = await openClassifier(reading, args.optional('model'));
  const { classifier, parts } = open;
  const part = args.windowPart();
  const name = `c${classifier.number}`;
  switch (args.command) {
    case 'classify labels': {
      const use = (await listClassifiers(services)).find(({ id }) => id === classifier.id)?.use ?? null;
      const { counts, duplicates, heldBack, length, eventIds } = classifier.card;
      const share = ({ windows, anomalous }: { windows: number; anomalous: number }) => ({
        windows,
        normal: windows - anomalous,
        anomalous,
        anomalousShare: windows > 0 ? anomalous / windows : null,
      });
      const labels = { train: share(counts.train), test: share(counts.test) };
      return output({ classifier: name, use, length, eventIds, ...labels, heldBack: share(heldBack), duplicates });
    }
    case 'classify first-anomaly': {
      const index = firstAnomalous(open, part);
      if (index === null)
        return output({ classifier: name, part, index, reason: 'No window of this part is labelled anomalous.' });
      return output({ classifier: name, ...withoutAttention(await explainWindow(reading, open, { part, index })) });
    }
    case 'classify explain': {
      const index = args.whole('index', { least: 0, most: mostWindows, otherwise: 0 });
      const explained = await explainWindow(reading, open, { part, index });
      return output({ classifier: name, ...explained, attentionNote });
    }
    case 'classify evaluate': {
      const count = args.whole('count', { least: 1, most: 100_000, otherwise: 20 });
      const right = { windows: 0, correct: 0, alarms: 0, anomalous: 0 };
      const total = Math.min(count, parts[part].labels.length);
      for (let from = 0; from < total; from += 200) {
        for (const window of await classifyWindows(reading, open, { part, from, count: Math.min(200, total - from) })) {
          output({ classifier: name, ...window });
          right.windows++;
          right.correct += window.isAlarm === window.label ? 1 : 0;
          right.alarms += window.isAlarm ? 1 : 0;
          right.anomalous += window.label ? 1 : 0;
        }
      }
      const { noQuality } = classifier.card;
      return output({ classifier: name, part, ...right, noQuality });
    }
    case 'classify export': {
      const count = args.whole('count', { least: 1, most: 500, otherwise: 20 });
      const to = resolve(args.text('output'));
      await writeFile(to, await exportWorkbook(reading, open, count));
      const windows = Math.min(count, parts.test.labels.length || parts.train.labels.length);
      return output({ classifier: name, windows, output: to });
    }
  }
}

/** With what the gate found. One that it is against ends the command with what speaks against it. */
async function use(app: App, args: Arguments, output: Output): Promise<void> {
  const { services, work } = app.parts;
  if (args.command === 'classify drop') {
    const { modelNumber, jobId, finished } = await work.dropClassifier();
    if (finished && jobId !== null) await finishJob(app, Promise.resolve({ jobId, finished }));
    return output({ classifier: null, model: `m${modelNumber}` });
  }
  const { id } = findClassifier(await services.store.call('list_classifiers', undefined), args.optional('model'));
  await finishJob(app, work.startUsingClassifier(id));
  const used = (await listClassifiers(services)).find((one) => one.id === id);
  if (used) output({ classifier: `c${used.number}`, use: used.use, gate: used.card.gate });
}

function withoutAttention(explained: WindowExplanation): Omit<WindowExplanation, 'attention'> {
  const { attention: _attention, ...window } = explained;
  return window;
}

/** Reads its windows at once: what is wrong with them is told before anything is trained. */
async function train(app: App, args: Arguments, output: Output): Promise<void> {
  const { services, models, work } = app.parts;
  const seed = args.seed() ?? 1;
  const named = (path: string) => ({ path: resolve(path), name: basename(path) });
  const templates = args.optional('templates');
  const added = args.flag('verdicts')
    ? await addFromVerdicts(services, await models.inUse(), {
        length: args.whole('length', { least: 2, most: 100, otherwise: 10 }),
        seed,
      })
    : await addFromArchive(services, {
        archive: named(args.text('data')),
        templates: templates === undefined ? null : named(templates),
        seed,
      });
  await finishJob(app, work.startClassifier(added.id, added.card.name));
  const trained = (await services.store.call('list_classifiers', undefined)).find(({ id }) => id === added.id);
  if (trained) output(shown(trained));
}
