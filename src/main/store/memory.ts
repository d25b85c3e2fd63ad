/**
 * @file What verdicts say of alerts to come, and of those that wait: what is like a confirmed threat is known, what is like a false alarm folds
 * until that expires, of what was benign only the same actor's. What is severe folds under two verdicts that agree: one may be wrong. Follows from
 * the verdicts that stand: where these contradict each other, each holds for what is the same again and for nothing else. Rows of `memory` are never
 * changed but to be forgotten.
 */
import type { MemoryEntry, VerdictValue } from '../../shared/verdicts.ts';
import { AppError } from '../../shared/errors.ts';
import { leastAgreeing, leastScoreOf, severeFrom } from '../detect/severity.ts';
import type { Action, Effect, Journal, Undoable } from './actions.ts';
import type { Audit } from './audit.ts';
import { entityOf, foldMargin, inForce, ownScoreOf, prepareClaims, threatOn } from './memoryClaims.ts';
import type { NewAlert } from './protocol/alerts.ts';
import type { Actor } from './protocol/workspace.ts';
import type { Repeats } from './repeats.ts';
import type { Connection, Input, Output } from './statements.ts';
import { inTransaction } from './statements.ts';
import type { Thresholds } from './thresholds.ts';

/** A known threat is at least this severe. */
const knownSeverity = 4;
/** Entries that are listed, and alerts that are counted of one. */
const mostListed = 500;
const mostCounted = 1000;

type Entry = {
  verdict: number;
  kind: MemoryEntry['kind'];
  scope: MemoryEntry['scope'];
  entity: string;
  expiresAt: number | null;
  /** The most unusual of what was decided, as -log10 p; what is much more unusual is not what the analyst saw. */
  decidedScore: number;
};
/** Numbers of verdicts. `claimedBy`: those that would fold it, whether or not that is enough. */
export type Recalled = { foldedBy: number | null; knownBy: number | null; claimedBy: number[] };
type Kept = Pick<Entry, 'verdict' | 'kind' | 'scope' | 'expiresAt'> & {
  number: number;
  signature: string;
  templateId: number;
  isForgotten: 0 | 1;
};
type Listed = Omit<MemoryEntry, 'isContradicted'> & { signature: string };

/** Of a stored alert that a verdict claimed. Who names a kind of line or an actor has said more than of one alert, and needs nobody to agree. */
const isEnough = `(${ownScoreOf('alert')} < @severeScore OR (
  SELECT coalesce(sum(CASE memory.scope WHEN 'signature' THEN 1 ELSE ${leastAgreeing} END), 0)
  FROM folded_alert AS claim CROSS JOIN memory ON memory.verdict_number = claim.verdict_number
  WHERE claim.alert_number = alert.number AND memory.kind = 'harmless' AND memory.forgotten_at IS NULL
    AND (memory.scope = 'template' OR memory.signature = alert.signature) AND ${inForce}) >= ${leastAgreeing})`;

/** The same of an alert whose claims are at hand: the verdict that it folds under; null where they are not enough. */
function foldingOf(claims: readonly Pick<Entry, 'verdict' | 'scope'>[], isSlight: boolean): number | null {
  const agreeing = new Set(claims.map(({ verdict }) => verdict)).size;
  const isFolded = isSlight || agreeing >= leastAgreeing || claims.some(({ scope }) => scope !== 'signature');
  return isFolded ? (claims[0]?.verdict ?? null) : null;
}

export type Memory = ReturnType<typeof prepareMemory>;

export function prepareMemory(
  db: Connection,
  parts: { audit: Audit; journal: Journal; repeats: Repeats; thresholds: Thresholds },
) {
  const { audit, journal, repeats, thresholds } = parts;
  const claims = prepareClaims(db);
  const insert = db.prepare<{ verdict: number; kind: string; scope: string; expiresAt: number | null }>(
    `INSERT INTO memory (verdict_number, kind, scope, signature, template_id, entity, expires_at)
     SELECT DISTINCT @verdict, @kind, @scope, alert.signature, alert.template_id,
       CASE WHEN @scope = 'entity' THEN ${entityOf('alert')} ELSE '' END, @expiresAt
     FROM temp.target CROSS JOIN alert ON alert.number = target.number`,
  );
  const signatureOf = db.prepare<[number], string>('SELECT signature FROM alert WHERE number = ?').pluck();
  const foldBy = db.prepare<{ verdict: number; number: number }>(
    'UPDATE alert SET folded_by = @verdict WHERE number = @number AND folded_by IS NULL',
  );
  const foldOne = db.prepare<{ verdict: number; number: number; severeScore: number }>(
    `UPDATE alert SET folded_by = @verdict WHERE number = @number AND folded_by IS NULL AND ${isEnough}`,
  );
  const foldClaimed = db.prepare<{ verdict: number; severeScore: number }>(
    `UPDATE alert SET folded_by = @verdict WHERE folded_by IS NULL AND ${isEnough}
       AND number IN (SELECT alert_number FROM folded_alert WHERE verdict_number = @verdict)`,
  );
  const countHeld = db
    .prepare<{ verdict: number; severeScore: number }, number>(
      `SELECT count(*) FROM folded_alert CROSS JOIN alert ON alert.number = folded_alert.alert_number
       WHERE folded_alert.verdict_number = @verdict AND alert.state = 'open' AND NOT ${isEnough}
         AND NOT ${threatOn('alert.signature')}`,
    )
    .pluck();
  const entry = `verdict_number AS verdict, kind, scope, entity, expires_at AS expiresAt, coalesce((SELECT max(${ownScoreOf('decided')})
    FROM alert AS decided WHERE decided.signature = memory.signature AND decided.decided_by = memory.verdict_number), 0) AS decidedScore`;
  const ofSignature = db.prepare<[string], Pick<Entry, 'verdict' | 'kind' | 'scope'>>(
    `SELECT verdict_number AS verdict, kind, scope FROM memory
     WHERE signature = ? AND forgotten_at IS NULL AND ${inForce} ORDER BY verdict_number DESC`,
  );
  /** Of a signature on which verdicts contradict each other, what each decided, by what is the same again. */
  const bySame = db.prepare<[string], Entry & { fingerprint: string }>(
    `SELECT decided.fingerprint, memory.verdict_number AS verdict, memory.kind, memory.scope, memory.entity, memory.expires_at AS expiresAt,
       max(${ownScoreOf('decided')}) AS decidedScore
     FROM memory CROSS JOIN alert AS decided ON decided.signature = memory.signature AND decided.decided_by = memory.verdict_number
     WHERE memory.signature = ? AND memory.forgotten_at IS NULL AND decided.fingerprint <> ''
     GROUP BY decided.fingerprint, memory.number ORDER BY memory.verdict_number DESC`,
  );
  const undecidedOf = db.prepare<{ signature: string }, { number: number; fingerprint: string; score: number }>(
    `SELECT number, fingerprint, ${ownScoreOf('alert')} AS score FROM alert WHERE signature = @signature AND decided_by IS NULL AND origin = 'detector' AND muted_by IS NULL
       AND fingerprint IN (SELECT own.fingerprint FROM memory CROSS JOIN alert AS own
         ON own.signature = memory.signature AND own.decided_by = memory.verdict_number
         WHERE memory.signature = @signature AND memory.forgotten_at IS NULL)`,
  );
  const bySignature = db.prepare<[string], Entry>(
    `SELECT ${entry} FROM memory
     WHERE signature = ? AND forgotten_at IS NULL AND ${inForce} ORDER BY verdict_number DESC`,
  );
  const byTemplate = db.prepare<[number], Entry>(
    `SELECT ${entry} FROM memory
     WHERE template_id = ? AND scope = 'template' AND forgotten_at IS NULL AND ${inForce} ORDER BY verdict_number DESC`,
  );
  const unfold = db.prepare<[string]>(
    'UPDATE alert INDEXED BY alert__folded SET folded_by = NULL WHERE signature = ? AND folded_by IS NOT NULL',
  );
  /** What one verdict alone cannot fold, after another was taken back. */
  const unfoldLone = db.prepare<{ signature: string; severeScore: number }>(
    `UPDATE alert INDEXED BY alert__folded SET folded_by = NULL WHERE signature = @signature AND folded_by IS NOT NULL AND NOT ${isEnough}`,
  );
  const foldAgain = db.prepare<{ verdict: number; signature: string; severeScore: number }>(
    `UPDATE alert SET folded_by = @verdict WHERE signature = @signature AND folded_by IS NULL AND ${isEnough}
       AND number IN (SELECT alert_number FROM folded_alert WHERE verdict_number = @verdict)`,
  );
  const markWhere = (which: string): string =>
    `UPDATE alert SET known_by = @verdict, own_score = coalesce(own_score, score), own_severity = coalesce(own_severity, severity),
       score = max(coalesce(own_score, score), @score), severity = max(coalesce(own_severity, severity), @severity)
     WHERE ${which} AND decided_by IS NULL AND known_by IS NOT @verdict AND origin = 'detector'`;
  type Mark = { verdict: number; score: number; severity: number };
  const mark = db.prepare<Mark & { signature: string }>(markWhere('signature = @signature'));
  const markOne = db.prepare<Mark & { number: number }>(markWhere('number = @number'));
  const outgrown = db.prepare<[string], { sourceId: number; eventId: number }>(
    `SELECT again.source_id AS sourceId, min(again.event_id) AS eventId FROM alert AS again INDEXED BY alert__known
     CROSS JOIN alert AS head ON head.number = again.head_number
     WHERE again.signature = ? AND again.known_by IS NOT NULL AND again.severity > head.severity AND head.decided_by IS NULL GROUP BY 1`,
  );
  // What was itself confirmed for an attack stays as severe.
  const isConfirmed = `coalesce((SELECT value = 'true_positive' FROM verdict WHERE number = alert.decided_by), 0)`;
  const unmark = db.prepare<[string]>(
    `UPDATE alert INDEXED BY alert__known SET known_by = NULL, score = own_score, own_score = NULL,
       severity = iif(${isConfirmed}, severity, own_severity), own_severity = iif(${isConfirmed}, own_severity, NULL)
     WHERE signature = ? AND known_by IS NOT NULL`,
  );
  const lift = db.prepare<[number]>('UPDATE alert SET score = max(own_score, ?) WHERE known_by IS NOT NULL');
  const list = db.prepare<[], Listed>(
    `SELECT memory.number, memory.kind, memory.scope, memory.signature, memory.expires_at AS expiresAt, verdict.value,
       verdict.analyst, verdict.at AS givenAt, decided.id AS alertId, decided.number AS alertNumber, decided.title,
       memory.template_id - 1 AS templateIndex,
       (SELECT count(*) FROM (SELECT 1 FROM alert AS like WHERE decided_by IS NULL AND CASE memory.kind
          WHEN 'threat' THEN like.known_by = memory.verdict_number ELSE like.folded_by = memory.verdict_number END
          AND (memory.scope = 'template' OR like.signature = memory.signature) LIMIT ${mostCounted})) AS alertCount
     FROM memory CROSS JOIN verdict ON verdict.number = memory.verdict_number
     CROSS JOIN alert AS decided ON decided.number = (SELECT min(number) FROM alert
       WHERE alert.signature = memory.signature AND alert.decided_by = memory.verdict_number)
     WHERE memory.forgotten_at IS NULL ORDER BY memory.number DESC LIMIT ${mostListed}`,
  );
  const byNumber = db.prepare<[number], Kept>(
    `SELECT number, signature, verdict_number AS verdict, kind, scope, template_id AS templateId, expires_at AS expiresAt,
       forgotten_at IS NOT NULL AS isForgotten FROM memory WHERE number = ? AND ${inForce}`,
  );
  const forget = db.prepare<[number | null, number]>('UPDATE memory SET forgotten_at = ? WHERE number = ?');
  const countUnder = db
    .prepare<{ verdict: number; signature: string }, number>(
      `SELECT (SELECT count(*) FROM alert WHERE folded_by = @verdict AND decided_by IS NULL)
         + (SELECT count(*) FROM alert WHERE signature = @signature AND known_by = @verdict AND decided_by IS NULL)`,
    )
    .pluck();
  const release = db.prepare<{ verdict: number; signature: string | null; templateId: number | null }>(
    `UPDATE alert SET folded_by = NULL WHERE folded_by = @verdict
       AND (signature = @signature OR template_id = @templateId)`,
  );

  const knownScore = (): number => leastScoreOf(knownSeverity, thresholds.current()?.score ?? 0);
  /** Without a threshold nothing is severe. */
  const severeScore = (): number => {
    const threshold = thresholds.current();
    return threshold ? leastScoreOf(severeFrom, threshold.score) : Infinity;
  };

  /** What the verdicts on a signature say together. */
  const saidOf = (entries: readonly Pick<Entry, 'verdict' | 'kind' | 'scope'>[]) => {
    const threat = entries.find(({ kind }) => kind === 'threat')?.verdict ?? null;
    const refuted = entries.some(({ kind, scope }) => kind === 'harmless' && scope !== 'entity');
    return { threat, isContradicted: threat !== null && refuted };
  };

  /** A known threat does not stay under an alert that is less severe and waits itself; what a verdict decided keeps what it counted. */
  const freeOutgrown = (signature: string): void => {
    for (const { sourceId, eventId } of outgrown.all(signature)) repeats.foldFromLater(sourceId, eventId);
  };

  /**
   * Folds and marks of a signature on which verdicts contradict each other: what is the same again as what one of them decided follows that one. Returns
   * what folds.
   */
  const settleContradicted = (signature: string): Set<number> => {
    unmark.run(signature);
    unfold.run(signature);
    const folded = new Set<number>();
    const same = Map.groupBy(bySame.all(signature), ({ fingerprint }) => fingerprint);
    if (same.size === 0) return folded;
    const [knownFrom, severe] = [knownScore(), severeScore()];
    for (const { number, fingerprint, score } of undecidedOf.all({ signature })) {
      const entries = same.get(fingerprint) ?? [];
      const { threat, isContradicted } = saidOf(entries);
      if (isContradicted) continue;
      if (threat !== null) {
        markOne.run({ verdict: threat, number, score: knownFrom, severity: knownSeverity });
        continue;
      }
      const verdict = foldingOf(
        entries.filter((entry) => claims.has(entry.verdict, number)),
        score < severe,
      );
      if (verdict === null) continue;
      foldBy.run({ verdict, number });
      folded.add(number);
    }
    freeOutgrown(signature);
    return folded;
  };

  /**
   * After verdicts on alerts of these signatures changed: folds and marks as those that stand say. `folded`: the verdict whose claims are folded
   * already, all at once; of a verdict on many there are thousands of signatures. Returns those on which a threat was confirmed: nothing of them folds,
   * but what verdicts that contradict it leave.
   */
  const settle = (signatures: readonly string[], folded: number | null = null): string[] => {
    const threats: string[] = [];
    const [score, severe] = [knownScore(), severeScore()];
    for (const signature of signatures) {
      const entries = ofSignature.all(signature);
      const { threat, isContradicted } = saidOf(entries);
      if (threat !== null) threats.push(signature);
      if (isContradicted) settleContradicted(signature);
      else if (threat !== null) {
        unfold.run(signature);
        mark.run({ verdict: threat, signature, score, severity: knownSeverity });
        freeOutgrown(signature);
      } else {
        unmark.run(signature);
        unfoldLone.run({ signature, severeScore: severe });
        for (const { verdict } of entries)
          if (verdict !== folded) foldAgain.run({ verdict, signature, severeScore: severe });
      }
    }
    return threats;
  };

  const reachOf = ({ verdict, scope, signature, templateId }: Kept) => ({
    verdict,
    ...(scope === 'template' ? { signature: null, templateId } : { signature, templateId: null }),
  });
  /** Returns how many alerts are open again. */
  const letGo = (entry: Kept, actor: Actor): number => {
    forget.run(actor.at, entry.number);
    const reach = reachOf(entry);
    claims.drop(reach);
    const openedCount = release.run(reach).changes;
    settle([entry.signature]);
    const details = { openedCount };
    audit.append({ action: 'memory.forgotten', subject: String(entry.number), details, actor });
    return openedCount;
  };
  /** As if it had never been forgotten: what came since is claimed, too. */
  const takeUp = (entry: Kept, action: Action, actor: Actor): Effect => {
    const { number, verdict, kind, scope, signature, expiresAt } = entry;
    forget.run(null, number);
    const before = countUnder.get({ verdict, signature }) ?? 0;
    const minScore = thresholds.current()?.score ?? 0;
    if (kind === 'harmless') claims.putBack({ verdict, action: action.number });
    if (kind === 'harmless' && (expiresAt ?? 0) > actor.at) claims.claimSince(scope, { verdict, minScore, signature });
    foldClaimed.run({ verdict, severeScore: severeScore() });
    settle([signature], verdict);
    const alertCount = (countUnder.get({ verdict, signature }) ?? 0) - before;
    audit.append({ action: 'memory.put_back', subject: String(number), details: { kind, alerts: alertCount }, actor });
    return { alertCount, foldedCount: kind === 'harmless' ? alertCount : 0 };
  };
  const undoableForget: Undoable = {
    undo: (action, actor): Effect | null => {
      const entry = byNumber.get(action.reference ?? 0);
      return entry?.isForgotten ? takeUp(entry, action, actor) : null;
    },
    redo: (action, actor): Effect | null => {
      const entry = byNumber.get(action.reference ?? 0);
      if (!entry || entry.isForgotten) return null;
      const openedCount = letGo(entry, actor);
      return { alertCount: openedCount, foldedCount: openedCount };
    },
  };

  return {
    undoableForget,
    settle,
    /** Of the targets laid out, which the verdict was given to. */
    remember: (
      verdict: number,
      { value, scope, expiresAt }: { value: VerdictValue; scope: MemoryEntry['scope']; expiresAt: number | null },
    ): void => {
      if (value === 'true_positive') insert.run({ verdict, kind: 'threat', scope: 'signature', expiresAt: null });
      else if (expiresAt !== null) insert.run({ verdict, kind: 'harmless', scope, expiresAt });
    },
    /** Of what a verdict claimed, what folds; also after it was put back. */
    foldClaimed: (verdict: number): void => void foldClaimed.run({ verdict, severeScore: severeScore() }),
    /** Severe alerts that a verdict alone cannot fold. */
    heldCount: (verdict: number): number => countHeld.get({ verdict, severeScore: severeScore() }) ?? 0,
    /** Open alerts in the scope of the targets, but for known threats. */
    claim: (verdict: number, scope: MemoryEntry['scope'], minScore: number): void =>
      claims.claim(scope, { verdict, minScore }),
    /**
     * Once stored alerts are scored as the version in force judges: what came before they were was compared with what they had been. Answers how many
     * fold now.
     */
    foldLate: (input: Input<'fold_late'>): Output<'fold_late'> =>
      inTransaction(db, () => {
        const severe = severeScore();
        let foldedCount = 0;
        for (const { verdict, number } of claims.claimLate(input))
          foldedCount += foldOne.run({ verdict, number, severeScore: severe }).changes;
        const same = Map.groupBy(claims.claimSameLate(input), (number) => signatureOf.get(number) ?? '');
        for (const [signature, numbers] of same) {
          const folded = settleContradicted(signature);
          foldedCount += numbers.filter((number) => folded.has(number)).length;
        }
        return { foldedCount };
      }),
    /** For the alerts of one run: asked once for each signature and kind of line. */
    recaller: (now: number) => {
      const signatures = new Map<string, Entry[]>();
      const same = new Map<string, Map<string, Entry[]>>();
      const templates = new Map<number, Entry[]>();
      const severe = severeScore();
      const cached = <K, V>(of: Map<K, V>, key: K, read: (key: K) => V): V => {
        let value = of.get(key);
        if (value === undefined) of.set(key, (value = read(key)));
        return value;
      };
      const readSame = (signature: string): Map<string, Entry[]> =>
        Map.groupBy(bySame.all(signature), ({ fingerprint }) => fingerprint);
      return (
        alert: Pick<
          NewAlert,
          'signature' | 'fingerprint' | 'templateIndex' | 'entityKind' | 'entityHash' | 'profile' | 'score'
        >,
      ): Recalled => {
        const like = cached(signatures, alert.signature, (signature) => bySignature.all(signature));
        const isDivided = saidOf(like).isContradicted;
        const own = isDivided ? (cached(same, alert.signature, readSame).get(alert.fingerprint) ?? []) : like;
        const { threat, isContradicted } = saidOf(own);
        if (isContradicted) return { foldedBy: null, knownBy: null, claimedBy: [] };
        if (threat !== null) return { foldedBy: null, knownBy: threat, claimedBy: [] };
        const entity =
          alert.entityKind === 'process' ? `actor ${alert.profile.actor}` : `${alert.entityKind} ${alert.entityHash}`;
        const wider = isDivided
          ? []
          : cached(templates, alert.templateIndex + 1, (template) => byTemplate.all(template));
        const claiming = [...own, ...wider].filter(
          (entry) =>
            (entry.expiresAt ?? 0) > now &&
            (entry.scope !== 'entity' || entry.entity === entity) &&
            (entry.scope === 'template' || alert.score <= entry.decidedScore + foldMargin),
        );
        const claimedBy = [...new Set(claiming.map(({ verdict }) => verdict))];
        return { foldedBy: foldingOf(claiming, alert.score < severe), knownBy: null, claimedBy };
      };
    },
    /** Of a known threat: what its like has at least. */
    known: () => ({ score: knownScore(), severity: knownSeverity }),
    /** The threshold moved: known threats stay above it. */
    lift: (): void => void lift.run(knownScore()),
    list: (): Output<'list_memory'> =>
      list.all().map(({ signature, ...entry }) => ({
        ...entry,
        isContradicted: saidOf(bySignature.all(signature)).isContradicted,
      })),
    forget: ({ number, actor }: Input<'forget_memory'>): Output<'forget_memory'> =>
      inTransaction(db, () => {
        const entry = byNumber.get(number);
        if (!entry || entry.isForgotten) throw new AppError('NOT_FOUND', 'That is not remembered any more.');
        const alertCount = claims.lay(reachOf(entry));
        journal.enter({ kind: 'forget', reference: number, owner: null, alertCount, ...actor }, 'none');
        const openedCount = letGo(entry, actor);
        return { openedCount };
      }),
  };
}
