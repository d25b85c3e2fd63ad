/** @file The commands that work everywhere: reading on, parts of the window, how it looks, opening, what is running. */
import { moveRegion, scrollReading } from '../lib/regions.ts';
import type { AppState } from '../state/app.svelte.ts';
import type { Command } from './command.ts';

export function windowCommands(app: AppState): Command[] {
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
      run: () => app.work.startDemo(),
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
