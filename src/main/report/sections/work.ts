/** @file What was done in a case beside its alerts: how it went, its tasks, phases and attachments. */
import type { Block } from '../document.ts';
import { heading, paragraph } from '../document.ts';
import { counted, formatCount, verdictNames } from '../format.ts';
import type { SectionContext } from './context.ts';

/** "Owner m.roth. Closed as true positive. First look 4 min after the first alert." */
export function courseBlocks({ report, times }: SectionContext): Block[] {
  const { owner, closing, tags, dueAt, raisedAt, viewedAt, closedAt } = report;
  const after = (at: number): string => `${minutes(Math.max(0, at - raisedAt))} after the first alert`;
  const parts = [
    owner === null ? '' : `Owner ${owner}`,
    tags.length === 0 ? '' : `Tags ${tags.join(', ')}`,
    dueAt === null ? '' : `Due ${times.full(dueAt)}`,
    `First looked at ${after(viewedAt)}`,
    closedAt === null ? '' : `Closed ${times.full(closedAt)}, ${after(closedAt)}`,
    closing === null ? '' : `Closed as ${verdictNames[closing].toLowerCase()}`,
  ];
  return [paragraph(`${parts.filter((part) => part !== '').join('. ')}.`, { isQuiet: true })];
}

export function phaseBlocks({ report: { phases }, times }: SectionContext): Block[] {
  if (phases.length === 0) return [];
  return [
    {
      kind: 'table',
      columns: [
        { title: 'Phase', share: 3 },
        { title: 'From', isTime: true, share: 3 },
        { title: 'Until', isTime: true, share: 3 },
      ],
      rows: phases.map(({ name, fromAt, toAt }) => ({
        cells: [[{ text: name, look: 'name' }], [{ text: times.full(fromAt) }], [{ text: times.full(toAt) }]],
      })),
    },
  ];
}

export function taskBlocks({ report: { tasks }, times }: SectionContext): Block[] {
  if (tasks.length === 0) return [];
  const done = tasks.filter(({ doneAt }) => doneAt !== null).length;
  return [
    heading(`${counted(tasks.length, 'task')}, ${formatCount(done)} done`),
    {
      kind: 'table',
      columns: [
        { title: 'Task', share: 6 },
        { title: 'Who', share: 2 },
        { title: 'Due', isTime: true, share: 3 },
        { title: 'Done', isTime: true, share: 3 },
      ],
      rows: tasks.map(({ title, owner, dueAt, doneBy, doneAt }) => ({
        cells: [
          [{ text: title }],
          [{ text: doneBy ?? owner ?? '', look: 'name' }],
          [{ text: dueAt === null ? '' : times.full(dueAt) }],
          [{ text: doneAt === null ? 'not yet' : times.full(doneAt) }],
        ],
      })),
    },
  ];
}

export function attachmentBlocks({ report: { attachments } }: SectionContext): Block[] {
  if (attachments.length === 0) return [];
  return [
    heading(counted(attachments.length, 'attachment')),
    {
      kind: 'table',
      columns: [
        { title: 'Attachment', share: 3 },
        { title: 'Bytes', isNumber: true, share: 1.4 },
        { title: 'SHA-256', share: 5 },
      ],
      rows: attachments.map(({ name, sizeBytes, sha256 }) => ({
        cells: [[{ text: name, look: 'name' }], [{ text: formatCount(sizeBytes) }], [{ text: sha256, look: 'log' }]],
      })),
    },
  ];
}

function minutes(ms: number): string {
  const whole = Math.round(ms / 60_000);
  return whole < 120 ? `${whole} min` : `${formatCount(Math.round(whole / 60))} h`;
}
