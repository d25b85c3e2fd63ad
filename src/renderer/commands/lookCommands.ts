/** @file Looking closer at the alert in view: what stands around its line, its parts, the model's picture, words of a language model. */
import type { AppState } from '../state/app.svelte.ts';
import type { Command } from './command.ts';
import { inQueue } from './targets.ts';

export function lookCommands(app: AppState): Command[] {
  const { detail } = app;
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
  ];
}
