/** @file Models that were retrained and proposed: the gate's report, and whether they were adopted or discarded. */
import { AppError } from '../../shared/errors.ts';
import { failedOf, type GateReport, type RetrainingState } from '../../shared/retraining.ts';
import type { AlertWindows } from './alertWindows.ts';
import type { Audit } from './audit.ts';
import type { Models } from './models.ts';
import type { RetrainingRecord } from './protocol/models.ts';
import type { Connection, Input, Output } from './statements.ts';
import { inTransaction } from './statements.ts';
import type { Thresholds } from './thresholds.ts';

type Row = {
  model_id: string;
  parent_id: string;
  state: RetrainingState;
  report: string;
  proposed_at: number;
  decided_at: number | null;
  analyst: string | null;
  override: string | null;
  model_number: number;
  parent_number: number;
};

function toRecord(row: Row): RetrainingRecord {
  return {
    modelId: row.model_id,
    modelNumber: row.model_number,
    parentId: row.parent_id,
    parentNumber: row.parent_number,
    state: row.state,
    report: JSON.parse(row.report) as GateReport,
    proposedAt: row.proposed_at,
    decidedAt: row.decided_at,
    analyst: row.analyst,
    override: row.override,
  };
}

export type Retrainings = ReturnType<typeof prepareRetrainings>;

export function prepareRetrainings(
  db: Connection,
  parts: { audit: Audit; models: Models; thresholds: Thresholds; windows: AlertWindows },
) {
  const { audit, models, thresholds, windows } = parts;
  const select = `SELECT retraining.*, model.number AS model_number, parent.number AS parent_number FROM retraining
    CROSS JOIN model ON model.id = retraining.model_id CROSS JOIN model AS parent ON parent.id = retraining.parent_id`;
  const all = db.prepare<[], Row>(`${select} ORDER BY model.number DESC`);
  const byModel = db.prepare<[string], Row>(`${select} WHERE retraining.model_id = ?`);
  const adopted = db.prepare<[], number>(`SELECT count(*) FROM retraining WHERE state = 'adopted'`).pluck();
  const insert = db.prepare<[string, string, string, number]>(
    `INSERT INTO retraining (model_id, parent_id, state, report, proposed_at) VALUES (?, ?, 'proposed', ?, ?)`,
  );
  const setReport = db.prepare<[string, string]>('UPDATE retraining SET report = ? WHERE model_id = ?');
  const adopt = db.prepare<[number, string, string | null, string]>(
    `UPDATE retraining SET state = 'adopted', decided_at = ?, analyst = ?, override = ? WHERE model_id = ?`,
  );
  const proposed = (modelId: string): Row => {
    const row = byModel.get(modelId);
    if (!row) throw new AppError('NOT_FOUND', 'That model did not come of a retraining.');
    if (row.state !== 'proposed')
      throw new AppError('CONFLICT', `Model m${row.model_number} was ${row.state} already.`);
    return row;
  };
  return {
    /** Newest model first. */
    list: (): Output<'list_retrainings'> => all.all().map(toRecord),

    countAdopted: (): Output<'count_adopted'> => adopted.get() ?? 0,

    /** The model is whole, kept, and waits for a decision: one transaction. */
    propose: ({ parentId, report, actor, ...model }: Input<'propose_model'>): undefined =>
      inTransaction(db, () => {
        models.update({ ...model, state: 'kept', actor });
        insert.run(model.id, parentId, JSON.stringify(report), actor.at);
        const details = { parentId, learned: report.learned, heldOut: report.heldOut, failed: failedOf(report.checks) };
        audit.append({ action: 'retraining.proposed', subject: model.id, details, actor });
        return undefined;
      }),

    setReport: ({ modelId, report, isRefused, actor }: Input<'set_gate_report'>): undefined =>
      inTransaction(db, () => {
        const { parent_id: parentId } = proposed(modelId);
        setReport.run(JSON.stringify(report), modelId);
        const details = { parentId, failed: failedOf(report.checks), lost: report.replay.lost.count };
        if (isRefused) audit.append({ action: 'retraining.refused', subject: modelId, details, actor });
        return undefined;
      }),

    /** Decision, threshold and model in use change together or not at all. */
    adopt: (input: Omit<Input<'adopt_retraining'>, 'scoring'>): Output<'adopt_retraining'> =>
      inTransaction(db, () => {
        const { modelId, threshold, override, verdictNumber, actor } = input;
        const { parent_id: parentId } = proposed(modelId);
        if (windows.newestVerdict() !== verdictNumber) return { isAdopted: false };
        adopt.run(actor.at, actor.analyst, override, modelId);
        audit.append({ action: 'retraining.adopted', subject: modelId, details: { parentId, override }, actor });
        thresholds.add({ threshold, actor });
        models.use({ modelId, actor });
        return { isAdopted: true };
      }),

    discard: ({ modelId, actor }: Input<'discard_retraining'>): undefined =>
      inTransaction(db, () => {
        proposed(modelId);
        audit.append({ action: 'retraining.discarded', subject: modelId, details: {}, actor });
        models.remove({ modelId, now: actor.at, actor });
        return undefined;
      }),
  };
}
