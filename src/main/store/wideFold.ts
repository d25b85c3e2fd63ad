/** @file What folding a whole kind of line would hide, counted before it is done. Counts as `memory.ts` claims. */
import type { WideFold } from '../../shared/wideFold.ts';
import type { Connection, Input } from './statements.ts';
import { inTransaction } from './statements.ts';
import type { Targets } from './targets.ts';

export function prepareWideFold(db: Connection, targets: Targets) {
  const ofKinds = `FROM (SELECT DISTINCT own.template_id AS template FROM temp.target CROSS JOIN alert AS own ON own.number = target.number) AS kind
    CROSS JOIN alert ON alert.template_id = kind.template`;
  const hidden = db.prepare<{ minScore: number }, Omit<WideFold, 'threats'>>(
    `SELECT count(DISTINCT alert.template_id) AS kinds, count(*) AS alerts, count(DISTINCT alert.signature) AS signatures,
       count(DISTINCT alert.entity_kind || ' ' || alert.entity_hash) AS entities
     ${ofKinds} WHERE alert.score >= @minScore AND alert.decided_by IS NULL AND alert.folded_by IS NULL
       AND alert.muted_by IS NULL AND alert.known_by IS NULL AND alert.origin = 'detector'`,
  );
  const threats = db
    .prepare<[], number>(
      `SELECT count(*) ${ofKinds} CROSS JOIN verdict ON verdict.number = alert.decided_by WHERE verdict.value = 'true_positive'`,
    )
    .pluck();
  return (input: Input<'preview_wide_fold'>): WideFold =>
    inTransaction(db, () => {
      targets.lay(input);
      const { minScore } = input;
      const none = { kinds: 0, alerts: 0, signatures: 0, entities: 0 };
      return {
        ...(hidden.get({ minScore }) ?? none),
        threats: threats.get() ?? 0,
      };
    });
}
