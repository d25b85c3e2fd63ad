/**
 * @file A bundle read in: looked through whole first, then read again into the workspace where nobody sees it, and made a case at the end. What
 * fails on the way leaves nothing; a kill leaves what the next start clears up.
 */
import type { BundleOrigin, BundlePreview, BundleSummary } from '../../../shared/bundle.ts';
import { AppError } from '../../../shared/errors.ts';
import type { StagedAlert } from '../../store/protocol/bundles.ts';
import type { CaseRecord } from '../../store/protocol/cases.ts';
import { keepContent, withDoubt } from '../attachments.ts';
import type { AppParts } from '../createApp.ts';
import { templatesKey } from '../reports.ts';
import type { Services } from '../services.ts';
import { attachmentName, BundleFile } from './bundleFile.ts';

const perBatch = 64;
/** An alert may have megabytes: so many are held and sent at once, and one more. */
const mostBatchChars = 8_000_000;

/** What it holds, all of it looked through, and whether the case is here already. Throws BAD_INPUT with the place where it is not as it was made. */
export async function previewBundle(
  { services }: Pick<AppParts, 'services'>,
  { path, name }: { path: string; name: string },
): Promise<BundlePreview> {
  const summary = await verifyBundle(path, name);
  const known = await services.store.call('find_case', { caseId: summary.caseId });
  return { ...summary, known: known && { id: known.id, number: known.number, title: known.title } };
}

export async function verifyBundle(path: string, name: string): Promise<BundleSummary> {
  const bundle = await BundleFile.open(path, name);
  try {
    return (await bundle.verify()).summary;
  } finally {
    bundle.close();
  }
}

/** Throws CONFLICT where the case is here already, BAD_INPUT with the place where the bundle is not as it was made, STORE_FULL. */
export async function importBundle(
  { services }: Pick<AppParts, 'services'>,
  { path, name }: { path: string; name: string },
): Promise<CaseRecord> {
  const bundle = await BundleFile.open(path, name);
  try {
    await refuseKnown(services, bundle.manifest.caseId);
    const { content } = await bundle.verify();
    const hashes = content.attachments.flatMap(({ sha256, isMissing }) => (isMissing ? [] : [sha256]));
    return await withDoubt(services, [...new Set(hashes)], () => readIn(services, bundle, content));
  } finally {
    bundle.close();
  }
}

async function refuseKnown({ store }: Services, caseId: string): Promise<void> {
  const known = await store.call('find_case', { caseId });
  if (!known) return;
  const { origins } = await store.call('get_case', { caseId, now: 0 });
  const [origin] = origins;
  const since = origin ? `, read in ${new Date(origin.importedAt).toISOString()} by ${origin.importedBy}` : '';
  throw new AppError(
    'CONFLICT',
    `The case of this bundle is here already: C-${known.number}, ${known.title}${since}. Nothing was changed.`,
  );
}

type Content = Awaited<ReturnType<BundleFile['verify']>>['content'];

async function readIn(services: Services, bundle: BundleFile, content: Content): Promise<CaseRecord> {
  const { store, host } = services;
  const actor = await services.actor();
  const { facts, ...parts } = content;
  const { chains } = bundle.manifest;
  const number = await store.call('begin_bundle', { origin: originOf(bundle, actor), facts, chains });
  try {
    const staged = stagedAlerts(bundle, () => host.newId());
    for await (const alerts of batches(staged, ({ content }) => content.length))
      await store.call('stage_alerts', { bundle: number, alerts });
    for await (const entries of batches(bundle.audit(), ({ details }) => details.length))
      await store.call('stage_audit', { bundle: number, entries });
    const kept = new Set<string>();
    for (const { sha256, isMissing, name } of content.attachments) {
      if (isMissing || kept.has(sha256)) continue;
      await keepContent(services, bundle.content(attachmentName(sha256)), name);
      kept.add(sha256);
    }
    const spare = host.newId();
    return await store.call('finish_bundle', { bundle: number, content: parts, spare, templatesKey, actor });
  } catch (error) {
    // On a full disk taking away may fail, too: then the next start does it. Nobody sees it before.
    await store.call('discard_bundles', { bundle: number }).catch(() => undefined);
    if (!(error instanceof AppError) || error.code !== 'STORE_FULL') throw error;
    const message = `The bundle ${bundle.name} was not read in, and nothing of it is here: the disk of the workspace ${services.directory} is full. Free some space and read it in again.`;
    throw new AppError('STORE_FULL', message, { cause: error });
  }
}

function originOf({ manifest, manifestSha256 }: BundleFile, actor: { analyst: string; at: number }): BundleOrigin {
  const { caseNumber, workspace, workspaceId, exportedBy, exportedAt, chains } = manifest;
  const audit = chains.at(-1);
  if (!audit) throw new Error('A manifest names a chain at least.');
  const imported = { importedBy: actor.analyst, importedAt: actor.at };
  return { caseNumber, workspace, workspaceId, exportedBy, exportedAt, manifestSha256, ...imported, audit };
}

async function* stagedAlerts(bundle: BundleFile, newId: () => string): AsyncGenerator<StagedAlert> {
  for await (const alert of bundle.alerts()) {
    const { row } = alert.detail;
    yield { id: row.id, spareId: newId(), row, content: JSON.stringify(alert) };
  }
}

async function* batches<T>(items: AsyncIterable<T>, charsOf: (item: T) => number): AsyncGenerator<T[]> {
  let batch: T[] = [];
  let chars = 0;
  for await (const item of items) {
    batch.push(item);
    chars += charsOf(item);
    if (batch.length < perBatch && chars < mostBatchChars) continue;
    yield batch;
    batch = [];
    chars = 0;
  }
  if (batch.length > 0) yield batch;
}
