/** @file The commands of the logs: their lines, learning from them, scoring and following them. */
import { plural } from '../lib/words.ts';
import type { AppState } from '../state/app.svelte.ts';
import type { Command } from './command.ts';

export function logCommands(app: AppState): Command[] {
  return [...lines(app), ...learning(app)];
}

function lines(app: AppState): Command[] {
  const { logs } = app;
  const move = (id: string, title: string, keys: string[], rows: () => number): Command => ({
    id,
    title,
    keys,
    group: 'Lines of a log',
    views: ['logs'],
    isAvailable: () => logs.view !== null && logs.matches === null,
    repeats: true,
    isKeyOnly: true,
    run: () => logs.moveLine(rows()),
  });
  return [
    move('line.next', 'Next line', ['J', 'ArrowDown'], () => 1),
    move('line.previous', 'Previous line', ['K', 'ArrowUp'], () => -1),
    move('line.page_down', 'One screen down', ['PageDown'], () => logs.pageRows),
    move('line.page_up', 'One screen up', ['PageUp'], () => -logs.pageRows),
    move('line.first', 'First line', ['Home'], () => -Infinity),
    move('line.last', 'Last line', ['End'], () => Infinity),
    {
      id: 'line.missed',
      title: 'I missed this: the line is a threat that was not flagged',
      group: 'Lines of a log',
      keys: ['Shift+M'],
      views: ['logs'],
      isAvailable: () => logs.chosenLine !== null && logs.matches === null && logs.selected?.scoredAt !== null,
      run: () => logs.chosenLine && app.verdicts.missed(logs.chosenLine.eventId),
    },
  ];
}

function learning(app: AppState): Command[] {
  const { logs, models } = app;
  const inLogs = ['logs', 'open'] as const;
  const hasSource = (): boolean => app.work.sourcesInView().length > 0 && !app.jobs.isBusy;
  const name = (): string => logs.list.find((source) => source.id === app.work.sourcesInView()[0])?.name ?? '';
  return [
    {
      id: 'log.learn',
      title: 'Learn what is normal from this log',
      group: 'Lines of a log',
      keys: ['L'],
      views: inLogs,
      isAvailable: hasSource,
      hint: name,
      run: () => app.work.learn(app.work.sourcesInView()),
    },
    {
      id: 'log.count',
      title: 'Only count what is normal in this log',
      group: 'Lines of a log',
      keys: ['Shift+L'],
      views: inLogs,
      isAvailable: hasSource,
      hint: name,
      run: () => app.work.learn(app.work.sourcesInView(), { countsOnly: true }),
    },
    {
      id: 'log.score',
      title: 'Score this log',
      group: 'Lines of a log',
      keys: ['S'],
      views: inLogs,
      isAvailable: () => hasSource() && models.inUse !== null,
      hint: name,
      run: () => app.work.score(app.work.sourcesInView()),
    },
    {
      id: 'watch.pause',
      title: 'Pause following this log, or go on',
      group: 'Lines of a log',
      keys: ['P'],
      views: ['logs'],
      isAvailable: () => app.following.inView() !== null,
      hint: name,
      run: () => {
        const watch = app.following.inView();
        return watch && app.following.set(watch, watch.state === 'following' ? 'paused' : 'following');
      },
    },
    {
      id: 'watch.stop',
      title: 'Stop following this log',
      group: 'Lines of a log',
      keys: ['Shift+P'],
      views: ['logs'],
      isAvailable: () => app.following.inView() !== null && app.following.inView()?.state !== 'stopped',
      hint: name,
      run: () => {
        const watch = app.following.inView();
        return watch && app.following.set(watch, 'stopped');
      },
    },
    {
      id: 'watch.folder',
      title: 'Follow a folder',
      group: 'Lines of a log',
      keys: [],
      isAvailable: () => app.workspace?.hasFileDialog === true,
      run: () => app.following.folder(),
    },
    {
      id: 'log.remove',
      title: 'Remove this log',
      group: 'Lines of a log',
      keys: ['Delete'],
      views: ['logs'],
      isAvailable: () => logs.selected !== null && !app.jobs.isBusy && !app.jobs.needs(logs.selected.id),
      hint: name,
      run: () => (app.dialog = 'removeLog'),
    },
    {
      id: 'log.score_all',
      title: 'Score all logs that were not scored yet',
      group: 'Lines of a log',
      keys: [],
      isAvailable: () => models.inUse !== null && logs.list.some((source) => source.scoredAt === null),
      hint: () => plural(logs.list.filter((source) => source.scoredAt === null).length, 'log'),
      run: () => app.work.score(logs.list.filter((source) => source.scoredAt === null).map((source) => source.id)),
    },
  ];
}
