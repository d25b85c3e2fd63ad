/** @file What the status bar says, worked out from the state of things and never kept. */
import type { Status } from '../../shared/workspace.ts';
import { providerLabels } from '../../shared/engineReport.ts';
import { toErrorData } from '../../shared/errors.ts';
import type { AppParts } from './createApp.ts';
import { isSamePreset, presetNames } from '../../shared/presets.ts';
import { budgetOf, chosenPreset } from './settings.ts';
import { learnedFile } from './keyModel.ts';
import type { ModelRecord } from '../store/protocol/models.ts';
import type { Providers } from './providers.ts';
import { driftText } from './detection/drift.ts';
import { currentThreshold, followsDrift } from './thresholdInForce.ts';

export async function readStatus({
  services,
  jobs,
  models,
  teaching,
  backups,
  providers,
  thresholds,
  watches,
  explanations,
  api,
  outputs,
  retrainRule,
}: AppParts): Promise<Status> {
  const { store } = services;
  const [totals, scoredEvents, records, threshold, budget, isFollowing, preset] = await Promise.all([
    store.call('totals', undefined),
    store.call('count_judged', undefined),
    store.call('list_models', undefined),
    currentThreshold(services),
    budgetOf(services),
    followsDrift(services),
    chosenPreset(services),
  ]);
  const counts = await store.call('alert_counts', { minScore: threshold?.score ?? 0 });
  const model = records.find((candidate) => candidate.state === 'in_use');
  const periods = threshold ? scoredEvents / threshold.eventsPerPeriod : 0;
  const shown = counts.open + counts.decided + counts.folded + counts.muted;
  const working = jobs.list().find((job) => job.state === 'running' && job.linesPerSecond !== null);
  const networkTexts = [explanations.networkText, outputs.networkText()].filter((text) => text !== null);
  return {
    engine: await engineState(providers, model !== undefined, working?.step === 'scoring'),
    linesPerSecond: working?.linesPerSecond ?? null,
    live: watches.status(),
    sourceCount: totals.sources,
    eventCount: totals.events,
    unreadableLines: totals.unreadableLines,
    unsortedLines: totals.unsortedLines,
    model: model ? { id: model.id, number: model.number, name: `m${model.number}` } : null,
    threshold: threshold ? { version: threshold.version, score: threshold.score, meaning: threshold.meaning } : null,
    budget: threshold?.budget ?? budget,
    preset: { chosen: preset, inForce: threshold?.preset ?? null },
    openAlerts: counts.open,
    // Over all that was scored: a log from a file has no today.
    shownPerPeriod: periods > 0 ? shown / periods : 0,
    savedText: teaching.isSaved ? 'Verdicts saved' : 'Not saved',
    backup: backups.status,
    api: api.state,
    networkText: networkTexts.length === 0 ? null : networkTexts.join('. '),
    notices: [
      ...(thresholds.problem === null ? [] : [thresholds.problem]),
      ...(explanations.problem === null ? [] : [explanations.problem]),
      ...(api.state.problem === null ? [] : [api.state.problem]),
      ...(isFollowing ? [watches.notFollowed, api.notFollowed].filter((text) => text !== null) : []),
      ...outputs.problems(),
      ...(retrainRule.problem === null ? [] : [retrainRule.problem]),
      ...(threshold && !isSamePreset(threshold.preset, preset)
        ? [
            `The preset ${presetNames[preset.kind]} is chosen, and ${presetNames[threshold.preset.kind]} judges: learn again to judge by the one that is chosen.`,
          ]
        : []),
      ...(model ? await noticesOf(services, model, models.loaded(model.id)?.lines.lacks ?? null) : []),
    ],
    followsDrift: isFollowing,
  };
}

/**
 * Of the model in use: whether all detectors decide, and where the logs that it scored changed. `linesLack`: why the text model that it was
 * calibrated with reads lines no longer; null until the model is loaded.
 */
async function noticesOf(
  { store }: AppParts['services'],
  { id, number, files }: ModelRecord,
  linesLack: string | null,
): Promise<string[]> {
  const runs = await store.call('list_runs', { modelId: id });
  const changes = runs.flatMap(({ sourceName, drift }) => (drift ? [driftText(sourceName, drift)] : []));
  const lines =
    linesLack === null
      ? []
      : [`${linesLack} Model m${number} judges without it. Learn again to judge by the text of lines.`];
  if (files.some(({ name }) => name === learnedFile)) return [...lines, ...changes];
  const old = `Model m${number} is of an earlier version and judges by order alone. Learn again to use all detectors.`;
  return [old, ...changes];
}

async function engineState(providers: Providers, hasModel: boolean, isScoring: boolean): Promise<Status['engine']> {
  const { inUse, home, fallback, figures } = providers.report();
  const none = { provider: '', fallback: null, figures };
  if (!hasModel) return { state: 'idle', message: 'No model yet', ...none };
  try {
    const runtimeVersion = await providers.runtimeVersion();
    const name = providerLabels[inUse];
    const apart = home === 'process' ? ' · in a process of its own' : '';
    return {
      state: isScoring ? 'scoring' : 'idle',
      provider: name,
      message: `${name} · ONNX Runtime ${runtimeVersion}${apart}`,
      fallback,
      figures,
    };
  } catch (error) {
    return { state: 'failed', message: toErrorData(error).message, ...none };
  }
}
