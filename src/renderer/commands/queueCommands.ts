/** @file The commands of the queue: verdicts, acts on alerts, moving, choosing, looking. */
import { copyText } from '../lib/clipboard.ts';
import { zonedTime } from '../lib/time.ts';
import { verdictWords } from '../lib/verdicts.ts';
import { groupFields } from '../../shared/domain.ts';
import { capitalise, plural } from '../lib/words.ts';
import type { AppState } from '../state/app.svelte.ts';
import type { Command } from './command.ts';

const inQueue = ['queue'] as const;

export function queueCommands(app: AppState): Command[] {
  const { queue, detail, verdicts } = app;
  const hasTargets = (): boolean => queue.targetCount > 0;
  const targetHint = (): string => {
    const only = queue.targetCount === 1 ? queue.selected : null;
    return only ? `A-${only.number}` : plural(queue.targetCount, 'alert');
  };
  const verdictCommands = verdictWords.map((words): Command => ({
    id: `verdict.${words.value}`,
    title: words.name,
    group: 'Verdict, then the next alert',
    keys: [words.key, `Alt+${words.key}`],
    views: inQueue,
    // While the list is asked for again there may be no target: such a key is answered, never dropped.
    isAvailable: () => queue.rowCount > 0,
    hint: targetHint,
    run: () => verdicts.give(words.value),
  }));
  const queueOnly = (command: Omit<Command, 'views'>): Command => ({ ...command, views: inQueue });
  return [
    ...verdictCommands,
    queueOnly({
      id: 'verdict.note',
      title: 'Note with the verdict',
      group: 'Verdict, then the next alert',
      keys: ['N'],
      isAvailable: hasTargets,
      hint: targetHint,
      run: () => verdicts.openNote(),
    }),
    queueOnly({
      id: 'verdict.wide',
      title: 'False positive for the whole kind of line',
      group: 'Verdict, then the next alert',
      keys: ['Shift+W'],
      isAvailable: hasTargets,
      hint: targetHint,
      run: () => (app.dialog = 'wideFold'),
    }),
    queueOnly({
      id: 'case.add',
      title: 'Add to a case',
      group: 'Act',
      keys: ['E'],
      isAvailable: hasTargets,
      hint: targetHint,
      run: () => (app.dialog = 'case'),
    }),
    queueOnly({
      id: 'case.new',
      title: 'New case',
      group: 'Act',
      keys: ['Shift+E'],
      isAvailable: hasTargets,
      hint: targetHint,
      run: () => (app.dialog = 'newCase'),
    }),
    queueOnly({
      id: 'alert.take',
      title: 'Take: it is yours',
      group: 'Act',
      keys: ['A'],
      isAvailable: hasTargets,
      hint: targetHint,
      run: () => app.triage.assign(app.workspace?.analyst ?? null),
    }),
    queueOnly({
      id: 'alert.assign',
      title: 'Assign to somebody, or to nobody',
      group: 'Act',
      keys: ['Shift+A'],
      isAvailable: hasTargets,
      hint: targetHint,
      run: () => (app.dialog = 'assign'),
    }),
    queueOnly({
      id: 'alert.mute',
      title: 'Mute: hide for a while',
      group: 'Act',
      keys: ['M'],
      isAvailable: () => queue.selected !== null || queue.filter !== '',
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
    ...moving(app),
    ...looking(app),
  ];
}

function moving(app: AppState): Command[] {
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
        else if (queue.isMany) queue.clearTicks();
        else app.notices.dismiss();
      }),
      repeats: false,
    },
    {
      ...move('move.arrivals', 'Show new arrivals', ['.'], () => queue.showArrivals()),
      repeats: false,
      isKeyOnly: false,
      isAvailable: () => queue.waiting > 0,
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
      isAvailable: () => queue.group !== null,
    },
    choose('choose.tick', 'Tick, untick', ['X'], () => queue.selectedId !== null && queue.tick(queue.selectedId)),
    choose('choose.extend_down', 'Extend down', ['Shift+J', 'Shift+ArrowDown'], () => queue.extend(1)),
    choose('choose.extend_up', 'Extend up', ['Shift+K', 'Shift+ArrowUp'], () => queue.extend(-1)),
    choose('choose.all', 'All that match', ['Mod+A'], () => queue.tickAll()),
  ];
}

function looking(app: AppState): Command[] {
  const { queue, detail } = app;
  const look = (id: string, title: string, keys: string[], run: () => unknown): Command => ({
    id,
    title,
    keys,
    run,
    group: 'Look',
    views: inQueue,
    isAvailable: () => detail.alert !== null,
    isKeyOnly: true,
    repeats: true,
  });
  return [
    look('look.context', 'More around the line', ['C', '+'], () => detail.changeContext(1)),
    look('look.less', 'Less around the line', ['-'], () => detail.changeContext(-1)),
    {
      ...look('look.context_by', 'Around the line: this log, or all logs by time', ['Shift+C'], () =>
        detail.setContextBy(detail.contextBy === 'lines' ? 'time' : 'lines'),
      ),
      repeats: false,
      isKeyOnly: false,
    },
    {
      ...look('look.evidence', 'Where the model looked', ['W'], () => {
        detail.evidence.isOpen = !detail.evidence.isOpen;
      }),
      repeats: false,
      isKeyOnly: false,
    },
    {
      ...look('look.explanation', 'Explain in words, by a language model on this machine', ['I'], () =>
        detail.explanation.toggle(),
      ),
      repeats: false,
      isKeyOnly: false,
    },
    {
      ...look('look.explain_again', 'Ask the language model again', [], () => detail.explanation.ask(true)),
      isAvailable: () => detail.explanation.settings.value?.isOn === true && detail.alert !== null,
      repeats: false,
      isKeyOnly: false,
    },
    {
      ...look('look.explain_stop', 'Stop the language model', [], () => detail.explanation.cancel()),
      isAvailable: () => detail.explanation.shown?.state === 'running',
      repeats: false,
      isKeyOnly: false,
    },
    {
      ...look('look.pane', 'Hide the alert beside the list, or show it', ['P'], () => {
        detail.isHidden = !detail.isHidden;
      }),
      repeats: false,
      isKeyOnly: false,
    },
    look('look.next_part', 'Next surprising part', ['ArrowRight'], () => detail.walk(1)),
    look('look.previous_part', 'Previous surprising part', ['ArrowLeft'], () => detail.walk(-1)),
    {
      id: 'filter.order',
      title: 'Severity or time order',
      group: 'Filter and order',
      keys: ['T'],
      views: inQueue,
      run: () => queue.setView({ order: queue.order === 'severity' ? 'time' : 'severity' }),
    },
    {
      id: 'filter.group',
      title: 'Put together by the next value: alike, actor, entity, kind of line, host, log',
      group: 'Filter and order',
      keys: ['Shift+G'],
      views: inQueue,
      run: () => {
        const next = groupFields.indexOf(queue.group ?? ('' as never)) + 1;
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
        queue.density = queue.density === 'dense' ? 'normal' : 'dense';
        queue.remember();
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
