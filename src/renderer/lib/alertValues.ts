/** @file The values of an alert that can be picked, of its row, its line and its session: to filter by, to group by, to find what is alike, to copy. */
import type { AlertDetail, AlertRow, SessionEvent } from '../../shared/alerts.ts';
import type { GroupField } from '../../shared/alertLists.ts';
import { reasonNames, severityNames } from '../../shared/alerts.ts';
import type { Entity, LinePart, LinePartKind } from '../../shared/lines.ts';
import type { PickedValue } from '../../shared/filter/edit.ts';

export type AlertValue = {
  label: string;
  /** As it is shown and copied. */
  text: string;
  picked: PickedValue;
  /** What alerts can be put together by with it. */
  group: GroupField | null;
  /** Whose page it leads to. */
  entity: Entity | null;
  /** Of the alert, what is alike is what its signature says; of a part of it, what has the same part. */
  from: 'alert' | 'line' | 'session';
};

/** What a new case is called until somebody says better: who, and what about them. */
export function caseTitle({ entity, title }: Pick<AlertRow, 'entity' | 'title'>): string {
  return `${entity.text}: ${title.replace(/, and \d+ more that surprised$/, '')}`.slice(0, 200);
}

export function valuesOf(row: AlertRow): AlertValue[] {
  const { host, template, templateNumber, sourceName, reason, severity, signature, owner, title, excerpt } = row;
  const severityName = severityNames[severity - 1] ?? '';
  const value = (label: string, text: string, picked: PickedValue, group: GroupField | null): AlertValue => ({
    ...{ label, text, picked, group },
    entity: null,
    from: 'alert',
  });
  return [
    entityValue(row),
    ...(host === null ? [] : [hostValue(host)]),
    value('Kind of line', template, { field: 'template', value: `t${templateNumber}` }, 'template'),
    value('Alike', `${title}: ${excerpt}`, { field: 'signature', value: signature }, 'signature'),
    value('Log', sourceName, { field: 'source', value: sourceName }, 'source'),
    value('Reason', reasonNames[reason], { field: 'reason', value: reason }, null),
    value('Severity', severityName, { field: 'severity', value: severityName }, null),
    ...(owner === null ? [] : [value('Owner', owner, { field: 'owner', value: owner }, null)]),
  ];
}

function entityValue({ entity }: AlertRow): AlertValue {
  const { kind, text } = entity;
  const field = kind === 'user' || kind === 'address' || kind === 'process' ? kind : 'entity';
  return {
    label: field === 'entity' ? 'Entity' : kind,
    text,
    picked: { field, value: text },
    group: 'entity',
    entity: kind === 'source' ? null : entity,
    from: 'alert',
  };
}

function hostValue(host: string): AlertValue {
  const entity = { kind: 'host', text: host } as const;
  return { label: 'Host', text: host, picked: { field: 'host', value: host }, group: 'host', entity, from: 'alert' };
}

/** A value inside the raw line. What the alert is about, and its host, are filtered by as such; any other by lines that have it. */
export function lineValue(row: AlertRow, kind: LinePartKind, text: string): AlertValue {
  if (text === row.entity.text) return entityValue(row);
  if (kind === 'host' && text === row.host) return hostValue(text);
  const isActor = kind === 'user' || kind === 'address' || kind === 'host';
  return {
    label: kind,
    text,
    picked: { field: 'line', value: text },
    group: isActor ? 'entity' : null,
    entity: isActor ? { kind, text } : null,
    from: 'line',
  };
}

/** Each value of the line once, in its order. */
export function lineValuesOf({ row, raw }: AlertDetail): AlertValue[] {
  const values = raw.parts.map(({ kind, start, end }: LinePart) => lineValue(row, kind, raw.text.slice(start, end)));
  return values.filter((value, index) => value.from === 'line' && values.findIndex(isSame(value)) === index);
}

/** The kind of line of an event of the session; null where it is none. */
export function eventValue({ templateNumber, text }: SessionEvent): AlertValue | null {
  if (templateNumber === null) return null;
  const picked = { field: 'template', value: `t${templateNumber}` } as const;
  return { label: 'Kind of line', text, picked, group: 'template', entity: null, from: 'session' };
}

/** Each kind of line of the session once, those that surprised first. */
export function sessionValuesOf({ session }: AlertDetail): AlertValue[] {
  const events = [...session.events].sort((one, other) => Number(other.isCulprit) - Number(one.isCulprit));
  const values = events.map(eventValue).filter((value) => value !== null);
  return values.filter((value, index) => values.findIndex(isSame(value)) === index);
}

const isSame = (value: AlertValue) => (other: AlertValue) =>
  other.picked.field === value.picked.field && other.picked.value === value.picked.value;
