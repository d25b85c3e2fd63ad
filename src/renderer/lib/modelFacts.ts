/** @file What is known of a model as named facts, the same for its card and for two models side by side. */
import type { LeftOut, Model } from '../../shared/models.ts';
import { diskBytes, originText, readsWords, trainProviderNames, unitOf } from './modelWords.ts';
import { rangeText } from './time.ts';
import { bytes, count, duration, plural } from './words.ts';

export const factGroups = ['Learned from', 'Shape', 'Training', 'Figures', 'Used'] as const;
export type FactGroup = (typeof factGroups)[number];
/** `text` may hold names of logs and models: hostile. */
export type Fact = { label: string; group: FactGroup; text: string };
export type ComparedFact = { label: string; group: FactGroup; before: string; after: string; differs: boolean };

type Clock = { zone: string; now: number };

const unknown = 'not known';

/** Facts that do not apply to a model are left out of its list. */
export function factsOf(model: Model, models: readonly Model[], clock: Clock): Fact[] {
  const parent = models.find(({ id }) => id === model.parentId) ?? null;
  const isImported = model.origin === 'imported';
  const isCounted = model.kind === 'keys' && model.shape === null;
  const unit = unitOf(model.kind);
  const facts: (Fact | null)[] = [
    fact('Learned from', 'Data', model.learnedFrom),
    model.reads === null ? null : fact('Learned from', 'Reads', readsWords[model.reads]),
    isImported ? null : fact('Learned from', 'Span', spanText(model, clock)),
    model.lineCount > 0 ? fact('Learned from', 'Lines', count(model.lineCount)) : null,
    model.leftOut === null ? null : fact('Learned from', 'Left out', leftOutText(model.leftOut)),
    model.sessionCount > 0 ? fact('Learned from', 'Sessions', count(model.sessionCount)) : null,
    model.eventKinds > 0 ? fact('Learned from', 'Event kinds', count(model.eventKinds)) : null,
    ...shapeFacts(model),
    fact('Training', 'Origin', isCounted ? 'Only counted' : originText(model, parent?.number ?? null)),
    fact('Training', 'Seed', String(model.seed)),
    ...(isImported || isCounted
      ? []
      : [
          fact('Training', 'Ran on', model.provider === null ? unknown : `the ${trainProviderNames[model.provider]}`),
          fact('Training', 'Took', `${duration(model.elapsedMs)}, ${plural(model.epochs, 'epoch')}`),
          fact('Figures', 'Training loss', bitsText(model.trainingBits, unit)),
          fact('Figures', 'Validation loss', bitsText(model.validationBits, unit)),
        ]),
    fact('Figures', 'On disk', `${bytes(diskBytes(model))} in ${plural(model.files.length, 'file')}`),
    ...useFacts(model),
  ];
  return facts.filter((each) => each !== null);
}

function fact(group: FactGroup, label: string, text: string): Fact {
  return { group, label, text };
}

function spanText({ firstAt, lastAt }: Model, { zone, now }: Clock): string {
  return firstAt === null || lastAt === null ? 'no times in it' : rangeText(firstAt, lastAt, zone, now);
}

function leftOutText({ lines, undecided, threats }: LeftOut): string {
  const under = [
    ...(undecided > 0 ? [`${plural(undecided, 'alert')} that nobody had decided`] : []),
    ...(threats > 0 ? [plural(threats, 'confirmed threat')] : []),
  ];
  return `${plural(lines, 'line')} under ${under.join(' and ')}`;
}

function shapeFacts({ kind, shape, parameterCount }: Model): Fact[] {
  if (!shape && kind === 'keys') return [fact('Shape', 'Layers', 'none: it counts, and nothing was trained')];
  if (!shape) return [fact('Shape', 'Layers', 'not counted: it came as an ONNX graph')];
  return [
    fact('Shape', 'Layers', `${shape.layers}, ${plural(shape.heads, 'head')} each`),
    fact('Shape', 'Width', count(shape.width)),
    fact('Shape', 'Context', plural(shape.contextLength, 'token')),
    fact('Shape', 'Vocabulary', plural(shape.vocabularySize, 'token')),
    fact('Shape', 'Parameters', count(parameterCount)),
  ];
}

function bitsText(bits: number | null, unit: string): string {
  return bits === null ? 'not measured' : `${bits.toFixed(2)} ${unit}`;
}

function useFacts({ kind, usedBy }: Model): Fact[] {
  if (kind === 'keys')
    return [
      fact('Used', 'Alerts', usedBy.logs > 0 ? `raised in ${plural(usedBy.logs, 'log')}` : 'none that are there'),
    ];
  const made = usedBy.models > 0 ? plural(usedBy.models, 'model') : 'none';
  return [fact('Used', 'Made from it', made)];
}

/** Every fact of either, in the order of the first that has it; what one lacks is a dash. */
export function compareFacts(before: readonly Fact[], after: readonly Fact[]): ComparedFact[] {
  const find = (facts: readonly Fact[], { group, label }: Fact): string | null =>
    facts.find((each) => each.group === group && each.label === label)?.text ?? null;
  const onlyAfter = after.filter((each) => find(before, each) === null);
  const all = [...before, ...onlyAfter].map((each) => {
    const [one, other] = [find(before, each), find(after, each)];
    return { group: each.group, label: each.label, before: one ?? '–', after: other ?? '–', differs: one !== other };
  });
  return factGroups.flatMap((group) => all.filter((each) => each.group === group));
}

/** What the two validation figures say of each other, in one or two sentences. */
export function validationVerdict(before: Model, after: Model): string {
  if (before.kind !== after.kind)
    return `Bits per event and bits per token are different measures: their figures and curves are not compared.`;
  if (before.validationBits === null || after.validationBits === null)
    return 'Validation was not measured for both, so it cannot be compared.';
  const change = after.validationBits - before.validationBits;
  const size = Math.abs(change).toFixed(2);
  const outcome =
    Number(size) === 0
      ? `m${after.number} and m${before.number} predict equally well on validation`
      : `m${after.number} needs ${size} ${unitOf(after.kind)} ${change < 0 ? 'less' : 'more'} than m${before.number} on validation`;
  return before.learnedFrom === after.learnedFrom
    ? `${outcome}.`
    : `${outcome}, but each was measured on a held-back part of its own logs.`;
}
