/** @file The commands of the cases: the list by keyboard, the case in view and its report. */
import type { AppState } from '../state/app.svelte.ts';
import type { Command } from './command.ts';

export function caseCommands(app: AppState): Command[] {
  const { cases } = app;
  const inList = (): boolean => cases.selectedId === null && cases.list.length > 0;
  const move = (id: string, title: string, keys: string[], rows: number): Command => ({
    id,
    title,
    keys,
    group: 'Case',
    views: ['cases'],
    isAvailable: inList,
    repeats: true,
    isKeyOnly: true,
    run: () => cases.moveCursor(rows),
  });
  return [
    move('case.next', 'Next case', ['J', 'ArrowDown'], 1),
    move('case.previous', 'Previous case', ['K', 'ArrowUp'], -1),
    {
      id: 'case.open',
      title: 'Open the case',
      group: 'Case',
      keys: ['Enter'],
      views: ['cases'],
      isKeyOnly: true,
      isAvailable: inList,
      run: () => cases.select(cases.atCursor?.id ?? null),
    },
    {
      id: 'case.export_html',
      title: 'Export the report as HTML',
      group: 'Case',
      keys: ['R'],
      views: ['cases'],
      isAvailable: () => app.cases.detail !== null,
      run: () => app.exportCase('html'),
    },
    {
      id: 'case.export_csv',
      title: 'Export the alerts as CSV',
      group: 'Case',
      keys: ['Shift+R'],
      views: ['cases'],
      isAvailable: () => app.cases.detail !== null,
      run: () => app.exportCase('csv'),
    },
    {
      id: 'case.leave',
      title: 'Back to the cases',
      group: 'Case',
      keys: ['Escape'],
      views: ['cases'],
      isKeyOnly: true,
      isAvailable: () => app.cases.selectedId !== null,
      run: () => app.cases.select(null),
    },
  ];
}
