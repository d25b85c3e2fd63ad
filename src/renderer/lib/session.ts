/** @file Which events of a session are shown at once: the surprising ones with what stands around them; long quiet runs are folded. */
import type { SessionEvent } from '../../shared/alerts.ts';

export type SessionItem =
  { kind: 'event'; event: SessionEvent; index: number } | { kind: 'quiet'; from: number; amount: number };

const shownBefore = 2;
const shownAfter = 1;
/** A fold must hide more than it takes up. */
const leastFold = 3;
/** Short sessions are shown whole. */
const wholeSession = 8;

export function sessionItems(events: readonly SessionEvent[], opened: ReadonlySet<number>): SessionItem[] {
  const isKept = events.map(() => events.length <= wholeSession);
  events.forEach((event, index) => {
    if (!event.isCulprit && index !== 0 && index !== events.length - 1) return;
    const before = event.isCulprit ? shownBefore : 0;
    const after = event.isCulprit ? shownAfter : 0;
    for (let near = index - before; near <= index + after; near++) if (near in isKept) isKept[near] = true;
  });
  const items: SessionItem[] = [];
  let index = 0;
  while (index < events.length) {
    let end = index;
    while (end < events.length && !isKept[end]) end += 1;
    if (end - index >= leastFold && !opened.has(index)) {
      items.push({ kind: 'quiet', from: index, amount: end - index });
      index = end;
      continue;
    }
    for (let each = index; each < Math.max(end, index + 1); each++) {
      const event = events[each];
      if (event) items.push({ kind: 'event', event, index: each });
    }
    index = Math.max(end, index + 1);
  }
  return items;
}

/** What an event says where there is little room. Bundled alerts of before know of no aside. */
export function briefText({ text, aside }: Pick<SessionEvent, 'text' | 'aside'>): string {
  return aside ? `${text.slice(0, aside.start)}…${text.slice(aside.end)}` : text;
}

/** A command's or a request's kind of line from its point on: kinds of one program differ behind what they all begin with. */
const beforePoint = /^([^\s:]{1,40}: )?.{12,200}?(?:; COMMAND=|\] "(?=[A-Z]))/;

export function briefKind(template: string): string {
  return template.replace(beforePoint, (_all, writer: string | undefined) => `${writer ?? ''}…`);
}
