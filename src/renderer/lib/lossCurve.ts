/** @file From training progress to what a loss chart draws: a run's lines, its best point, a table; and axes that hold one run or several. */
import type { TrainProgress } from '../../shared/trainerProtocol.ts';
import { niceTop, ticks } from './plot.ts';

export type CurvePoint = { epoch: number; bits: number };
export type LossCurve = {
  training: CurvePoint[];
  /** Where it was measured: at the end of each epoch, with large models also within one. */
  validation: CurvePoint[];
  /** Null where there is nothing to choose from. */
  best: CurvePoint | null;
  table: { epoch: number; training: number; validation: number | null }[];
};
/** Both from zero. */
export type CurveAxes = { maxEpochs: number; maxBits: number; xTicks: number[]; yTicks: number[] };

/** More than a chart has pixels for; a run of hours tells of itself ten times a second. */
const mostPoints = 800;

/** Epochs finished at that point: epoch 3 at step 5 of 10 is 2.5. Progress counts epochs from 1. */
function epochsDone(point: TrainProgress): number {
  const share = point.stepsPerEpoch > 0 ? point.step / point.stepsPerEpoch : 0;
  return Math.max(0, point.epoch - 1) + Math.min(1, share);
}

/**
 * The points with one more. A run that goes on from a checkpoint tells of steps that are drawn already: it does them again to the same
 * figures, so they are left out. What has been validated since takes the place of the point it was measured at.
 */
export function extendCurve(points: readonly TrainProgress[], point: TrainProgress): readonly TrainProgress[] {
  if (!isMeasured(point)) return points;
  const last = points.at(-1);
  if (!last) return [point];
  const ahead = epochsDone(point) - epochsDone(last);
  if (ahead < 0) return points;
  if (ahead === 0) return point.validationBits === last.validationBits ? points : [...points.slice(0, -1), point];
  const longer = [...points, point];
  return longer.length > mostPoints ? thinned(longer) : longer;
}

/** Before the first step of an epoch is done there is no loss of it, whatever the point says. */
export function isMeasured({ step }: TrainProgress): boolean {
  return step > 0;
}

/** Every second point, and those that brought a validation. */
function thinned(points: readonly TrainProgress[]): TrainProgress[] {
  return points.filter((point, index) => index % 2 === 0 || point.validationBits !== points[index - 1]?.validationBits);
}

export function lossCurve(told: readonly TrainProgress[]): LossCurve {
  const points = told.filter(isMeasured);
  const training = points.map((point) => ({ epoch: epochsDone(point), bits: point.trainingBits }));
  const validation = validationOf(points);
  const table: LossCurve['table'] = [];
  for (const point of points) {
    const line = { epoch: point.epoch, training: point.trainingBits, validation: point.validationBits };
    if (table.at(-1)?.epoch === point.epoch) table[table.length - 1] = line;
    else table.push(line);
  }
  const best = validation.reduce<CurvePoint | null>((low, each) => (!low || each.bits < low.bits ? each : low), null);
  return { training, validation, best: validation.length > 1 ? best : null, table };
}

/** A point tells the newest validation there is: the first that tells another one is where it was measured, or came soon after it. */
function validationOf(points: readonly TrainProgress[]): CurvePoint[] {
  const found: CurvePoint[] = [];
  for (const point of points) {
    const bits = point.validationBits;
    const last = found.at(-1);
    if (bits === null || bits === last?.bits) continue;
    const done = epochsDone(point);
    const ended = Math.floor(done);
    found.push({ epoch: ended > (last?.epoch ?? 0) ? ended : done, bits });
  }
  return found;
}

/** Axes for all of the lines; `maxEpochs` where the run has not come so far. */
export function curveAxes(lines: readonly (readonly CurvePoint[])[], maxEpochs = 1): CurveAxes {
  const points = lines.flat();
  const epochs = points.reduce((most, { epoch }) => Math.max(most, Math.ceil(epoch)), Math.max(1, maxEpochs));
  const maxBits = niceTop(points.reduce((most, { bits }) => Math.max(most, bits), 0.1));
  return {
    maxEpochs: epochs,
    maxBits,
    xTicks: ticks(epochs, 5).filter((tick) => Number.isInteger(tick)),
    yTicks: ticks(maxBits, 4),
  };
}
