/** @file The import job: a file becomes a source with events, unless a source with the same bytes is there already. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AppError, forStderr } from '../../shared/errors.ts';
import type { FormatId, SourceFormat } from '../../shared/lines.ts';
import type { ImportInput, ImportOutput, ImportProgress } from './importProtocol.ts';
import type { JobContext } from './jobs.ts';
import type { Services } from './services.ts';

export type ImportedSource = {
  sourceId: number;
  /** True: a source with these bytes was there, and its events are used. */
  isKnown: boolean;
  lineCount: number;
  eventCount: number;
} & Pick<ImportOutput, 'cutLineCount' | 'unsortedLineCount' | 'cutSessionCount'>;

const nothingCut = { cutLineCount: 0, unsortedLineCount: 0, cutSessionCount: 0 } as const;

export async function importFile(
  services: Services,
  file: { path: string; name: string; format: FormatId | null },
  job: JobContext,
): Promise<ImportedSource> {
  const importer = await services.importer();
  const known = await findKnown(
    services,
    file.path,
    (format) => format !== 'sequences' && (file.format === null || format === file.format),
  );
  if (known !== undefined) return known;
  const startedAt = services.host.now();
  const { sourceId, totals, ...cut } = await importer.call('import', await importInput(services, file), {
    // An app that closes leaves the import as it is; the next start goes on with it.
    signal: job.cancelled,
    onProgress: (progress) => job.update(progressUpdate(progress, startedAt, services.host.now())),
  });
  return { sourceId, isKnown: false, lineCount: totals.lineCount, eventCount: totals.eventCount, ...cut };
}

export async function importInput(
  services: Services,
  file: { path: string; name: string; format: FormatId | null },
): Promise<ImportInput> {
  const { host } = services;
  return { ...file, path: resolve(file.path), zone: host.timeZone, now: host.now(), actor: await services.actor() };
}

/** A source that this import has read already. */
export async function readSource(services: Services, sourceId: number): Promise<ImportedSource> {
  const source = (await services.store.call('list_sources', undefined)).find(({ id }) => id === sourceId);
  if (!source) throw new AppError('NOT_FOUND', 'The log that was read is no longer there.');
  const { lineCount, eventCount } = source;
  return { sourceId, isKnown: false, lineCount, eventCount, ...nothingCut };
}

/** What is being imported, and by nobody any more, becomes a log read in part. Behind what the import thread still has to do. */
export async function abandonImports(services: Services): Promise<void> {
  const sources = await services.store.call('list_sources', undefined);
  if (!sources.some(({ state }) => state === 'importing')) return;
  await (await services.importer()).call('abandon', { actor: await services.actor() });
}

/** A source with the same bytes, read in a way that fits; the whole file is only hashed when one has the same size. */
export async function findKnown(
  services: Services,
  path: string,
  fits: (format: SourceFormat) => boolean,
): Promise<ImportedSource | undefined> {
  const size = await stat(path).then(
    (found) => found.size,
    () => -1,
  );
  const sameSize = size < 0 ? [] : await services.store.call('find_source', { sizeBytes: size });
  if (sameSize.length === 0) return undefined;
  const sha256 = await (await services.importer()).call('hash', { path });
  const matches = new Set(sameSize.flatMap((source) => (source.sha256 === sha256 ? [source.id] : [])));
  const sources = await services.store.call('list_sources', undefined);
  const source = sources.find(({ id, state, format }) => matches.has(id) && state === 'ready' && fits(format));
  if (!source) return undefined;
  return {
    sourceId: source.id,
    isKnown: true,
    lineCount: source.lineCount,
    eventCount: source.eventCount,
    ...nothingCut,
  };
}

export function progressUpdate(
  progress: ImportProgress,
  startedAt: number,
  now: number,
): Parameters<JobContext['update']>[0] {
  const share = progress.sizeBytes > 0 ? Math.min(1, progress.bytesRead / progress.sizeBytes) : 1;
  return {
    step: progress.goesOnAtLine === null ? 'reading' : `reading on from line ${progress.goesOnAtLine}`,
    share,
    lineCount: progress.lineCount,
    linesPerSecond: progress.linesPerSecond,
    remainingMs: share > 0.01 ? (Math.max(0, now - startedAt) / share) * (1 - share) : null,
    sourceIds: [progress.sourceId],
  };
}

/** Full text is indexed behind the import: searching waits for it, nothing else does. `onEnded`, whatever its end: it may be asked for again. */
export function indexInBackground(services: Pick<Services, 'store'>, onEnded: () => void): void {
  void services.store
    .call('index_text', undefined)
    .catch((error: unknown) => {
      // Closed or ended meanwhile: the index is finished at the next start.
      const { code } = error as { code?: string };
      if (code !== 'PROCESS_GONE' && code !== 'CANCELLED')
        console.error('Full text was not indexed:', forStderr(error));
    })
    .then(onEnded);
}
