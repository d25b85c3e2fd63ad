/**
 * @file Where an alert of a run goes: in the place of the one that its event has, whose decision stays, or as a new one; folded, or known for a threat,
 * as what is remembered of verdicts says.
 */
import type { AlertOrigin } from '../../shared/alerts.ts';
import type { RuleFinding } from '../../shared/presets.ts';
import type { Counters } from './counters.ts';
import type { Memory, Recalled } from './memory.ts';
import type { AlertEvidence, NewAlert } from './protocol/alerts.ts';
import type { SampledEvent } from './protocol/learning.ts';
import type { Connection } from './statements.ts';

type Existing = {
  number: number;
  id: string;
  signature: string;
  decidedBy: number | null;
  foldedBy: number | null;
  origin: AlertOrigin;
  score: number;
};

/** Rebuilt from its numbers, so that nothing else can be carried into the row. */
function evidenceJson({ rule, votes, surpriseAt, culprits }: AlertEvidence): string {
  return JSON.stringify({
    ...(rule ? { rule: ruleNumbers(rule) } : {}),
    votes: votes.map(({ detector, score }) => ({ detector, score })),
    ...(surpriseAt === undefined ? {} : { surpriseAt }),
    culprits: culprits.map(({ eventId, isEnd, bits, modelBits, expected }) => ({
      eventId,
      isEnd,
      bits,
      modelBits,
      expected: expected.map(({ templateIndex, isEnd: endsHere, probability }) => ({
        templateIndex,
        isEnd: endsHere,
        probability,
      })),
    })),
  });
}

function ruleNumbers(rule: RuleFinding): RuleFinding {
  if (rule.kind === 'top_k') return { kind: rule.kind, k: rule.k, kinds: rule.kinds };
  const { kind, perplexity, perplexityThreshold, confidence, consensus } = rule;
  return { kind, perplexity, perplexityThreshold, confidence, consensus };
}

function figures(alert: NewAlert, runNumber: number) {
  return {
    runNumber,
    eventId: alert.eventId,
    sessionId: alert.sessionId,
    lastEventId: alert.lastEventId,
    score: alert.score,
    bits: alert.bits,
    severity: alert.severity,
    reason: alert.reason,
    detector: alert.detector,
    title: alert.title,
    signature: alert.signature,
    fingerprint: alert.fingerprint,
    actor: alert.profile.actor,
    culprits: JSON.stringify(alert.profile.culprits.map(([index, share]) => [index, share])),
    templateId: alert.templateIndex + 1,
    entityKind: alert.entityKind,
    entityHash: alert.entityHash,
    eventCount: alert.eventCount,
    at: alert.at,
    perplexity: alert.perplexity,
    confidence: alert.confidence,
  };
}

/** Score and severity as they are shown, and of a known threat its own. */
type Marked = {
  score: number;
  severity: number;
  knownBy: number | null;
  ownScore: number | null;
  ownSeverity: number | null;
};
type Figures = Omit<ReturnType<typeof figures>, keyof Marked> & Marked & { wasFlagged: 0 | 1 };

export type AlertPlaces = ReturnType<typeof prepareAlertPlaces>;

export function prepareAlertPlaces(db: Connection, { counters, memory }: { counters: Counters; memory: Memory }) {
  const existing = db.prepare<[number, number], Existing>(
    `SELECT number, id, signature, decided_by AS decidedBy, folded_by AS foldedBy, origin, score FROM alert
     WHERE event_id = ? AND source_id = ?`,
  );
  const insert = db.prepare<
    Figures & { number: number; id: string; sourceId: number; raisedAt: number; foldedBy: number | null }
  >(
    `INSERT INTO alert (number, id, run_number, source_id, event_id, session_id, last_event_id, score, bits, severity, reason,
       detector, title, signature, template_id, entity_kind, entity_hash, event_count, at, perplexity, confidence, raised_at, folded_by,
       fingerprint, actor, culprits, known_by, own_score, own_severity, was_flagged)
     VALUES (@number, @id, @runNumber, @sourceId, @eventId, @sessionId, @lastEventId, @score, @bits, @severity, @reason,
       @detector, @title, @signature, @templateId, @entityKind, @entityHash, @eventCount, @at, @perplexity, @confidence, @raisedAt,
       @foldedBy, @fingerprint, @actor, @culprits, @knownBy, @ownScore, @ownSeverity, @wasFlagged)`,
  );
  // A confirmed attack stays as severe as its verdict made it; its own severity is kept for when that goes.
  const isConfirmed = `coalesce((SELECT value = 'true_positive' FROM verdict WHERE number = alert.decided_by), 0)`;
  const update = db.prepare<Figures & { number: number; foldedBy: number | null }>(
    `UPDATE alert SET run_number = @runNumber, event_id = @eventId, session_id = @sessionId, last_event_id = @lastEventId,
       score = @score, bits = @bits, severity = iif(${isConfirmed}, severity, @severity), reason = @reason, detector = @detector, title = @title, signature = @signature,
       template_id = @templateId, entity_kind = @entityKind, entity_hash = @entityHash, event_count = @eventCount, at = @at,
       perplexity = @perplexity, confidence = @confidence, folded_by = @foldedBy,
       fingerprint = @fingerprint, actor = @actor, culprits = @culprits, known_by = @knownBy, own_score = @ownScore, was_flagged = @wasFlagged,
       own_severity = iif(${isConfirmed}, @severity, @ownSeverity)
     WHERE number = @number`,
  );
  const putEvidence = db.prepare<[number, string]>(
    `INSERT INTO alert_evidence (alert_number, evidence) VALUES (?, ?)
     ON CONFLICT (alert_number) DO UPDATE SET evidence = excluded.evidence`,
  );
  const remove = db.prepare<[number]>(
    'DELETE FROM alert WHERE number = ? AND NOT EXISTS (SELECT 1 FROM case_alert WHERE alert_number = alert.number)',
  );
  const thresholdOf = db.prepare<[number], number>('SELECT score FROM threshold WHERE version = ?').pluck();
  const setOrigin = db.prepare<[origin: AlertOrigin, weight: number | null, number: number]>(
    'UPDATE alert SET origin = ?, sampling_weight = ? WHERE number = ?',
  );
  const claim = db.prepare<[number, number]>('INSERT INTO folded_alert (verdict_number, alert_number) VALUES (?, ?)');
  const dropClaims = db.prepare<[number]>('DELETE FROM folded_alert WHERE alert_number = ?');

  const removeAlert = (number: number): boolean => remove.run(number).changes === 1;

  /** Puts alerts of a run: in the place of one that was there, or as a new one, folded where alike ones are. */
  const putter = (run: {
    runNumber: number;
    sourceId: number;
    raisedAt: number;
    at: number;
    thresholdVersion: number;
  }) => {
    const { runNumber, sourceId, raisedAt } = run;
    const minScore = thresholdOf.get(run.thresholdVersion) ?? 0;
    const recall = memory.recaller(run.at);
    const known = memory.known();
    const markOf = (alert: NewAlert, knownBy: number | null): Marked =>
      knownBy === null
        ? { score: alert.score, severity: alert.severity, knownBy, ownScore: null, ownSeverity: null }
        : {
            score: Math.max(alert.score, known.score),
            severity: Math.max(alert.severity, known.severity),
            knownBy,
            ownScore: alert.score,
            ownSeverity: alert.severity,
          };
    const put = (
      alert: NewAlert,
      found: Existing | undefined,
      origin: AlertOrigin = 'detector',
    ): { alertId: string; number: number; isNew: boolean; isFolded: boolean; isKnown: boolean } => {
      // What was drawn by chance is asked about as it is, whatever is remembered of its like.
      const recalled: Recalled =
        origin === 'detector' ? recall(alert) : { foldedBy: null, knownBy: null, claimedBy: [] };
      // What nobody decided or was shown makes room: the alert that its event has become is a new one, and comes behind the number up to which
      // outputs, notices and "new" have looked.
      const isShownNow =
        found?.origin === 'sample' ||
        (found !== undefined && found.score < minScore && markOf(alert, recalled.knownBy).score >= minScore);
      const makesRoom = origin === 'detector' && found?.decidedBy === null && isShownNow;
      const before = makesRoom && removeAlert(found.number) ? undefined : found;
      // An alert that is alike others than before no longer belongs under the verdict that folded it.
      const isSame = before?.signature === alert.signature;
      const foldedBy = origin === 'detector' && before && isSame ? before.foldedBy : recalled.foldedBy;
      const marked = markOf(alert, before?.decidedBy ? null : recalled.knownBy);
      const wasFlagged = origin === 'detector' && marked.score >= minScore ? 1 : 0;
      const values = { ...figures(alert, runNumber), ...marked, wasFlagged } as const;
      let number: number;
      if (before) {
        number = before.number;
        update.run({ ...values, number, foldedBy });
        // What an analyst missed and is still not flagged stays missed.
        const isMissed = before.origin === 'missed' && alert.score < minScore;
        setOrigin.run(isMissed ? 'missed' : origin, null, number);
      } else {
        number = counters.take('alert');
        insert.run({ ...values, number, id: alert.id, sourceId, raisedAt, foldedBy });
      }
      putEvidence.run(number, evidenceJson(alert.evidence));
      let isFolded = false;
      if (!isSame) {
        dropClaims.run(number);
        for (const verdict of recalled.claimedBy) claim.run(verdict, number);
        isFolded = foldedBy !== null && (before?.decidedBy ?? null) === null;
      }
      return {
        alertId: before?.id ?? alert.id,
        number,
        isNew: before === undefined,
        isFolded,
        isKnown: values.knownBy !== null,
      };
    };
    /** Of an event that is among the run's alerts, kept below the threshold, nothing but the weight is new. */
    const putSample = ({ alert, weight }: SampledEvent, among: ReadonlySet<number>): void => {
      const before = existing.get(alert.eventId, sourceId);
      if (before && among.has(alert.eventId)) return void setOrigin.run(before.origin, weight, before.number);
      // What is known of it was not learned by chance: it stands for itself.
      if (before && before.decidedBy !== null && before.origin !== 'sample') return;
      const { number } = put(alert, before, 'sample');
      setOrigin.run('sample', weight, number);
    };
    return { put, putSample };
  };

  return {
    putter,
    at: (eventId: number, sourceId: number): Existing | undefined => existing.get(eventId, sourceId),
    /** Answers false for one that is in a case: it stays. */
    remove: removeAlert,
    setOrigin: (number: number, origin: AlertOrigin, weight: number | null): void =>
      void setOrigin.run(origin, weight, number),
  };
}
