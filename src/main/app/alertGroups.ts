/** @file Groups of alerts as they are shown: each with the name of what its alerts share. */
import type { AlertGroups, GroupField } from '../../shared/alertLists.ts';
import type { AlertRow } from '../../shared/alerts.ts';
import type { StoreMethods } from '../store/protocol.ts';
import { actorNames } from './actors.ts';
import { toAlertRows, type TemplateTexts } from './presenter.ts';
import type { Services } from './services.ts';

export async function toAlertGroups(
  services: Services,
  by: GroupField,
  { groups, ...rest }: StoreMethods['group_alerts']['output'],
  texts: TemplateTexts,
): Promise<AlertGroups> {
  const tops = await toAlertRows(
    groups.map(({ top }) => top),
    texts,
  );
  const actorOf =
    by === 'actor'
      ? await actorNames(
          services,
          groups.map(({ top }) => top.eventId),
        )
      : () => '';
  return {
    ...rest,
    groups: groups.flatMap((group, index) => {
      const top = tops[index];
      return top ? [{ ...group, top, name: by === 'actor' ? actorOf(group.top.eventId) : nameOf(by, top) }] : [];
    }),
  };
}

function nameOf(by: Exclude<GroupField, 'actor'>, top: AlertRow): string {
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
