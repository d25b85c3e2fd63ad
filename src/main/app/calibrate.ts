/** @file What turns a learned model's bits into p-values, from the events held back from training; and which of its graphs scores on the CPU. */
import { rowDoubt } from '../../shared/rowDoubt.ts';
import type { SourceFormat } from '../../shared/lines.ts';
import type { EngineMethods } from '../../shared/engineProtocol.ts';
import type { Client } from '../../shared/port.ts';
import { keyTokens, packSequences, type SequenceSet } from '../../shared/sequences.ts';
import type { KeyModelShape } from '../../shared/trainerProtocol.ts';
import { fitCalibration } from '../detect/calibration.ts';
import type { GroupKey } from '../detect/detector.ts';
import { fitFusionOnRows } from '../detect/fusion.ts';
import { judgeGraphs } from '../detect/graphGate.ts';
import type { OwnRows } from '../detect/ownRows.ts';
import { fitKinds, KindModel, newsBits, type Kind } from '../detect/kinds.ts';
import { openDetectors } from './detection/detectorSet.ts';
import { groupKeyOf } from '../detect/groups.ts';
import { HeldBack, validationViews, type HeldRows, type HeldSession } from './detection/heldBack.ts';
import { KindVersions } from './detection/kindVersions.ts';
import type { LineScores } from './detection/lineScores.ts';
import { learnDetectors } from './detection/learnDetectors.ts';
import { usualPerplexityOf } from './detection/perplexity.ts';
import type { TablePages } from './detection/tablePages.ts';
import { logitsOf, type WindowClassifier } from './detection/windowClassifier.ts';
import { scoredSessions, type CutTable, type ScoredSession } from '../learn/dataset.ts';
import { kindKey, templateOfKind } from '../learn/keyTable.ts';
import type { Vocabulary } from '../learn/vocabulary.ts';
import type { TemplateRecord } from '../store/protocol/sources.ts';
import { addUnseenBits, kindOf, type Calibrated, type Calibrations, type ModelCard } from './keyModel.ts';

/** Calibration scores one unseen kind of line may contribute: an incident that repeats itself must not raise the threshold by its length. */
const maxScoresPerUnseenKind = 3;
const histogramBins = 40;

export type CalibrateInput = {
  directory: string;
  /** Null where no network was trained. */
  shape: KeyModelShape | null;
  cut: readonly CutTable[];
  vocabulary: Vocabulary;
  templates: ReadonlyMap<number, TemplateRecord>;
  keys: ModelCard['keys'];
  /** -log10 p at which the alert budget alerts. */
  budgetScore: number;
  /** Of each table, what detectors of the log's order learn from and are calibrated on; null for sessions of ids. */
  pages: readonly TablePages[] | null;
  /** Of the detectors of lines, with what they learned. */
  lines: LineScores;
  /** Of each table. */
  formats: readonly SourceFormat[];
  /** With which the model is to judge; left out: with none. */
  classifier?: CalibratedClassifier | undefined;
};

/** `labelled`: of each table, 1 for rows that it learned are anomalous. They are no normal rows to it, and it says nothing of them. */
export type CalibratedClassifier = { classifier: WindowClassifier; labelled: readonly Uint8Array[] };

type Held = { cut: CutTable; session: ScoredSession };
/** Bits of the held-back events, and the largest of each of their sessions. */
type Scores = { events: Float64Array; sessions: Float64Array; rows: HeldRows };

/**
 * Scores the sessions held back, in their whole context, with both graphs: each has a calibration of its own. Without a network the others are
 * calibrated all the same, and nothing is said of a graph.
 */
export async function calibrate(
  engine: Client<EngineMethods>,
  input: CalibrateInput,
  signal: AbortSignal,
): Promise<Calibrated> {
  const { directory, shape, cut, vocabulary, templates, pages, lines } = input;
  // Sessions of ids have no wording.
  const versions = input.keys === 'lines' ? new KindVersions(vocabulary, templates) : null;
  versions?.meet(templates.values());
  const isWhole = input.keys === 'sequences';
  const held = cut.flatMap((one): Held[] =>
    [...scoredSessions(one.table, vocabulary)]
      .filter(({ rows }) => (rows.at(-1) ?? 0) >= one.cuts.trainingEnd)
      .map((session) => ({ cut: one, session })),
  );
  const sequences = packSequences(held.map(({ session }) => session.ids));
  const compared = shape ? await engine.call('compare', { directory, shape, sequences }, { signal }) : null;
  const known = vocabulary.entries.map((entry) => kindOf(templates.get(entry.templateIndex), entry.severity));
  // The held-back part is scored by what training knew, or its own new kinds would look expected.
  const counts = vocabulary.entries.map(({ count }) => count);
  const later = heldBackKinds(cut, vocabulary, templates);
  const laterShare = {
    unknown: later.reduce((sum, { events }) => sum + events, 0),
    events: cut.reduce((sum, { cuts, doubt }) => sum + normalCount(doubt.marks.subarray(cuts.trainingEnd)), 0),
  };
  // How rare news is says the same here and in scoring, or unknown kinds would be measured by another scale than they are judged by.
  const news = newsBits(counts, laterShare);
  const kinds = new KindModel(fitKinds(known, [], news));
  const sessions = held.map((one, index): HeldSession => ({ ...one, start: sequences.offsets[index] ?? 0 }));
  const withUnseen = (modelBits: Float32Array): Float32Array => {
    const bits = Float32Array.from(modelBits);
    addUnseenBits(bits, kinds, sequences, (sequence, position) => {
      const { cut: of, session } = held[sequence] ?? {};
      const row = session?.rows[position - 1] ?? 0;
      return kindOf(templates.get(of?.table.templateIndexes[row] ?? 0), of?.table.severities[row] ?? -1);
    });
    return bits;
  };
  const f32Bits = compared ? withUnseen(compared.f32) : new Float32Array();
  const scored = compared ? validationViews(sessions, f32Bits) : null;
  const { learned: learnedLines, ids: lineIds } = lines.detection;
  const { classifier } = input;
  const logits = classifier && (await heldLogits(engine, classifier, { cut, held, sequences }, signal));
  const context = { isWhole, scored, classifier: classifier?.classifier.state };
  const learned = { ...learnDetectors(cut, vocabulary, pages, context), ...learnedLines };
  const heldBack = await HeldBack.of(cut, { set: openDetectors(learned, lineIds), lines, vocabulary }, pages, signal);
  const scoresOf = (bits: Float32Array): Scores => {
    const rows = heldBack.rows(sessions, { bits, logits }, isWhole);
    return { ...calibrationScores(held, sequences.offsets, bits), rows };
  };
  const f32 = scoresOf(f32Bits);
  const { calibrations, rows } = calibrationsOf(f32, input);
  const data = {
    vocabulary: [...vocabulary.entries],
    kinds: fitKinds(known, later, news),
    ...(versions ? { versions: { programs: versions.programs } } : {}),
    ...calibrations,
    histogram: histogramOf(f32.events),
  };
  if (!compared || !shape) return { data, learned, quantisation: null, ownRows: { f32: rows } };
  if ('failure' in compared.int8)
    return {
      data,
      learned,
      quantisation: { isUsed: false, reason: compared.int8.failure, figures: null },
      ownRows: { f32: rows },
    };
  const int8 = scoresOf(withUnseen(compared.int8.bits));
  const alerting = isWhole ? 'sessions' : 'events';
  const quantisation = judgeGraphs({
    modelBits: { f32: compared.f32, int8: compared.int8.bits },
    alerting: { f32: f32[alerting], int8: int8[alerting] },
    events: { f32: f32.events, int8: int8.events },
    timesAsFast: compared.int8.timesAsFast,
    width: shape.width,
    budgetScore: input.budgetScore,
  });
  // Kept either way: how fast a graph was must not change what learning the same again gives.
  const ofInt8 = calibrationsOf(int8, input);
  return {
    data: { ...data, int8: ofInt8.calibrations },
    learned,
    quantisation,
    ownRows: { f32: rows, int8: ofInt8.rows },
  };
}

async function heldLogits(
  engine: Client<EngineMethods>,
  { classifier, labelled }: CalibratedClassifier,
  { cut, held, sequences }: { cut: readonly CutTable[]; held: readonly Held[]; sequences: SequenceSet },
  signal: AbortSignal,
): Promise<Float32Array> {
  const logits = await logitsOf(engine, classifier, sequences, signal);
  held.forEach(({ cut: of, session: { rows } }, index) => {
    const own = labelled[cut.indexOf(of)];
    const first = (sequences.offsets[index] ?? 0) + 1;
    rows.forEach((row, place) => {
      if (own?.[row] === 1) logits[first + place] = Number.NaN;
    });
  });
  return logits;
}

function calibrationsOf(
  { events, sessions, rows }: Scores,
  { cut, keys, formats, templates }: CalibrateInput,
): { calibrations: Calibrations; rows: OwnRows } {
  const { fusion, rows: own } = fitFusionOnRows({
    columns: rows.columns,
    kinds: rows.kinds,
    ...(normalCount(rows.doubt) < rows.doubt.length
      ? { doubt: { marks: rows.doubt, falseAlarms: falseAlarmsAmong(rows, cut) } }
      : {}),
    // Sessions of ids are of one group.
    ...(keys === 'lines' ? { groups: groupsOf(rows, formats, templates) } : {}),
  });
  const calibrations = {
    calibration: fitCalibration(events),
    sessionCalibration: fitCalibration(sessions),
    fusion,
    usualPerplexity: usualPerplexityOf(rows.perplexities.filter((_, row) => rows.doubt[row] === rowDoubt.none)),
  };
  return { calibrations, rows: own };
}

/**
 * Of the alerts among what was held back that nobody decided, how many the threshold made false ones likely to be: the share of rows that it lets
 * alert, less those that were found to be harmless. Of logs without such alerts nothing is known to have been judged.
 */
function falseAlarmsAmong({ tables, doubt }: HeldRows, cut: readonly CutTable[]): number {
  return cut.reduce((sum, { table, cuts, doubt: { shownFrom, harmlessEventIds } }, index) => {
    const own = doubt.filter((_, row) => tables[row] === index);
    if (!own.includes(rowDoubt.undecidedAlert)) return sum;
    const firstEventId = table.eventIds[cuts.validationEnd] ?? Infinity;
    const harmless = harmlessEventIds.filter((id) => id >= firstEventId).length;
    return sum + Math.max(0, normalCount(own) * 10 ** -shownFrom - harmless);
  }, 0);
}

function normalCount(marks: Uint8Array): number {
  return marks.reduce((count, mark) => count + (mark === rowDoubt.none ? 1 : 0), 0);
}

/** By program and format, numbered as they come. */
function groupsOf(
  { kinds, tables }: HeldRows,
  formats: readonly SourceFormat[],
  templates: ReadonlyMap<number, TemplateRecord>,
): { keys: GroupKey[]; of: Int32Array } {
  const numbers = new Map<GroupKey, number>();
  const of = Int32Array.from(kinds, (kind, row) => {
    const format = formats[tables[row] ?? 0] ?? 'plain';
    const key = groupKeyOf(format, templates.get(templateOfKind(kind))?.prefixHash ?? 0);
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  });
  return { keys: [...numbers.keys()], of };
}

function calibrationScores(held: readonly Held[], offsets: Int32Array, bits: Float32Array): Omit<Scores, 'rows'> {
  const events: number[] = [];
  const sessions: number[] = [];
  const perKind = new Map<number, number>();
  held.forEach(({ cut: { table, cuts, doubt }, session: { ids, rows, hasEnd } }, sequence) => {
    const start = offsets[sequence] ?? 0;
    if ((rows.at(-1) ?? 0) < cuts.validationEnd) return;
    let largest: number | null = null;
    rows.forEach((row, index) => {
      if (row < cuts.validationEnd || doubt.marks[row] !== rowDoubt.none) return;
      let value = bits[start + index + 1] ?? 0;
      if (hasEnd && index === rows.length - 1) value = Math.max(value, bits[start + ids.length - 1] ?? 0);
      largest = Math.max(largest ?? 0, value);
      if (ids[index + 1] === keyTokens.unseen) {
        const template = table.templateIndexes[row] ?? 0;
        const seen = perKind.get(template) ?? 0;
        perKind.set(template, seen + 1);
        if (seen >= maxScoresPerUnseenKind) return;
      }
      events.push(value);
    });
    if (largest !== null) sessions.push(largest);
  });
  return { events: Float64Array.from(events), sessions: Float64Array.from(sessions) };
}

/** Kinds that came only after the training part, with how often: not surprising for being new any more. */
function heldBackKinds(
  cut: readonly CutTable[],
  vocabulary: Vocabulary,
  templates: ReadonlyMap<number, TemplateRecord>,
): { kind: Kind; events: number }[] {
  const found = new Map<number, { kind: Kind; events: number }>();
  for (const { table, cuts, doubt } of cut) {
    for (let row = cuts.trainingEnd; row < table.eventIds.length; row++) {
      if (doubt.marks[row] !== rowDoubt.none) continue;
      const templateIndex = table.templateIndexes[row] ?? 0;
      const severity = table.severities[row] ?? -1;
      if (vocabulary.idOf(templateIndex, severity) !== keyTokens.unseen) continue;
      const key = kindKey(templateIndex, severity);
      const entry = found.get(key) ?? { kind: kindOf(templates.get(templateIndex), severity), events: 0 };
      entry.events++;
      found.set(key, entry);
    }
  }
  return [...found.values()];
}

function histogramOf(scores: Float64Array): { binBits: number; counts: number[] } {
  const largest = scores.reduce((max, score) => Math.max(max, score), 1);
  const binBits = Math.max(0.25, Math.ceil((largest / histogramBins) * 4) / 4);
  const counts = new Array<number>(Math.ceil(largest / binBits) + 1).fill(0);
  for (const score of scores) counts[Math.floor(score / binBits)] = (counts[Math.floor(score / binBits)] ?? 0) + 1;
  return { binBits, counts };
}
