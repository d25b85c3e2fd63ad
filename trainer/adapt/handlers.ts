/** @file What the adapting process does when asked: each answer a matter of milliseconds, and a function of what it is asked with. */
import { readFile } from 'node:fs/promises';
import type { AdaptMethods } from '../../src/shared/adaptProtocol.ts';
import { AppError } from '../../src/shared/errors.ts';
import type { Handlers } from '../../src/shared/port.ts';
import { decodeOwnRows, type OwnRows } from '../../src/main/detect/ownRows.ts';
import { adapt } from './adapt.ts';

export function createAdaptHandlers(): Handlers<AdaptMethods> {
  /** Of the model that was asked of last: its files never change. */
  let known: { path: string; rows: OwnRows } | undefined;
  const rowsAt = async (path: string): Promise<OwnRows> => {
    if (known?.path !== path) {
      const bytes = await readFile(path).catch((cause: unknown) => {
        throw new AppError('MODEL_INVALID', `${path} cannot be read. Use another model, or learn again.`, { cause });
      });
      known = { path, rows: decodeOwnRows(bytes) };
    }
    return known.rows;
  };
  return {
    adapt: async (input) => adapt(input, input.ownRowsPath === null ? null : await rowsAt(input.ownRowsPath)),
  };
}
