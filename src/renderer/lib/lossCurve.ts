/** @file From training progress to what a loss chart draws: lines, ticks, the best epoch, a table. */
import type { TrainProgress } from '../../shared/trainerProtocol.ts';

export type CurvePoint = { epoch: number; bits: number };
export type LossCurve = {
  training: CurvePoint[];
  /** One point per finished epoch. */
  validation: CurvePoint[];
  best: CurvePoint | null;
  maxEpochs: number;
  maxBits: number;
  xTicks: number[];
  yTicks: number[];
  table: { epoch: number; training: number; validation: number | null }[];
};

/** Epochs finished at that point: epoch 3 at step 5 of 10 is 2.5. Progress counts epochs from 1. */
function epochsDone(point: TrainProgress): number {
  const share = point.stepsPerEpoch > 0 ? point.step / point.stepsPerEpoch : 0;
  return Math.max(0, point.epoch - 1) + Math.min(1, share);
}

export function lossCurve(points: readonly TrainProgress[], maxEpochs?: number): LossCurve {
  const training = points.map((point) => ({ epoch: epochsDone(point), bits: point.trainingBits }));
  const validation: CurvePoint[] = [];
  const table: LossCurve['table'] = [];
  for (const point of points) {
    if (point.validationBits !== null) {
      // A point in the middle of an epoch still carries the validation of the one before.
      const epoch = Math.floor(epochsDone(point));
      const last = validation.at(-1);
      if (last && last.epoch === epoch) last.bits = point.validationBits;
      else if (!last || epoch > last.epoch) validation.push({ epoch, bits: point.validationBits });
    }
    const line = { epoch: point.epoch, training: point.trainingBits, validation: point.validationBits };
    if (table.at(-1)?.epoch === point.epoch) table[table.length - 1] = line;
    else table.push(line);
  }
  const best = validation.reduce<CurvePoint | null>((low, each) => (!low || each.bits < low.bits ? each : low), null);
  const epochs = Math.max(1, maxEpochs ?? 0, ...points.map((point) => (maxEpochs === undefined ? point.epoch : 0)));
  const top = niceTop(Math.max(0.1, ...training.map((point) => point.bits), ...validation.map((point) => point.bits)));
  return {
    training,
    validation,
    best: validation.length > 1 ? best : null,
    maxEpochs: epochs,
    maxBits: top,
    xTicks: ticks(epochs, 5).filter((tick) => Number.isInteger(tick)),
    yTicks: ticks(top, 4),
    table,
  };
}

function niceTop(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((each) => each * unit >= value) ?? 10;
  return Number((factor * unit).toPrecision(2));
}

function ticks(top: number, wanted: number): number[] {
  const unit = 10 ** Math.floor(Math.log10(top));
  const step = [0.1, 0.2, 0.25, 0.5, 1, 2, 5].map((each) => each * unit).find((each) => top / each <= wanted) ?? top;
  return Array.from({ length: Math.floor(top / step + 1e-9) + 1 }, (_, index) => Number((index * step).toPrecision(4)));
}
