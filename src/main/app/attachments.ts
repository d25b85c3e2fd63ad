/**
 * @file Attachments of cases: copied whole into the workspace under the hash of their content, given out as they are, never opened or run.
 * A name is only ever shown: no path is made of it.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Attachment } from '../../shared/cases.ts';
import { AppError } from '../../shared/errors.ts';
import type { AppParts } from './createApp.ts';
import type { OfferedFile } from './files.ts';
import type { Services } from './services.ts';
import { syncFolder } from './wholeFile.ts';

/** What a message carries; larger ones stay in the workspace. */
const mostReadBytes = 100_000_000;
const chunkBytes = 1 << 20;
const unfinishedEnding = '.unfinished';
const doubtfulEnding = '.doubtful';

type Folder = Pick<Services, 'directory'>;

export function attachmentDirectory({ directory }: Folder): string {
  return join(directory, 'attachments');
}

/** Hashes are checked by the store to be 64 hex digits. */
export function attachmentPath(services: Folder, sha256: string): string {
  return join(attachmentDirectory(services), sha256);
}

/** Copies content into the workspace. There whole, or not at all; what is there already is left as it is. Throws STORE_FULL, BAD_INPUT. */
export function keepContent(services: Copying, content: AsyncIterable<Uint8Array>, name: string): Promise<void> {
  return withCopy(services, content, name, (copy) => putInPlace(services, copy));
}

type Copying = Folder & { host: Pick<Services['host'], 'newId'> };
type Copy = Pick<Attachment, 'sha256' | 'sizeBytes'> & { part: string };

/** Under a name that the next start takes away, whole and safe on the disk: `use` may put it in its place. */
async function withCopy<T>(
  services: Copying,
  content: AsyncIterable<Uint8Array>,
  name: string,
  use: (copy: Copy) => Promise<T>,
): Promise<T> {
  const directory = attachmentDirectory(services);
  const part = join(directory, `${services.host.newId()}${unfinishedEnding}`);
  try {
    await mkdir(directory, { recursive: true });
    const file = await open(part, 'wx', 0o600);
    const hash = createHash('sha256');
    let sizeBytes = 0;
    try {
      for await (const chunk of content) {
        hash.update(chunk);
        sizeBytes += chunk.length;
        await file.writeFile(chunk);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    return await use({ part, sha256: hash.digest('hex'), sizeBytes });
  } catch (error) {
    throw copyFailure(error, name);
  } finally {
    await rm(part, { force: true }).catch(() => undefined);
  }
}

/** The same content may be attached twice; one that was damaged meanwhile is replaced. */
async function putInPlace(services: Folder, { part, sha256, sizeBytes }: Copy): Promise<void> {
  const target = attachmentPath(services, sha256);
  const known = await stat(target).catch(() => undefined);
  if (known?.size === sizeBytes && (await hashOf(target)) === sha256) return;
  await rename(part, target);
  await syncFolder(attachmentDirectory(services));
}

const turns = new Map<string, Promise<unknown>>();

/** One after the other: what one takes away as nobody's, another may be about to need. */
function inTurn<T>({ directory }: Folder, work: () => Promise<T>): Promise<T> {
  const before = turns.get(directory) ?? Promise.resolve();
  const result = before.then(work, work);
  turns.set(
    directory,
    result.catch(() => undefined),
  );
  return result;
}

/**
 * Does work that may leave contents that no attachment has; these go afterwards. They are noted down before, so that after a kill the next start
 * knows of them.
 */
export function withDoubt<T>(services: Services, hashes: readonly string[], work: () => Promise<T>): Promise<T> {
  return inTurn(services, () => doubting(services, hashes, work));
}

async function doubting<T>(services: Services, hashes: readonly string[], work: () => Promise<T>): Promise<T> {
  if (hashes.length === 0) return work();
  const directory = attachmentDirectory(services);
  const note = join(directory, `${services.host.newId()}${doubtfulEnding}`);
  try {
    await mkdir(directory, { recursive: true });
    await writeFile(note, hashes.join('\n'));
  } catch (error) {
    await rm(note, { force: true }).catch(() => undefined);
    throw copyFailure(error, 'The file');
  }
  try {
    return await work();
  } finally {
    await settleDoubt(services, note, hashes);
  }
}

/** Where the store cannot say who needs what, the note stays for the next start. */
async function settleDoubt(services: Services, note: string, hashes: readonly string[]): Promise<void> {
  const known = await services.store.call('known_contents', { hashes: [...hashes] }).catch(() => null);
  if (known === null) return;
  for (const sha256 of hashes) {
    if (!known.includes(sha256)) await rm(attachmentPath(services, sha256), { force: true });
  }
  await rm(note, { force: true });
}

/** Takes an attachment out of a case. Its content goes with the last attachment that has it. Throws NOT_FOUND, CONFLICT. */
export async function detach(services: Services, caseId: string, attachmentId: string): Promise<void> {
  const { attachments } = await services.store.call('get_case', { caseId, now: services.host.now() });
  const hashes = attachments.flatMap(({ id, sha256 }) => (id === attachmentId ? [sha256] : []));
  await withDoubt(services, hashes, async () => {
    await services.store.call('remove_attachment', { caseId, attachmentId, actor: await services.actor() });
  });
}

/** Throws NOT_FOUND, STORE_FULL, BAD_INPUT for what is no file, and CONFLICT for a case that is a part of another. */
export async function attach(
  { services, files }: Pick<AppParts, 'services' | 'files'>,
  caseId: string,
  offered: OfferedFile,
): Promise<Attachment> {
  const { path, name, isTemporary } = offered;
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new AppError('NOT_FOUND', `${name} is no longer there. Choose it again.`);
  if (!found.isFile()) throw new AppError('BAD_INPUT', `${name} is no file: a folder or a device cannot be attached.`);
  const attached = await inTurn(services, async () => {
    const content = createReadStream(path, { highWaterMark: chunkBytes });
    return withCopy(services, content, name, async (copy) => {
      const { sha256, sizeBytes } = copy;
      const attachment = { id: services.host.newId(), name, sha256, sizeBytes };
      const actor = await services.actor();
      // Noted before it is in its place: a kill in between leaves nothing that nobody knows of.
      await doubting(services, [sha256], async () => {
        await putInPlace(services, copy);
        await services.store.call('add_attachment', { caseId, attachment, actor });
      });
      return { ...attachment, addedBy: actor.analyst, addedAt: actor.at };
    });
  });
  if (isTemporary) await files.remove(path);
  return attached;
}

/** What is wrong with the file of an attachment, in words; null where it is as it was attached. */
export async function attachmentProblem(services: Folder, { sha256, sizeBytes }: Attachment): Promise<string | null> {
  const path = attachmentPath(services, sha256);
  const found = await stat(path).catch(() => undefined);
  if (!found) return 'its file is gone from the workspace';
  if (found.size !== sizeBytes || (await hashOf(path)) !== sha256) return 'its file was changed outside of Surprisal';
  return null;
}

export async function readAttachment(
  services: Services,
  caseId: string,
  attachmentId: string,
): Promise<{ fileName: string; mediaType: string; base64: string }> {
  const { attachments } = await services.store.call('get_case', { caseId, now: services.host.now() });
  const attachment = attachments.find(({ id }) => id === attachmentId);
  if (!attachment) throw new AppError('NOT_FOUND', 'That attachment is not in the case.');
  const { name, sha256, sizeBytes } = attachment;
  if (sizeBytes > mostReadBytes) {
    const message = `${name} is too large to be handed out here. It lies in the workspace, whole: ${attachmentPath(services, sha256)}`;
    throw new AppError('BAD_REQUEST', message);
  }
  const problem = await attachmentProblem(services, attachment);
  if (problem !== null) throw new AppError('BAD_INPUT', `${name} is not handed out: ${problem}.`);
  const bytes = await readFile(attachmentPath(services, sha256));
  await services.store.call('append_audit', {
    action: 'attachment.export',
    subject: caseId,
    details: { id: attachmentId, sha256 },
    actor: await services.actor(),
  });
  // Of no type: nothing here says what it is, and nothing opens it.
  return {
    fileName: fileNameOf(name),
    mediaType: 'application/octet-stream',
    base64: bytes.toString('base64'),
  };
}

/** Contents for the ZIP of a report, under their hashes: those that are as they were, until they are too much for a file that is made in memory. */
export async function attachedContents(
  services: Folder,
  attachments: readonly Attachment[],
): Promise<{ name: string; bytes: Uint8Array }[]> {
  const contents = new Map<string, Uint8Array>();
  let sizeBytes = 0;
  for (const attachment of attachments) {
    const { sha256 } = attachment;
    if (contents.has(sha256) || sizeBytes + attachment.sizeBytes > mostReadBytes) continue;
    if ((await attachmentProblem(services, attachment)) !== null) continue;
    sizeBytes += attachment.sizeBytes;
    contents.set(sha256, await readFile(attachmentPath(services, sha256)));
  }
  return [...contents].map(([sha256, bytes]) => ({ name: `attachments/${sha256}`, bytes }));
}

/** What a copy or an import that was cut off left goes. */
export async function removeUnfinished(services: Services): Promise<void> {
  const directory = attachmentDirectory(services);
  for (const name of await readdir(directory).catch(() => [])) {
    const path = join(directory, name);
    if (name.endsWith(unfinishedEnding)) await rm(path, { force: true });
    if (!name.endsWith(doubtfulEnding)) continue;
    const hashes = (await readFile(path, 'utf8')).split('\n').filter((line) => /^[0-9a-f]{64}$/.test(line));
    await settleDoubt(services, path, hashes);
  }
}

/** One name that every system takes, of a name that may be anything. */
export function fileNameOf(name: string): string {
  const safe = name
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}/\\:*?"<>|]/gu, '_')
    .slice(0, 120)
    .toWellFormed()
    .replace(/^[. ]+|[. ]+$/g, '_');
  return /^(|con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(safe) ? `_${safe}` : safe;
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes })) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

function copyFailure(error: unknown, name: string): unknown {
  if (error instanceof AppError) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new AppError(
      'STORE_FULL',
      `${name} was not attached: the disk of the workspace is full. Free some space and try again.`,
    );
  }
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') {
    return new AppError(
      'STORE_READONLY',
      `${name} was not attached: it, or the workspace, cannot be used (${code}). Check the rights.`,
    );
  }
  if (code === undefined) return error;
  return new AppError('BAD_INPUT', `${name} was not attached: it could not be read to its end (${code}).`);
}
