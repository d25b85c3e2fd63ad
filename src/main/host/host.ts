/** @file What the app needs of the world around it. One implementation per host; tests give their own clock, ids and randomness. */
import type { Port } from '../../shared/port.ts';
import type { MenuEntry, Unsaved } from '../../shared/window.ts';
import type { Machine } from './machine.ts';

export type ThreadName = 'store' | 'engine' | 'import' | 'textData' | 'report';

export interface RunningThread {
  readonly port: Port;
  /** Ends the thread at once. */
  stop(): Promise<void>;
}

export interface RunningProcess {
  readonly port: Port;
  readonly pid: number | undefined;
  /** Ends the process; resolves when it is gone, at the latest a second later. */
  kill(): Promise<void>;
}

export interface Host {
  readonly appVersion: string;
  readonly userName: string;
  /** IANA name of the zone the machine is set to. */
  readonly timeZone: string;
  readonly cores: number;
  /** Training leaves off so often: no more than this is lost when the app ends. */
  readonly checkpointMs: number;
  now(): number;
  newId(): string;
  randomBytes(length: number): Uint8Array;
  startThread(name: ThreadName): RunningThread;
  startTrainer(): RunningProcess;
  /** What answers verdicts: never the process that trains. */
  startAdapt(): RunningProcess;
  /** The engine in a process of its own, where a native crash of it costs nothing else. */
  startEngine(): RunningProcess;
  machine(): Machine;
  /** The host's file dialog; undefined where there is none and files are uploaded. */
  readonly chooseFiles: (() => Promise<string[]>) | undefined;
  /** The host's dialog for a folder; null when the user closed it. Undefined where there is none. */
  readonly chooseFolder: (() => Promise<string | null>) | undefined;
  /** Puts the page's commands into the menu of the window. Undefined where there is no window of ours. */
  readonly setMenu: ((commands: readonly MenuEntry[]) => void) | undefined;
  /** Hears what the page still saves while its window closes. Undefined where there is no window of ours. */
  readonly unsaved: ((left: Unsaved) => void) | undefined;
  /** A note of the system's own; false where it shows none. Undefined where the browser shows them. */
  readonly notify: ((title: string, body: string) => boolean) | undefined;
  /** The host's dialog for saving; the name it was saved under, null when the user closed it. Undefined where browsers save. */
  readonly saveFile: ((suggestedName: string, bytes: Uint8Array) => Promise<string | null>) | undefined;
}
