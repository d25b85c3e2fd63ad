/** @file A disk that does not take what is written, as an error with a sentence. */
import { AppError } from '../../src/shared/errors.ts';

/** Runs `work`, which writes to `directory`. */
export async function writingTo<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new AppError(
        'STORE_FULL',
        `The disk that holds ${directory} is full. Free some space and try again; what was begun there was removed.`,
        { cause: error },
      );
    }
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'EIO')
      throw new AppError('BAD_INPUT', `${directory} cannot be written: ${(error as Error).message}.`, { cause: error });
    throw error;
  }
}
