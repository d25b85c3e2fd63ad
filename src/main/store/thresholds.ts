/** @file Versions of the thresholds, append-only. The newest version of a model is its current one. */
import type { Threshold, ThresholdVersion } from '../../shared/thresholds.ts';
import type { Preset } from '../../shared/presets.ts';
import { AppError } from '../../shared/errors.ts';
import type { Taught } from '../../shared/taught.ts';
import type { Audit } from './audit.ts';
import type { Connection, Input, Output } from './statements.ts';
import { inTransaction } from './statements.ts';

type ListedRow = {
  version: number;
  model_id: string;
  score: number;
  budget_score: number;
  reason: Threshold['reason'];
  budget_alerts: number;
  budget_per: Threshold['budget']['per'];
  events_per_period: number;
  calibration_events: number;
  meaning: string;
  created_at: number;
  verdict_count: number;
  preset: string;
  is_current: number;
  is_taught: number;
};
type Row = ListedRow & { taught: string | null };

function toVersion(row: ListedRow): ThresholdVersion {
  return {
    version: row.version,
    modelId: row.model_id,
    score: row.score,
    budgetScore: row.budget_score,
    reason: row.reason,
    budget: { alerts: row.budget_alerts, per: row.budget_per },
    eventsPerPeriod: row.events_per_period,
    calibrationEvents: row.calibration_events,
    meaning: row.meaning,
    createdAt: row.created_at,
    verdictCount: row.verdict_count,
    preset: JSON.parse(row.preset) as Preset,
    isCurrent: row.is_current === 1,
    isTaught: row.is_taught === 1,
  };
}

function toThreshold(row: Row): Threshold {
  const { isTaught: _isTaught, ...version } = toVersion(row);
  return { ...version, taught: row.taught === null ? null : (JSON.parse(row.taught) as Taught) };
}

/** SQLite's word for no limit. */
const everyRow = -1;

export type Thresholds = ReturnType<typeof prepareThresholds>;

export function prepareThresholds(db: Connection, audit: Audit) {
  const columns = `version, model_id, score, budget_score, reason, budget_alerts, budget_per, events_per_period,
      calibration_events, meaning, created_at, verdict_count, preset,
      version = (SELECT max(version) FROM threshold AS newer WHERE newer.model_id = threshold.model_id) AS is_current,
      taught IS NOT NULL AS is_taught`;
  const select = `SELECT ${columns}, taught FROM threshold`;
  const newest = db.prepare<[limit: number], ListedRow>(
    `SELECT ${columns} FROM threshold ORDER BY version DESC LIMIT ?`,
  );
  const newestOf = db.prepare<[modelId: string, limit: number], ListedRow>(
    `SELECT ${columns} FROM threshold WHERE model_id = ? ORDER BY version DESC LIMIT ?`,
  );
  const byVersion = db.prepare<[number], Row>(`${select} WHERE version = ?`);
  const newestInUse = db.prepare<[], Row>(
    `${select} WHERE model_id = (SELECT id FROM model WHERE state = 'in_use') ORDER BY version DESC LIMIT 1`,
  );
  const recentOf = db.prepare<[modelId: string, limit: number], Row>(
    `${select} WHERE model_id = ? ORDER BY version DESC LIMIT ?`,
  );
  const modelExists = db.prepare<[string], number>('SELECT 1 FROM model WHERE id = ?').pluck();
  const insert = db.prepare<Record<string, string | number | null>>(
    `INSERT INTO threshold (model_id, score, budget_score, reason, budget_alerts, budget_per, events_per_period,
       calibration_events, meaning, created_at, verdict_count, taught, preset)
     VALUES (@modelId, @score, @budgetScore, @reason, @alerts, @per, @eventsPerPeriod, @calibrationEvents, @meaning,
       @createdAt, @verdictCount, @taught, @preset)`,
  );
  return {
    add: ({ threshold, actor }: Omit<Input<'add_threshold'>, 'setting'>): Output<'add_threshold'> =>
      inTransaction(db, () => {
        const { modelId, score, budgetScore, reason, budget, eventsPerPeriod, calibrationEvents } = threshold;
        const { meaning, createdAt, verdictCount } = threshold;
        const taught = threshold.taught ? JSON.stringify(threshold.taught) : null;
        if (modelExists.get(modelId) === undefined) {
          throw new AppError('NOT_FOUND', `There is no model ${modelId} to add a threshold to.`);
        }
        const figures = { modelId, score, budgetScore, reason, ...budget, eventsPerPeriod, calibrationEvents };
        const said = { meaning, createdAt, verdictCount, taught, preset: JSON.stringify(threshold.preset) };
        const version = Number(insert.run({ ...figures, ...said }).lastInsertRowid);
        const weights = threshold.taught?.weights;
        audit.append({
          action: 'threshold.added',
          subject: String(version),
          details: {
            modelId,
            score,
            reason,
            verdictCount,
            preset: threshold.preset.kind,
            ...(weights ? { weights } : {}),
          },
          actor,
        });
        return toThreshold(byVersion.get(version) as Row);
      }),
    current: (): Threshold | null => {
      const row = newestInUse.get();
      return row ? toThreshold(row) : null;
    },
    recent: ({ modelId, limit }: Input<'recent_thresholds'>): Threshold[] =>
      recentOf.all(modelId, limit).map(toThreshold),
    get: ({ version }: Input<'get_threshold'>): Output<'get_threshold'> => {
      const row = byVersion.get(version);
      return row ? toThreshold(row) : null;
    },
    /** Each model has one that is current. */
    list: ({ modelId, limit = everyRow }: Input<'list_thresholds'>): Output<'list_thresholds'> =>
      (modelId === null ? newest.all(limit) : newestOf.all(modelId, limit)).map(toVersion).reverse(),
  };
}
