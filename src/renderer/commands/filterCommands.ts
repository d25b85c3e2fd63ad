/** @file Which alerts the list has, in which order and how it looks. */
import { groupFields } from '../../shared/alertLists.ts';
import { capitalise, plural } from '../lib/words.ts';
import type { AppState } from '../state/app.svelte.ts';
import type { Command } from './command.ts';
import { inQueue } from './targets.ts';

export function filterCommands(app: AppState): Command[] {
  const { queue } = app;
  return [
    {
      id: 'filter.focus',
      title: 'Filter or search',
      group: 'Filter and order',
      keys: ['/'],
      views: ['queue', 'logs', 'entities'],
      run: () => app.focusFilter(),
    },
    {
      id: 'filter.order',
      title: 'Severity or time order',
      group: 'Filter and order',
      keys: ['T'],
      views: inQueue,
      run: () => queue.setView({ order: queue.view.order === 'severity' ? 'time' : 'severity' }),
    },
    {
      id: 'filter.group',
      title: 'Group by the next value: alike, actor, entity, kind of line, host, log',
      group: 'Filter and order',
      keys: ['Shift+G'],
      views: inQueue,
      run: () => {
        const next = groupFields.indexOf(queue.view.group ?? ('' as never)) + 1;
        return queue.setView({ group: groupFields[next] ?? null });
      },
    },
    {
      id: 'filter.views',
      title: 'Saved views',
      group: 'Filter and order',
      keys: ['V'],
      views: inQueue,
      run: () => (app.dialog = 'views'),
    },
    {
      id: 'filter.density',
      title: 'One line or two for an alert',
      group: 'Filter and order',
      keys: ['D'],
      views: inQueue,
      run: () => {
        queue.view.density = queue.view.density === 'dense' ? 'normal' : 'dense';
        queue.view.remember();
      },
    },
    {
      id: 'filter.columns',
      title: 'Columns of the queue',
      group: 'Filter and order',
      keys: [],
      views: inQueue,
      run: () => (app.dialog = 'look'),
    },
    ...(['open', 'mine', 'decided', 'folded', 'muted'] as const).map((tab): Command => ({
      id: `filter.${tab}`,
      title: tab === 'mine' ? 'My open alerts' : `${capitalise(tab)} alerts`,
      group: 'Filter and order',
      keys: [],
      hint: () => plural(queue.counts[tab], 'alert'),
      run: () => {
        app.go('queue');
        return queue.setView({ tab });
      },
    })),
    {
      id: 'filter.below',
      title: 'Alerts below the threshold',
      group: 'Filter and order',
      keys: [],
      run: () => {
        app.go('queue');
        return queue.setView({ tab: 'below', filter: '' });
      },
    },
  ];
}
