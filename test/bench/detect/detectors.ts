/** @file The product's own detectors and their fusion on sessions in memory: the same files, fitted and opened as learning and scoring do. */
import type { DetectorId } from '../../../src/shared/detectors.ts';
import { sessionDetectors } from '../../../src/main/detect/detectors/registry.ts';
import type { SessionDetector } from '../../../src/main/detect/detector.ts';
import { fitFusion, Fusion, type DetectorColumn } from '../../../src/main/detect/fusion.ts';
import { drawCuts, openGroup } from '../../../src/main/detect/openSessions.ts';
import type { ScoreSessions } from './baselines.ts';
import { score, type Prepared, type Scored } from './prepared.ts';
import { cutOff } from './sessions.ts';

/** All that learn from a log by themselves: what judges by labels needs a classifier. */
export const detectors = (sessionDetectors as readonly SessionDetector[]).filter(({ id }) => id !== 'labelled');

/** Whole sessions: the largest score of any of its events; NaN where the detector says nothing. */
export function byDetector(
  detector: SessionDetector,
  prepared: Prepared,
): (sessions: readonly Scored[]) => Float32Array {
  const { training, vocabularySize, isWhole, validation } = prepared;
  const state: unknown = detector.fit(training, {
    vocabularySize,
    isWhole,
    scored: validation.map(({ view }) => view),
  });
  // As it comes back from the model's file.
  const opened = detector.open(JSON.parse(JSON.stringify(state)));
  return (sessions) =>
    Float32Array.from(sessions, ({ view }) => {
      const scores = new Float32Array(view.count).fill(NaN);
      opened.begin(isWhole).score(view, scores);
      return scores.reduce((most, own) => (own > most || Number.isNaN(most) ? own : most), NaN);
    });
}

export function named(id: DetectorId): SessionDetector {
  const detector = detectors.find((one) => one.id === id);
  if (!detector) throw new Error(`There is no detector ${id}.`);
  return detector;
}

const cuts = 400;
const seed = 1;

/** -log10 of the fused p-value. Sessions that the log's end cut off are a group of their own, made by cutting those held back. */
export async function fused(prepared: Prepared, ids?: readonly DetectorId[]): Promise<ScoreSessions> {
  const used = detectors.filter(({ id }) => !ids || ids.includes(id));
  const scorers = used.map((detector) => ({ id: detector.id, score: byDetector(detector, prepared) }));
  const columnsOf = (sessions: readonly Scored[]): DetectorColumn[] =>
    scorers.map(({ id, score: own }) => ({ id, scores: own(sessions) }));
  // In a log of lines most sessions are open at its end: there they are judged like the others.
  const ended = prepared.calibration.filter(({ session }) => session.hasEnd || !prepared.isWhole);
  const open = await score(
    prepared.model,
    drawCuts(
      ended.map(({ session }) => session.keys.length),
      cuts,
      seed,
    ).flatMap(({ session, count }) => {
      const whole = ended[session]?.session;
      return whole ? [cutOff(whole, count)] : [];
    }),
    prepared,
  );
  const data = fitFusion({ columns: columnsOf(ended), apart: [{ key: openGroup, columns: columnsOf(open) }] });
  const fusion = new Fusion(data);
  const group = fusion.groupOf(openGroup);
  return (sessions) => {
    const columns = fusion.columnsOf(columnsOf(sessions));
    return sessions.map(({ session }, row) =>
      fusion.score(columns, row, session.hasEnd || !prepared.isWhole ? -1 : group),
    );
  };
}
