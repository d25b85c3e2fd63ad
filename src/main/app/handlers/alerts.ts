/** @file What the routes of alerts do: lists of them, one in full, what is hidden for a while, views, the overview and entities. */
import type { SavedView } from '../../../shared/alertLists.ts';
import type { alertsRoutes } from '../../../shared/routes/alerts.ts';
import type { LogLine } from '../../../shared/sources.ts';
import type { EventRecord } from '../../store/protocol/events.ts';
import { alertDetail, around } from '../alertDetail.ts';
import { toAlertGroups } from '../alertGroups.ts';
import { alertValues } from '../alertValues.ts';
import type { AppParts } from '../createApp.ts';
import { listEntities, readEntity } from '../entityPage.ts';
import { modelEvidence } from '../modelEvidence.ts';
import { readOverview } from '../overview.ts';
import { listChars, toAlertRows, toLogLine } from '../presenter.ts';
import type { RouteHandlers } from '../router.ts';
import { listTeach } from '../teachList.ts';
import type { HandlerCommon } from './common.ts';

const viewsKey = 'queue.views';
/** Lines of all logs around an alert, on each side. */
const mostAround = 200;

export function alertHandlers(
  parts: AppParts,
  { blind, context, chosen, acting, changing, moving }: HandlerCommon,
): Pick<RouteHandlers, keyof typeof alertsRoutes> {
  const { services, texts, models, mutes } = parts;
  const { store, host } = services;
  const markViewed = async (alertId: string): Promise<void> =>
    store.call('mark_viewed', { alertId, actor: await services.actor() });
  return {
    'alerts.list': async (input) => {
      if (input.tab === 'teach') {
        const asking = await listTeach(services, texts, input, await context());
        await blind.seen(asking.rows, input);
        return { ...asking, rows: await blind.rows(asking.rows), counts: await blind.counts(asking.counts) };
      }
      const page = await store.call('list_alerts', { ...input, ...(await context()) });
      const [rows, counts] = await Promise.all([toAlertRows(page.rows, texts), blind.counts(page.counts)]);
      return { ...page, rows: await blind.rows(rows), counts };
    },
    'alerts.summary': async (input) => {
      // It is one page, whatever its order.
      if (input.tab === 'teach') {
        const { rows, newest } = await listTeach(services, texts, input, await context());
        return { total: rows.length, marks: [], asOf: newest, histogram: null, withoutTime: rows.length };
      }
      return store.call('summarise_alerts', { ...input, ...(await context()) });
    },
    'alerts.count_new': async (input) => ({
      count: await store.call('count_new_alerts', { ...input, ...(await context()) }),
    }),
    'alerts.groups': async (input) => {
      const found = await store.call('group_alerts', { ...input, ...(await context()) });
      const { groups, ...rest } = await toAlertGroups(services, input.by, found, texts);
      return { ...rest, groups: await blind.rowsOf(groups, 'top') };
    },
    'alerts.sparklines': ({ signatures }) => store.call('alert_sparklines', { signatures, now: host.now() }),
    'alerts.values': (input) => alertValues(parts, input),
    'alerts.assign': async ({ selection, owner }) =>
      moving(store.call('assign_alerts', { selection: await chosen(selection), owner, ...(await acting()) })),
    'alerts.get': async ({ alertId, isBlind, isAhead, viewedId }) => {
      const hides = isBlind || (await blind.is(alertId));
      const parts = { services, texts, modelOf: (id: string) => models.of(id) };
      try {
        const known = await alertDetail(parts, alertId, { isBlind: hides });
        // A question that is asked again was viewed when it was decided.
        if (!known.row.isViewed && !isAhead && !hides) await markViewed(alertId);
        return await blind.detail(known);
      } finally {
        // It was looked at, whatever became of the next.
        if (viewedId !== null) await markViewed(viewedId);
      }
    },
    'alerts.viewed': async ({ alertId }) => {
      await markViewed(alertId);
      return null;
    },
    'alerts.evidence': (input) => modelEvidence({ services, texts, modelOf: (id) => models.of(id) }, input),
    'alerts.context': async ({ alertId, lines }) => {
      const { row } = await store.call('get_alert', { alertId, now: host.now() });
      const [anchor] = await store.call('get_events', { ids: [row.eventId], maxChars: listChars });
      return anchor ? around(services, anchor, lines) : { before: [], after: [] };
    },
    'alerts.context_by_time': async ({ alertId, withinMs }) => {
      const { row } = await store.call('get_alert', { alertId, now: host.now() });
      if (row.at === null) return { before: [], after: [], isCut: false };
      const near = { eventId: row.eventId, at: row.at, withinMs, limit: mostAround, maxChars: listChars };
      const { before, after, isCut } = await store.call('lines_around_time', near);
      const named = (event: EventRecord): LogLine & { sourceName: string } => ({
        ...toLogLine(event),
        sourceName: event.sourceName,
      });
      return { before: before.map(named), after: after.map(named), isCut };
    },

    'mutes.list': () => store.call('list_mutes', undefined),
    'mutes.preview': async ({ filter, zone }) => {
      const query = {
        tab: 'open' as const,
        filter,
        zone,
        asOf: null,
        order: 'severity' as const,
        ...(await context()),
      };
      const [{ total }, page] = await Promise.all([
        store.call('summarise_alerts', { ...query, pageSize: 1000 }),
        store.call('list_alerts', { ...query, after: null, until: null, limit: 5 }),
      ]);
      return { total, rows: await blind.rows(await toAlertRows(page.rows, texts)) };
    },
    'mutes.add': (input) => changing(mutes.add(input)),
    'mutes.lift': ({ muteId }) => changing(mutes.lift(muteId)),

    'views.list': async () => ((await store.call('get_setting', { key: viewsKey })) as SavedView[] | null) ?? [],
    'views.save': async ({ views }) => {
      await store.call('set_setting', { key: viewsKey, value: views, actor: await services.actor() });
      return views;
    },

    'overview.get': ({ zone, days }) => readOverview(services, zone, days),
    'entities.list': async () => blind.rowsOf(await listEntities(services, texts), 'mostSevere'),
    'entities.get': async ({ zone, ...entity }) => {
      const page = await readEntity(services, texts, entity, { zone, without: await blind.number() });
      return { ...page, alerts: await blind.rows(page.alerts) };
    },
  };
}
