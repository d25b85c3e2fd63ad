/** @file The commands of the models: training, pausing, moving in the registry, comparing, using, deleting, continuing a line. */
import { modelTitle } from '../lib/modelWords.ts';
import { revealText } from '../lib/invisible.ts';
import type { AppState } from '../state/app.svelte.ts';
import { isMade, isTunable, keptBecause } from '../state/models.svelte.ts';
import type { Command } from './command.ts';

export function modelCommands(app: AppState): Command[] {
  const { models, jobs, retraining } = app;
  const inModels = (command: Omit<Command, 'views' | 'group'>): Command => ({
    ...command,
    group: 'Models',
    views: ['models'],
  });
  const move = (id: string, title: string, keys: string[], rows: number): Command =>
    inModels({
      id,
      title,
      keys,
      isAvailable: () => models.list.length > 0,
      repeats: true,
      isKeyOnly: true,
      run: () => models.move(rows),
    });
  const name = (): string => (models.selected ? revealText(modelTitle(models.selected)) : '');
  return [
    {
      id: 'model.train',
      title: 'Train a model',
      group: 'Models',
      keys: ['Shift+T'],
      isAvailable: () => app.logs.list.length > 0,
      run: () => app.openTraining(),
    },
    {
      id: 'model.retrain',
      title: 'Retrain on verdicts',
      group: 'Models',
      keys: ['Shift+L'],
      isAvailable: () => retraining.canStart,
      run: () => (app.dialog = 'retrain'),
    },
    {
      id: 'model.go_back',
      title: 'Roll back to the model before',
      group: 'Models',
      views: ['models', 'learning'],
      keys: ['Shift+B'],
      isAvailable: () => retraining.earlier !== null,
      hint: () => (retraining.earlier ? `m${retraining.earlier.number}` : ''),
      run: () => app.modelActions.rollBack(),
    },
    {
      id: 'retrain.adopt',
      title: 'Adopt the proposed model',
      group: 'Models',
      views: ['models', 'learning'],
      keys: ['A'],
      isAvailable: () => retraining.canAdopt,
      hint: () => (retraining.proposed ? `m${retraining.proposed.modelNumber}` : ''),
      run: () => (app.dialog = 'adopt'),
    },
    {
      id: 'retrain.discard',
      title: 'Discard the proposed model',
      group: 'Models',
      views: ['models', 'learning'],
      keys: ['Shift+Delete'],
      isAvailable: () => retraining.proposed !== null,
      hint: () => (retraining.proposed ? `m${retraining.proposed.modelNumber}` : ''),
      run: () => app.modelActions.discardProposed(),
    },
    inModels({
      id: 'model.fine_tune',
      title: 'Fine-tune the selected text model',
      keys: ['F'],
      isAvailable: () => models.selected !== null && isTunable(models.selected) && app.logs.list.length > 0,
      hint: name,
      run: () => models.selected && app.openTraining(models.selected.id),
    }),
    inModels({
      id: 'model.pause',
      title: 'Pause training, or go on with it',
      keys: ['P'],
      isAvailable: () => jobs.pausable !== null,
      hint: () => revealText(jobs.pausable?.subject ?? ''),
      run: () => jobs.pausable && app.work.flipPause(jobs.pausable),
    }),
    move('model.next', 'Next model', ['J', 'ArrowDown'], 1),
    move('model.previous', 'Previous model', ['K', 'ArrowUp'], -1),
    inModels({
      id: 'model.tick',
      title: 'Tick: compare others with this one',
      keys: ['X'],
      isAvailable: () => models.selected !== null && isMade(models.selected),
      isKeyOnly: true,
      run: () => models.selected && models.tick(models.selected.id),
    }),
    inModels({
      id: 'model.compare',
      title: 'Two models side by side, or one again',
      keys: ['C'],
      isAvailable: () => models.list.length > 1,
      hint: name,
      run: () => (models.pair ? (models.tickedId = null) : models.compare()),
    }),
    inModels({
      id: 'model.continue',
      title: 'Continue a line',
      keys: ['W'],
      isAvailable: () => models.writers.length > 0,
      run: () => app.focusLine(),
    }),
    inModels({
      id: 'model.roll_back',
      title: 'Use the selected model, or read without it',
      keys: ['B'],
      isAvailable: () => models.selected?.state === 'kept' && !retraining.isUndecided(models.selected.id),
      hint: name,
      run: () => {
        const { selected } = models;
        if (selected?.isReader && selected.reads !== null) void app.modelActions.readWithout(selected.reads);
        else if (selected) void app.modelActions.use(selected.id);
      },
    }),
    inModels({
      id: 'model.delete',
      title: 'Delete the selected model',
      keys: ['Delete'],
      isAvailable: () => models.selected !== null && keptBecause(models.selected) === null,
      hint: name,
      run: () => (app.dialog = 'deleteModel'),
    }),
    inModels({
      id: 'model.leave',
      title: 'One model again',
      keys: ['Escape'],
      isKeyOnly: true,
      isAvailable: () => models.tickedId !== null,
      run: () => (models.tickedId = null),
    }),
  ];
}
