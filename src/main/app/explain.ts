/** @file What the model gave each event of a session and what it expected where one surprised, worked out again as the scoring did it. */
import type { SessionEvent } from '../../shared/alerts.ts';
import { keyTokens, packSequences } from '../../shared/sequences.ts';
import type { TemplateRecord } from '../store/protocol/sources.ts';
import { kindOf, surpriseOf, type KeyModel } from './keyModel.ts';
import type { TemplateTexts } from './presenter.ts';
import type { Services } from './services.ts';

const expectedShown = 3;

const endText = 'end of session';

/** An event of the session, in order. */
export type ExplainedItem = Pick<SessionEvent, 'eventId' | 'lineNumber' | 'at' | 'text' | 'aside'> & {
  templateIndex: number;
  /** Index into lineSeverities; -1: none. */
  severity: number;
  /** The bits it was judged by, where it was found surprising; null elsewhere. */
  judgedBits: number | null;
};

export type ExplainedSession = {
  items: ExplainedItem[];
  /** Whether the first item began the session. */
  hasBegin: boolean;
  /** The end after the last item, where it was seen; `judgedBits` as for items. */
  end: { judgedBits: number | null } | null;
  /** The kind and bits of an item that surprised, where its place is not known: the items are one line of ids. */
  unplaced?: { templateIndex: number; bits: number };
};

type Judged = Pick<ExplainedItem, 'eventId' | 'lineNumber' | 'at' | 'text' | 'aside' | 'judgedBits'> & {
  /** Null for the end. */
  templateIndex: number | null;
};

/** The items and the end as they were judged. `unplaced` is given to the item of its kind whose bits are nearest; without bits to the first. */
export function judgedItems({ items, end, unplaced }: ExplainedSession, bitsOf?: (index: number) => number): Judged[] {
  const ofKind = [...items.keys()].filter((index) => items[index]?.templateIndex === unplaced?.templateIndex);
  const distance = (index: number): number => (bitsOf && unplaced ? Math.abs(bitsOf(index) - unplaced.bits) : 0);
  const [place] = ofKind.toSorted((one, other) => distance(one) - distance(other));
  const judged: Judged[] = items.map((item, index) =>
    unplaced && index === place ? { ...item, judgedBits: unplaced.bits } : item,
  );
  const at = items.at(-1)?.at ?? null;
  return end
    ? [...judged, { eventId: null, lineNumber: null, at, text: endText, aside: null, templateIndex: null, ...end }]
    : judged;
}

/** The session as the model reads it; the first item stands at position `first`. */
export function tokensOf(
  model: KeyModel,
  { items, hasBegin, end }: ExplainedSession,
): { ids: number[]; first: number } {
  const ids: number[] = hasBegin ? [keyTokens.begin] : [];
  for (const item of items) ids.push(model.vocabulary.idOf(item.templateIndex, item.severity));
  if (end) ids.push(keyTokens.end);
  return { ids, first: hasBegin ? 1 : 0 };
}

/** Before `tokensOf`. */
export function meetKinds(
  { detection }: KeyModel,
  { items }: ExplainedSession,
  templates: ReadonlyMap<number, TemplateRecord>,
): void {
  detection.versions?.meet(items.flatMap(({ templateIndex }) => templates.get(templateIndex) ?? []));
}

export async function explainSession(
  parts: { services: Services; texts: TemplateTexts; templates: ReadonlyMap<number, TemplateRecord> },
  model: KeyModel,
  session: ExplainedSession,
): Promise<SessionEvent[]> {
  const { services, texts, templates } = parts;
  const { items } = session;
  meetKinds(model, session, templates);
  const { ids, first } = tokensOf(model, session);
  const { bits } = await surpriseOf(services.engine(), model, packSequences([ids]), (_sequence, position) => {
    const item = items[position - first];
    return kindOf(templates.get(item?.templateIndex ?? -1), item?.severity ?? -1);
  });
  const all = judgedItems(session, (index) => bits[index + first] ?? 0);
  const explained = all.flatMap(({ judgedBits }, index) =>
    judgedBits !== null && index + first > 0 ? [index + first] : [],
  );
  const expected = await expectations(services, texts, model, ids, explained);
  return all.map(({ eventId, lineNumber, at, text, aside, templateIndex, judgedBits }, index) => {
    const itemBits = judgedBits ?? bits[index + first] ?? 0;
    return {
      ...{ eventId, lineNumber, at, text, aside },
      templateNumber: templateNumberOf(templateIndex),
      bits: itemBits,
      isCulprit: judgedBits !== null,
      expected: expected.get(index + first) ?? [],
      probability: 2 ** -itemBits,
    };
  });
}

/** As kinds of line are shown; null for what is none. */
export function templateNumberOf(templateIndex: number | null): number | null {
  return templateIndex === null || templateIndex < 0 ? null : templateIndex + 1;
}

/** The most probable tokens at each position besides the one that came, in words; none where that was the most probable. */
async function expectations(
  services: Services,
  texts: TemplateTexts,
  model: KeyModel,
  ids: readonly number[],
  positions: readonly number[],
): Promise<Map<number, SessionEvent['expected']>> {
  if (positions.length === 0 || model.card.shape === null) return new Map();
  const top = Math.min(expectedShown, model.vocabulary.size);
  const answer = await services.engine().call('explain', {
    modelId: model.id,
    ids: Int32Array.from(ids),
    positions: Int32Array.from(positions),
    top,
  });
  const nameToken = await tokenNames(texts, model, answer.ids);
  return new Map(
    positions.map((position, row) => {
      const shown = Array.from({ length: top }, (_unused, rank) => ({
        id: answer.ids[row * top + rank] ?? keyTokens.unseen,
        probability: answer.probabilities[row * top + rank] ?? 0,
      }));
      const came = shown.findIndex(({ id }) => id === ids[position]);
      const instead = came === 0 ? [] : shown.filter((_one, rank) => rank !== came);
      return [position, instead.map(({ id, probability }) => ({ text: nameToken(id), probability }))];
    }),
  );
}

/** Tokens in words. */
export async function tokenNames(
  texts: TemplateTexts,
  model: KeyModel,
  ids: Iterable<number>,
): Promise<(id: number) => string> {
  const nameOf = await texts.of([...ids].flatMap((id) => model.vocabulary.entryOf(id)?.templateIndex ?? []));
  return (id) => {
    const entry = model.vocabulary.entryOf(id);
    if (entry) return nameOf(entry.templateIndex);
    return id === keyTokens.end ? endText : 'a kind of line not seen before';
  };
}
