/** @file What the routes of classifiers do. */
import { rm } from 'node:fs/promises';
import type { Classifier } from '../../../shared/classify.ts';
import { AppError } from '../../../shared/errors.ts';
import type { classifiersRoutes } from '../../../shared/routes/classifiers.ts';
import type { AppParts } from '../createApp.ts';
import type { RouteHandlers } from '../router.ts';
import { addFromArchive, addFromVerdicts } from './add.ts';
import { classifierDirectory } from './folders.ts';
import { listClassifiers } from './use.ts';
import { classifyWindows, explainWindow, firstAnomalous, openClassifier, type OpenClassifier } from './read.ts';
import { explanationsWorkbook, workbookName, workbookType } from './workbook.ts';

export function classifierHandlers(
  { services, texts, models, work, files }: AppParts,
  changed: () => Promise<void>,
): Pick<RouteHandlers, keyof typeof classifiersRoutes> {
  const { store } = services;
  const reading = { services, texts };
  const list = (): Promise<Classifier[]> => listClassifiers(services);
  const started = async ({ id, card }: Classifier): Promise<{ classifierId: string; jobId: string }> => {
    const { jobId } = await work.startClassifier(id, card.name);
    void changed();
    return { classifierId: id, jobId };
  };
  return {
    'classifiers.list': list,
    'classifiers.train_file': async ({ token, templatesToken, seed }) => {
      const archive = files.get(token);
      const templates = templatesToken === null ? null : files.get(templatesToken);
      const added = await addFromArchive(services, { archive, templates, seed });
      // What was uploaded is kept as windows now.
      for (const file of [archive, templates]) if (file?.isTemporary) await files.remove(file.path);
      return started(added);
    },
    'classifiers.train_verdicts': async (asked) =>
      started(await addFromVerdicts(services, await models.inUse(), asked)),
    'classifiers.evaluate': async ({ classifierId, ...asked }) =>
      classifyWindows(reading, await openClassifier(reading, classifierId), asked),
    'classifiers.explain': async ({ classifierId, ...asked }) =>
      explainWindow(reading, await openClassifier(reading, classifierId), asked),
    'classifiers.first_anomaly': async ({ classifierId, part }) => ({
      index: firstAnomalous(await openClassifier(reading, classifierId), part),
    }),
    'classifiers.export': async ({ classifierId, count }) => ({
      fileName: workbookName,
      mediaType: workbookType,
      base64: Buffer.from(await exportWorkbook(reading, await openClassifier(reading, classifierId), count)).toString(
        'base64',
      ),
    }),
    'classifiers.use': async ({ classifierId }) => {
      const { jobId } = await work.startUsingClassifier(classifierId);
      void changed();
      return { jobId };
    },
    'classifiers.drop': async () => {
      const { jobId } = await work.dropClassifier();
      void changed();
      return { jobId };
    },
    'classifiers.delete': async ({ classifierId }) => {
      const judging = (await list()).find(({ id, use }) => id === classifierId && use?.state === 'in_use');
      if (judging)
        throw new AppError(
          'CONFLICT',
          `Classifier c${judging.number} judges with model m${judging.use?.modelNumber}. Withdraw it first.`,
        );
      await store.call('remove_classifier', { id: classifierId, actor: await services.actor() });
      await rm(classifierDirectory(services, classifierId), { recursive: true, force: true });
      void changed();
      return list();
    },
  };
}

/** Of the first test windows, or of training windows where there are none to test. */
export async function exportWorkbook(
  reading: Pick<AppParts, 'services' | 'texts'>,
  open: OpenClassifier,
  count: number,
): Promise<Uint8Array> {
  const part = open.parts.test.labels.length > 0 ? 'test' : 'train';
  const last = Math.min(count, open.parts[part].labels.length);
  const windows = [];
  for (let index = 0; index < last; index++) windows.push(await explainWindow(reading, open, { part, index }));
  return explanationsWorkbook(open, windows);
}
