/** @file What to follow, from what the user named: a file, or a folder and a pattern of names. Only paths that a dialog or the command line gave come here. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AppError } from '../../../shared/errors.ts';
import type { FormatId } from '../../../shared/lines.ts';
import { isGlob } from '../../ingest/globs.ts';
import type { WatchRecord } from '../../store/protocol/follows.ts';

export type WatchInput = Pick<WatchRecord, 'kind' | 'path' | 'pattern' | 'format'>;

export const everyName = '*';

/** A file need not be there yet. Throws BAD_INPUT, and CONFLICT for a copy that was sent. */
export async function watchOf(
  { path, name, isTemporary }: { path: string; name: string; isTemporary: boolean },
  format: FormatId | null,
  pattern?: string,
): Promise<WatchInput> {
  if (isTemporary) {
    throw new AppError(
      'CONFLICT',
      `${name} was sent by the browser, as a copy that does not grow. Follow it from the command line: surprisal watch --workspace DIR --input PATH.`,
    );
  }
  const absolute = resolve(path);
  const found = await stat(absolute).catch(() => null);
  if (found?.isDirectory() !== true) {
    if (pattern !== undefined)
      throw new AppError('BAD_INPUT', `${name} is no folder: a pattern of names goes with a folder.`);
    return { kind: 'file', path: absolute, pattern: '', format };
  }
  const names = pattern ?? everyName;
  if (!isGlob(names)) {
    throw new AppError(
      'BAD_INPUT',
      `"${names}" is no pattern of file names: it holds a separator. Use * and ?, as in *.log.`,
    );
  }
  return { kind: 'folder', path: absolute, pattern: names, format };
}
