/** @file What the routes of cases and of bundles do. */
import type { casesRoutes } from '../../../shared/routes/cases.ts';
import type { Actor } from '../../store/protocol/workspace.ts';
import { attach, detach, readAttachment } from '../attachments.ts';
import { bundledDetail, handOutBundle } from '../bundle/handOut.ts';
import { importBundle, previewBundle } from '../bundle/importBundle.ts';
import { readCase, splitCase, suggestAlerts } from '../cases.ts';
import { applyTemplate, caseTemplatesKey, readCaseTemplates } from '../caseTemplates.ts';
import type { AppParts } from '../createApp.ts';
import type { RouteHandlers } from '../router.ts';
import type { HandlerCommon } from './common.ts';

export function caseHandlers(
  parts: AppParts,
  { blind, changing, chosen, minScore }: HandlerCommon,
): Pick<RouteHandlers, keyof typeof casesRoutes> {
  const { services, files } = parts;
  const { store, host } = services;
  const changingCase = async (caseId: string, change: (actor: Actor) => Promise<unknown>) => {
    await changing(change(await services.actor()));
    return blind.caseDetail(await readCase(parts, caseId));
  };
  return {
    'cases.list': async () => blind.cases(await store.call('list_cases', undefined)),
    'cases.get': async ({ caseId }) => blind.caseDetail(await readCase(parts, caseId)),
    'cases.create': async ({ title, alertIds }) =>
      changing(store.call('create_case', { caseId: host.newId(), title, alertIds, actor: await services.actor() })),
    'cases.add_alerts': async ({ caseId, alertIds }) =>
      changing(store.call('add_case_alerts', { caseId, alertIds, actor: await services.actor() })),
    'cases.add_many': async ({ caseId, selection }) =>
      changing(
        store.call('add_to_case', {
          caseId,
          selection: await chosen(selection),
          minScore: await minScore(),
          actor: await services.actor(),
        }),
      ),
    'cases.remove_alerts': async ({ caseId, alertIds }) =>
      changing(store.call('remove_case_alerts', { caseId, alertIds, actor: await services.actor() })),
    'cases.move_alerts': async ({ caseId, intoId, alertIds }) =>
      changing(store.call('move_case_alerts', { caseId, intoId, alertIds, actor: await services.actor() })),
    'cases.split': (input) => changing(splitCase(services, input)),
    'cases.merge': async ({ caseId, intoId }) =>
      changing(store.call('merge_cases', { caseId, intoId, actor: await services.actor() })),
    'cases.update': async (input) => changing(store.call('update_case', { ...input, actor: await services.actor() })),
    'cases.add_note': async ({ caseId, text }) =>
      changingCase(caseId, async (actor) => store.call('add_note', { noteId: host.newId(), caseId, text, actor })),
    'cases.add_task': async (input) =>
      changingCase(input.caseId, (actor) => store.call('add_task', { ...input, taskId: host.newId(), actor })),
    'cases.update_task': async (input) =>
      changingCase(input.caseId, (actor) => store.call('update_task', { ...input, actor })),
    'cases.link': async (input) => changingCase(input.caseId, (actor) => store.call('link_cases', { ...input, actor })),
    'cases.set_phases': async ({ caseId, phases }) =>
      changingCase(caseId, (actor) =>
        store.call('set_phases', { caseId, phases: phases.map((phase) => ({ ...phase, id: host.newId() })), actor }),
      ),
    'cases.templates': () => readCaseTemplates(services),
    'cases.set_templates': async ({ templates }) => {
      await store.call('set_setting', { key: caseTemplatesKey, value: templates, actor: await services.actor() });
      return templates;
    },
    'cases.apply_template': async ({ caseId, template }) =>
      changingCase(caseId, () => applyTemplate(services, caseId, template)),
    'cases.suggestions': async ({ caseId }) => {
      const { suggestions, refusedCount } = await suggestAlerts(parts, caseId, await minScore());
      return { suggestions: await blind.rowsOf(suggestions, 'alert'), refusedCount };
    },
    'cases.refuse': async (input) => {
      await store.call('refuse_alerts', { ...input, actor: await services.actor() });
      return null;
    },
    'cases.attach': async ({ caseId, token }) => changingCase(caseId, () => attach(parts, caseId, files.get(token))),
    'cases.remove_attachment': async ({ caseId, attachmentId }) =>
      changingCase(caseId, () => detach(services, caseId, attachmentId)),
    'bundles.export': ({ caseId }) => handOutBundle(parts, caseId),
    'bundles.preview': ({ token }) => previewBundle(parts, files.get(token)),
    'bundles.import': async ({ token }) => {
      const file = files.get(token);
      const imported = await changing(importBundle(parts, file));
      if (file.isTemporary) await files.remove(file.path);
      return imported;
    },
    'bundles.alert': ({ alertId }) => bundledDetail(services, alertId),
    'cases.read_attachment': ({ caseId, attachmentId }) => readAttachment(services, caseId, attachmentId),
  };
}
