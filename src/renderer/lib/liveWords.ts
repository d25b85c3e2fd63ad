/** @file How following goes, in words: of one log, of what has no line yet, and of all for the status bar. */
import type { LiveState, Watch } from '../../shared/sources.ts';
import type { Status } from '../../shared/workspace.ts';
import { bytes, count, duration, plural } from './words.ts';

type Lag = Pick<LiveState, 'lagBytes' | 'lagMs'>;

/** Shorter delays are those of reading itself. */
const behindMs = 2000;

export function isBehind({ lagBytes, lagMs }: Lag): boolean {
  return lagBytes > 0 && lagMs >= behindMs;
}

function lagText(lag: Lag): string {
  return isBehind(lag) ? `${duration(lag.lagMs)} and ${bytes(lag.lagBytes)} behind` : 'up to date';
}

/** "Surprisal follows auth.log; 12 lines/s, up to date." */
export function liveText(name: string, live: LiveState): string {
  switch (live.state) {
    case 'following':
      return `Surprisal follows ${name}; ${count(live.linesPerSecond)} lines/s, ${lagText(live)}.`;
    case 'waiting':
      return `Surprisal waits for ${name}: the file is not there. It goes on when it is back.`;
    case 'failed':
      return `${name} cannot be followed.`;
    case 'paused':
      return `Paused. What is written to ${name} meanwhile is read when you go on.`;
    case 'stopped':
      return `Not followed any more. Starting goes on behind the last line that was read.`;
  }
}

/** A word for a list; `tone` is how it is coloured. */
export function liveChip(live: LiveState): { text: string; tone: 'ok' | 'accent' | 'bad' | '' } {
  if (live.state === 'following')
    return isBehind(live) ? { text: 'behind', tone: 'bad' } : { text: 'live', tone: 'ok' };
  if (live.state === 'failed') return { text: 'cannot be read', tone: 'bad' };
  return { text: live.state, tone: live.state === 'waiting' ? 'accent' : '' };
}

/** What is followed, as it was asked for. */
export function watchName({ kind, path, pattern }: Pick<Watch, 'kind' | 'path' | 'pattern'>): string {
  if (kind === 'input') return 'standard input';
  return kind === 'folder' ? `${path}/${pattern}` : path;
}

export function statusText(live: NonNullable<Status['live']>): string {
  const what = live.name ?? plural(live.sourceCount, 'log');
  if (live.sourceCount === 0) return 'Waiting for lines';
  return `Follows ${what} · ${count(live.linesPerSecond)} lines/s · ${lagText(live)}`;
}
