/**
 * @file Which alerts a verdict would fold, whether or not that is enough: what is alike and no more unusual than what was decided. Kept as
 * `folded_alert`, so that what folds can be worked out again when verdicts come and go; what holds of them is `memory.ts`. Fragments of SQL are of an alert,
 * beside the row of `memory`.
 */
import type { MemoryEntry } from '../../shared/verdicts.ts';
import type { Connection } from './statements.ts';

/**
 * In -log10 p, twice as unusual: so far what folds may lie above what was judged. A threat can look like a harmless alert in all but this. On the
 * made-up office (200 verdicts by severity, one seed) it left 153 false alarms instead of 151, and shows 85 of 85 attacks instead of 83.
 */
export const foldMargin = Math.log10(2);
/** A process is told by its number, which does not come back: of its lines the actor counts, which has none. */
export const entityOf = (alert: string): string =>
  `CASE ${alert}.entity_kind WHEN 'process' THEN 'actor ' || ${alert}.actor ELSE ${alert}.entity_kind || ' ' || ${alert}.entity_hash END`;
export const ownScoreOf = (alert: string): string => `coalesce(${alert}.own_score, ${alert}.score)`;
/** Of a stored alert, beside what was decided. */
const isInScope: Record<MemoryEntry['scope'], string> = {
  signature: 'alert.signature = decided.signature',
  entity: `alert.signature = decided.signature AND ${entityOf('alert')} = decided.entity`,
  template: 'alert.template_id = decided.template_id',
};
const within = `decided.score + ${foldMargin}`;
const anything = '9e999';
export const inForce = `EXISTS (SELECT 1 FROM alert AS decided
  WHERE decided.signature = memory.signature AND decided.decided_by = memory.verdict_number)`;
/** Whether a threat was confirmed on a signature, which stands; `which` narrows the alerts that were. */
export const threatOn = (signature: string, which = ''): string => `EXISTS (SELECT 1 FROM memory AS threat
  CROSS JOIN alert AS confirmed ON confirmed.signature = threat.signature AND confirmed.decided_by = threat.verdict_number
  WHERE threat.signature = ${signature} AND threat.kind = 'threat' AND threat.forgotten_at IS NULL ${which})`;

export type Claims = ReturnType<typeof prepareClaims>;

export function prepareClaims(db: Connection) {
  const claimOf = (isIn: string, { of = '', most = within, known = 'AND alert.known_by IS NULL' } = {}) =>
    db.prepare<{ verdict: number; minScore: number }>(
      `INSERT OR IGNORE INTO folded_alert (verdict_number, alert_number)
       SELECT @verdict, alert.number FROM (
         SELECT own.signature, own.template_id, ${entityOf('own')} AS entity, max(${ownScoreOf('own')}) AS score
         FROM temp.target CROSS JOIN alert AS own ON own.number = target.number ${of} GROUP BY 1, 2, 3) AS decided
       CROSS JOIN alert ON ${isIn} AND alert.score >= @minScore AND ${ownScoreOf('alert')} <= ${most}
         AND alert.decided_by IS NULL AND alert.folded_by IS NULL AND alert.muted_by IS NULL ${known} AND alert.origin = 'detector'`,
    );
  // Where every alike alert is decided, as after a verdict on all, two counts of an index say so and no alert is looked at.
  const undecided = `WHERE target.signature IN (SELECT signature FROM (SELECT DISTINCT signature FROM temp.target) AS one
    WHERE (SELECT count(*) FROM alert WHERE alert.signature = one.signature) >
      (SELECT count(*) FROM alert INDEXED BY alert__decided WHERE alert.signature = one.signature AND alert.decided_by IS NOT NULL))`;
  const claim = {
    // What a threat on the same signature marks is claimed, too: `settle` says which of them holds.
    signature: claimOf(isInScope.signature, { of: undecided, known: '' }),
    entity: claimOf(isInScope.entity, { of: undecided }),
    template: claimOf(isInScope.template, { most: anything }),
  };
  /** Alerts that came while what they are compared with had its score of before. */
  const claimLateOf = (scope: MemoryEntry['scope'], most: string) =>
    db.prepare<{ now: number; minScore: number }, { verdict: number; number: number }>(
      `INSERT OR IGNORE INTO folded_alert (verdict_number, alert_number)
       SELECT decided.verdict, alert.number FROM (
         SELECT memory.verdict_number AS verdict, own.signature, own.template_id, ${entityOf('own')} AS entity, max(${ownScoreOf('own')}) AS score
         FROM memory CROSS JOIN alert AS own ON own.signature = memory.signature AND own.decided_by = memory.verdict_number
         WHERE memory.kind = 'harmless' AND memory.scope = '${scope}' AND memory.forgotten_at IS NULL AND memory.expires_at > @now
         GROUP BY 1, 2, 3, 4) AS decided
       CROSS JOIN alert ON ${isInScope[scope]} AND alert.score >= @minScore AND ${ownScoreOf('alert')} <= ${most}
         AND alert.decided_by IS NULL AND alert.folded_by IS NULL AND alert.muted_by IS NULL AND alert.known_by IS NULL AND alert.origin = 'detector'
       WHERE NOT ${threatOn('alert.signature')}
       RETURNING verdict_number AS verdict, alert_number AS number`,
    );
  const claimLate = [
    claimLateOf('signature', within),
    claimLateOf('entity', within),
    claimLateOf('template', anything),
  ];
  /** The same where verdicts contradict each other: each claims what is the same again as what it decided. */
  const claimSameLate = db
    .prepare<{ now: number; minScore: number }, number>(
      `INSERT OR IGNORE INTO folded_alert (verdict_number, alert_number)
       SELECT decided.verdict, alert.number FROM (
         SELECT memory.verdict_number AS verdict, memory.scope, own.signature, own.fingerprint, ${entityOf('own')} AS entity,
           max(${ownScoreOf('own')}) AS score
         FROM memory CROSS JOIN alert AS own ON own.signature = memory.signature AND own.decided_by = memory.verdict_number
         WHERE memory.kind = 'harmless' AND memory.forgotten_at IS NULL AND memory.expires_at > @now AND own.fingerprint <> ''
           AND ${threatOn('memory.signature')} AND NOT ${threatOn('memory.signature', 'AND confirmed.fingerprint = own.fingerprint')}
         GROUP BY 1, 2, 3, 4, 5) AS decided
       CROSS JOIN alert ON alert.signature = decided.signature AND alert.fingerprint = decided.fingerprint AND alert.score >= @minScore
         AND (decided.scope <> 'entity' OR ${entityOf('alert')} = decided.entity)
         AND (decided.scope = 'template' OR ${ownScoreOf('alert')} <= ${within})
         AND alert.decided_by IS NULL AND alert.folded_by IS NULL AND alert.muted_by IS NULL AND alert.known_by IS NULL AND alert.origin = 'detector'
       WHERE true
       RETURNING alert_number`,
    )
    .pluck();
  const hasClaim = db
    .prepare<[number, number], number>('SELECT 1 FROM folded_alert WHERE verdict_number = ? AND alert_number = ?')
    .pluck();
  const dropClaims = db.prepare<{ verdict: number; signature: string | null; templateId: number | null }>(
    `DELETE FROM folded_alert WHERE verdict_number = @verdict AND EXISTS (SELECT 1 FROM alert
       WHERE number = alert_number AND (signature = @signature OR template_id = @templateId))`,
  );
  const targetColumns = 'alert.number, alert.id, alert.signature, alert.decided_by, alert.owner';
  const clearTargets = db.prepare<[]>('DELETE FROM temp.target');
  const layClaims = db.prepare<{ verdict: number; signature: string | null; templateId: number | null }>(
    `INSERT INTO temp.target SELECT ${targetColumns} FROM folded_alert CROSS JOIN alert ON alert.number = folded_alert.alert_number
     WHERE folded_alert.verdict_number = @verdict AND (alert.signature = @signature OR alert.template_id = @templateId)`,
  );
  const layDecided = db.prepare<{ verdict: number; signature: string }>(
    `INSERT INTO temp.target SELECT ${targetColumns} FROM alert WHERE alert.signature = @signature AND alert.decided_by = @verdict`,
  );
  const claimOfAction = db.prepare<{ verdict: number; action: number }>(
    `INSERT OR IGNORE INTO folded_alert (verdict_number, alert_number)
     SELECT @verdict, alert.number FROM action_alert CROSS JOIN alert ON alert.number = action_alert.alert_number
     WHERE action_alert.action_number = @action`,
  );
  return {
    /** Of the targets laid out: open alerts in the scope of a verdict on them. */
    claim: (scope: MemoryEntry['scope'], input: { verdict: number; minScore: number }): void =>
      void claim[scope].run(input),
    /** Of alerts that came since, where no verdict contradicts. */
    claimLate: (input: { now: number; minScore: number }): { verdict: number; number: number }[] =>
      claimLate.flatMap((claimed) => claimed.all(input)),
    /** And where one does: numbers of alerts. */
    claimSameLate: (input: { now: number; minScore: number }): Set<number> => new Set(claimSameLate.all(input)),
    has: (verdict: number, number: number): boolean => hasClaim.get(verdict, number) === 1,
    /** Lays out the alerts that those on a signature, or on a kind of line, are of. Returns how many. */
    lay: (input: { verdict: number; signature: string | null; templateId: number | null }): number => {
      clearTargets.run();
      return layClaims.run(input).changes;
    },
    /** Claims what an action let go, as far as it is there; and what came since, of the alerts that the verdict decided of a signature. */
    putBack: (input: { verdict: number; action: number }): void => void claimOfAction.run(input),
    claimSince: (
      scope: MemoryEntry['scope'],
      { signature, ...input }: { verdict: number; minScore: number; signature: string },
    ): void => {
      clearTargets.run();
      layDecided.run({ verdict: input.verdict, signature });
      claim[scope].run(input);
    },
    /** Those on a signature, or on a kind of line. */
    drop: (input: { verdict: number; signature: string | null; templateId: number | null }): void =>
      void dropClaims.run(input),
  };
}
