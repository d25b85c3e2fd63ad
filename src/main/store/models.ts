/** @file The model registry: cards, loss curves and files with their hashes. The files themselves lie in the workspace folder. */
import type { ModelState } from '../../shared/models.ts';
import { AppError } from '../../shared/errors.ts';
import type { TrainProgress } from '../../shared/trainerProtocol.ts';
import type { Audit } from './audit.ts';
import type { Counters } from './counters.ts';
import type { ModelRecord } from './protocol/models.ts';
import type { Connection, Input } from './statements.ts';
import { inTransaction } from './statements.ts';

type Row = {
  number: number;
  id: string;
  state: ModelState;
  created_at: number;
  directory: string;
  card: string;
  curve: string;
  files: string;
};

function toRecord(row: Row): ModelRecord {
  return {
    id: row.id,
    number: row.number,
    state: row.state,
    createdAt: row.created_at,
    directory: row.directory,
    card: JSON.parse(row.card) as Record<string, unknown>,
    curve: JSON.parse(row.curve) as TrainProgress[],
    files: JSON.parse(row.files) as ModelRecord['files'],
  };
}

function toRow(record: ModelRecord): Row {
  return {
    number: record.number,
    id: record.id,
    state: record.state,
    created_at: record.createdAt,
    directory: record.directory,
    card: JSON.stringify(record.card),
    curve: JSON.stringify(record.curve),
    files: JSON.stringify(record.files),
  };
}

/** A model's folder lies inside the workspace: paths of a workspace that came from elsewhere must not lead out of it. */
function checkDirectory(directory: string): void {
  const isInside = !/^([/\\]|[A-Za-z]:)/.test(directory) && !directory.split(/[/\\]/).includes('..');
  if (isInside && directory !== '') return;
  throw new AppError('BAD_REQUEST', `"${directory}" is no folder inside the workspace.`);
}

export type Models = ReturnType<typeof prepareModels>;

export function prepareModels(db: Connection, parts: { audit: Audit; counters: Counters }) {
  const { audit, counters } = parts;
  const columns = 'number, id, state, created_at, directory, card, curve, files';
  const insert = db.prepare<Row>(
    `INSERT INTO model (${columns}) VALUES (@number, @id, @state, @created_at, @directory, @card, @curve, @files)`,
  );
  const update = db.prepare<Row>(
    `UPDATE model SET state = @state, created_at = @created_at, directory = @directory, card = @card, curve = @curve,
       files = @files WHERE number = @number`,
  );
  const byId = db.prepare<[string], Row>(`SELECT ${columns} FROM model WHERE id = ? AND removed_at IS NULL`);
  const list = db.prepare<[], Row>(`SELECT ${columns} FROM model WHERE removed_at IS NULL ORDER BY number`);
  const count = db.prepare<[], number>('SELECT count(*) FROM model WHERE removed_at IS NULL').pluck();
  const remove = db.prepare<[removedAt: number, id: string]>(
    `UPDATE model SET removed_at = ?, files = '[]' WHERE id = ?`,
  );
  const discardProposed = db.prepare<[at: number, analyst: string, id: string]>(
    `UPDATE retraining SET state = 'discarded', decided_at = ?, analyst = ? WHERE model_id = ? AND state = 'proposed'`,
  );
  const notAdopted = db
    .prepare<[string], number>(`SELECT 1 FROM retraining WHERE model_id = ? AND state <> 'adopted'`)
    .pluck();
  const retire = db.prepare<[string]>(`UPDATE model SET state = 'kept' WHERE state = 'in_use' AND id <> ?`);
  const get = (id: string): ModelRecord => {
    const row = byId.get(id);
    if (!row) throw new AppError('NOT_FOUND', `There is no model ${id}.`);
    return toRecord(row);
  };
  const all = (): ModelRecord[] => list.all().map(toRecord);
  return {
    list: all,
    count: (): number => count.get() ?? 0,
    add: ({ actor, ...model }: Input<'add_model'>): ModelRecord =>
      inTransaction(db, () => {
        checkDirectory(model.directory);
        if (byId.get(model.id)) throw new AppError('CONFLICT', `There is a model ${model.id} already.`);
        if (model.state === 'in_use') retire.run(model.id);
        const record = { ...model, number: counters.take('model') };
        insert.run(toRow(record));
        audit.append({ action: 'model.added', subject: model.id, details: { state: model.state }, actor });
        return record;
      }),
    /** Changes what is given and keeps the rest. */
    update: ({ actor, ...changes }: Input<'update_model'>): ModelRecord =>
      inTransaction(db, () => {
        const record = { ...get(changes.id), ...changes };
        checkDirectory(record.directory);
        if (record.state === 'in_use') retire.run(record.id);
        update.run(toRow(record));
        audit.append({
          action: 'model.updated',
          subject: record.id,
          details: { state: record.state, files: record.files.map(({ name, sha256 }) => ({ name, sha256 })) },
          actor,
        });
        return record;
      }),
    remove: ({ modelId, now, actor }: Input<'remove_model'>): undefined =>
      inTransaction(db, () => {
        const { number, state, files } = get(modelId);
        if (state === 'in_use')
          throw new AppError('CONFLICT', `Model m${number} is in use. Put another model in use before you delete it.`);
        if (state === 'training')
          throw new AppError('CONFLICT', `Model m${number} is still being trained. Cancel its training first.`);
        discardProposed.run(now, actor.analyst, modelId);
        remove.run(now, modelId);
        const details = { files: files.map(({ name, sha256 }) => ({ name, sha256 })) };
        audit.append({ action: 'model.removed', subject: modelId, details, actor });
        return undefined;
      }),
    use: ({ modelId, actor }: Omit<Input<'use_model'>, 'purpose'>): ModelRecord[] =>
      inTransaction(db, () => {
        const record = get(modelId);
        if (record.state === 'training' || record.state === 'failed') {
          throw new AppError('CONFLICT', `Model m${record.number} cannot be used: its training has not succeeded.`);
        }
        if (notAdopted.get(modelId) !== undefined) {
          throw new AppError(
            'CONFLICT',
            `Model m${record.number} is proposed by a retraining and is not in use before it is adopted.`,
          );
        }
        retire.run(modelId);
        update.run(toRow({ ...record, state: 'in_use' }));
        audit.append({ action: 'model.used', subject: modelId, details: {}, actor });
        return all();
      }),
  };
}
