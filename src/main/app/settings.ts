/** @file What the workspace is set to, as far as detection asks: the alert budget, the preset, the classifier that is wanted. */
import { wantedClassifierKey } from '../../shared/classify.ts';
import type { Budget } from '../../shared/thresholds.ts';
import { defaultPreset, type Preset } from '../../shared/presets.ts';
import { defaultBudget } from '../detect/budget.ts';
import type { Services } from './services.ts';

export const budgetKey = 'budget';
export const presetKey = 'preset';

export async function budgetOf({ store }: Pick<Services, 'store'>): Promise<Budget> {
  return ((await store.call('get_setting', { key: budgetKey })) as Budget | null | undefined) ?? defaultBudget;
}

/** What the models that are learned from now on judge by, and the model in use, where it can. */
export async function chosenPreset({ store }: Pick<Services, 'store'>): Promise<Preset> {
  return ((await store.call('get_setting', { key: presetKey })) as Preset | null | undefined) ?? defaultPreset;
}

export async function keepPreset(services: Pick<Services, 'store' | 'actor'>, preset: Preset): Promise<void> {
  await services.store.call('set_setting', { key: presetKey, value: preset, actor: await services.actor() });
}

/** The classifier that an analyst put in use last, whichever model is in use since; null where none is wanted. */
export async function wantedClassifier({ store }: Pick<Services, 'store'>): Promise<string | null> {
  return ((await store.call('get_setting', { key: wantedClassifierKey })) as string | null | undefined) ?? null;
}
