/** @file Commands about cases: what is in them, and what the app does to them, under the same rules. */
import type { CaseRow } from '../../shared/cases.ts';
import { AppError } from '../../shared/errors.ts';
import { detach } from '../app/attachments.ts';
import { readCase } from '../app/cases.ts';
import type { App } from '../app/createApp.ts';
import { alertIdsOf } from './alertIds.ts';
import type { Arguments } from './arguments.ts';
import { caseChange, chosenAlerts, closing, type ChosenAlerts } from './caseWords.ts';
import { alertRows, alertsFound, type Output } from './commands.ts';

/** By id, or by the number that the workspace shows it under: C-3. Throws NOT_FOUND. */
export async function findCase({ parts }: App, called: string): Promise<CaseRow> {
  const { store } = parts.services;
  const known = await store.call('find_case', { caseId: called });
  if (known) return known;
  const number = /^(?:C-)?(\d{1,9})$/i.exec(called)?.[1];
  const found = (await store.call('list_cases', undefined)).find((row) => String(row.number) === number);
  if (found) return found;
  throw new AppError('NOT_FOUND', `There is no case ${called}.`);
}

export async function listCases({ parts }: App, output: Output): Promise<void> {
  for (const row of await parts.services.store.call('list_cases', undefined)) output(row);
}

export async function showCase(app: App, args: Arguments, output: Output): Promise<void> {
  const { id } = await findCase(app, args.text('case'));
  output(await readCase(app.parts, id));
}

export async function createCase(app: App, args: Arguments, output: Output): Promise<void> {
  const { services } = app.parts;
  const created = await services.store.call('create_case', {
    caseId: services.host.newId(),
    title: args.title(),
    alertIds: await idsOf(app, chosenAlerts(args)),
    actor: await services.actor(),
  });
  output({ case: created.id });
}

export async function addToCase(app: App, args: Arguments, output: Output): Promise<void> {
  const { services } = app.parts;
  const { id: caseId } = await findCase(app, args.text('case'));
  const alertIds = await idsOf(app, chosenAlerts(args));
  output(await services.store.call('add_case_alerts', { caseId, alertIds, actor: await services.actor() }));
}

export async function moveInCases(app: App, args: Arguments, output: Output): Promise<void> {
  const { services } = app.parts;
  const [from, into] = [await findCase(app, args.text('case')), await findCase(app, args.text('into'))];
  const asked = args.alertIds();
  if (asked === 'open') throw new AppError('BAD_INPUT', 'case move takes the ids of alerts.');
  const given = await alertIdsOf(app, asked);
  const moving = { caseId: from.id, intoId: into.id, alertIds: given, actor: await services.actor() };
  const { alerts } = await services.store.call('get_case', { caseId: from.id, now: services.host.now() });
  const outside = given.find((id) => !alerts.some((alert) => alert.id === id));
  if (outside !== undefined)
    throw new AppError(
      'NOT_FOUND',
      `C-${from.number} has no alert ${outside} that could be moved. Nothing was changed.`,
    );
  output(await services.store.call('move_case_alerts', moving));
}

export async function setCase(app: App, args: Arguments, output: Output): Promise<void> {
  const { services } = app.parts;
  const { id: caseId } = await findCase(app, args.text('case'));
  output(await services.store.call('update_case', { caseId, ...caseChange(args), actor: await services.actor() }));
}

export async function noteCase(app: App, args: Arguments, output: Output): Promise<void> {
  const { services } = app.parts;
  const { id: caseId } = await findCase(app, args.text('case'));
  const noteId = services.host.newId();
  await services.store.call('add_note', { caseId, noteId, text: args.note(), actor: await services.actor() });
  output({ case: caseId, note: noteId });
}

export async function closeCase(app: App, args: Arguments, output: Output): Promise<void> {
  const { services } = app.parts;
  const { id: caseId } = await findCase(app, args.text('case'));
  const change = { state: 'closed' as const, closing: closing(args) };
  output(await services.store.call('update_case', { caseId, ...change, actor: await services.actor() }));
}

export async function detachFromCase(app: App, args: Arguments, output: Output): Promise<void> {
  const { id: caseId } = await findCase(app, args.text('case'));
  await detach(app.parts.services, caseId, args.text('attachment'));
  output({ case: caseId, removed: args.text('attachment') });
}

/** Throws BAD_INPUT where there is none. */
async function idsOf(app: App, chosen: ChosenAlerts): Promise<string[]> {
  if (chosen.kind === 'ids') return alertIdsOf(app, chosen.ids);
  const ids: string[] = [];
  const rows = chosen.kind === 'open' ? alertRows(app, 'open', '') : alertsFound(app, chosen.query);
  for await (const { id } of rows) ids.push(id);
  if (ids.length > 0) return ids;
  throw new AppError(
    'BAD_INPUT',
    chosen.kind === 'open'
      ? 'No alert is open, so there is nothing to make a case of.'
      : `No alert is found by ${JSON.stringify(chosen.query)}.`,
  );
}
