/** @file What a classifier of verdicts is trained and tested on: windows up to decided alerts and ordinary windows, split by time and by whose they are. */
import type { LabelledWindows, VerdictFacts, WindowPart } from '../../../shared/classify.ts';
import { AppError } from '../../../shared/errors.ts';
import { leastVerdicts } from '../../../shared/retraining.ts';
import type { Parts } from '../../classify/report.ts';
import { longestWindow } from '../detection/windowClassifier.ts';
import { contextLengthOf, type KeyModel } from '../keyModel.ts';
import { doubtfulRows } from '../../learn/doubt.ts';
import { readMaterial } from '../retraining/material.ts';
import { countClasses, splitLabelled } from '../retraining/split.ts';
import type { Services } from '../services.ts';
import { ordinaryWindows, type OrdinaryPart, type OrdinaryWindow } from './ordinaryWindows.ts';
import { verdictWindows, type VerdictWindow } from './verdictWindows.ts';

/** More of them change little, and each takes time in every epoch. */
const mostOrdinary: Record<WindowPart, number> = { train: 4000, test: 1000 };

/** Of each class, where there are so many: an interval around what fewer say would be as wide as all that can be said. */
const leastHeldOut = 5;

type Own = { isAnomalous: boolean; ids: number[]; weight: number; group: string; alertNumber: number };

/** Throws BAD_INPUT where there are too few threats, or windows longer than scoring sees; NOT_FOUND where the model's logs are gone. */
export async function verdictParts(
  services: Services,
  model: KeyModel,
  { length, seed }: { length: number; seed: number },
): Promise<{ parts: Parts; facts: VerdictFacts }> {
  const { number, card } = model;
  if (card.keys === 'sequences')
    throw new AppError(
      'CONFLICT',
      `Model m${number} learned sessions of ids; verdicts on the lines of logs train one.`,
    );
  const longest = longestWindow(contextLengthOf(card));
  if (length > longest)
    throw new AppError(
      'BAD_INPUT',
      `Model m${number} scores an event by up to ${longest} before it; ask for windows of at most as many.`,
    );
  const decided = await verdictWindows(services, model, length);
  const { threats } = countClasses(decided);
  if (threats < leastVerdicts)
    throw new AppError(
      'BAD_INPUT',
      `There are ${decided.length} verdicts on alerts with events before them, ${threats} of them threats; a classifier wants at least ${leastVerdicts} threats.`,
    );
  const { learned, heldOut, isByEntity } = splitLabelled(decided, leastHeldOut);
  const ordinary = await drawOrdinary(services, model, { length, seed });
  const part = (labelled: readonly VerdictWindow[], name: WindowPart): LabelledWindows =>
    packed(
      interleaved([
        labelled.filter(({ isThreat }) => isThreat).map(ofVerdict),
        labelled.filter(({ isThreat }) => !isThreat).map(ofVerdict),
        ordinary[name].map(ofOrdinary),
      ]),
      length,
    );
  return {
    parts: { train: part(learned, 'train'), test: part(heldOut, 'test') },
    facts: {
      modelNumber: number,
      learned: countClasses(learned),
      heldOut: countClasses(heldOut),
      ordinary: { train: ordinary.train.length, test: ordinary.test.length },
      isSplitByEntity: isByEntity,
    },
  };
}

/** To train from what the model trained on, to test from what stopped its training: what calibrates it is not touched. */
async function drawOrdinary(
  services: Services,
  model: KeyModel,
  { length, seed }: { length: number; seed: number },
): Promise<Record<WindowPart, OrdinaryWindow[]>> {
  const { signal } = new AbortController();
  const { cut, alerts } = await readMaterial(services, model, signal);
  const doubtful = cut.map(({ table }, index) => {
    const own = alerts.sources[index];
    return own ? doubtfulRows(table, own, length) : undefined;
  });
  const draw = (part: WindowPart): OrdinaryWindow[] => {
    const parts = cut.map(({ table, cuts }, index): OrdinaryPart => {
      const rows =
        part === 'train' ? { from: 0, to: cuts.trainingEnd } : { from: cuts.trainingEnd, to: cuts.validationEnd };
      return { table, ...rows, doubtful: doubtful[index] ?? new Uint8Array(table.eventIds.length) };
    });
    return ordinaryWindows(parts, model.vocabulary, { length, most: mostOrdinary[part], seed });
  };
  return { train: draw('train'), test: draw('test') };
}

function ofVerdict({ isThreat, ids, weight, entity, alertNumber }: VerdictWindow): Own {
  return { isAnomalous: isThreat, ids, weight, group: `of ${entity}`, alertNumber };
}

function ofOrdinary({ session, ids }: OrdinaryWindow): Own {
  return { isAnomalous: false, ids, weight: 1, group: `session ${session}`, alertNumber: 0 };
}

/** Each in its order, and as dense at the end as at the beginning: the newest are held back from training, and must be of all. */
function interleaved(lists: readonly (readonly Own[])[]): Own[] {
  const placed = lists.flatMap((items) => items.map((item, i) => ({ item, at: (i + 0.5) / items.length })));
  return placed.sort((x, y) => x.at - y.at).map(({ item }) => item);
}

function packed(windows: readonly Own[], length: number): LabelledWindows {
  const numbers = new Map<string, number>();
  const numberOf = (group: string): number => {
    const number = numbers.get(group) ?? numbers.size;
    numbers.set(group, number);
    return number;
  };
  return {
    length,
    ids: Int32Array.from(windows.flatMap(({ ids }) => ids)),
    labels: Uint8Array.from(windows, ({ isAnomalous }) => (isAnomalous ? 1 : 0)),
    about: {
      weights: Float32Array.from(windows, ({ weight }) => weight),
      groups: Int32Array.from(windows, ({ group }) => numberOf(group)),
      alerts: Int32Array.from(windows, ({ alertNumber }) => alertNumber),
    },
  };
}
