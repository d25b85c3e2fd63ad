/** @file The five verdicts as the analyst sees them: names, sub-labels, keys and the colour token of each. */
import type { SeenBefore, VerdictValue } from '../../shared/verdicts.ts';

export type VerdictWords = {
  value: VerdictValue;
  /** In sentences and in the key sheet. */
  name: string;
  /** On the button. */
  label: string;
  hint: string;
  /** In a row's chip, after a count. */
  chip: string;
  key: string;
  /** Class that sets `--verdict` from the tokens. */
  tone: 'tp' | 'btp' | 'fpl' | 'fpd' | 'und';
};

export const verdictWords: readonly VerdictWords[] = [
  {
    value: 'true_positive',
    name: 'True positive',
    label: 'True',
    hint: 'an attack',
    chip: 'true',
    key: '1',
    tone: 'tp',
  },
  {
    value: 'benign_true_positive',
    name: 'Benign true positive',
    label: 'Benign true',
    hint: 'real, allowed',
    chip: 'benign',
    key: '2',
    tone: 'btp',
  },
  {
    value: 'false_positive_logic',
    name: 'False positive, logic',
    label: 'False, logic',
    hint: 'model wrong',
    chip: 'false',
    key: '3',
    tone: 'fpl',
  },
  {
    value: 'false_positive_data',
    name: 'False positive, data',
    label: 'False, data',
    hint: 'log wrong',
    chip: 'false',
    key: '4',
    tone: 'fpd',
  },
  {
    value: 'undetermined',
    name: 'Undetermined',
    label: 'Unclear',
    hint: 'cannot tell',
    chip: 'unclear',
    key: '5',
    tone: 'und',
  },
];

export function wordsOf(value: VerdictValue): VerdictWords {
  const found = verdictWords.find((words) => words.value === value);
  if (!found) throw new Error(`No words for the verdict ${value}.`);
  return found;
}

/** "2 true", or "3 false · 1 true" where verdicts differ; null where none was given yet. `value` is set where all agree. */
export function seenBeforeText(seen: SeenBefore): { text: string; value: VerdictValue | null } | null {
  const given = verdictWords.filter((words) => seen[words.value] > 0);
  const only = given[0];
  if (!only) return null;
  if (given.length === 1) return { text: `${seen[only.value]} ${only.chip}`, value: only.value };
  const byChip = new Map<string, number>();
  for (const words of given) byChip.set(words.chip, (byChip.get(words.chip) ?? 0) + seen[words.value]);
  const text = [...byChip]
    .sort((left, right) => right[1] - left[1])
    .map(([chip, amount]) => `${amount} ${chip}`)
    .join(' · ');
  return { text, value: null };
}
