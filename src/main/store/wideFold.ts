/** @file What folding a whole kind of line would hide, counted before it is done. Counts as `memory.ts` claims. */
import type { WideFold } from '../../shared/wideFold.ts';
import type { Connection, Input } from './statements.ts';
import { inTransaction } from './statements.ts';
import type { Targets } from './targets.ts';

export function prepareWideFold(db: Connection, targets: Targets) {
  const kinds = `SELECT DISTINCT own.template_id FROM temp.target CROSS JOIN alert AS own ON own.number = target.number`;
  const hidden = db.prepare<{ minScore: number }, Omit<WideFold, 'openAlerts' | 'threats'>>(
    `SELECT count(DISTINCT template_id) AS kinds, count(*) AS alerts, count(DISTINCT signature) AS signatures,
       count(DISTINCT entity_kind || ' ' || entity_hash) AS entities
     FROM alert WHERE template_id IN (${kinds}) AND score >= @minScore AND decided_by IS NULL AND folded_by IS NULL
       AND muted_by IS NULL AND known_by IS NULL AND origin = 'detector'`,
  );
  const open = db
    .prepare<{ minScore: number }, number>(
      `SELECT count(*) FROM alert WHERE score >= @minScore AND decided_by IS NULL AND folded_by IS NULL AND muted_by IS NULL
         AND origin = 'detector'`,
    )
    .pluck();
  const threats = db
    .prepare<[], number>(
      `SELECT count(*) FROM alert CROSS JOIN verdict ON verdict.number = alert.decided_by
       WHERE alert.template_id IN (${kinds}) AND verdict.value = 'true_positive'`,
    )
    .pluck();
  return (input: Input<'preview_wide_fold'>): WideFold =>
    inTransaction(db, () => {
      targets.lay(input);
      const { minScore } = input;
      const none = { kinds: 0, alerts: 0, signatures: 0, entities: 0 };
      return {
        ...(hidden.get({ minScore }) ?? none),
        openAlerts: open.get({ minScore }) ?? 0,
        threats: threats.get() ?? 0,
      };
    });
}
