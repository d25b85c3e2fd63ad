/** @file Full text behind what is read. Catches a log that is followed and is never indexed again, after a disk was full for a moment. */
import { expect, test, vi } from 'vitest';
import { indexInBackground } from '../../src/main/app/importFile.ts';
import type { Services } from '../../src/main/app/services.ts';
import { AppError } from '../../src/shared/errors.ts';

test('indexing that failed has ended, and may be asked for again', async () => {
  const told = vi.spyOn(console, 'error').mockReturnValue();
  const answers = [
    Promise.reject(new AppError('STORE_FULL', 'The disk is full.')),
    Promise.resolve({ indexedCount: 1 }),
  ];
  const services = { store: { call: () => answers.shift() } } as unknown as Services;
  for (const failures of [1, 1]) {
    await new Promise<void>((resolve) => indexInBackground(services, resolve));
    expect(told).toHaveBeenCalledTimes(failures);
  }
  told.mockRestore();
});
