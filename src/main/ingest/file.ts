/** @file Opening a source file by handle: regular files only, failures as coded errors that name the file; its SHA-256. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { AppError } from '../../shared/errors.ts';

const hashChunkBytes = 1 << 20;

/** `changedNs` is when its content last changed, in nanoseconds. */
export type OpenFile = { handle: FileHandle; sizeBytes: number; changedNs: bigint };

/** Opens a regular file for reading. Throws NOT_FOUND, or BAD_INPUT for anything that is no readable regular file. */
export async function openRegularFile(path: string): Promise<OpenFile> {
  let handle: FileHandle;
  try {
    // Without O_NONBLOCK, opening a named pipe would wait for a writer for ever. The name is resolved once: what is checked
    // below is what is read.
    handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    throw openError(path, cause);
  }
  try {
    const found = await handle.stat({ bigint: true });
    if (found.isDirectory()) {
      throw new AppError('BAD_INPUT', `${path} is a folder. Open the log files in it instead.`);
    }
    if (!found.isFile()) {
      throw new AppError(
        'BAD_INPUT',
        `${path} is a device, pipe or socket, not a file. Copy its output to a file first.`,
      );
    }
    return { handle, sizeBytes: Number(found.size), changedNs: found.mtimeNs };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

export function openError(path: string, cause: unknown): AppError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const options = { cause };
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new AppError('NOT_FOUND', `There is no file ${path}. Check the name, or choose it again.`, options);
    case 'EACCES':
    case 'EPERM':
      return new AppError(
        'BAD_INPUT',
        `${path} may not be read by this user. Change its permissions or copy it.`,
        options,
      );
    case 'EISDIR':
      return new AppError('BAD_INPUT', `${path} is a folder. Open the log files in it instead.`, options);
    case 'ELOOP':
      return new AppError('BAD_INPUT', `${path} is a link that leads to itself. Open the file itself.`, options);
    default:
      return new AppError(
        'BAD_INPUT',
        `${path} could not be opened (${code || 'unknown error'}). Copy it to this machine.`,
        options,
      );
  }
}

/** As `handle.read`, with failures as BAD_INPUT that name the file (a disk that was unplugged, a network that went). */
export async function readChunk(handle: FileHandle, path: string, buffer: Uint8Array): Promise<number> {
  try {
    return (await handle.read(buffer, 0, buffer.length)).bytesRead;
  } catch (cause) {
    throw new AppError(
      'BAD_INPUT',
      `Reading ${path} failed half way. Check the disk or network it is on and try again.`,
      {
        cause,
      },
    );
  }
}

/**
 * Called when `bytesRead` bytes were read to the end. Throws BAD_INPUT when the file is not what it was when it was opened: what was read may be
 * of two minds, or of a file that bears the name no more. One that only grew is read as far as it went.
 */
export async function refuseChanged(
  { handle, sizeBytes, changedNs }: OpenFile,
  path: string,
  bytesRead: number,
): Promise<void> {
  const [held, named] = await Promise.all([
    handle.stat({ bigint: true }),
    stat(path, { bigint: true }).catch((): null => null),
  ]);
  const kept = 'What was read stays as a log read in part; open the file again to read it whole.';
  if (bytesRead < sizeBytes) {
    throw new AppError(
      'BAD_INPUT',
      `${path} became shorter while it was read: ${bytesRead} of ${sizeBytes} bytes were there. ${kept}`,
    );
  }
  if (named === null) throw new AppError('BAD_INPUT', `${path} was moved or deleted while it was read. ${kept}`);
  if (named.ino !== held.ino || named.dev !== held.dev) {
    throw new AppError('BAD_INPUT', `${path} was replaced by another file while it was read. ${kept}`);
  }
  if (Number(held.size) <= sizeBytes && held.mtimeNs !== changedNs) {
    throw new AppError('BAD_INPUT', `${path} was written over while it was read. ${kept}`);
  }
}

export function throwIfAborted(signal: AbortSignal, path: string): void {
  if (signal.aborted) throw new AppError('CANCELLED', `Reading ${path} was cancelled.`);
}

/** SHA-256 of the file's bytes on disk, as lower-case hex. Throws as `openRegularFile`, and CANCELLED. */
export async function hashFile(path: string, signal: AbortSignal): Promise<string> {
  throwIfAborted(signal, path);
  const { handle } = await openRegularFile(path);
  try {
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(hashChunkBytes);
    for (;;) {
      throwIfAborted(signal, path);
      const bytes = await readChunk(handle, path, buffer);
      if (bytes === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, bytes));
    }
  } finally {
    await handle.close();
  }
}
