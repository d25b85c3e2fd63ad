/** @file The setting of which text model reads lines for the models of event keys that are learned from now on. */
import type { Services } from '../services.ts';

const setting = 'lineModel';

/** The one that is chosen; null where none is. */
export async function chosenLineModel({ store }: Pick<Services, 'store'>): Promise<string | null> {
  const id = await store.call('get_setting', { key: setting });
  return typeof id === 'string' ? id : null;
}

/** Null chooses none. Whether the model can read lines is for `chooseLineModel`. */
export async function keepLineModel(
  services: Pick<Services, 'store' | 'actor'>,
  modelId: string | null,
): Promise<void> {
  await services.store.call('set_setting', { key: setting, value: modelId, actor: await services.actor() });
}
