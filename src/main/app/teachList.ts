/** @file The list to teach from as the queue shows it, and what is done to all of it. */
import type { AlertRow } from '../../shared/alerts.ts';
import type { AlertSelection } from '../../shared/actions.ts';
import type { AlertCounts } from '../../shared/alertLists.ts';
import { learningKey } from '../../shared/learning.ts';
import { learningOf } from '../../shared/learningSchema.ts';
import type { QueryContext } from '../store/protocol/alerts.ts';
import { samplingSeed } from './newAlert.ts';
import { toAlertRows, type TemplateTexts } from './presenter.ts';
import type { Services } from './services.ts';

/** More is not asked at once: what is decided changes what is worth asking next. */
const mostAsked = 200;
/** An analyst has forgotten by then. */
const askAgainAfterMs = 7 * 86_400_000;

/** Share of what is asked that is drawn at random: less with each retraining that was adopted, never nothing. */
export async function explorationShare({ store }: Pick<Services, 'store'>): Promise<number> {
  const { exploration } = learningOf(await store.call('get_setting', { key: learningKey }));
  const retrained = await store.call('count_adopted', undefined);
  return Math.max(exploration.floor, exploration.share * exploration.decay ** retrained);
}

export type TeachQuery = { filter: string; zone: string };

async function askedRecords(services: Services, query: TeachQuery, context: QueryContext) {
  const share = await explorationShare(services);
  const { filter, zone } = query;
  const input = { ...context, filter, zone, share, seed: samplingSeed(services), most: mostAsked, askAgainAfterMs };
  return services.store.call('list_teach', input);
}

export async function listTeach(
  services: Services,
  texts: TemplateTexts,
  query: TeachQuery,
  context: QueryContext,
): Promise<{ rows: AlertRow[]; nextCursor: null; newest: number; counts: AlertCounts }> {
  const { rows, ...rest } = await askedRecords(services, query, context);
  const shown = await toAlertRows(rows, texts);
  const asking = shown.flatMap((row, index) => {
    const asked = rows[index]?.asked;
    return asked ? [{ ...row, asked }] : [];
  });
  return { rows: asking, nextCursor: null, ...rest };
}

export async function countAsked(services: Services, context: QueryContext) {
  const { rows } = await askedRecords(services, { filter: '', zone: 'UTC' }, context);
  const count = (why: string): number => rows.filter(({ asked }) => asked.why === why).length;
  return { telling: count('telling') + count('again'), unlike: count('unlike'), sample: count('sample') };
}

/** All that the list asks is meant by its alerts: no filter finds them. Blind questions are answered one by one. */
export async function withoutTeachQuery(
  services: Services,
  selection: AlertSelection,
  context: QueryContext,
): Promise<AlertSelection> {
  if (selection.kind === 'ids' || selection.query.tab !== 'teach') return selection;
  const { rows } = await askedRecords(services, selection.query, context);
  const except = new Set(selection.except);
  const ids = rows.flatMap(({ id, asked }) => (except.has(id) || asked.why === 'again' ? [] : [id]));
  return { kind: 'ids', ids };
}
