/** @file What is done to alerts besides deciding them: cases, owners, mutes, copies, and where one can go from the alert in view. */
import { copyText } from '../lib/clipboard.ts';
import { zonedTime } from '../lib/time.ts';
import type { AppState } from '../state/app.svelte.ts';
import type { Command } from './command.ts';
import { inQueue, onTargets } from './targets.ts';

export function alertCommands(app: AppState): Command[] {
  const { queue, detail } = app;
  const targets = onTargets(queue);
  const queueOnly = (command: Omit<Command, 'views'>): Command => ({ ...command, views: inQueue });
  return [
    queueOnly({
      id: 'case.add',
      title: 'Add to a case',
      group: 'Act',
      keys: ['E'],
      ...targets,
      run: () => (app.dialog = 'case'),
    }),
    queueOnly({
      id: 'case.new',
      title: 'New case',
      group: 'Act',
      keys: ['Shift+E'],
      ...targets,
      run: () => (app.dialog = 'newCase'),
    }),
    queueOnly({
      id: 'alert.take',
      title: 'Take: it is yours',
      group: 'Act',
      keys: ['A'],
      ...targets,
      run: () => app.triage.assign(app.workspace?.analyst ?? null),
    }),
    queueOnly({
      id: 'alert.assign',
      title: 'Assign to somebody, or to nobody',
      group: 'Act',
      keys: ['Shift+A'],
      ...targets,
      run: () => (app.dialog = 'assign'),
    }),
    queueOnly({
      id: 'alert.mute',
      title: 'Mute: hide for a while',
      group: 'Act',
      keys: ['M'],
      isAvailable: () => queue.selected !== null || queue.view.filter !== '',
      run: () => (app.dialog = 'mute'),
    }),
    queueOnly({
      id: 'alert.similar',
      title: 'Find alerts alike',
      group: 'Act',
      keys: ['S'],
      isAvailable: () => queue.selected !== null,
      run: () => {
        if (!queue.selected) return undefined;
        app.picking.begin(queue.selected, null, null);
        return app.picking.similar();
      },
    }),
    queueOnly({
      id: 'alert.pick',
      title: 'Pick a value of alert, line or session: include, exclude, only, group, copy',
      group: 'Look',
      keys: ['F'],
      isAvailable: () => queue.selected !== null,
      run: () => queue.selected && app.pick(queue.selected, null, null),
    }),
    queueOnly({
      id: 'alert.copy',
      title: 'Copy the line',
      group: 'Act',
      keys: ['Y'],
      isAvailable: () => detail.alert !== null,
      run: () => copyLine(app, false),
    }),
    queueOnly({
      id: 'alert.copy_with_reason',
      title: 'Copy line and reason',
      group: 'Act',
      keys: ['Shift+Y'],
      isAvailable: () => detail.alert !== null,
      run: () => copyLine(app, true),
    }),
    queueOnly({
      id: 'alert.open_log',
      title: 'Open the log at this line',
      group: 'Look',
      keys: ['O'],
      isAvailable: () => queue.selected !== null,
      run: () => queue.selected && app.openLine(queue.selected.sourceName, queue.selected.lineNumber),
    }),
    queueOnly({
      id: 'alert.entity',
      title: 'The page of its entity',
      group: 'Look',
      keys: ['Shift+O'],
      isAvailable: () => queue.selected !== null,
      hint: () => queue.selected?.entity.text ?? '',
      run: () => queue.selected && app.openEntity(queue.selected.entity, queue.selected.lineNumber),
    }),
    queueOnly({
      id: 'alert.host',
      title: 'The page of its host',
      group: 'Look',
      keys: [],
      isAvailable: () => queue.selected !== null && queue.selected.host !== null,
      hint: () => queue.selected?.host ?? '',
      run: () => queue.selected?.host && app.openEntity({ kind: 'host', text: queue.selected.host }),
    }),
  ];
}

/** With the reason: what one would write to a colleague. */
async function copyLine(app: AppState, hasReason: boolean): Promise<void> {
  const { alert } = app.detail;
  if (!alert) return;
  const { row, raw, reasonText } = alert;
  const at = row.at === null ? '' : `, ${zonedTime(row.at, app.settings.zone)}`;
  const reason = [`A-${row.number}: ${row.title}`, reasonText, `${row.sourceName}, line ${row.lineNumber}${at}:`];
  await app.attempt('Copying', async () => {
    await copyText([...(hasReason ? reason : []), raw.text].join('\n'));
    const cut = raw.isCut ? 'It is cut, as the view is; the log has all of it.' : '';
    app.notices.tell(hasReason ? 'Line and reason copied.' : 'Line copied.', cut);
  });
}
