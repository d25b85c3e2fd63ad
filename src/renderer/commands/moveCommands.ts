/** @file Moving through the list of alerts, its groups and arrivals, and choosing many. */
import type { AppState } from '../state/app.svelte.ts';
import type { Command } from './command.ts';
import { inQueue } from './targets.ts';

export function moveCommands(app: AppState): Command[] {
  const { queue, detail, verdicts } = app;
  const move = (id: string, title: string, keys: string[], run: () => unknown): Command => ({
    id,
    title,
    keys,
    run,
    group: 'Move',
    views: inQueue,
    repeats: true,
    isKeyOnly: true,
  });
  const choose = (id: string, title: string, keys: string[], run: () => unknown): Command => ({
    ...move(id, title, keys, run),
    group: 'Choose many',
  });
  return [
    move('move.next', 'Next alert', ['J', 'ArrowDown'], () => queue.move(1)),
    move('move.previous', 'Previous alert', ['K', 'ArrowUp'], () => queue.move(-1)),
    move('move.first', 'First alert', ['Home'], () => queue.moveTo(0)),
    move('move.last', 'Last alert', ['End'], () => queue.moveToEnd()),
    move('move.page_down', 'One screen down', ['PageDown'], () => queue.move(queue.pageRows)),
    move('move.page_up', 'One screen up', ['PageUp'], () => queue.move(-queue.pageRows)),
    {
      ...move('move.wide', 'Open full width', ['Enter'], () => (detail.isWide = true)),
      repeats: false,
      isAvailable: () => queue.selected !== null,
    },
    {
      ...move('move.back', 'Back, or clear ticks', ['Escape'], () => {
        if (verdicts.isNoteOpen) verdicts.closeNote();
        else if (detail.isWide) detail.isWide = false;
        else if (queue.targets.ticks.isMany) queue.targets.ticks.clear();
        else app.notices.dismiss();
      }),
      repeats: false,
    },
    {
      ...move('move.risen', 'To what rose above your place', [','], () => queue.moveToRisen()),
      repeats: false,
      isKeyOnly: false,
      isAvailable: () => queue.risenIds.length > 0,
    },
    {
      ...move('move.arrivals', 'Show new arrivals', ['.'], () => queue.showArrivals()),
      repeats: false,
      isKeyOnly: false,
      isAvailable: () => queue.arrivals.waiting > 0,
    },
    {
      ...move(
        'group.open',
        'Open the group',
        ['L'],
        () => queue.selectedGroup && queue.groups.open(queue.selectedGroup),
      ),
      isAvailable: () => queue.selectedGroup !== null,
    },
    {
      ...move('group.close', 'Close the group', ['H'], () => {
        const group = queue.groups.above(queue.selectedIndex);
        if (!group) return;
        queue.groups.close(group);
        const at = queue.groups.items.findIndex((item) => item.group === group);
        void queue.moveTo(at);
      }),
      isAvailable: () => queue.view.group !== null,
    },
    choose(
      'choose.tick',
      'Tick, untick',
      ['X'],
      () => queue.selectedId !== null && queue.targets.ticks.flip(queue.selectedId),
    ),
    choose('choose.extend_down', 'Extend down', ['Shift+J', 'Shift+ArrowDown'], () => queue.targets.extend(1)),
    choose('choose.extend_up', 'Extend up', ['Shift+K', 'Shift+ArrowUp'], () => queue.targets.extend(-1)),
    choose('choose.all', 'All that match', ['Mod+A'], () => queue.targets.tickAll()),
  ];
}
