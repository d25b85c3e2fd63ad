/** @file What local language models said of alerts, what was kept of it with cases, and the switch for it. */
import { AppError } from '../../shared/errors.ts';
import type { KeptExplanation } from '../../shared/explanations.ts';
import type { Audit } from './audit.ts';
import { familyOf, type CaseRows } from './caseRows.ts';
import type { Settings } from './settings.ts';
import type { Connection, Input, Output } from './statements.ts';
import { inTransaction } from './statements.ts';

export const explanationsKey = 'explanations';

type Row = { fingerprint: string; text: string; isCut: number; madeAt: number };

export type StoredExplanations = ReturnType<typeof prepareExplanations>;

export function prepareExplanations(
  db: Connection,
  { audit, cases, settings }: { audit: Audit; cases: CaseRows; settings: Settings },
) {
  const find = db.prepare<{ alertId: string; model: string; promptVersion: number }, Row>(
    `SELECT fingerprint, text, is_cut AS isCut, made_at AS madeAt FROM explanation
     WHERE alert_number = (SELECT number FROM alert WHERE id = @alertId) AND model = @model AND prompt_version = @promptVersion`,
  );
  const keptWith = db
    .prepare<{ alertId: string; text: string }, string>(
      `SELECT DISTINCT home.id FROM case_explanation
       CROSS JOIN case_file ON case_file.number = case_explanation.case_number
       CROSS JOIN case_file AS home ON home.number = case_file.root
       WHERE case_explanation.alert_number = (SELECT number FROM alert WHERE id = @alertId) AND case_explanation.text = @text`,
    )
    .pluck();
  const numberOf = db.prepare<[string], number>('SELECT number FROM alert WHERE id = ?').pluck();
  const write = db.prepare<Record<string, string | number>>(
    `INSERT INTO explanation (alert_number, model, prompt_version, fingerprint, text, is_cut, made_at)
     VALUES (@alertNumber, @model, @promptVersion, @fingerprint, @text, @isCut, @madeAt)
     ON CONFLICT (alert_number, model, prompt_version) DO UPDATE
     SET fingerprint = excluded.fingerprint, text = excluded.text, is_cut = excluded.is_cut, made_at = excluded.made_at`,
  );
  const keep = prepareKeep(db);

  return {
    find: (input: Input<'get_explanation'>): Output<'get_explanation'> => {
      const row = find.get(input);
      if (!row) return null;
      return { ...row, isCut: row.isCut === 1, keptWith: keptWith.all({ alertId: input.alertId, text: row.text }) };
    },
    /** Takes the place of what the model said before. An alert that is gone meanwhile keeps nothing. */
    put: ({ alertId, explanation }: Input<'put_explanation'>): undefined => {
      inTransaction(db, () => {
        const alertNumber = numberOf.get(alertId);
        if (alertNumber === undefined) return;
        const { isCut, text, ...rest } = explanation;
        write.run({ ...rest, alertNumber, text: text.toWellFormed(), isCut: Number(isCut) });
      });
    },
    keepWithCase: ({ caseId, explanation, actor }: Input<'keep_explanation'>): undefined => {
      inTransaction(db, () => {
        const { number } = cases.writable(caseId);
        const { id, alertNumber, model, text } = explanation;
        if (text === '') throw new AppError('BAD_REQUEST', 'There is no explanation to keep.');
        keep(number, { ...explanation, keptBy: actor.analyst, addedAt: actor.at });
        cases.touch(number, actor.at);
        const details = { explanationId: id, alert: alertNumber, model };
        audit.append({ action: 'case.explanation_kept', subject: caseId, details, actor });
      });
    },
    /** The audit says of each switching what was asked from then on, and where. */
    set: ({ settings: value, actor }: Input<'set_explanations'>): undefined => {
      inTransaction(db, () => {
        const before = settings.get(explanationsKey) as { isOn?: boolean } | null;
        settings.set({ key: explanationsKey, value, actor });
        if ((before?.isOn ?? false) === value.isOn) return;
        const action = value.isOn ? 'explanations.switched_on' : 'explanations.switched_off';
        audit.append({
          action,
          subject: explanationsKey,
          details: { address: value.address, model: value.model },
          actor,
        });
      });
    },
  };
}

/** Puts one in a case: just made, or come with a bundle. */
export function prepareKeep(db: Connection): (caseNumber: number, explanation: KeptExplanation) => void {
  const insert = db.prepare<Record<string, string | number>>(
    `INSERT INTO case_explanation (id, case_number, alert_number, model, text, doubts, made_at, kept_by, added_at)
     VALUES (@id, @caseNumber, @alertNumber, @model, @text, @doubts, @madeAt, @keptBy, @addedAt)`,
  );
  return (caseNumber, { model, text, doubts, ...rest }) =>
    void insert.run({
      ...rest,
      caseNumber,
      model: model.toWellFormed(),
      text: text.toWellFormed(),
      doubts: JSON.stringify(doubts),
    });
}

type KeptRow = Omit<KeptExplanation, 'doubts'> & { doubts: string };

export function prepareKeptExplanations(db: Connection): (caseNumber: number) => KeptExplanation[] {
  const ofCase = db.prepare<[number], KeptRow>(
    `SELECT id, alert_number AS alertNumber, model, text, doubts, made_at AS madeAt, kept_by AS keptBy, added_at AS addedAt
     FROM case_explanation WHERE case_number IN ${familyOf('?')} ORDER BY number`,
  );
  return (caseNumber) => ofCase.all(caseNumber).map((row) => ({ ...row, doubts: JSON.parse(row.doubts) as string[] }));
}
