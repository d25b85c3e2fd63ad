/** @file What the page asks of the window it is in, where the host has one: a menu of its commands, and notes outside it. */

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

/** The note about them: our own sentence, never a word of a log. */
export function severeText({ critical, high }: SevereArrivals): { title: string; body: string } {
  const parts = [...(critical > 0 ? [`${critical} critical`] : []), ...(high > 0 ? [`${high} high`] : [])];
  const count = critical + high;
  return {
    title: `Surprisal: ${count === 1 ? 'a new severe alert' : `${count} new severe alerts`}`,
    body: `${parts.join(' and ')}. ${count === 1 ? 'It waits' : 'They wait'} in the queue.`,
  };
}
