/** @file What the workspace is set to, as far as detection asks: the alert budget and the preset. */
import type { Budget } from '../../shared/domain.ts';
import { defaultPreset, type Preset } from '../../shared/presets.ts';
import { defaultBudget } from '../detect/budget.ts';
import type { Services } from './services.ts';

const presetKey = 'preset';

export async function budgetOf({ store }: Pick<Services, 'store'>): Promise<Budget> {
  return ((await store.call('get_setting', { key: 'budget' })) as Budget | null | undefined) ?? defaultBudget;
}

/** What the models that are learned from now on judge by, and the model in use, where it can. */
export async function chosenPreset({ store }: Pick<Services, 'store'>): Promise<Preset> {
  return ((await store.call('get_setting', { key: presetKey })) as Preset | null | undefined) ?? defaultPreset;
}

export async function keepPreset(services: Pick<Services, 'store' | 'actor'>, preset: Preset): Promise<void> {
  await services.store.call('set_setting', { key: presetKey, value: preset, actor: await services.actor() });
}
