/**
 * @file Mistakes and poison, from the verdict through the store to what is in force and back. Catches a wrong label that leaves a trace when it is taken
 * back, a run of labels that blinds without a word, and an alert that nobody decided among what is normal.
 */
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { reachOfVerdicts } from '../../../src/main/detect/budget.ts';
import { fitFusionOnRows } from '../../../src/main/detect/fusion.ts';
import { secondUnder, VoteJudge, weightsUnder } from '../../../src/main/detect/reweigh.ts';
import { severityOf } from '../../../src/main/detect/severity.ts';
import { workspacePaths } from '../../../src/main/store/paths.ts';
import type { NewAlert } from '../../../src/main/store/protocol/alerts.ts';
import type { AdaptOutput, LearningWarning } from '../../../src/shared/adaptProtocol.ts';
import { defaultLearning } from '../../../src/shared/learning.ts';
import { Random } from '../../../src/shared/random.ts';
import type { Taught } from '../../../src/shared/taught.ts';
import type { VerdictValue } from '../../../src/shared/verdicts.ts';
import { adapt } from '../../../trainer/adapt/adapt.ts';
import { openTestStore } from '../../store/helpers.ts';
import {
  actor,
  addModel,
  alertOf,
  day,
  importLines,
  now,
  runOf,
  thresholdOf,
  type TestStore,
} from '../../store/rows.ts';

/** One row in a hundred alerts. */
const budgetScore = 2;
/** Of kinds of line 0 and 1. */
const families = ['syslog3164 42', 'syslog3164 43'];
const random = new Random(3);
const draw = (): Float32Array => Float32Array.from({ length: 12_000 }, () => -Math.log(random.share()));
const { rows } = fitFusionOnRows({
  columns: [
    { id: 'key', scores: draw() },
    { id: 'text', scores: draw() },
    { id: 'volume', scores: draw() },
  ],
  groups: { keys: families, of: Int32Array.from({ length: 12_000 }, (_, row) => row % 2) },
});
const judgeUnder = (taught: Taught | null): VoteJudge => {
  const weights = weightsUnder(rows, taught?.weights ?? null);
  const second = secondUnder(rows, taught ?? { weights: null, joined: null }, budgetScore);
  return new VoteJudge(
    rows.detectors.map(({ id }, place) => ({ id, weight: weights[place] ?? 0 })),
    second,
  );
};
const untaught = judgeUnder(null);

type Spec = { detector: 'key' | 'text' | 'volume'; own: number; signature: string; family?: 0 | 1 };

/** Each on a day of its own: none repeats another. */
function alertFrom(eventId: number, { detector, own, signature, family = 0 }: Spec): NewAlert {
  const votes = [{ detector, score: own }];
  const score = untaught.score(votes, families[family] ?? '') ?? 0;
  const { evidence, ...alert } = alertOf(eventId, { signature, score, detector, templateIndex: family });
  return {
    ...alert,
    ...{ severity: severityOf(score, budgetScore), at: now + eventId * day, fingerprint: `f${eventId}` },
    evidence: { ...evidence, votes },
  };
}

class Teaching {
  readonly #store: TestStore;
  #given = 0;

  private constructor(store: TestStore) {
    this.#store = store;
  }

  /** `eventCount`: rows that were judged to find them. */
  static async begin(specs: readonly Spec[], eventCount = 20_000): Promise<Teaching> {
    const store = await openTestStore();
    await addModel(store);
    const lines = Array.from({ length: 400 }, (_, row) => ({ raw: `line ${row}`, template: row % 2 }));
    const { sourceId } = await importLines(store, lines);
    const alerts = specs.map((spec, index) => alertFrom(index + 1, spec));
    await store.ask('add_threshold', { threshold: thresholdOf(budgetScore), actor });
    await store.ask('use_model', { modelId: 'model-1', actor });
    await store.ask('replace_run', { ...runOf(sourceId, 'run-1', alerts), eventCount });
    return new Teaching(store);
  }

  async give(event: number, value: VerdictValue): Promise<void> {
    const folds = value.startsWith('false_positive');
    const threshold = await this.#store.ask('current_threshold', undefined);
    await this.#store.ask('give_verdict', {
      ...{ verdictId: `v${this.#given++}`, alertId: `alert-${event}`, value, note: '', analyst: 'x', givenAt: now },
      ...{ folds, foldExpiresAt: folds ? now + 28 * day : null, minScore: threshold?.score ?? 0 },
    });
  }

  async undo(): Promise<void> {
    await this.#store.ask('undo_action', { actor, minScore: 0 });
  }

  /** As the app does behind a verdict. */
  async learn(meant: LearningWarning[] = []): Promise<AdaptOutput> {
    const ask = this.#store.ask.bind(this.#store);
    const modelId = 'model-1';
    const current = await ask('current_threshold', undefined);
    if (!current) throw new Error('There is no threshold.');
    const labels = await ask('labelled_scores', { modelId });
    const output = adapt(
      {
        ...{
          ownRowsPath: null,
          budgetScore,
          settings: defaultLearning,
          meant,
          maxShift: reachOfVerdicts(labels.length),
        },
        labels: labels.map((label) => ({ ...label, samplingWeight: label.samplingWeight ?? 1 })),
        judged: await ask('judged_rows', { modelId, minScore: current.score }),
        joinedBefore: (await ask('recent_thresholds', { modelId, limit: 16 })).flatMap(
          ({ taught }) => taught?.joined ?? [],
        ),
        calibrationRows: rows.second.pooled.count,
      },
      rows,
    );
    const { thresholdScore: score, taught } = output;
    await ask('add_threshold', {
      threshold: { ...thresholdOf(score), budgetScore, taught, reason: 'verdicts' },
      actor,
    });
    const weights = weightsUnder(rows, taught?.weights ?? null);
    const under = {
      weights: rows.detectors.map(({ id }, place) => ({ id, weight: weights[place] ?? 0 })),
      second: secondUnder(rows, taught ?? { weights: null, joined: null }, budgetScore),
    };
    await ask('rescore_alerts', { modelId, ...under, thresholdScore: score, afterNumber: 0, limit: 1000 });
    await ask('fold_late', { now, minScore: score });
    while ((await ask('fold_again', { limit: 1000 })).isLeft);
    return output;
  }

  /** All that a verdict can have an effect on. */
  async inForce() {
    const current = await this.#store.ask('current_threshold', undefined);
    const db = new Database(workspacePaths(this.#store.directory).database, { readonly: true });
    const alerts = db
      .prepare<[], Record<string, string | number | null>>(
        `SELECT id, state, round(score, 6) AS score, severity, round(own_score, 6) AS ownScore, own_severity AS ownSeverity, known_by AS knownBy,
           folded_by AS foldedBy, decided_by AS decidedBy, head_number AS head FROM alert ORDER BY number`,
      )
      .all();
    db.close();
    const memory = await this.#store.ask('list_memory', undefined);
    return { score: current?.score, taught: current?.taught, verdictCount: current?.verdictCount, alerts, memory };
  }
}

/** Alerts by one detector, each of another signature. */
const run = (count: number, spec: Omit<Spec, 'signature'>, name: string): Spec[] =>
  Array.from({ length: count }, (_, index) => ({ ...spec, signature: `${name} ${index}` }));
/** How unusual for its detector an alert by it is that is so far above the threshold. */
const ownAt = (detector: Spec['detector'], above: number): number => {
  for (let own = 0; own < 12; own += 0.01)
    if ((untaught.score([{ detector, score: own }], families[0] ?? '') ?? 0) >= budgetScore + above) return own;
  throw new Error('Nothing is so unusual.');
};
const slight = ownAt('text', 0.3);
const severe = ownAt('text', 2);

const mistakes = [
  { name: 'a false alarm that is a threat', value: 'false_positive_logic' },
  { name: 'a threat that is a false alarm', value: 'true_positive' },
] as const;

test.each(mistakes)(
  '$name, taken back, leaves no trace in memory, weights, threshold, calibration, folds and severity',
  async ({ value }) => {
    const alike = Array.from({ length: 4 }, () => ({ detector: 'text', own: slight, signature: 'alike' }) as const);
    const teaching = await Teaching.begin([
      ...run(8, { detector: 'volume', own: ownAt('volume', 0.4) }, 'noise'),
      ...run(4, { detector: 'key', own: ownAt('key', 1.5), family: 1 }, 'attack'),
      ...alike,
      ...run(6, { detector: 'text', own: slight }, 'other'),
    ]);
    for (let event = 1; event <= 5; event++) await teaching.give(event, 'false_positive_logic');
    for (let event = 9; event <= 10; event++) await teaching.give(event, 'true_positive');
    await teaching.learn();
    const before = await teaching.inForce();
    await teaching.give(13, value);
    await teaching.learn();
    const wrong = await teaching.inForce();
    // It had an effect on all of it.
    expect(wrong.memory).toHaveLength(before.memory.length + 1);
    expect(wrong.score).not.toBe(before.score);
    expect(wrong.taught?.weights).not.toEqual(before.taught?.weights);
    const [alert] = wrong.alerts.filter(({ id }) => id === 'alert-14');
    if (value === 'true_positive') expect([alert?.['state'], alert?.['severity']]).toEqual(['open', 4]);
    else {
      expect(alert?.['state']).toBe('folded');
      expect(wrong.taught?.joined?.scores).not.toEqual(before.taught?.joined?.scores);
    }
    await teaching.undo();
    await teaching.learn();
    expect(await teaching.inForce()).toEqual(before);
  },
);

test('verdicts taken back one after the other lead back through what was in force, though others hid what was shown meanwhile', async () => {
  const teaching = await Teaching.begin([
    ...run(20, { detector: 'volume', own: ownAt('volume', 0.1) }, 'noise'),
    ...run(100, { detector: 'volume', own: ownAt('volume', 0.05), family: 1 }, 'more'),
  ]);
  const states: unknown[] = [await teaching.inForce()];
  for (let event = 1; event <= 8; event++) {
    await teaching.give(event, 'false_positive_logic');
    await teaching.learn();
    states.push(await teaching.inForce());
  }
  for (let step = 7; step >= 1; step--) {
    await teaching.undo();
    await teaching.learn();
    expect(await teaching.inForce()).toEqual(states[step]);
  }
});

test('a run that would blind a detector is named and its part not learned, until somebody means it', async () => {
  const teaching = await Teaching.begin([
    ...run(60, { detector: 'volume', own: ownAt('volume', 0.8) }, 'run'),
    ...run(2, { detector: 'volume', own: ownAt('volume', 0.8), family: 1 }, 'open'),
  ]);
  for (let event = 1; event <= 60; event++) await teaching.give(event, 'false_positive_logic');
  const held = await teaching.learn();
  expect(held.warnings).toContainEqual(expect.objectContaining({ kind: 'weight', detector: 'volume' }));
  const own = rows.detectors.find(({ id }) => id === 'volume')?.weight ?? NaN;
  expect(held.taught?.weights?.volume).toBeCloseTo(own / 4, 9);
  const meant = await teaching.learn(held.warnings);
  expect(meant.warnings).toEqual([]);
  expect(meant.taught?.weights?.volume).toBeLessThan(own / 4);
});

test('a run on one family of lines that would hide what is severe in it is named and not learned, until somebody means it', async () => {
  const specs = [
    // Two of each signature, that agree; by all detectors alike, so that none of them loses weight.
    ...Array.from({ length: 120 }, (_, index): Spec => {
      const detector = (['key', 'text', 'volume'] as const)[index % 3] ?? 'key';
      return { detector, own: ownAt(detector, 1.6), signature: `run ${index >> 1}` };
    }),
    ...run(1, { detector: 'key', own: ownAt('key', 1.4) }, 'attack'),
  ];
  const teaching = await Teaching.begin(specs, 2000);
  for (let event = 1; event <= 120; event++) await teaching.give(event, 'false_positive_logic');
  const shows = async (): Promise<boolean> => {
    const { score = NaN, alerts } = await teaching.inForce();
    return Number(alerts.at(-1)?.['score']) >= score;
  };
  const held = await teaching.learn();
  expect(held.warnings).toContainEqual({ kind: 'family', family: families[0], count: 120 });
  expect(held.taught?.joined?.scores[families[0] ?? ''] ?? []).toEqual([]);
  expect(await shows()).toBe(true);
  const meant = await teaching.learn(held.warnings);
  expect(meant.warnings).not.toContainEqual(expect.objectContaining({ kind: 'family' }));
  expect(meant.taught?.joined?.scores[families[0] ?? '']).toHaveLength(120);
  expect(await shows()).toBe(false);
});

test('nothing that nobody decided is among the normals, and nothing of whose like somebody says that it was an attack', async () => {
  const twice = Array.from({ length: 3 }, () => ({ detector: 'text', own: severe, signature: 'severe' }) as const);
  const teaching = await Teaching.begin([...run(3, { detector: 'text', own: slight }, 'slight'), ...twice]);
  const normals = async (): Promise<number> =>
    Object.values((await teaching.learn()).taught?.joined?.scores ?? {}).flat().length;
  expect(await normals()).toBe(0);
  await teaching.give(1, 'false_positive_logic');
  expect(await normals()).toBe(1);
  await teaching.give(2, 'undetermined');
  expect(await normals()).toBe(1);
  await teaching.give(4, 'false_positive_logic');
  expect(await normals()).toBe(2);
  await teaching.give(5, 'false_positive_logic');
  expect(await normals()).toBe(3);
  // Somebody finds that it was an attack.
  await teaching.give(6, 'true_positive');
  expect(await normals()).toBe(1);
});
