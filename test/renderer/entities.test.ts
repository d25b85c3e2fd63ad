/** @file The way to the page of who an alert is about, and back. Catches an Escape that ends somewhere else, and a log that opens at its first line. */
import { expect, it } from 'vitest';
import { caseTitle, valuesOf } from '../../src/renderer/lib/alertValues.ts';
import { AppState } from '../../src/renderer/state/app.svelte.ts';
import { alertRow, FakeTransport } from './helpers/fakeTransport.ts';

const anna = { kind: 'user', text: 'anna' } as const;

it('leads back to the view that it was asked for in', () => {
  const app = new AppState(new FakeTransport({}));
  app.go('queue');
  app.openEntity(anna);
  app.openEntity({ kind: 'host', text: 'gw1' });
  expect(app.view).toBe('entities');
  app.leaveEntity();
  expect([app.view, app.entities.wanted]).toEqual(['queue', null]);
  app.go('entities');
  app.openEntity(anna);
  app.leaveEntity();
  expect([app.view, app.entities.wanted]).toEqual(['entities', null]);
});

it('of an alert that is about its log, opens the log at the alert', () => {
  const app = new AppState(new FakeTransport({}));
  const opened: [string, number][] = [];
  app.openLine = (name, line) => void opened.push([name, line]);
  app.openEntity({ kind: 'source', text: 'auth.log' }, 12_155);
  expect(opened).toEqual([['auth.log', 12_155]]);
});

it('a case is called after who and what, and what is alike names its line', () => {
  const row = {
    ...alertRow(1),
    entity: anna,
    title: 'Line of a kind never seen in training, and 2 more that surprised',
  };
  expect(caseTitle(row)).toBe('anna: Line of a kind never seen in training');
  expect(valuesOf(row).find(({ label }) => label === 'Alike')?.text).toContain(row.excerpt);
});
