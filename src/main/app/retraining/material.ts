/** @file The logs that a model learned from, read as they were then: what it trained on is replayed, what was held back calibrates and judges again. */
import { AppError } from '../../../shared/errors.ts';
import type { SourceFormat } from '../../../shared/lines.ts';
import { cutRows, type CutTable } from '../../learn/dataset.ts';
import { doubtOf, noDoubt } from '../../learn/doubt.ts';
import { firstRows, readKeyTable } from '../../learn/keyTable.ts';
import type { TemplateRecord } from '../../store/protocol/sources.ts';
import type { KeyModel, ModelCard } from '../keyModel.ts';
import { checkWhatIsLeft, leftOutOf, standingAlerts, type StandingAlerts } from '../leftOut.ts';
import type { Services } from '../services.ts';

export type Material = {
  sourceIds: number[];
  /** In the order of the sources. */
  alerts: StandingAlerts;
  cut: CutTable[];
  formats: SourceFormat[];
  templates: ReadonlyMap<number, TemplateRecord>;
};

export type LearnedLog = { sourceId: number; eventCount: number };

/** Throws NOT_FOUND where one of them is gone or is no longer whole: what was held back from training is then not known. */
export async function learnedLogs(
  { store }: Services,
  model: Pick<KeyModel, 'number' | 'card'>,
): Promise<LearnedLog[]> {
  const sources = await store.call('list_sources', undefined);
  const { learnedLogs: logs = byName(model.card, sources) } = model.card;
  const isThere = ({ sourceId, eventCount }: LearnedLog): boolean =>
    sources.some(({ id, eventCount: now }) => id === sourceId && now >= eventCount);
  if (logs.length > 0 && logs.every(isThere)) return logs;
  throw new AppError(
    'NOT_FOUND',
    `What m${model.number} learned from is no longer all here, and it is needed again: ${model.card.learnedFrom}. Open it again and learn from it.`,
  );
}

/** Models of earlier versions name their logs only. */
function byName(
  { learnedFrom, lineCount }: ModelCard,
  sources: readonly { id: number; name: string; eventCount: number }[],
): LearnedLog[] {
  const found = learnedFrom.split(', ').flatMap((name) => sources.filter((source) => source.name === name));
  const events = found.reduce((sum, { eventCount }) => sum + eventCount, 0);
  return events === lineCount ? found.map(({ id, eventCount }) => ({ sourceId: id, eventCount })) : [];
}

/** `madeId`: of the model that a job makes of it, which may have been cut off. Throws BAD_INPUT where next to nothing of it may be taken as normal. */
export async function readMaterial(
  services: Services,
  model: KeyModel,
  signal: AbortSignal,
  madeId: string | null = null,
): Promise<Material> {
  const { store } = services;
  const logs = await learnedLogs(services, model);
  const sourceIds = logs.map(({ sourceId }) => sourceId);
  const alerts = await standingAlerts(services, { modelId: madeId, sourceIds }, signal);
  const sources = await store.call('list_sources', undefined);
  const cut: CutTable[] = [];
  const formats: SourceFormat[] = [];
  for (const [index, { sourceId, eventCount }] of logs.entries()) {
    const table = firstRows(await readKeyTable(store, sourceId, signal, eventCount), eventCount);
    const own = alerts.sources[index];
    const doubt = own ? doubtOf(table, own, alerts.shownFrom) : noDoubt(table.eventIds.length);
    cut.push({ table, cuts: cutRows(eventCount), doubt });
    formats.push(sources.find(({ id }) => id === sourceId)?.format ?? 'plain');
  }
  checkWhatIsLeft(cut, 1, leftOutOf(cut.map(({ doubt }) => doubt)));
  const templates = new Map(
    (await store.call('list_templates', undefined)).map((template) => [template.index, template]),
  );
  return { sourceIds, alerts, cut, formats, templates };
}
