/**
 * @file What each stream detector finds by itself: of the office's attacks, by kind, at 20 alarms in 100,000 lines as a held-back quiet stretch
 * sets them; and of logs without labels, how much it says and which lines most.
 *
 * `node test/bench/streams.ts SEED|FILE… [--show DETECTOR]`: tables on stdout; with `--show` every line that a detector spoke of.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { fitCalibration, minusLog10P } from '../../src/main/detect/calibration.ts';
import { cutPage } from '../../src/main/app/detection/tablePages.ts';
import { streamHistoryEvents, type StreamDetector, type StreamPage } from '../../src/main/detect/detector.ts';
import { streamDetectors } from '../../src/main/detect/detectors/registry.ts';
import { generateOffice } from '../../src/main/lab/office.ts';
import { pageOfLines, scoresOf } from '../helpers/streamPages.ts';

const labLines = 100_000;
const trainingShare = 0.35;
const quietShare = 0.5;
/** 20 in 100,000. */
const alarmScore = -Math.log10(2e-4);
/** Lines of one kind of attack with no more lines between them are one attack. */
const attackGap = 300;
const shownLines = 20;

type Detected = { id: string; isSpoken: boolean[]; scores: Float32Array; alarms: boolean[] };

/** -log10 p of events `from` on, by the scores of `calibrated`; of an event that the detector says nothing of, 0. */
function toAlarms(scores: Float32Array, calibrated: [number, number], from: number): boolean[] {
  const [start, end] = calibrated;
  const held = Float64Array.from(scores.subarray(start, end)).filter((score) => !Number.isNaN(score));
  const spoken = -Math.log10((held.length + 1) / (end - start + 1));
  const calibration = held.length > 0 ? fitCalibration(held) : null;
  return Array.from(scores.subarray(from), (score) => {
    if (Number.isNaN(score)) return false;
    return spoken + (calibration ? minusLog10P(calibration, score) : 0) >= alarmScore;
  });
}

function run(detector: StreamDetector<never>, page: StreamPage, trainingEnd: number): Float32Array {
  const learned = JSON.parse(JSON.stringify(detector.fit([[cutPage(page, 0, trainingEnd)]]))) as never;
  const warmFrom = Math.max(0, trainingEnd - streamHistoryEvents);
  const scorer = detector.open(learned);
  const scores = new Float32Array(page.at.length).fill(NaN);
  scores.set(scoresOf(scorer, cutPage(page, warmFrom, page.at.length)), warmFrom);
  return scores;
}

function benchSeed(seed: number, show: string | undefined): Map<string, Record<string, string>> {
  const lines = [...generateOffice({ lines: labLines, seed, anomalyRate: 0.01, startAt: Date.UTC(2026, 8, 7) })];
  const page = pageOfLines(lines.map(({ text }) => text));
  const trainingEnd = Math.floor(lines.length * trainingShare);
  const quietEnd = Math.floor(lines.length * quietShare);
  const tested = lines.slice(quietEnd);
  const kinds = [...new Set(tested.filter(({ label }) => label === 'anomaly').map(({ kind }) => kind))].sort();
  const found: Detected[] = streamDetectors.map((detector) => {
    const scores = run(detector, page, trainingEnd);
    const alarms = toAlarms(scores, [trainingEnd, quietEnd], quietEnd);
    const isSpoken = Array.from(scores.subarray(quietEnd), (score) => !Number.isNaN(score));
    return { id: detector.id, scores: scores.subarray(quietEnd), alarms, isSpoken };
  });
  const all = {
    id: 'any',
    scores: new Float32Array(),
    alarms: tested.map((_, row) => found.some(({ alarms }) => alarms[row])),
    isSpoken: [],
  };
  const table = new Map<string, Record<string, string>>();
  for (const { id, alarms, isSpoken } of [...found, all]) {
    const row: Record<string, string> = {};
    for (const kind of kinds) {
      const attacks = attacksOf(tested, kind);
      const hit = attacks.filter((rows) => rows.some((line) => alarms[line])).length;
      row[kind] = `${hit}/${attacks.length}`;
    }
    row['false alarms'] = String(alarms.filter((isAlarm, line) => isAlarm && tested[line]?.label !== 'anomaly').length);
    row.spoken = String(isSpoken.filter(Boolean).length);
    table.set(id, row);
  }
  const shown = found.find(({ id }) => id === show);
  tested.forEach(({ text, kind, label }, row) => {
    if (!shown?.isSpoken[row]) return;
    console.log((shown.scores[row] ?? 0).toFixed(1), shown.alarms[row] ? '!' : ' ', label, kind, text.slice(0, 140));
  });
  return table;
}

function attacksOf(lines: readonly { label: string; kind: string }[], kind: string): number[][] {
  const attacks: number[][] = [];
  lines.forEach((line, row) => {
    if (line.label !== 'anomaly' || line.kind !== kind) return;
    const last = attacks.at(-1);
    if (last && row - (last.at(-1) ?? 0) <= attackGap) last.push(row);
    else attacks.push([row]);
  });
  return attacks;
}

function benchFile(path: string): void {
  const lines = readFileSync(path, 'utf8').split(/\r?\n/).filter(Boolean);
  const page = pageOfLines(lines);
  const trainingEnd = Math.floor(lines.length / 2);
  for (const detector of streamDetectors) {
    const scores = run(detector, page, trainingEnd);
    const ranked = lines.flatMap((text, row) =>
      row >= trainingEnd && !Number.isNaN(scores[row] ?? NaN) ? [{ text, score: scores[row] ?? 0 }] : [],
    );
    console.log(`\n== ${detector.id}: ${ranked.length} of ${lines.length - trainingEnd} lines`);
    ranked.sort((a, b) => b.score - a.score);
    for (const { text, score } of ranked.slice(0, shownLines))
      console.log(score.toFixed(1).padStart(6), text.slice(0, 170));
  }
}

const { positionals, values } = parseArgs({ options: { show: { type: 'string' } }, allowPositionals: true });
for (const argument of positionals) {
  if (/^\d+$/.test(argument)) {
    console.log(`\nseed ${argument}`);
    console.table(Object.fromEntries(benchSeed(Number(argument), values.show)));
  } else benchFile(argument);
}
