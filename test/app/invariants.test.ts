/** @file Whatever an analyst does in whatever order: lists, counts, threshold, cases and audit agree with each other after every step. */
import fc from 'fast-check';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { verdictValues } from '../../src/shared/verdicts.ts';
import type { AlertRow, AlertState } from '../../src/shared/alerts.ts';
import { importLog, openApp, scoreSources, type TestApp } from '../helpers/app.ts';
import { fileFolder } from '../helpers/folders.ts';
import { learnOffice } from '../helpers/learned.ts';

let test: TestApp;
let sourceId: number;
let caseId: string;
/** Alerts put into the case and not taken out since. */
const inCase = new Set<string>();

beforeAll(async () => {
  const learned = await learnOffice();
  test = await openApp(await learned.copy(join(fileFolder(), 'workspace')));
  sourceId = await importLog(test, learned.watched.path);
  await scoreSources(test, [sourceId]);
  caseId = (await test.ask('cases.create', { title: 'Case', alertIds: [] })).id;
});
afterAll(async () => test.close());

async function listAll(state: AlertState): Promise<AlertRow[]> {
  const rows: AlertRow[] = [];
  for (let cursor: string | null = null; ;) {
    const page: { rows: AlertRow[]; nextCursor: string | null } = await test.ask('alerts.list', {
      ...{
        tab: 'all',
        filter: `state:${state}`,
        after: cursor,
        limit: 7,
        order: state === 'open' ? 'severity' : 'time',
      },
    });
    rows.push(...page.rows);
    cursor = page.nextCursor;
    if (cursor !== null) continue;
    expect(rows.length).toBe((await test.ask('alerts.summary', { tab: 'all', filter: `state:${state}` })).total);
    return rows;
  }
}

async function expectAgreement(): Promise<void> {
  await test.app.parts.thresholds.settled();
  const [open, decided, folded] = [await listAll('open'), await listAll('decided'), await listAll('folded')];
  const { counts } = await test.ask('alerts.list', { tab: 'open' });
  expect(counts).toMatchObject({ open: open.length, decided: decided.length, folded: folded.length });
  const status = await test.ask('status.get', {});
  expect(status.openAlerts).toBe(open.length);
  const all = [...open, ...decided, ...folded];
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  const current = (await test.ask('thresholds.list', {})).filter(({ isCurrent }) => isCurrent);
  expect(current.map(({ version }) => version)).toEqual([status.threshold?.version]);
  for (const { score, verdict } of [...open, ...folded]) {
    expect(score).toBeGreaterThanOrEqual(current[0]?.score ?? Infinity);
    expect(verdict).toBeNull();
  }
  for (const { verdict, id } of decided) expect(verdict?.alertId).toBe(id);
  // Those a raised threshold hides are folded still: a verdict counts them, the list does not.
  expect(decided.reduce((sum, { foldedCount }) => sum + foldedCount, 0)).toBeGreaterThanOrEqual(folded.length);
  const detail = await test.ask('cases.get', { caseId });
  expect(new Set(detail.alerts.map(({ id }) => id))).toEqual(inCase);
  expect(detail.row.alertCount).toBe(inCase.size);
  expect(detail.auditIsIntact).toBe(true);
}

/** Adding to a case and taking out of it can be undone. */
async function readCase(): Promise<void> {
  const { alerts } = await test.ask('cases.get', { caseId });
  inCase.clear();
  for (const { id } of alerts) inCase.add(id);
}

/** One step; `pick` chooses among the alerts of a state. */
type Step = { act: string; pick: number; value: number };

async function take({ act, pick, value }: Step): Promise<void> {
  const from = async (state: AlertState): Promise<string | undefined> => {
    const rows = await listAll(state);
    return rows[pick % Math.max(1, rows.length)]?.id;
  };
  const verdict = verdictValues[value % verdictValues.length] ?? 'undetermined';
  const give = async (alertId: string | undefined): Promise<void> => {
    if (alertId) await test.ask('verdicts.give', { alertId, value: verdict, note: 'n' });
  };
  switch (act) {
    case 'decide':
      return give(await from('open'));
    case 'decide again':
      return give(await from('decided'));
    case 'decide folded':
      return give(await from('folded'));
    case 'undo':
      await test.ask('actions.undo', {});
      return readCase();
    case 'redo':
      await test.ask('actions.redo', {});
      return readCase();
    case 'budget':
      return void (await test.ask('thresholds.set_budget', { budget: { alerts: 0.5 + (value % 60), per: 'day' } }));
    case 'revert': {
      const versions = await test.ask('thresholds.list', {});
      const { version } = versions[pick % versions.length] ?? { version: 1 };
      return void (await test.ask('thresholds.revert', { version }));
    }
    case 'score again':
      return void (await scoreSources(test, [sourceId]));
    case 'add to case': {
      const alertId = (await from('open')) ?? (await from('decided'));
      if (!alertId) return;
      await test.ask('cases.add_alerts', { caseId, alertIds: [alertId] });
      return void inCase.add(alertId);
    }
    case 'take out of case': {
      const [alertId] = inCase;
      if (alertId === undefined) return;
      await test.ask('cases.remove_alerts', { caseId, alertIds: [alertId] });
      inCase.delete(alertId);
    }
  }
}

const acts = fc.oneof(
  { weight: 6, arbitrary: fc.constant('decide') },
  { weight: 5, arbitrary: fc.constantFrom('undo', 'redo') },
  { weight: 5, arbitrary: fc.constantFrom('decide again', 'decide folded', 'add to case', 'take out of case') },
  { weight: 2, arbitrary: fc.constantFrom('budget', 'revert', 'score again') },
);
const steps = fc.array(fc.record({ act: acts, pick: fc.nat(100), value: fc.nat(100) }), {
  minLength: 5,
  maxLength: 15,
});

it('everything agrees after every step', async () => {
  await expectAgreement();
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      for (const step of taken) {
        await take(step);
        await expectAgreement();
      }
    }),
    // What one run did is there in the next: it cannot be made shorter, only told.
    { numRuns: 6, endOnFailure: true },
  );
});
