/** @file Answers that come out of turn. Catches the older of two that takes the place of the newer, and an error of what nobody looks at any more. */
import { expect, it } from 'vitest';
import { ClassifiersState } from '../../src/renderer/state/classifiers.svelte.ts';
import { Remote } from '../../src/renderer/state/remote.svelte.ts';
import { CasesState } from '../../src/renderer/state/cases.svelte.ts';
import { DetailState } from '../../src/renderer/state/detail.svelte.ts';
import { GroupsState } from '../../src/renderer/state/groups.svelte.ts';
import { LogsState } from '../../src/renderer/state/logs.svelte.ts';
import type { AlertDetail } from '../../src/shared/alerts.ts';
import type { AlertGroup, AlertQuery } from '../../src/shared/alertLists.ts';
import { alertRow, FakeTransport } from './helpers/fakeTransport.ts';

/** Requests that wait until the test answers them, in any order. */
function answers<T>() {
  const waiting: { answer: (value: T) => void; fail: (error: Error) => void }[] = [];
  return { waiting, ask: () => new Promise<T>((answer, fail) => waiting.push({ answer, fail })) };
}
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

it('of two lines of a log that are asked for the later is jumped to', async () => {
  const { waiting, ask } = answers<{ row: number }>();
  const logs = new LogsState(new FakeTransport({ 'logs.row_of': ask }));
  void logs.open(1, 10);
  void logs.open(1, 20);
  waiting[1]?.answer({ row: 19 });
  waiting[0]?.answer({ row: 9 });
  await settled();
  expect([logs.jump, logs.view?.selectedRow]).toEqual([{ row: 19 }, 19]);
});

it('groups of the list before, and the alerts under them, do not come into the one that took its place', async () => {
  const query: AlertQuery = { tab: 'open', filter: '', zone: 'UTC', asOf: 1 };
  const group = { filter: 'host:a', count: 2, top: alertRow(1) } as unknown as AlertGroup;
  const members = answers<{ rows: ReturnType<typeof alertRow>[] }>();
  const transport = new FakeTransport({
    'alerts.groups': ({ filter }) => ({
      groups: [{ ...group, count: filter === '' ? 2 : 1 }],
      groupCount: 1,
      until: 0,
    }),
    'alerts.list': () => members.ask() as never,
  });
  const groups = new GroupsState(() => transport);
  groups.opened.add('host:a');
  const before = groups.load(query, 'severity', 'host');
  await settled();
  const now = groups.load({ ...query, filter: 'severity:high' }, 'severity', 'host');
  await settled();
  members.waiting[1]?.answer({ rows: [alertRow(7)] });
  await now;
  members.waiting[0]?.answer({ rows: [alertRow(1), alertRow(2)] });
  await before;
  expect([groups.list.map(({ count }) => count), groups.items.map(({ row }) => row?.id)]).toEqual([
    [1],
    [undefined, 'a7'],
  ]);
});

it('that lines around one alert could not be had is not said of the next', async () => {
  const around = answers<never>();
  const raw = { text: 'x', isCut: false, lengthChars: 1, heat: [], parts: [] };
  const transport = new FakeTransport({
    'alerts.get': ({ alertId }) =>
      ({ row: alertRow(Number(alertId.slice(1))), raw, before: [], after: [] }) as unknown as AlertDetail,
    'alerts.context': () => around.ask(),
  });
  const detail = new DetailState(transport);
  await detail.show('a1');
  const more = detail.changeContext(1);
  await detail.show('a2');
  around.waiting[0]?.fail(new Error('gone'));
  await more;
  expect(detail.error).toBeNull();
});

it('what a change answered stands before a list that was asked for earlier', async () => {
  const { waiting, ask } = answers<number>();
  const remote = new Remote(ask);
  const loaded = remote.load();
  remote.put(2);
  waiting[0]?.answer(1);
  await loaded;
  expect([remote.value, remote.isLoading]).toEqual([2, false]);
});

it('of one thing that is looked at after another, what is known of the first is not shown of the second', async () => {
  const { waiting, ask } = answers<string>();
  const remote = new Remote(ask);
  const loaded = remote.load();
  remote.put(null);
  void remote.load();
  waiting[0]?.answer('first');
  await settled();
  expect(remote.value).toBeNull();
  waiting[1]?.answer('second');
  await loaded;
  expect(remote.value).toBe('second');
});

it('windows of one classifier are not shown as those of another', async () => {
  const windows = answers<never>();
  const transport = new FakeTransport({
    'classifiers.list': () => [{ id: 'c1' }, { id: 'c2' }] as never,
    'classifiers.evaluate': () => windows.ask(),
    'classifiers.explain': () => windows.ask(),
  });
  const classifiers = new ClassifiersState(transport);
  await classifiers.all.load();
  const evaluated = classifiers.evaluate();
  const explained = classifiers.explain(3);
  classifiers.select('c1');
  windows.waiting[0]?.answer([] as never);
  windows.waiting[1]?.answer({} as never);
  await Promise.all([evaluated, explained]);
  expect([classifiers.windows, classifiers.explained, classifiers.index]).toEqual([null, null, 0]);
});

it('of two looks at a case the later is shown', async () => {
  const { waiting, ask } = answers<{ row: { id: string; title: string }; alerts: [] }>();
  const transport = new FakeTransport({
    'cases.list': () => [],
    'cases.get': () => ask() as never,
  });
  const cases = new CasesState(
    transport,
    () => 'UTC',
    () => 0,
  );
  const first = cases.select('c1');
  const second = cases.load();
  await settled();
  waiting[1]?.answer({ row: { id: 'c1', title: 'new' }, alerts: [] });
  waiting[0]?.answer({ row: { id: 'c1', title: 'old' }, alerts: [] });
  await Promise.all([first, second]);
  expect(cases.detail?.row.title).toBe('new');
});
