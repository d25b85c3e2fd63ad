/** @file Labelled sessions as every way of detecting gets them, and their cut by time: what trains, what stops training, what sets thresholds, what is judged. */
import type { TemplateRecord } from '../../../src/main/store/protocol/sources.ts';

export type BenchSession = {
  /** Kind of each event, any whole number. */
  keys: number[];
  /** The line of each event. */
  lines: string[];
  /** Of each event, whether its kind came shortly before in the same log. Left out where nobody can be another version of anything. */
  isRepeat?: boolean[];
  isThreat: boolean;
  hasBegin: boolean;
  /** Seen to end: not cut off by the log's end. */
  hasEnd: boolean;
};

export type LabelledSet = {
  name: string;
  /** In order of time, harmless. */
  learned: BenchSession[];
  /** Later ones of both kinds; in order of time where the data say. */
  test: BenchSession[];
  /** Each session is one stretch however long. */
  isWhole: boolean;
  /** Words at the beginning of every line that are its head. */
  headWords: number;
  /** What a reader of the figures must know. */
  notes: string[];
  /** Of kinds that are `kindKey`s, by template: what was learned may come in another version. */
  templates?: ReadonlyMap<number, TemplateRecord>;
};

export type Split = Pick<LabelledSet, 'isWhole' | 'templates'> & {
  training: BenchSession[];
  validation: BenchSession[];
  calibration: BenchSession[];
  test: BenchSession[];
};

/** Of what is learned from, as the app divides it. */
export const shares = { training: 0.7, validation: 0.1 } as const;

export function splitByTime(set: Pick<LabelledSet, 'learned' | 'test' | 'isWhole' | 'templates'>): Split {
  const { learned, test, isWhole, templates } = set;
  const trainingEnd = Math.floor(learned.length * shares.training);
  const validationEnd = Math.floor(learned.length * (shares.training + shares.validation));
  return {
    training: learned.slice(0, trainingEnd),
    validation: learned.slice(trainingEnd, validationEnd),
    calibration: learned.slice(validationEnd),
    test,
    isWhole,
    ...(templates ? { templates } : {}),
  };
}

/** One session of each vector of counts and label, the first. */
export function uniqueByCounts(sessions: readonly BenchSession[]): BenchSession[] {
  const known = new Set<string>();
  return sessions.filter(({ keys, isThreat }) => {
    const vector = `${isThreat} ${[...keys].sort((a, b) => a - b).join(' ')}`;
    const isNew = !known.has(vector);
    known.add(vector);
    return isNew;
  });
}

/** Its first `count` events, as a log that ends there has it. */
export function cutOff(session: BenchSession, count: number): BenchSession {
  const { keys, lines, isRepeat } = session;
  const repeats = isRepeat ? { isRepeat: isRepeat.slice(0, count) } : {};
  return { ...session, keys: keys.slice(0, count), lines: lines.slice(0, count), ...repeats, hasEnd: false };
}
