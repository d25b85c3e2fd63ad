/** @file The commands of every other place: going, opening, learning, lines of a log, the case and the models in view, the window itself. */
import { plural } from '../lib/words.ts';
import type { AppState } from '../state/app.svelte.ts';
import { moveRegion, scrollReading } from '../lib/regions.ts';
import { caseCommands } from './caseCommands.ts';
import { handoverCommands } from './handoverCommands.ts';
import type { Command } from './command.ts';
import { modelCommands } from './modelCommands.ts';

export function generalCommands(app: AppState): Command[] {
  return [
    {
      id: 'verdict.undo',
      title: 'Undo what was done last',
      group: 'Verdict, then the next alert',
      keys: ['Z', 'Mod+Z'],
      run: () => app.verdicts.undo(),
    },
    {
      id: 'verdict.redo',
      title: 'Redo',
      group: 'Verdict, then the next alert',
      keys: ['Shift+Z', 'Mod+Shift+Z', 'Mod+Y'],
      run: () => app.verdicts.redo(),
    },
    {
      id: 'filter.focus',
      title: 'Filter or search',
      group: 'Filter and order',
      keys: ['/'],
      views: ['queue', 'logs', 'entities'],
      run: () => app.focusFilter(),
    },
    {
      id: 'entity.leave',
      title: 'Back from the page of an entity',
      group: 'Go to',
      keys: ['Escape'],
      views: ['entities'],
      isKeyOnly: true,
      isAvailable: () => app.entities.wanted !== null,
      run: () => app.leaveEntity(),
    },
    ...lines(app),
    ...learning(app),
    ...opening(app),
    ...caseCommands(app),
    ...handoverCommands(app),
    ...modelCommands(app),
    ...everywhere(app),
  ];
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

function opening(app: AppState): Command[] {
  const { open, models } = app;
  return [
    {
      id: 'open.import',
      title: 'Import the file in view',
      group: 'Act',
      keys: ['Enter'],
      views: ['open'],
      isAvailable: () => open.current?.stage === 'ready',
      run: () => open.current && open.import(open.current, models.inUse !== null),
    },
    {
      id: 'open.follow',
      title: 'Follow the file in view as it grows',
      group: 'Act',
      keys: ['F'],
      views: ['open'],
      isAvailable: () => open.current?.stage === 'ready' && app.workspace?.hasFileDialog === true,
      run: () => open.current && app.follow(open.current),
    },
    {
      id: 'open.leave',
      title: 'Do not open the file in view',
      group: 'Act',
      keys: ['Escape'],
      views: ['open'],
      isAvailable: () => open.current !== null && open.current.stage !== 'importing',
      run: () => open.current && app.leaveFile(open.current),
    },
  ];
}

function learning(app: AppState): Command[] {
  const { logs, models } = app;
  const inLogs = ['logs', 'open'] as const;
  const hasSource = (): boolean => app.sourcesInView().length > 0 && !app.jobs.isBusy;
  const name = (): string => logs.list.find((source) => source.id === app.sourcesInView()[0])?.name ?? '';
  return [
    {
      id: 'log.learn',
      title: 'Learn what is normal from this log',
      group: 'Lines of a log',
      keys: ['L'],
      views: inLogs,
      isAvailable: hasSource,
      hint: name,
      run: () => app.learn(app.sourcesInView()),
    },
    {
      id: 'log.count',
      title: 'Only count what is normal in this log',
      group: 'Lines of a log',
      keys: ['Shift+L'],
      views: inLogs,
      isAvailable: hasSource,
      hint: name,
      run: () => app.learn(app.sourcesInView(), { countsOnly: true }),
    },
    {
      id: 'log.score',
      title: 'Score this log',
      group: 'Lines of a log',
      keys: ['S'],
      views: inLogs,
      isAvailable: () => hasSource() && models.inUse !== null,
      hint: name,
      run: () => app.score(app.sourcesInView()),
    },
    {
      id: 'watch.pause',
      title: 'Pause following this log, or go on',
      group: 'Lines of a log',
      keys: ['P'],
      views: ['logs'],
      isAvailable: () => app.watchInView() !== null,
      hint: name,
      run: () => {
        const watch = app.watchInView();
        return watch && app.setWatch(watch, watch.state === 'following' ? 'paused' : 'following');
      },
    },
    {
      id: 'watch.stop',
      title: 'Stop following this log',
      group: 'Lines of a log',
      keys: ['Shift+P'],
      views: ['logs'],
      isAvailable: () => app.watchInView() !== null && app.watchInView()?.state !== 'stopped',
      hint: name,
      run: () => {
        const watch = app.watchInView();
        return watch && app.setWatch(watch, 'stopped');
      },
    },
    {
      id: 'watch.folder',
      title: 'Follow a folder',
      group: 'Lines of a log',
      keys: [],
      isAvailable: () => app.workspace?.hasFileDialog === true,
      run: () => app.followFolder(),
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
      run: () => app.score(logs.list.filter((source) => source.scoredAt === null).map((source) => source.id)),
    },
  ];
}

function everywhere(app: AppState): Command[] {
  const { settings } = app;
  const reading = (id: string, title: string, keys: string[], run: () => unknown): Command => ({
    id,
    title,
    keys,
    run,
    group: 'Everywhere',
    repeats: true,
    isKeyOnly: true,
  });
  return [
    reading('view.scroll', 'Scroll what is read', ['Space'], () => scrollReading(1)),
    reading('view.scroll_back', 'Scroll it back', ['Shift+Space'], () => scrollReading(-1)),
    reading('view.region', 'Next part of the window', ['F6'], () => moveRegion(1)),
    reading('view.region_back', 'Part before', ['Shift+F6'], () => moveRegion(-1)),
    {
      id: 'app.palette',
      title: 'Commands',
      group: 'Everywhere',
      keys: ['Mod+K'],
      isKeyOnly: true,
      run: () => (app.dialog = 'palette'),
    },
    { id: 'app.open', title: 'Open a log', group: 'Everywhere', keys: ['Mod+O'], run: () => app.chooseFiles() },
    {
      id: 'app.open_first',
      title: 'Open the first log',
      group: 'Everywhere',
      keys: ['O'],
      isKeyOnly: true,
      isAvailable: () => app.workspace?.isEmpty === true,
      run: () => app.chooseFiles(),
    },
    {
      id: 'app.demo',
      title: 'Try with demo data',
      group: 'Everywhere',
      keys: ['D'],
      isAvailable: () => app.workspace?.isEmpty === true && !app.jobs.isBusy,
      run: () => app.startDemo(),
    },
    {
      id: 'app.jobs',
      title: 'Running work, on or off',
      group: 'Everywhere',
      keys: ['G J'],
      run: () => (app.jobs.isPanelOpen = !app.jobs.isPanelOpen),
    },
    {
      id: 'app.zone',
      title: 'Times in UTC or local',
      group: 'Everywhere',
      keys: ['U'],
      hint: () => settings.zone,
      run: () => settings.flipZone(),
    },
    {
      id: 'app.larger',
      title: 'Larger text',
      group: 'Everywhere',
      keys: ['Mod+Alt+ArrowUp'],
      hint: () => `${settings.fontSize} %`,
      run: () => settings.stepFontSize(1),
    },
    {
      id: 'app.smaller',
      title: 'Smaller text',
      group: 'Everywhere',
      keys: ['Mod+Alt+ArrowDown'],
      hint: () => `${settings.fontSize} %`,
      run: () => settings.stepFontSize(-1),
    },
    { id: 'app.theme', title: 'Dark or light', group: 'Everywhere', keys: [], run: () => settings.flipTheme() },
    {
      id: 'app.contrast',
      title: 'High contrast, on or off',
      group: 'Everywhere',
      keys: [],
      run: () => settings.setTheme(settings.resolvedTheme === 'contrast' ? 'system' : 'contrast'),
    },
    {
      id: 'app.tour',
      title: 'The tour of three steps',
      group: 'Everywhere',
      keys: [],
      isAvailable: () => app.queue.selected !== null,
      run: () => {
        settings.startTour();
        app.go('queue');
      },
    },
    { id: 'app.keys', title: 'All keys', group: 'Everywhere', keys: ['?'], run: () => (app.dialog = 'keys') },
  ];
}
