/** @file The commands of the cases: the list, the parts of the case in view and what is done to it, all by keyboard. */
import { tick } from 'svelte';
import type { AppState } from '../state/app.svelte.ts';
import type { DialogName } from '../state/dialogs.ts';
import { caseTabs } from '../state/cases.svelte.ts';
import { capitalise } from '../lib/words.ts';
import type { Command } from './command.ts';

export function caseCommands(app: AppState): Command[] {
  const { cases } = app;
  const inList = (): boolean => cases.selectedId === null && cases.list.length > 0;
  const hasCase = (): boolean => cases.detail !== null;
  const canChange = (): boolean => cases.detail !== null && cases.detail.row.mergedInto === null;
  const hasAlerts = (): boolean => canChange() && cases.tab === 'alerts' && cases.chosenAlertIds.length > 0;
  const ofCase = (command: Omit<Command, 'group' | 'views'>): Command => ({
    ...command,
    group: 'Case',
    views: ['cases'],
  });
  const move = (id: string, title: string, keys: string[], rows: number): Command =>
    ofCase({
      id,
      title,
      keys,
      isAvailable: () => inList() || (hasCase() && cases.placeCount > 0),
      repeats: true,
      isKeyOnly: true,
      run: () => (inList() ? cases.moveCursor(rows) : cases.movePlace(rows)),
    });
  const dialog = (id: string, title: string, key: string, name: DialogName, isAvailable = canChange): Command =>
    ofCase({ id, title, keys: [key], isAvailable, run: () => (app.dialog = name) });
  /** Shows the tab and puts the caret into what is written there. */
  const writing = async (tab: (typeof caseTabs)[number], fieldId: string): Promise<void> => {
    await cases.show(tab);
    await tick();
    document.getElementById(fieldId)?.focus();
  };
  return [
    move('case.next', 'Next case, alert or task', ['J', 'ArrowDown'], 1),
    move('case.previous', 'Previous case, alert or task', ['K', 'ArrowUp'], -1),
    ofCase({
      id: 'case.open',
      title: 'Open the case',
      keys: ['Enter'],
      isKeyOnly: true,
      isAvailable: inList,
      run: () => cases.select(cases.atCursor?.id ?? null),
    }),
    ...caseTabs.map((tab, index) =>
      ofCase({
        id: `case.tab_${tab}`,
        title: `${capitalise(tab)} of the case`,
        keys: [String(index + 1)],
        isAvailable: hasCase,
        run: () => cases.show(tab),
      }),
    ),
    ofCase({
      id: 'case.tick',
      title: 'Tick the alert or the task',
      keys: ['X'],
      isAvailable: () => cases.alertAtPlace !== null || (canChange() && cases.taskAtPlace !== null),
      run: () => {
        const { alertAtPlace: alert, taskAtPlace: task, detail } = cases;
        if (alert) return cases.tick(alert.id);
        if (!task || !detail) return;
        const isDone = task.doneAt === null;
        return app.attempt('Changing the task', () => cases.updateTask(detail.row.id, task.id, { isDone }));
      },
    }),
    ofCase({
      id: 'case.detach',
      title: 'Take alerts out of the case',
      keys: ['D'],
      isAvailable: hasAlerts,
      run: () => {
        const caseId = cases.detail?.row.id ?? '';
        return app.attempt('Taking alerts out', () => cases.removeAlerts(caseId, cases.chosenAlertIds));
      },
    }),
    dialog('case.move', 'Move alerts to another case', 'M', 'caseMove', hasAlerts),
    dialog('case.split', 'Split alerts off as a new case', 'S', 'caseSplit', hasAlerts),
    ofCase({
      id: 'case.accept',
      title: 'Add the suggested alert',
      keys: ['A'],
      isAvailable: () => canChange() && cases.suggestionAtPlace !== null,
      run: () => {
        const [caseId, alertId] = [cases.detail?.row.id ?? '', cases.suggestionAtPlace?.alert.id ?? ''];
        return app.attempt('Adding', () => cases.accept(caseId, alertId));
      },
    }),
    ofCase({
      id: 'case.refuse',
      title: 'Refuse the suggested alert',
      keys: ['F'],
      isAvailable: () => canChange() && cases.suggestionAtPlace !== null,
      run: () => {
        const [caseId, alertId] = [cases.detail?.row.id ?? '', cases.suggestionAtPlace?.alert.id ?? ''];
        return app.attempt('Refusing', () => cases.refuse(caseId, alertId));
      },
    }),
    ofCase({
      id: 'case.note',
      title: 'Write a note',
      keys: ['N'],
      isAvailable: canChange,
      run: () => writing('notes', 'new-note'),
    }),
    ofCase({
      id: 'case.task',
      title: 'Add a task',
      keys: ['Shift+N'],
      isAvailable: canChange,
      run: () => writing('tasks', 'new-task'),
    }),
    ofCase({
      id: 'case.phase',
      title: 'Name a phase of the timeline',
      keys: ['P'],
      isAvailable: canChange,
      run: () => writing('timeline', 'new-phase'),
    }),
    ofCase({
      id: 'case.attach',
      title: 'Attach a file',
      keys: ['Shift+A'],
      isAvailable: canChange,
      run: async () => {
        await writing('attachments', 'attach');
        document.getElementById('attach')?.click();
      },
    }),
    ofCase({
      id: 'case.take',
      title: 'Take the case: it is yours',
      keys: ['T'],
      isAvailable: canChange,
      run: () => {
        const owner = app.workspace?.analyst ?? null;
        return app.attempt('Taking the case', () => cases.update(cases.detail?.row.id ?? '', { owner }));
      },
    }),
    ofCase({
      id: 'case.close',
      title: 'Close the case, or open it again',
      keys: ['C'],
      isAvailable: canChange,
      run: () => {
        if (cases.detail?.row.state !== 'closed') return void (app.dialog = 'caseClose');
        const { id } = cases.detail.row;
        return app.attempt('Reopening the case', () => cases.update(id, { state: 'open' }));
      },
    }),
    dialog('case.template', 'Use a template', 'Shift+T', 'caseTemplate'),
    dialog('case.merge', 'Merge into another case', 'Shift+M', 'caseMerge'),
    dialog('case.link', 'Link to another case', 'Shift+L', 'caseLink'),
    ofCase({
      id: 'case.export_html',
      title: 'Export the report as HTML',
      keys: ['R'],
      isAvailable: hasCase,
      run: () => app.exports.case('html'),
    }),
    ofCase({
      id: 'case.export_csv',
      title: 'Export the alerts as CSV',
      keys: ['Shift+R'],
      isAvailable: hasCase,
      run: () => app.exports.case('csv'),
    }),
    ofCase({
      id: 'case.export_bundle',
      title: 'Export the case as a bundle for another Surprisal',
      keys: ['B'],
      isAvailable: hasCase,
      run: () => app.exports.bundle(),
    }),
    ofCase({
      id: 'case.import_bundle',
      title: 'Import a case from a bundle',
      keys: ['I'],
      run: () => app.importBundle(null),
    }),
    ofCase({
      id: 'case.show_bundled',
      title: 'Show the alert that came with a bundle',
      keys: ['Enter'],
      isKeyOnly: true,
      isAvailable: () => cases.alertAtPlace?.isBundled === true,
      run: () => app.showBundled(cases.alertAtPlace?.id ?? ''),
    }),
    ofCase({
      id: 'case.leave',
      title: 'Back to the cases',
      keys: ['Escape'],
      isKeyOnly: true,
      isAvailable: () => cases.selectedId !== null,
      run: () => (cases.ticked.size > 0 ? cases.ticked.clear() : cases.select(null)),
    }),
  ];
}
