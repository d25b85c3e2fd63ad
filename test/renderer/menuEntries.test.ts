/** @file Commands as the window's menu shows them. Catches one that stands nowhere, a chord as an accelerator, and a route that would refuse them. */
import { expect, it } from 'vitest';
import { createCommands } from '../../src/renderer/commands/commands.ts';
import { menuEntries } from '../../src/renderer/commands/menuEntries.ts';
import { AppState } from '../../src/renderer/state/app.svelte.ts';
import { routes } from '../../src/shared/routes.ts';
import { severeText } from '../../src/shared/window.ts';
import { FakeTransport } from './helpers/fakeTransport.ts';

const commands = createCommands(new AppState(new FakeTransport({})), [{ name: 'logs', title: 'Logs', keys: ['G L'] }]);

it('shows keys of one stroke only, and whether the command can be run', () => {
  const entries = menuEntries(commands, ({ id }) => id === 'app.open');
  const of = (id: string) => entries.find((entry) => entry.id === id);
  expect(of('app.open')).toEqual({ id: 'app.open', title: 'Open a log', menu: 'file', key: 'Mod+O', isEnabled: true });
  expect([of('go.logs')?.key, of('go.logs')?.menu, of('app.keys')?.menu]).toEqual([null, 'go', 'help']);
  expect([of('app.zone')?.menu, of('verdict.true_positive')?.menu, of('move.next')]).toEqual([
    ...['view', 'alert', undefined],
  ]);
});

it('is what the host takes', () => {
  const asked = { commands: menuEntries(commands, () => true) };
  expect(routes['window.set_menu'].input.parse(asked)).toEqual(asked);
});

it('tells of severe alerts in words of our own', () => {
  expect(severeText({ critical: 1, high: 2, reason: null })).toEqual({
    title: 'Surprisal: 3 new severe alerts',
    body: '1 critical and 2 high. They wait in the queue.',
  });
  expect(severeText({ critical: 1, high: 0, reason: 'unseen' })).toEqual({
    title: 'Surprisal: a new critical alert',
    body: 'Kind of line never seen. It waits in the queue.',
  });
  // No word of a log can get into one: what it is about is not among what the page may say.
  expect(routes['window.notify'].input.safeParse({ critical: 1, high: 0, reason: 'Click here' }).success).toBe(false);
});
