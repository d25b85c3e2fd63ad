/** @file How following each file goes, as the thread that reads them last told: how far it is behind, how fast it reads, what stands in its way. */
import { basename } from 'node:path';
import { RecentRate } from '../recentRate.ts';
import type { FollowReport } from './watchProtocol.ts';
import type { Status } from '../../../shared/workspace.ts';

type Known = { report: FollowReport; at: number; rate: RecentRate };
type File = Pick<FollowReport, 'watchId' | 'path'>;

/** Of one file. `lagMs`: how old what is not read yet is. */
export type FileProgress = Pick<FollowReport, 'state' | 'message' | 'lagBytes'> & {
  lagMs: number;
  linesPerSecond: number;
};

/** Of all files together. `name`: of the log, where there is one only. */
export type Progress = Omit<NonNullable<Status['live']>, 'trouble'>;

/** Instants are milliseconds of a clock that is never set. */
export class FollowReports {
  /** By watch and path. */
  readonly #known = new Map<string, Known>();

  accept(report: FollowReport, now: number): void {
    const key = keyOf(report);
    const known = this.#known.get(key);
    const rate = known?.rate ?? new RecentRate(now);
    // What was there when it was first looked at did not come just now.
    if (known) rate.add(report.lineCount - known.report.lineCount, now);
    this.#known.set(key, { report, at: now, rate });
  }

  /** Its files are let go, or looked at anew. */
  forget(watchId: number): void {
    for (const [key, { report }] of this.#known) if (report.watchId === watchId) this.#known.delete(key);
  }

  /** Null before the first report. */
  of(file: File, now: number): FileProgress | null {
    const known = this.#known.get(keyOf(file));
    if (!known) return null;
    const { state, message } = known.report;
    return { state, message, ...lagOf(known, now), linesPerSecond: Math.round(known.rate.perSecond(now)) };
  }

  /** Why files cannot be read, in words, each with its path. */
  failures(): string[] {
    return [...this.#known.values()].flatMap(({ report }) =>
      report.state === 'failed' ? [report.message ?? `${report.path} cannot be read.`] : [],
    );
  }

  all(now: number): Progress {
    const all = [...this.#known.values()];
    const withLog = all.filter(({ report }) => report.sourceId !== null);
    const lags = all.map((known) => lagOf(known, now));
    const [only] = withLog;
    return {
      name: only && withLog.length === 1 ? basename(only.report.path) : null,
      sourceCount: withLog.length,
      waiting: all.filter(({ report }) => report.state !== 'following').length,
      lagBytes: lags.reduce((sum, { lagBytes }) => sum + lagBytes, 0),
      lagMs: lags.reduce((most, { lagMs }) => Math.max(most, lagMs), 0),
      linesPerSecond: all.reduce((sum, { rate }) => sum + Math.round(rate.perSecond(now)), 0),
    };
  }
}

function lagOf({ report, at }: Known, now: number): { lagBytes: number; lagMs: number } {
  const { lagBytes, lagMs } = report;
  return { lagBytes, lagMs: lagBytes > 0 ? Math.round(lagMs + now - at) : 0 };
}

function keyOf({ watchId, path }: File): string {
  return `${watchId}\0${path}`;
}
