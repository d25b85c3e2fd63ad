/** @file Groups of alerts as they are shown: each with the name of what its alerts share. */
import type { AlertGroups, AlertRow, GroupField } from '../../shared/domain.ts';
import type { StoreMethods } from '../store/protocol.ts';
import { toAlertRows, type TemplateTexts } from './presenter.ts';

export async function toAlertGroups(
  by: GroupField,
  { groups, ...rest }: StoreMethods['group_alerts']['output'],
  texts: TemplateTexts,
): Promise<AlertGroups> {
  const tops = await toAlertRows(
    groups.map(({ top }) => top),
    texts,
  );
  return {
    ...rest,
    groups: groups.flatMap((group, index) => {
      const top = tops[index];
      return top ? [{ ...group, top, name: nameOf(by, top) }] : [];
    }),
  };
}

function nameOf(by: GroupField, top: AlertRow): string {
  switch (by) {
    case 'signature':
      return top.title;
    case 'template':
      return top.template;
    case 'entity':
      return top.entity.text;
    case 'host':
      return top.host ?? 'no host';
    case 'source':
      return top.sourceName;
  }
}
