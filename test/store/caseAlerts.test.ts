/** @file Merging, splitting, moving and detaching. Catches a word or an alert that is lost on the way, and a way back that ends somewhere else. */
import { describe, expect, test } from 'vitest';
import { seededStore } from './helpers.ts';
import { actor, alertOf, importLines, now, runOf, type TestStore } from './rows.ts';

const later = { ...actor, at: now + 1000 };
const notFound = { code: 'NOT_FOUND' };
const conflict = { code: 'CONFLICT' };

async function twoCases(): Promise<TestStore> {
  const store = await seededStore([1, 2, 3, 4].map((event) => alertOf(event)));
  await store.ask('create_case', { caseId: 'c1', title: 'One', alertIds: ['alert-1', 'alert-2'], actor });
  await store.ask('create_case', { caseId: 'c2', title: 'Two', alertIds: ['alert-2', 'alert-3'], actor });
  return store;
}

const alertsOf = async (store: TestStore, caseId: string): Promise<string[]> =>
  (await store.ask('get_case', { caseId, now })).alerts.map(({ id }) => id);
const undo = (store: TestStore) => store.ask('undo_action', { actor: later, minScore: 0 });
const redo = (store: TestStore) => store.ask('redo_action', { actor: later, minScore: 0 });
/** Everything a case has, without when it was last changed. */
const all = async (store: TestStore, caseId: string) => {
  const { record, alerts, ...rest } = await store.ask('get_case', { caseId, now });
  return { ...rest, alerts: alerts.map(({ id }) => id), record: { ...record, updatedAt: 0 } };
};

describe('a merge', () => {
  async function filled(): Promise<TestStore> {
    const store = await twoCases();
    for (const caseId of ['c1', 'c2']) {
      await store.ask('add_note', { noteId: `note-${caseId}`, caseId, text: `Of ${caseId}`, actor });
      await store.ask('add_task', {
        taskId: `task-${caseId}`,
        caseId,
        title: `Do ${caseId}`,
        owner: null,
        dueAt: null,
        actor,
      });
      const attachment = { id: `file-${caseId}`, name: '../x', sha256: 'ab'.repeat(32), sizeBytes: 3 };
      await store.ask('add_attachment', { caseId, attachment, actor });
      const phase = { id: `phase-${caseId}`, name: 'Entry', fromAt: 1, toAt: 2 };
      await store.ask('set_phases', { caseId, phases: [phase], actor });
      const text = { summary: `Summary ${caseId}`, findings: '', techniques: [`T100${caseId.slice(1)}`] };
      await store.ask('set_report_text', { caseId, text, actor });
    }
    return store;
  }

  test('has every alert once, and every note, task, file, phase and text of both', async () => {
    const store = await filled();
    const record = await store.ask('merge_cases', { caseId: 'c2', intoId: 'c1', actor: later });
    expect(record).toMatchObject({ number: 1, alertCount: 3, taskCount: 2, openTaskCount: 2 });
    const merged = await all(store, 'c1');
    expect(merged.alerts).toEqual(['alert-1', 'alert-2', 'alert-3']);
    expect(merged.notes.map(({ text }) => text)).toEqual(['Of c1', 'Of c2']);
    expect(merged.tasks.map(({ title }) => title)).toEqual(['Do c1', 'Do c2']);
    expect(merged.attachments.map(({ id }) => id)).toEqual(['file-c1', 'file-c2']);
    expect(merged.phases.map(({ id }) => id)).toEqual(['phase-c1', 'phase-c2']);
    expect(merged.parts).toMatchObject([{ id: 'c2', title: 'Two' }]);
    const { text, audit } = await store.ask('get_case_facts', { caseId: 'c1' });
    expect(text.summary).toMatch(/^Summary c1\n\n.*C-2, Two.*\n\nSummary c2$/);
    expect(text.techniques).toEqual(['T1001', 'T1002']);
    expect(audit.map(({ subject }) => subject)).toContain('c2');
    expect((await store.ask('list_cases', undefined)).map(({ id }) => id)).toEqual(['c1']);
    expect((await store.ask('get_alert', { alertId: 'alert-3', now })).cases).toMatchObject([{ number: 1 }]);
    expect((await store.ask('get_case', { caseId: 'c1', now })).alerts.map(({ caseNumber }) => caseNumber)).toEqual([
      1, 1, 1,
    ]);
  });

  test('taken back gives each case what it had, and what was added since stays where it was added', async () => {
    const store = await filled();
    const [one, two] = [await all(store, 'c1'), await all(store, 'c2')];
    await store.ask('merge_cases', { caseId: 'c2', intoId: 'c1', actor: later });
    expect((await undo(store))?.kind).toBe('case_merge');
    expect([await all(store, 'c1'), await all(store, 'c2')]).toEqual([one, two]);
    await redo(store);
    await store.ask('add_note', { noteId: 'n', caseId: 'c1', text: 'After', actor: later });
    await undo(store);
    expect((await all(store, 'c1')).notes.map(({ text }) => text)).toEqual(['Of c1', 'After']);
    expect(await all(store, 'c2')).toEqual(two);
  });

  test('of a case that has one in it already takes both, and lets both go', async () => {
    const store = await twoCases();
    await store.ask('create_case', { caseId: 'c3', title: 'Three', alertIds: ['alert-4'], actor });
    await store.ask('merge_cases', { caseId: 'c3', intoId: 'c2', actor });
    await store.ask('merge_cases', { caseId: 'c2', intoId: 'c1', actor });
    expect(await alertsOf(store, 'c1')).toEqual(['alert-1', 'alert-2', 'alert-3', 'alert-4']);
    await undo(store);
    expect(await alertsOf(store, 'c1')).toEqual(['alert-1', 'alert-2']);
    expect(await alertsOf(store, 'c2')).toEqual(['alert-2', 'alert-3', 'alert-4']);
    await redo(store);
    await undo(store);
    await undo(store);
    expect(await alertsOf(store, 'c2')).toEqual(['alert-2', 'alert-3']);
  });

  test('leaves a part that is only read, and goes into nothing that is one', async () => {
    const store = await twoCases();
    await store.ask('merge_cases', { caseId: 'c2', intoId: 'c1', actor });
    const note = { noteId: 'n', caseId: 'c2', text: 'x', actor };
    await expect(store.ask('add_note', note)).rejects.toMatchObject(conflict);
    await expect(store.ask('merge_cases', { caseId: 'c1', intoId: 'c2', actor })).rejects.toMatchObject(conflict);
    await expect(store.ask('merge_cases', { caseId: 'c1', intoId: 'c1', actor })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
  });
});

describe('alerts', () => {
  test('move from one case to another and back, also where they were in both', async () => {
    const store = await twoCases();
    const move = { caseId: 'c1', intoId: 'c2', alertIds: ['alert-1', 'alert-2', 'alert-4'], actor: later };
    expect(await store.ask('move_case_alerts', move)).toMatchObject({ id: 'c2', alertCount: 3 });
    expect(await alertsOf(store, 'c1')).toEqual([]);
    expect(await alertsOf(store, 'c2')).toEqual(['alert-1', 'alert-2', 'alert-3']); // alert-4 was in no case
    expect(await undo(store)).toMatchObject({ kind: 'case_move', alertCount: 2 });
    expect([await alertsOf(store, 'c1'), await alertsOf(store, 'c2')]).toEqual([
      ['alert-1', 'alert-2'],
      ['alert-2', 'alert-3'],
    ]);
    await redo(store);
    expect([await alertsOf(store, 'c1'), await alertsOf(store, 'c2')]).toEqual([[], ['alert-1', 'alert-2', 'alert-3']]);
  });

  test('are detached, and undo puts them back into the part they were in', async () => {
    const store = await twoCases();
    await store.ask('merge_cases', { caseId: 'c2', intoId: 'c1', actor });
    await store.ask('remove_case_alerts', { caseId: 'c1', alertIds: ['alert-2', 'alert-3'], actor });
    expect(await alertsOf(store, 'c1')).toEqual(['alert-1']);
    expect(await undo(store)).toMatchObject({ kind: 'case_out', alertCount: 3 });
    await undo(store); // the merge
    expect([await alertsOf(store, 'c1'), await alertsOf(store, 'c2')]).toEqual([
      ['alert-1', 'alert-2'],
      ['alert-2', 'alert-3'],
    ]);
  });

  test('that do not exist move nowhere, and nothing else does', async () => {
    const store = await twoCases();
    const move = { caseId: 'c1', intoId: 'c2', alertIds: ['alert-1', 'alert-9'], actor };
    await expect(store.ask('move_case_alerts', move)).rejects.toMatchObject(notFound);
    expect(await alertsOf(store, 'c1')).toEqual(['alert-1', 'alert-2']);
  });

  test('of every step the chain of the audit knows, and stays whole', async () => {
    const store = await twoCases();
    await store.ask('remove_case_alerts', { caseId: 'c1', alertIds: ['alert-2'], actor });
    await store.ask('move_case_alerts', { caseId: 'c2', intoId: 'c1', alertIds: ['alert-3'], actor });
    await store.ask('merge_cases', { caseId: 'c2', intoId: 'c1', actor });
    await undo(store);
    const { audit } = await store.ask('get_case_facts', { caseId: 'c2' });
    expect(audit.map(({ action }) => action)).toEqual([
      'case.created',
      'case.alerts_removed',
      'case.merged',
      'case.stands_again',
    ]);
    expect(await store.ask('verify_audit', undefined)).toMatchObject({ brokenAt: null });
  });
});

describe('what is said of a case', () => {
  test('is kept field by field; closing has a class and a time, and opening again takes both with it', async () => {
    const store = await twoCases();
    const update = (change: object, at = now) =>
      store.ask('update_case', { caseId: 'c1', ...change, actor: { ...actor, at } });
    await update({ state: 'in_progress', owner: 'm.roth', tags: ['vpn'], dueAt: now + 5, ownSeverity: 5 });
    expect(await update({ state: 'closed', closing: 'true_positive' }, now + 9)).toMatchObject({
      state: 'closed',
      closing: 'true_positive',
      closedAt: now + 9,
      owner: 'm.roth',
      tags: ['vpn'],
      dueAt: now + 5,
      severity: 5,
    });
    expect(await update({ title: 'Eins' }, now + 20)).toMatchObject({ closedAt: now + 9 });
    expect(await update({ state: 'open', ownSeverity: null, owner: null })).toMatchObject({
      closing: null,
      closedAt: null,
      severity: 4,
      owner: null,
    });
    await expect(update({ closing: 'undetermined' })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });

  test('has the times of the first alert, the first look and the first verdict', async () => {
    const store = await seededStore([alertOf(1), alertOf(2)]);
    await store.ask('mark_viewed', { alertId: 'alert-2', actor: { ...actor, at: now + 10 } });
    await store.ask('mark_viewed', { alertId: 'alert-2', actor: { ...actor, at: now + 20 } });
    await store.ask('give_verdict', {
      ...{ verdictId: 'v', alertId: 'alert-1', value: 'true_positive', note: '', analyst: 'x', givenAt: now + 30 },
      ...{ foldExpiresAt: null, folds: false, minScore: 0 },
    });
    const at = now + 50;
    const alertIds = ['alert-1', 'alert-2'];
    const record = await store.ask('create_case', { caseId: 'c', title: 'T', alertIds, actor: { ...actor, at } });
    expect(record).toMatchObject({ raisedAt: now, viewedAt: now + 10, verdictAt: now + 30, createdAt: at });
  });

  test('has tasks that are done by somebody, once', async () => {
    const store = await twoCases();
    const task = { caseId: 'c1', taskId: 't1' };
    await store.ask('add_task', { ...task, title: 'Block it', owner: null, dueAt: null, actor });
    await store.ask('update_task', { ...task, isDone: true, actor: { analyst: 'one', at: 5 } });
    await store.ask('update_task', { ...task, isDone: true, owner: 'x', actor: { analyst: 'two', at: 6 } });
    const { tasks, record } = await store.ask('get_case', { caseId: 'c1', now });
    expect(tasks).toMatchObject([{ doneBy: 'one', doneAt: 5, owner: 'x' }]);
    expect(record).toMatchObject({ taskCount: 1, openTaskCount: 0 });
    await expect(store.ask('update_task', { ...task, caseId: 'c2', isDone: false, actor })).rejects.toMatchObject(
      notFound,
    );
  });

  test('links both ways, once, and through a merge', async () => {
    const store = await twoCases();
    await store.ask('create_case', { caseId: 'c3', title: 'Three', alertIds: [], actor });
    const linksOf = async (caseId: string) =>
      (await store.ask('get_case', { caseId, now })).links.map(({ number }) => number);
    for (const [caseId, otherId] of [
      ['c3', 'c2'],
      ['c2', 'c3'],
    ] as const)
      await store.ask('link_cases', { caseId, otherId, isLinked: true, actor });
    expect([await linksOf('c2'), await linksOf('c3')]).toEqual([[3], [2]]);
    await store.ask('merge_cases', { caseId: 'c2', intoId: 'c1', actor });
    expect([await linksOf('c1'), await linksOf('c3')]).toEqual([[3], [1]]);
    await store.ask('link_cases', { caseId: 'c1', otherId: 'c3', isLinked: false, actor });
    expect([await linksOf('c1'), await linksOf('c3')]).toEqual([[], []]);
  });
});

describe('suggested for a case', () => {
  test('are alerts with something in common, those with most first; what was refused or is in it is not', async () => {
    const store = await seededStore([
      alertOf(1),
      alertOf(2, { signature: 'bb', at: now }), // the entity
      alertOf(3, { entityHash: 7, at: now }), // the signature
      alertOf(4, { entityHash: 7, signature: 'cc' }), // close in time, on the host
      alertOf(5, { entityHash: 7, signature: 'cc', at: now }), // nothing
      alertOf(6), // all
    ]);
    await store.ask('create_case', { caseId: 'c', title: 'T', alertIds: ['alert-1'], actor });
    const suggested = async () => {
      const { suggestions } = await store.ask('suggest_alerts', { caseId: 'c', minScore: 0, limit: 50 });
      return Object.fromEntries(suggestions.map(({ alert, relations }) => [alert.id, relations]));
    };
    expect(await suggested()).toEqual({
      'alert-6': ['entity', 'signature', 'time'],
      'alert-2': ['entity'],
      'alert-3': ['signature'],
      'alert-4': ['time'],
    });
    await store.ask('refuse_alerts', { caseId: 'c', alertIds: ['alert-6'], isRefused: true, actor });
    await store.ask('add_case_alerts', { caseId: 'c', alertIds: ['alert-2'], actor });
    expect(Object.keys(await suggested()).sort()).toEqual(['alert-3', 'alert-4', 'alert-5']); // alert-2 stands at that time
    await store.ask('refuse_alerts', { caseId: 'c', alertIds: ['alert-6'], isRefused: false, actor });
    expect(Object.keys(await suggested())).toContain('alert-6');
  });

  test('are not what was called no threat, and begin with what was confirmed of the same entity', async () => {
    const store = await seededStore([
      alertOf(1),
      alertOf(2), // all in common
      alertOf(3, { signature: 'bb', at: now }), // the entity, and confirmed
      alertOf(4), // all in common, and a false alarm
    ]);
    await store.ask('create_case', { caseId: 'c', title: 'T', alertIds: ['alert-1'], actor });
    for (const [alertId, value] of [
      ['alert-3', 'true_positive'],
      ['alert-4', 'false_positive_logic'],
    ] as const) {
      const rest = { note: '', analyst: 'a', givenAt: now, foldExpiresAt: null, folds: false, minScore: 0 };
      await store.ask('give_verdict', { verdictId: alertId, alertId, value, ...rest });
    }
    const { suggestions } = await store.ask('suggest_alerts', { caseId: 'c', minScore: 0, limit: 50 });
    expect(suggestions.map(({ alert }) => alert.id)).toEqual(['alert-3', 'alert-2']);
  });
});

describe('where a text stands', () => {
  test('counts its alerts though a thousand older lines have it, too', async () => {
    const store = await seededStore([alertOf(1)], 5);
    const lines = Array.from({ length: 1200 }, () => ({ raw: 'anna was here' }));
    const { sourceId, firstEventId } = await importLines(store, lines);
    const last = alertOf(firstEventId + 1199);
    await store.ask('replace_run', runOf(sourceId, 'run-9', [last]));
    await store.ask('index_text', undefined);
    expect(await store.ask('find_sightings', { text: 'anna', caseNumber: 1 })).toMatchObject({
      ...{ lineCount: 1000, isMore: true, alertCount: 1 },
    });
  });

  test('and the lines of an alert are all that surprised in it', async () => {
    const store = await seededStore([
      alertOf(1, {
        evidence: {
          votes: [],
          culprits: [3, 1, 2].map((eventId) => ({ eventId, isEnd: false, bits: 9, modelBits: 9, expected: [] })),
        },
      }),
    ]);
    const found = await store.ask('list_culprits', { alertIds: ['alert-1', 'gone'] });
    expect(found).toEqual([{ alertId: 'alert-1', eventIds: [1, 3, 2] }]);
  });
});
