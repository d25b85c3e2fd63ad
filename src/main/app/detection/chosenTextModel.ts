/** @file The settings of which text model reads lines, and which windows, for the models of event keys that are learned from now on. */
import type { TextReads } from '../../../shared/textModels.ts';
import type { Services } from '../services.ts';

const settings: Record<TextReads, string> = { lines: 'lineModel', windows: 'windowModel' };

/** The one that is chosen; null where none is. */
export async function chosenTextModel({ store }: Pick<Services, 'store'>, reads: TextReads): Promise<string | null> {
  const id = await store.call('get_setting', { key: settings[reads] });
  return typeof id === 'string' ? id : null;
}

/** Null chooses none. Whether the model reads so is for `chooseTextModel`. */
export async function keepTextModel(
  services: Pick<Services, 'store' | 'actor'>,
  reads: TextReads,
  modelId: string | null,
): Promise<void> {
  await services.store.call('set_setting', { key: settings[reads], value: modelId, actor: await services.actor() });
}
