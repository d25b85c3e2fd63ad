/** @file The values of an alert that can be picked: to filter by, to group by, to copy. */
import type { AlertRow, GroupField } from '../../shared/domain.ts';
import { severityNames } from '../../shared/domain.ts';
import type { PickedValue } from '../../shared/filter/edit.ts';

export type AlertValue = {
  label: string;
  /** As it is shown and copied. */
  text: string;
  picked: PickedValue;
  /** What alerts can be put together by with it. */
  group: GroupField | null;
};

export function valuesOf(row: AlertRow): AlertValue[] {
  const { entity, host, template, templateNumber, sourceName, reason, severity, signature, owner, title } = row;
  const kind = entity.kind;
  const field = kind === 'user' || kind === 'address' || kind === 'process' ? kind : 'entity';
  const value = (label: string, text: string, picked: PickedValue, group: GroupField | null): AlertValue => ({
    label,
    text,
    picked,
    group,
  });
  return [
    value(field === 'entity' ? 'Entity' : kind, entity.text, { field, value: entity.text }, 'entity'),
    ...(host === null ? [] : [value('Host', host, { field: 'host', value: host }, 'host')]),
    value('Kind of line', template, { field: 'template', value: `t${templateNumber}` }, 'template'),
    value('Alike', title, { field: 'signature', value: signature }, 'signature'),
    value('Log', sourceName, { field: 'source', value: sourceName }, 'source'),
    value('Reason', reason, { field: 'reason', value: reason }, null),
    value(
      'Severity',
      severityNames[severity - 1] ?? '',
      { field: 'severity', value: severityNames[severity - 1] ?? '' },
      null,
    ),
    ...(owner === null ? [] : [value('Owner', owner, { field: 'owner', value: owner }, null)]),
  ];
}
