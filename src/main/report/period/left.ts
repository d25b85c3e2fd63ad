/** @file What one shift leaves the next: notes, open alerts, cases and tasks. */
import { caseStateNames } from '../../../shared/cases.ts';
import type { HandoverNote } from '../../../shared/period.ts';
import type { Block, Run } from '../document.ts';
import { heading, paragraph, written } from '../document.ts';
import { counted, formatCount, verdictNames } from '../format.ts';
import { cell, durationText, leftOut, name, severitiesText, severityCell, table, total } from './periodContext.ts';
import type { PeriodContext } from './periodContext.ts';
import type { PeriodCase } from './periodReport.ts';

export function noteBlocks({ report: { notes, noteBefore }, times }: PeriodContext): Block[] {
  const note = ({ analyst, writtenAt, text }: HandoverNote, when = ''): Block[] => [
    heading(`${when}${analyst}, ${times.full(writtenAt)}`),
    ...written(text),
  ];
  return [
    ...(notes.length === 0 ? [paragraph('No note was left in this time.')] : notes.flatMap((one) => note(one))),
    ...(noteBefore === null ? [] : note(noteBefore, 'Before this time: ')),
  ];
}

export function openBlocks(context: PeriodContext): Block[] {
  const { openByAge, openByOwner } = context.report;
  const open = openByAge.reduce((sum, { bySeverity }) => sum + total(bySeverity), 0);
  const from = (index: number): string => {
    const [least, most] = [openByAge[index - 1]?.upToMs ?? 0, openByAge[index]?.upToMs ?? null];
    if (most === null) return `older than ${durationText(least)}`;
    return least === 0 ? `up to ${durationText(most)}` : `${durationText(least)} to ${durationText(most)}`;
  };
  return [
    paragraph(open === 0 ? 'No alert is open.' : `${counted(open, 'alert')} open when this was made.`),
    ...table(
      [
        { title: 'Raised', share: 3 },
        { title: 'Alerts', isNumber: true, share: 1.2 },
        { title: 'By severity', share: 6 },
      ],
      openByAge.flatMap(({ bySeverity }, index) =>
        total(bySeverity) === 0 ? [] : [[cell(from(index)), cell(total(bySeverity)), cell(severitiesText(bySeverity))]],
      ),
    ),
    ...table(
      [
        { title: 'Whose', share: 3 },
        { title: 'Alerts', isNumber: true, share: 1.2 },
        { title: 'By severity', share: 6 },
      ],
      openByOwner.map(({ owner, bySeverity }) => [
        owner === null ? cell('nobody’s') : name(owner),
        cell(total(bySeverity)),
        cell(severitiesText(bySeverity)),
      ]),
    ),
    ...caseBlocks(context),
    ...taskBlocks(context),
  ];
}

function caseBlocks({ report: { openCases, closedCases, generatedAt }, times, mostRows }: PeriodContext): Block[] {
  const what = ({ number, title }: PeriodCase): Run[][] => [cell(`C-${number}`), cell(title)];
  const level = (severity: PeriodCase['severity']): Run[] => (severity === null ? cell('') : severityCell(severity));
  const due = ({ dueAt }: PeriodCase): Run[] => dueCell(dueAt, generatedAt, dueAt === null ? '' : times.full(dueAt));
  const shown = openCases.slice(0, mostRows);
  return [
    heading(`${counted(openCases.length, 'open case')}`),
    ...leftOut(shown.length, openCases.length, 'case', '; JSON has all of them'),
    ...table(
      [
        { title: 'Case', share: 1.1 },
        { title: 'Title', share: 4.4 },
        { title: 'State', share: 1.6 },
        { title: 'Severity', share: 1.6 },
        { title: 'Owner', share: 1.8 },
        { title: 'Alerts', isNumber: true, share: 1 },
        { title: 'Tasks', isNumber: true, share: 1 },
        { title: 'Due', isTime: true, share: 2.8 },
      ],
      shown.map((one) => [
        ...what(one),
        cell(caseStateNames[one.state]),
        level(one.severity),
        name(one.owner ?? 'nobody'),
        cell(one.alertCount),
        cell(one.openTaskCount),
        due(one),
      ]),
    ),
    ...(closedCases.length === 0 ? [] : [heading(`${counted(closedCases.length, 'case')} closed in this time`)]),
    ...table(
      [
        { title: 'Case', share: 1.1 },
        { title: 'Title', share: 5 },
        { title: 'Closed as', share: 2.6 },
        { title: 'Owner', share: 1.8 },
        { title: 'Closed', isTime: true, share: 2.8 },
      ],
      closedCases
        .slice(0, mostRows)
        .map((one) => [
          ...what(one),
          [one.closing === null ? { text: 'not said' } : { text: verdictNames[one.closing], verdict: one.closing }],
          name(one.owner ?? 'nobody'),
          cell(times.full(one.closedAt)),
        ]),
    ),
  ];
}

function dueCell(dueAt: number | null, now: number, text: string): Run[] {
  return dueAt !== null && dueAt < now ? [{ text: `${text}, overdue`, isStrong: true }] : cell(text);
}

function taskBlocks({ report, times, mostRows }: PeriodContext): Block[] {
  const { tasks, openTaskCount, doneTaskCount, generatedAt } = report;
  const shown = tasks.slice(0, mostRows);
  return [
    heading(`${counted(openTaskCount, 'open task')} of open cases, ${formatCount(doneTaskCount)} done in this time`),
    ...leftOut(shown.length, openTaskCount, 'task', ', what is due first'),
    ...table(
      [
        { title: 'Case', share: 1 },
        { title: 'Task', share: 6 },
        { title: 'Who', share: 2 },
        { title: 'Due', isTime: true, share: 3 },
      ],
      shown.map(({ title, owner, dueAt, caseNumber }) => [
        cell(`C-${caseNumber}`),
        cell(title),
        name(owner ?? 'nobody'),
        dueCell(dueAt, generatedAt, dueAt === null ? 'not said' : times.full(dueAt)),
      ]),
    ),
  ];
}
