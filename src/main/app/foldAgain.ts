/** @file Folds what changes left to fold again, some alerts at a time: verdicts that come meanwhile wait for no more. */
import type { Services } from './services.ts';

const alertsPerCall = 1000;

/** Answers whether any alert has another head than before. */
export async function foldAgain({ store }: Pick<Services, 'store'>): Promise<boolean> {
  let hasMoved = false;
  for (let isLeft = true; isLeft;) {
    const slice = await store.call('fold_again', { limit: alertsPerCall });
    hasMoved ||= slice.hasMoved;
    ({ isLeft } = slice);
  }
  return hasMoved;
}
