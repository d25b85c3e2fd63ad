/** @file What is done with a file that is being opened. */
import type { AppState } from '../state/app.svelte.ts';
import type { Command } from './command.ts';

export function openCommands(app: AppState): Command[] {
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
      id: 'open.import_all',
      title: 'Import all files that are being opened',
      group: 'Act',
      keys: ['Shift+Enter'],
      views: ['open'],
      isAvailable: () => open.ready.length > 1,
      run: () => open.importAll(models.inUse !== null),
    },
    {
      id: 'open.follow',
      title: 'Follow the file in view as it grows',
      group: 'Act',
      keys: ['F'],
      views: ['open'],
      isAvailable: () => open.current?.stage === 'ready' && app.workspace?.hasFileDialog === true,
      run: () => open.current && app.following.file(open.current),
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
