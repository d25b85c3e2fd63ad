/**
 * @file The gate of a classifier (science.md 7.5, as of a retrained model): the model with it beside the model without, on verdicts and normal events that
 * neither was trained on. It is used only where threats rank better for it, and where what it says is better than always the same.
 */
import type { ClassifierGate } from '../../../shared/classify.ts';
import type { Threshold } from '../../../shared/thresholds.ts';
import type { GateCheck } from '../../../shared/retraining.ts';
import { rowDoubt } from '../../../shared/rowDoubt.ts';
import { probabilityOf } from '../../classify/calibrate.ts';
import { fitPart } from '../../classify/prepare.ts';
import { rowOf, tokensOf, vocabularyOf } from '../../classify/windows.ts';
import { groupKeyOf } from '../../detect/groups.ts';
import type { CutTable } from '../../learn/dataset.ts';
import { templateOfKind } from '../../learn/keyTable.ts';
import type { HeldRows } from '../detection/heldBack.ts';
import { carriedOver, TaughtJudges } from '../detection/taughtJudges.ts';
import type { TablePages } from '../detection/tablePages.ts';
import type { JobContext } from '../jobs.ts';
import type { KeyModel } from '../keyModel.ts';
import { DiffGatherer } from '../retraining/diff.ts';
import { alarmChecksOf, judgedAnew, type HeldOutVerdict } from '../retraining/gate.ts';
import { heldRowsOf } from '../retraining/heldRows.ts';
import type { Material } from '../retraining/material.ts';
import { replayAlerts } from '../retraining/replay.ts';
import { countClasses } from '../retraining/split.ts';
import type { Services } from '../services.ts';
import { counted } from '../words.ts';
import { averagePrecision, Others, paired } from './held.ts';
import type { OpenClassifier } from './read.ts';

export type ClassifierGateParts = {
  base: KeyModel;
  candidate: KeyModel;
  opened: Pick<OpenClassifier, 'classifier' | 'parts' | 'directory'>;
  material: Material;
  pages: TablePages[] | null;
  /** Of each table, 1 for rows that are under a confirmed threat. */
  labelled: readonly Uint8Array[];
  threshold: Threshold;
};

/** A decided alert that was held out: -log10 p by the model without the classifier and with it, and what the classifier's own probability costs in nats. */
export type Held = { isThreat: boolean; entity: string; before: number; after: number; loss: number };

const seed = 1;

type NormalTable = {
  table: Pick<CutTable['table'], 'eventIds'>;
  cuts: Pick<CutTable['cuts'], 'validationEnd'>;
  doubt: Pick<CutTable['doubt'], 'marks'>;
};

export type FoundGate = Omit<ClassifierGate, 'isAdopted'>;

export async function gateOf(services: Services, parts: ClassifierGateParts, job: JobContext): Promise<FoundGate> {
  const { base, candidate, material, pages, labelled, threshold } = parts;
  const { host } = services;
  job.update({ step: 'comparing on normal events held out', share: 0.5 });
  const rows = {
    before: await heldRowsOf(services, base, { material, pages }, job.signal),
    after: await heldRowsOf(services, candidate, { material, pages }, job.signal),
  };
  const startedAt = host.now();
  const scoresBefore = await scoresWithout(services, parts, { decidedOnly: false, signal: job.signal });
  const lossOf = await heldOutLosses(services, parts, job.signal);
  const entities = new Map(
    (await services.store.call('read_labelled_alerts', undefined)).map(({ number, entity }) => [number, entity]),
  );
  const gatherer = new DiffGatherer({ before: threshold.score, after: threshold.score });
  const held: Held[] = [];
  let threats = 0;
  const replayed = await replayAlerts(services, candidate, {
    ...{ templates: material.templates, decidedOnly: false, version: carriedOver(threshold), signal: job.signal },
    onAlert: (one) => {
      const { number, verdict } = one.alert;
      const before = scoresBefore.get(number) ?? one.alert.score;
      gatherer.add({ ...one, alert: { ...one.alert, score: before } });
      if (verdict === 'true_positive') threats++;
      const loss = lossOf.losses.get(number);
      if (loss === undefined || verdict === null) return;
      const isThreat = verdict === 'true_positive';
      held.push({ isThreat, entity: entities.get(number) ?? '', before, after: one.after, loss });
    },
    onProgress: (done, of) =>
      job.update({
        step: `going through ${counted(of, 'stored alert')}`,
        share: 0.6 + (0.35 * done) / Math.max(1, of),
      }),
  });
  const replay = gatherer.finish({ ...replayed, elapsedMs: host.now() - startedAt });
  const normal = normalRows(material, labelled);
  const others = {
    before: new Others(await scoresOf(services, base, rows.before, normal, parts)),
    after: new Others(await scoresOf(services, candidate, rows.after, normal, parts)),
  };
  const alarms = held.map(({ isThreat, before, after }) => ({
    isThreat,
    before: before >= threshold.score,
    after: after >= threshold.score,
  }));
  return {
    modelNumber: base.number,
    at: host.now(),
    heldOut: countClasses(held),
    normalEvents: normal.length,
    checks: [
      precisionCheck(held, others),
      lossCheck(held, lossOf.ofConstant),
      ...alarmChecksOf({ heldOut: alarms, rows, lost: { count: replay.lost.count, of: threats } }),
    ],
    replay,
  };
}

/** What it said, under the threshold in force now and with the confirmed threats of now. */
export async function gateSince(
  services: Services,
  gate: FoundGate,
  parts: ClassifierGateParts,
  signal: AbortSignal,
): Promise<FoundGate> {
  const { candidate, material, opened, threshold } = parts;
  const wasHeldOut = new Set(opened.parts.test.about?.alerts);
  const heldOut: HeldOutVerdict[] = [];
  const scoresBefore = await scoresWithout(services, parts, { decidedOnly: true, signal });
  const gatherer = new DiffGatherer({ before: threshold.score, after: threshold.score });
  let threats = 0;
  await replayAlerts(services, candidate, {
    ...{ templates: material.templates, decidedOnly: true, version: carriedOver(threshold), signal },
    onAlert: ({ alert, after }) => {
      const { number, verdict } = alert;
      const score = scoresBefore.get(number) ?? alert.score;
      gatherer.add({ alert: { ...alert, score }, after });
      const isThreat = verdict === 'true_positive';
      if (isThreat) threats++;
      if (verdict !== null && wasHeldOut.has(number))
        heldOut.push({ isThreat, before: score >= threshold.score, after: after >= threshold.score });
    },
  });
  return judgedAnew(gate, { replay: gatherer.finish(gate.replay), threats, heldOut });
}

export function precisionCheck(held: readonly Held[], others: Record<'before' | 'after', Others>): GateCheck {
  const scored = (which: 'before' | 'after') => held.map((one) => ({ isThreat: one.isThreat, score: one[which] }));
  const [before, after] = [scored('before'), scored('after')];
  const figures = paired(
    held.map(({ entity }) => entity),
    (counts) => ({
      before: averagePrecision(before, counts, others.before),
      after: averagePrecision(after, counts, others.after),
    }),
    seed,
  );
  const { low } = figures.after;
  return {
    ...{ id: 'average_precision', unit: 'precision', ...figures },
    wants: 'above that of the model without it, with 95 % confidence',
    isHeld: low !== null && low > figures.before.value,
  };
}

/** Of verdicts alone: a classifier may know alerts from ordinary events whatever their labels are. */
export function lossCheck(held: readonly Held[], ofConstant: (isThreat: boolean) => number): GateCheck {
  const mean = (counts: Float64Array, of: (one: Held) => number): number => {
    let [sum, total] = [0, 0];
    held.forEach((one, index) => {
      sum += (counts[index] ?? 0) * of(one);
      total += counts[index] ?? 0;
    });
    return sum / total;
  };
  const figures = paired(
    held.map(({ entity }) => entity),
    (counts) => ({
      before: mean(counts, ({ isThreat }) => ofConstant(isThreat)),
      after: mean(counts, ({ loss }) => loss),
    }),
    seed,
  );
  const { high } = figures.after;
  return {
    ...{ id: 'log_loss', unit: 'nats', ...figures },
    wants: 'below that of always saying the same, with 95 % confidence',
    isHeld: high !== null && high < figures.before.value,
  };
}

/**
 * What the model without the classifier makes of alerts now, whichever model raised them. As the one with it, without the verified normals that joined its calibration: they
 * have no scores of the other one before its logs are scored again.
 */
async function scoresWithout(
  services: Services,
  { base, material: { templates }, threshold }: ClassifierGateParts,
  { decidedOnly, signal }: { decidedOnly: boolean; signal: AbortSignal },
): Promise<Map<number, number>> {
  const scores = new Map<number, number>();
  await replayAlerts(services, base, {
    ...{ templates, decidedOnly, version: carriedOver(threshold), signal },
    onAlert: ({ alert: { number }, after }) => void scores.set(number, after),
  });
  return scores;
}

/** By the number of the alert, of windows that were held out by time and by whose they are. `ofConstant` says what it saw most. */
async function heldOutLosses(
  services: Services,
  { opened: { classifier, parts, directory } }: ClassifierGateParts,
  signal: AbortSignal,
): Promise<{ losses: Map<number, number>; ofConstant: (isThreat: boolean) => number }> {
  const { test } = parts;
  const { length, calibration } = classifier.card;
  const vocabulary = vocabularyOf(fitPart(parts.train).ids);
  const places = [...test.labels.keys()].filter((place) => (test.about?.alerts[place] ?? 0) > 0);
  const ids = Int32Array.from(places.flatMap((place) => [...tokensOf(rowOf(test, place), vocabulary)]));
  const { logits } = await services.engine().call('classify', { directory, ids, length }, { signal });
  const { learned } = classifier.card.verdicts ?? { learned: { threats: 0, harmless: 0 } };
  const constant = (learned.threats + 1) / (learned.threats + learned.harmless + 2);
  const loss = (probability: number, isThreat: boolean): number => -Math.log(isThreat ? probability : 1 - probability);
  return {
    losses: new Map(
      places.map((place, index) => {
        const probability = probabilityOf(logits[index] ?? 0, calibration ?? { slope: 1, offset: 0 });
        const within = Math.min(1 - 1e-6, Math.max(1e-6, probability));
        return [test.about?.alerts[place] ?? 0, loss(within, test.labels[place] === 1)];
      }),
    ),
    ofConstant: (isThreat) => loss(constant, isThreat),
  };
}

/** Places among the held-back rows of those that may be taken as normal, and are under no confirmed threat as far as its windows reach. */
export function normalRows({ cut }: { cut: readonly NormalTable[] }, labelled: readonly Uint8Array[]): number[] {
  let before = 0;
  return cut.flatMap(({ table, cuts: { validationEnd }, doubt }, index) => {
    const first = before;
    before += table.eventIds.length - validationEnd;
    const marks = labelled[index]?.subarray(validationEnd) ?? new Uint8Array(before - first);
    const isNormal = (row: number): boolean => marks[row] !== 1 && doubt.marks[validationEnd + row] === rowDoubt.none;
    return [...marks.keys()].flatMap((row) => (isNormal(row) ? [first + row] : []));
  });
}

/** Of rows, as the model judges under what verdicts taught. */
async function scoresOf(
  services: Services,
  model: KeyModel,
  { columns, kinds, tables }: HeldRows,
  rows: readonly number[],
  { material: { formats, templates }, threshold }: ClassifierGateParts,
): Promise<number[]> {
  const { judges } = await new TaughtJudges(services).under(model, carriedOver(threshold));
  const judge = judges[model.graph];
  const scores = columns.map((column) => column.scores);
  return rows.map((row) => {
    const program = templates.get(templateOfKind(kinds[row] ?? 0))?.prefixHash ?? 0;
    return judge.scoreOf(scores, row, judge.groupOf(groupKeyOf(formats[tables[row] ?? 0] ?? 'plain', program)));
  });
}
