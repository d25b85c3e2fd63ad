/** @file What main asks of the import thread about sources that grow. Main pulls: lines are read as fast as they are asked for. */
import type { Actor } from '../../store/protocol/workspace.ts';
import type { WatchRecord } from '../../store/protocol/follows.ts';

export type FollowInput = {
  /** All that is to be followed from now on; what is not among them is let go. */
  watches: WatchRecord[];
  /** Zone assumed where a log states none. */
  zone: string;
  now: number;
  actor: Actor;
};

/** How a followed file is, as far as reading goes. */
export type FollowReport = {
  watchId: number;
  path: string;
  /** Null until its first lines came. */
  sourceId: number | null;
  state: 'following' | 'waiting' | 'failed';
  message: string | null;
  lagBytes: number;
  /** How long the oldest byte that is not read has been there. */
  lagMs: number;
  lineCount: number;
  /** Standard input has ended. */
  isOver: boolean;
};

export type ReadOnOutput = {
  /** Sources that got events, or whose sessions ended, and their last event. */
  appended: { sourceId: number; lastEventId: number }[];
  /** Files whose state or lag is another than when it was last said. */
  changed: FollowReport[];
  /** Files of all watches. */
  fileCount: number;
  /** Why nothing is written; null while all goes well. */
  trouble: string | null;
};

/** Each takes a range of ids for itself, and is a row wherever logs are listed. */
export const mostApiSources = 1000;

/** A line that was sent and not read: whole, with its time, of a source that bears a name. */
export type PushedLine = { source: string; raw: string; at: number };

export type PushInput = Omit<FollowInput, 'watches'> & { watchId: number; lines: PushedLine[] };

export type PushOutput = {
  /** Of each line. */
  eventIds: number[];
  /** Sources that got events, or whose sessions ended. */
  sourceIds: number[];
};

export type WatchMethods = {
  /** Answers when what is let go is read no more. */
  follow: { input: FollowInput; output: undefined };
  /** One micro-batch over all sources: answers when there was one, or after a second without. */
  read_on: { input: undefined; output: ReadOnOutput };
  /** Makes events of lines, durable when it answers; without lines ends sessions that have been silent too long. All or nothing. */
  push: { input: PushInput; output: PushOutput };
};
