/** @file The commands of the hand-over: the note, the span, the export. */
import { tick } from 'svelte';
import { periodFacts, periodKinds } from '../../shared/period.ts';
import type { AppState } from '../state/app.svelte.ts';
import type { Command } from './command.ts';

export function handoverCommands(app: AppState): Command[] {
  const { handover } = app;
  const here = (command: Omit<Command, 'group' | 'views'>): Command => ({
    ...command,
    group: 'Hand-over',
    views: ['handover'],
  });
  const step = (id: string, title: string, keys: string[], by: -1 | 1): Command =>
    here({ id, title, keys, isAvailable: () => handover.span !== null, run: () => handover.move(by) });
  return [
    {
      id: 'handover.leave',
      title: 'Leave a note to the next shift',
      keys: [],
      group: 'Hand-over',
      run: async () => {
        app.go('handover');
        await tick();
        document.getElementById('handover-note')?.focus();
      },
    },
    ...periodKinds.map((kind): Command => ({
      id: `handover.${kind}`,
      title: `Report of a span: ${periodFacts[kind].name.toLowerCase()}`,
      keys: [],
      group: 'Hand-over',
      run: () => {
        app.go('handover');
        return handover.setKind(kind);
      },
    })),
    here({
      id: 'handover.note',
      title: 'Write the note to the next shift',
      keys: ['N'],
      run: () => document.getElementById('handover-note')?.focus(),
    }),
    step('handover.earlier', 'The span before', ['J'], -1),
    step('handover.later', 'The span after', ['K'], 1),
    here({
      id: 'handover.export_html',
      title: 'Export the report as HTML',
      keys: ['R'],
      run: () => app.exports.period('html'),
    }),
  ];
}
