/** @file The registry of classifiers of windows. */
import type { Classifier, ClassifierCard, ClassifierState } from '../../shared/classify.ts';
import { failedOf } from '../../shared/retraining.ts';
import { AppError } from '../../shared/errors.ts';
import type { ModelFile, TrainProgress } from '../../shared/trainerProtocol.ts';
import type { Audit } from './audit.ts';
import type { Counters } from './counters.ts';
import type { Connection, Input } from './statements.ts';
import { inTransaction } from './statements.ts';

type Row = {
  number: number;
  id: string;
  state: ClassifierState;
  created_at: number;
  card: string;
  curve: string;
  files: string;
};

function toClassifier({ created_at, card, curve, files, ...row }: Row): Classifier {
  return {
    ...row,
    createdAt: created_at,
    card: JSON.parse(card) as ClassifierCard,
    curve: JSON.parse(curve) as TrainProgress[],
    files: JSON.parse(files) as ModelFile[],
  };
}

function toRow({ createdAt, card, curve, files, number, id, state }: Classifier): Row {
  const texts = { card: JSON.stringify(card), curve: JSON.stringify(curve), files: JSON.stringify(files) };
  return { number, id, state, created_at: createdAt, ...texts };
}

export function prepareClassifiers(db: Connection, { audit, counters }: { audit: Audit; counters: Counters }) {
  const columns = 'number, id, state, created_at, card, curve, files';
  const list = db.prepare<[], Row>(`SELECT ${columns} FROM classifier ORDER BY number`);
  const byId = db.prepare<[string], Row>(`SELECT ${columns} FROM classifier WHERE id = ?`);
  const insert = db.prepare<Row>(
    `INSERT INTO classifier (${columns}) VALUES (@number, @id, @state, @created_at, @card, @curve, @files)`,
  );
  const update = db.prepare<Row>(
    `UPDATE classifier SET id = @id, state = @state, created_at = @created_at, card = @card, curve = @curve, files = @files
       WHERE number = @number`,
  );
  const remove = db.prepare<[string]>('DELETE FROM classifier WHERE id = ?');
  const get = (id: string): Classifier => {
    const row = byId.get(id);
    if (!row) throw new AppError('NOT_FOUND', 'That classifier is no longer in the workspace.');
    return toClassifier(row);
  };
  const hashes = (files: readonly ModelFile[]) => files.map(({ name, sha256 }) => ({ name, sha256 }));
  return {
    list: (): Classifier[] => list.all().map(toClassifier),
    add: ({ actor, ...classifier }: Input<'add_classifier'>): Classifier =>
      inTransaction(db, () => {
        const added = { ...classifier, number: counters.take('classifier') };
        insert.run(toRow(added));
        const { source, counts } = added.card;
        audit.append({ action: 'classifier.added', subject: added.id, details: { source, counts }, actor });
        return added;
      }),
    update: ({ actor, refusedFor = null, ...changes }: Input<'update_classifier'>): Classifier =>
      inTransaction(db, () => {
        const changed = { ...get(changes.id), ...changes };
        update.run(toRow(changed));
        const details = { state: changed.state, files: hashes(changed.files) };
        audit.append({ action: 'classifier.updated', subject: changed.id, details, actor });
        if (refusedFor !== null) {
          const { checks = [], replay } = changed.card.gate ?? {};
          const why = { modelId: refusedFor, failed: failedOf(checks), lost: replay?.lost.count ?? 0 };
          audit.append({ action: 'classifier.refused', subject: changed.id, details: why, actor });
        }
        return changed;
      }),
    remove: ({ id, actor }: Input<'remove_classifier'>): undefined =>
      inTransaction(db, () => {
        const { number, state, files } = get(id);
        if (state === 'training')
          throw new AppError('CONFLICT', `Classifier c${number} is still being trained. Cancel its training first.`);
        remove.run(id);
        audit.append({ action: 'classifier.removed', subject: id, details: { files: hashes(files) }, actor });
        return undefined;
      }),
  };
}
