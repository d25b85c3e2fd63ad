/** @file What the page asks of the window it is in, where the host has one: a menu of its commands, and notes outside it. */
import { reasonNames, type ReasonKind } from './alerts.ts';

/** A command of the page as the menu shows it. */
export type MenuEntry = {
  id: string;
  title: string;
  menu: MenuName;
  /** One stroke such as "Mod+K"; null where it has none. Shown only: the page hears its keys itself. */
  key: string | null;
  isEnabled: boolean;
};
export const menuNames = ['file', 'alert', 'go', 'view', 'help'] as const;
export type MenuName = (typeof menuNames)[number];

/** What the page still saves while its window closes, and what of it failed since. */
export type Unsaved = { waiting: number; failed: number };

/** New alerts that are severe. */
export type SevereArrivals = { critical: number; high: number };

/** `reason`: of the only one; null where they are several, or it is not known. */
export type SevereNews = SevereArrivals & { reason: ReasonKind | null };

/** The note about them, which may stand on a locked screen: our own sentence, never a word of a log, nor who or what it is about. */
export function severeText({ critical, high, reason }: SevereNews): { title: string; body: string } {
  const count = critical + high;
  if (count === 1) {
    const why = reason === null ? '' : `${capitalise(reasonNames[reason])}. `;
    return {
      title: `Surprisal: a new ${critical > 0 ? 'critical' : 'high'} alert`,
      body: `${why}It waits in the queue.`,
    };
  }
  const parts = [...(critical > 0 ? [`${critical} critical`] : []), ...(high > 0 ? [`${high} high`] : [])];
  return { title: `Surprisal: ${count} new severe alerts`, body: `${parts.join(' and ')}. They wait in the queue.` };
}

const capitalise = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
