/** @file What alerts were raised in a span of time, gathered in steps that let others in: a span may have a hundred thousand of them. */
import type { AlertState, ReasonKind, SeverityLevel } from '../../shared/alerts.ts';
import type { Connection } from './statements.ts';
import { letOthersIn } from './statements.ts';

const mostGroups = 20;
const mostNewKinds = 50;
const mostTop = 25;
const quarterMs = 900_000;
/** Some milliseconds of work each. */
const rowsPerStep = 2000;
const keysPerStep = 20_000;

type Within = { from: number; to: number };
/** Where an alert stands by when it was raised. */
type Place = [raisedAt: number, templateId: number, number: number];
type Row = [
  ...Place,
  signature: string,
  severity: SeverityLevel,
  score: number,
  state: AlertState,
  reason: ReasonKind,
  isDetected: number,
  isDecided: number,
  at: number | null,
];
type Weighed = { number: number; weight: number };
type Group = Weighed & { count: number; openCount: number; severity: number };
type NewKind = { count: number; number: number; reason: ReasonKind; severity: number };

/** `number` is that of the alert that stands for what is counted. */
export type RaisedAlerts = {
  alerts: { severity: SeverityLevel; state: AlertState; count: number }[];
  shownAt: { quarter: number | null; count: number }[];
  groups: { count: number; openCount: number; number: number }[];
  groupCount: number;
  top: number[];
  newKinds: { count: number; reason: ReasonKind; number: number }[];
  newKindCount: number;
};

export function preparePeriodAlerts(db: Connection) {
  const behind = '(raised_at, template_id, number) > (@raisedAt, @templateId, @number)';
  const order = 'ORDER BY raised_at, template_id, number';
  type Behind = { raisedAt: number; templateId: number; number: number };
  const page = db
    .prepare<Behind & { to: number }, Row>(
      `SELECT raised_at, template_id, number, signature, severity, score, state, reason, origin = 'detector', decided_by IS NOT NULL, at
       FROM alert INDEXED BY alert__raised_at WHERE ${behind} AND raised_at < @to ${order} LIMIT ${rowsPerStep}`,
    )
    .raw();
  const kindsPage = db
    .prepare<Behind & { to: number }, Place>(
      `SELECT raised_at, template_id, number FROM alert INDEXED BY alert__raised_at
       WHERE ${behind} AND raised_at < @to ${order} LIMIT ${keysPerStep}`,
    )
    .raw();
  const startOf = (from: number): Behind => ({ raisedAt: from, templateId: -1, number: -1 });

  /** Of the templates, those of which no alert was raised before the span. */
  const withoutKnown = async (kinds: Map<number, NewKind>, from: number): Promise<NewKind[]> => {
    for (let place = startOf(Number.MIN_SAFE_INTEGER); kinds.size > 0;) {
      const rows = kindsPage.all({ ...place, to: from });
      for (const [, templateId] of rows) kinds.delete(templateId);
      const last = rows.at(-1);
      if (!last || rows.length < keysPerStep) break;
      place = { raisedAt: last[0], templateId: last[1], number: last[2] };
      await letOthersIn();
    }
    return [...kinds.values()];
  };

  return async ({ from, to, minScore }: Within & { minScore: number }): Promise<RaisedAlerts> => {
    const states = new Map<string, RaisedAlerts['alerts'][number]>();
    const quarters = new Map<number | null, number>();
    const groups = new Map<string, Group>();
    const kinds = new Map<number, NewKind>();
    let top: Weighed[] = [];
    for (let place = startOf(from); ;) {
      const rows = page.all({ ...place, to });
      for (const [, templateId, number, signature, severity, score, state, reason, isDetected, isDecided, at] of rows) {
        if (isDetected === 0 || (score < minScore && isDecided === 0)) continue;
        const key = `${severity} ${state}`;
        const counted = states.get(key);
        if (counted) counted.count++;
        else states.set(key, { severity, state, count: 1 });
        if (state === 'open' || state === 'folded' || state === 'decided') {
          const quarter = at === null ? null : Math.trunc(at / quarterMs);
          quarters.set(quarter, (quarters.get(quarter) ?? 0) + 1);
        }
        const weighed = { number, weight: severity * 1000 + Math.min(score, 999) };
        if (state === 'open' || state === 'decided') top.push(weighed);
        const group = groups.get(signature) ?? { ...weighed, count: 0, openCount: 0, severity };
        groups.set(signature, group);
        if (heaviestFirst(weighed, group) < 0) Object.assign(group, weighed);
        group.count++;
        group.openCount += state === 'open' ? 1 : 0;
        group.severity = Math.max(group.severity, severity);
        if (reason !== 'unseen') continue;
        const kind = kinds.get(templateId) ?? { count: 0, number, reason, severity };
        kinds.set(templateId, kind);
        kind.count++;
        kind.number = Math.min(kind.number, number);
        kind.severity = Math.max(kind.severity, severity);
      }
      top = top.sort(heaviestFirst).slice(0, mostTop);
      const last = rows.at(-1);
      if (!last || rows.length < rowsPerStep) break;
      place = { raisedAt: last[0], templateId: last[1], number: last[2] };
      await letOthersIn();
    }
    const newKinds = await withoutKnown(kinds, from);
    return {
      alerts: [...states.values()],
      shownAt: [...quarters].map(([quarter, count]) => ({ quarter, count })),
      groups: [...groups.values()].sort(mostFirst).slice(0, mostGroups),
      groupCount: groups.size,
      top: top.map(({ number }) => number),
      newKinds: newKinds.sort(mostFirst).slice(0, mostNewKinds),
      newKindCount: newKinds.length,
    };
  };
}

function heaviestFirst(one: Weighed, other: Weighed): number {
  return other.weight - one.weight || one.number - other.number;
}

type Counted = { severity: number; count: number; number: number };

function mostFirst(one: Counted, other: Counted): number {
  return other.severity - one.severity || other.count - one.count || one.number - other.number;
}
