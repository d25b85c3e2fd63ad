/** @file The commands that decide alerts, and those that take back whatever was done. */
import { verdictWords } from '../lib/verdicts.ts';
import type { AppState } from '../state/app.svelte.ts';
import type { Command } from './command.ts';
import { inQueue, onTargets } from './targets.ts';

export function verdictCommands(app: AppState): Command[] {
  const { queue, verdicts } = app;
  const targets = onTargets(queue);
  const ofVerdicts = (command: Omit<Command, 'group'>): Command => ({
    ...command,
    group: 'Verdict, then the next alert',
  });
  return [
    ...verdictWords.map((words) =>
      ofVerdicts({
        id: `verdict.${words.value}`,
        title: words.name,
        keys: [words.key, `Alt+${words.key}`],
        views: inQueue,
        // While the list is asked for again there may be no target: such a key is answered, never dropped.
        isAvailable: () => queue.list.rowCount > 0,
        hint: targets.hint,
        run: () => verdicts.give(words.value),
      }),
    ),
    ofVerdicts({
      id: 'verdict.note',
      title: 'Note with the verdict',
      keys: ['N'],
      views: inQueue,
      ...targets,
      run: () => verdicts.openNote(),
    }),
    ofVerdicts({
      id: 'verdict.wide',
      title: 'False positive for the whole kind of line',
      keys: ['Shift+W'],
      views: inQueue,
      ...targets,
      run: () => (app.dialog = 'wideFold'),
    }),
    ofVerdicts({
      id: 'verdict.undo',
      title: 'Undo what was done last',
      keys: ['Z', 'Mod+Z'],
      run: () => verdicts.undo(),
    }),
    ofVerdicts({
      id: 'verdict.redo',
      title: 'Redo',
      keys: ['Shift+Z', 'Mod+Shift+Z', 'Mod+Y'],
      run: () => verdicts.redo(),
    }),
  ];
}
