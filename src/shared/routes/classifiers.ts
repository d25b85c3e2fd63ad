/** @file Classifiers of labelled windows. */
import { z } from 'zod';
import {
  type ClassifiedWindow,
  type Classifier,
  type WindowExplanation,
  mostWindows,
  shortestWindow,
  windowParts,
} from '../classify.ts';
import { nothing, returns, seed, uid } from './parts.ts';

const windowPart = z.enum(windowParts).default('test');
const windowIndex = z.number().int().min(0).max(mostWindows).default(0);

export const classifiersRoutes = {
  'classifiers.list': returns<Classifier[]>().from(nothing),
  /** Reads the file at once and refuses (BAD_INPUT) what it cannot use; then a training job beside other work. */
  'classifiers.train_file': returns<{ classifierId: string; jobId: string }>().from(
    z.strictObject({ token: uid, templatesToken: uid.nullable().default(null), seed: seed.default(1) }),
  ),
  /** Of windows of so many events up to each alert that has a verdict. Refused (BAD_INPUT) where there are too few. */
  'classifiers.train_verdicts': returns<{ classifierId: string; jobId: string }>().from(
    z.strictObject({ length: z.number().int().min(shortestWindow).max(100).default(10), seed: seed.default(1) }),
  ),
  'classifiers.evaluate': returns<ClassifiedWindow[]>().from(
    z.strictObject({
      classifierId: uid,
      part: windowPart,
      from: windowIndex,
      count: z.number().int().min(1).max(500).default(20),
    }),
  ),
  'classifiers.explain': returns<WindowExplanation>().from(
    z.strictObject({ classifierId: uid, part: windowPart, index: windowIndex }),
  ),
  /** The first window that is labelled anomalous; null where none is. */
  'classifiers.first_anomaly': returns<{ index: number | null }>().from(
    z.strictObject({ classifierId: uid, part: windowPart }),
  ),
  /** The first `count` test windows with their explanations, as a workbook. */
  'classifiers.export': returns<{ fileName: string; mediaType: string; base64: string }>().from(
    z.strictObject({ classifierId: uid, count: z.number().int().min(1).max(500).default(20) }),
  ),
  /** A job that ends with what speaks against it, or with the classifier as one more detector of the model in use and its logs scored again. */
  'classifiers.use': returns<{ jobId: string }>().from(z.strictObject({ classifierId: uid })),
  /** Back to the model without it, or a job that calibrates without it; CONFLICT where none is in use. */
  'classifiers.drop': returns<{ jobId: string | null }>().from(nothing),
  'classifiers.delete': returns<Classifier[]>().from(z.strictObject({ classifierId: uid })),
};
