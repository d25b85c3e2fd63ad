/** @file How many rows alerted in runs of the model in use, beside how many its threshold asked for. */
import type { RealisedShare, RunShare, Threshold } from '../../shared/thresholds.ts';
import { realisedShare } from '../detect/realised.ts';
import type { Services } from './services.ts';
import { currentThreshold } from './thresholdInForce.ts';

/** What came of the threshold in each log, since it came in force there, by the model in use. */
export async function runShares(services: Services): Promise<RunShare[]> {
  const { store } = services;
  const current = await currentThreshold(services);
  if (!current) return [];
  const runs = await store.call('list_runs', { modelId: current.modelId });
  const judging = [...new Set(runs.map(({ thresholdVersion }) => thresholdVersion))];
  const versions = await Promise.all(judging.map((version) => store.call('get_threshold', { version })));
  return runs.flatMap(({ sourceName, thresholdVersion, eventCount, overCount }) => {
    const threshold = versions.find((one) => one?.version === thresholdVersion);
    if (!threshold || overCount === null) return []; // of an earlier version
    const share = shareOf(threshold, { over: overCount, rows: eventCount });
    return [{ sourceName, thresholdVersion, preset: threshold.preset, ...share }];
  });
}

export function shareOf(
  { score, calibrationEvents, preset }: Pick<Threshold, 'score' | 'calibrationEvents' | 'preset'>,
  counted: { over: number; rows: number },
): RealisedShare {
  return realisedShare({ score, calibrationEvents, isRule: preset.kind === 'top_k' }, counted);
}
