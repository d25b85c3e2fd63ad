/** @file Observables: what can be looked for elsewhere. Values are text of logs: shown defanged, so that no program makes a link of one. */
import type { Instant } from './instant.ts';

export const observableKinds = [
  'address',
  'domain',
  'url',
  'hash',
  'email',
  'user',
  'host',
  'file',
  'process',
  'command',
] as const;
export type ObservableKind = (typeof observableKinds)[number];

export const observableKindNames: Record<ObservableKind, string> = {
  address: 'Address',
  domain: 'Domain',
  url: 'URL',
  hash: 'Hash',
  email: 'E-mail address',
  user: 'User',
  host: 'Host',
  file: 'File',
  process: 'Process',
  command: 'Command line',
};

/** As a line has it. `isInside`: an address of private or otherwise unrouted ranges; null where that says nothing. */
export type FoundObservable = { kind: ObservableKind; text: string; isInside: boolean | null };

export type Observable = FoundObservable & {
  /** `kind text`: what redactions name. */
  key: string;
  /** Numbers of the alerts of the case whose line has it. */
  alerts: number[];
  firstAt: Instant | null;
  lastAt: Instant | null;
  elsewhere: Sightings | null;
};

/** Lines of all logs that have an observable, the case's own too. */
export type Sightings = {
  lineCount: number;
  /** There are more lines than were counted. */
  isMore: boolean;
  logCount: number;
  /** Alerts on these lines, and cases other than this one that have one of them. */
  alertCount: number;
  caseNumbers: number[];
};

export function observableKey({ kind, text }: { kind: ObservableKind; text: string }): string {
  return `${kind} ${text}`;
}

/** `hxxps://bad[.]example/x`. Addresses inside, users, hosts, files and the like link nowhere and stay as they are. */
export function defanged({ kind, text, isInside }: FoundObservable): string {
  switch (kind) {
    case 'address':
      return isInside === true ? text : text.includes(':') ? text.replaceAll(':', '[:]') : text.replaceAll('.', '[.]');
    case 'domain':
      return text.replaceAll('.', '[.]');
    case 'email':
      return text.replace('@', '[@]').replaceAll('.', '[.]');
    case 'url': {
      const slashes = text.indexOf('://');
      const start = slashes < 0 ? 0 : slashes + 3;
      const rest = text.slice(start);
      const end = rest.search(/[/?#]/);
      const host = end < 0 ? rest : rest.slice(0, end);
      const scheme = text.slice(0, start).replace(/^http/i, 'hxxp').replace(/^ftp/i, 'fxp');
      return scheme + host.replaceAll('.', '[.]') + rest.slice(host.length);
    }
    default:
      return text;
  }
}
