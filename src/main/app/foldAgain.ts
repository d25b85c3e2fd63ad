/** @file Folds what changes left to fold again, some alerts at a time: verdicts that come meanwhile wait for no more. */
import type { Services } from './services.ts';

const alertsPerCall = 1000;

export async function foldAgain({ store }: Pick<Services, 'store'>): Promise<void> {
  for (let isLeft = true; isLeft;) ({ isLeft } = await store.call('fold_again', { limit: alertsPerCall }));
}
