/**
 * @file Cases that came as a bundle: read in piece by piece where nobody sees it, then made a case in one transaction. What came stays as it came,
 * under its case and those it is merged into.
 */
import type { AuditChain, BundleAuditEntry, BundleFacts, BundleOrigin, ChainEntry } from '../../shared/bundle.ts';
import type { AlertRow } from '../../shared/alerts.ts';
import { AppError } from '../../shared/errors.ts';
import type { ReportTemplate } from '../../shared/report.ts';
import type { Audit } from './audit.ts';
import { familyOf, type CaseRows } from './caseRows.ts';
import type { Counters } from './counters.ts';
import { prepareKeep } from './explanations.ts';
import type { CaseRecord } from './protocol/cases.ts';
import type { Settings } from './settings.ts';
import type { Connection, Input, Output } from './statements.ts';
import { inTransaction } from './statements.ts';

type Came = { number: number; origin: BundleOrigin; facts: BundleFacts; chains: AuditChain[] };
const mostChars = 8_000_000;

/** Bundles of before there were excerpts have none. */
function bundledRow(content: string): AlertRow {
  const row = JSON.parse(content) as Omit<AlertRow, 'excerpt'> & { excerpt?: string };
  return { ...row, excerpt: row.excerpt || row.template };
}

type Named = Record<string, string | number | null>;

export type Bundles = ReturnType<typeof prepareBundles>;

export function prepareBundles(
  db: Connection,
  parts: { audit: Audit; counters: Counters; cases: CaseRows; settings: Settings },
) {
  const { audit, counters, cases, settings } = parts;
  const begin = db.prepare<[string, string]>('INSERT INTO bundle (origin, facts) VALUES (?, ?)');
  const isTaken = db
    .prepare<[string, string], 1>(
      'SELECT 1 FROM alert WHERE id = ? UNION ALL SELECT 1 FROM bundle_alert WHERE id = ? LIMIT 1',
    )
    .pluck();
  const stageAlert = db.prepare<[string, number, number, string, string]>(
    `INSERT INTO bundle_alert (id, bundle_number, alert_number, "row", content) VALUES (?, ?, ?, ?, ?)`,
  );
  const stageEntry = db.prepare<[number, number, string]>(
    'INSERT INTO bundle_audit (bundle_number, position, entry) VALUES (?, ?, ?)',
  );
  const entryCount = db
    .prepare<[number], number>('SELECT coalesce(max(position) + 1, 0) FROM bundle_audit WHERE bundle_number = ?')
    .pluck();
  const staged = db.prepare<[number], { alerts: number; severity: number | null; state: 'staged' | 'whole' }>(
    `SELECT (SELECT count(*) FROM bundle_alert WHERE bundle_number = bundle.number) AS alerts,
       (SELECT max("row" ->> '$.severity') FROM bundle_alert WHERE bundle_number = bundle.number) AS severity,
       iif(case_number IS NULL, 'staged', 'whole') AS state
     FROM bundle WHERE number = ?`,
  );
  const finish = db.prepare<Named>(
    `UPDATE bundle SET case_number = @caseNumber, alert_count = @alerts, severity = @severity, raised_at = @raisedAt,
       viewed_at = @viewedAt, verdict_at = @verdictAt WHERE number = @bundle`,
  );
  const discardOf = (where: string) =>
    ['bundle_alert', 'bundle_audit'].map((table) =>
      db.prepare<Named>(
        `DELETE FROM ${table} WHERE bundle_number IN (SELECT number FROM bundle WHERE case_number IS NULL AND ${where})`,
      ),
    );
  const discardParts = discardOf('(@bundle IS NULL OR number = @bundle)');
  const discard = db.prepare<Named>(
    'DELETE FROM bundle WHERE case_number IS NULL AND (@bundle IS NULL OR number = @bundle)',
  );
  const insertCase = db.prepare<Named>(
    `INSERT INTO case_file (number, id, title, state, closing, own_severity, owner, tags, due_at, created_at, updated_at, closed_at, root, changed_by)
     VALUES (@number, @id, @title, @state, @closing, @ownSeverity, @owner, @tags, @dueAt, @createdAt, @updatedAt, @closedAt, @number,
       (SELECT coalesce(max(sequence), 0) + 1 FROM audit))`,
  );
  const insertNote = db.prepare<Named>(
    'INSERT INTO note (id, case_number, analyst, written_at, text) VALUES (@id, @number, @analyst, @writtenAt, @text)',
  );
  const insertExplanation = prepareKeep(db);
  const insertTask = db.prepare<Named>(
    `INSERT INTO task (id, case_number, title, owner, due_at, made_by, made_at, done_by, done_at)
     VALUES (@id, @number, @title, @owner, @dueAt, @madeBy, @madeAt, @doneBy, @doneAt)`,
  );
  const insertPhase = db.prepare<Named>(
    'INSERT INTO case_phase (id, case_number, name, from_at, to_at) VALUES (@id, @number, @name, @fromAt, @toAt)',
  );
  const insertAttachment = db.prepare<Named>(
    `INSERT INTO attachment (id, case_number, name, sha256, size_bytes, added_by, added_at)
     VALUES (@id, @number, @name, @sha256, @sizeBytes, @addedBy, @addedAt)`,
  );
  const insertText = db.prepare<[number, string, string, string]>(
    'INSERT INTO case_report (case_number, summary, findings, techniques) VALUES (?, ?, ?, ?)',
  );
  const refuse = db.prepare<[number, string]>(
    'INSERT INTO case_refusal (case_number, alert_id) VALUES (?, ?) ON CONFLICT DO NOTHING',
  );
  const refusals = db
    .prepare<[number], string>(
      `SELECT DISTINCT alert_id FROM case_refusal WHERE case_number IN ${familyOf('?')} ORDER BY alert_id`,
    )
    .pluck();
  const link = db.prepare<[number, number]>(
    'INSERT INTO case_link (case_number, other_number) VALUES (?, ?) ON CONFLICT DO NOTHING',
  );
  const numberOf = db.prepare<[string], number>('SELECT number FROM case_file WHERE id = ?').pluck();
  /** Cases that came before, and were linked to this one where they came from. */
  const awaiting = db
    .prepare<[string], number>(
      `SELECT case_number FROM bundle CROSS JOIN json_each(bundle.facts, '$.links') AS other
       WHERE case_number IS NOT NULL AND other.value ->> '$.id' = ?`,
    )
    .pluck();
  const bundles = db.prepare<[number], { number: number; origin: string; facts: string }>(
    `SELECT bundle.number, origin, facts FROM bundle WHERE case_number IN ${familyOf('?')} ORDER BY bundle.number`,
  );
  const rows = db.prepare<[number], { id: string; row: string }>(
    `SELECT bundle_alert.id, bundle_alert."row" FROM bundle CROSS JOIN bundle_alert ON bundle_alert.bundle_number = bundle.number
     WHERE bundle.case_number IN ${familyOf('?')} ORDER BY bundle_alert.number`,
  );
  const contents = db.prepare<
    [number, number, number],
    { number: number; id: string; bundle: number; content: string }
  >(
    `SELECT bundle_alert.number, bundle_alert.id, bundle_alert.bundle_number AS bundle, content
     FROM bundle CROSS JOIN bundle_alert ON bundle_alert.bundle_number = bundle.number
     WHERE bundle.case_number IN ${familyOf('?')} AND bundle_alert.number > ? ORDER BY bundle_alert.number LIMIT ?`,
  );
  const one = db.prepare<[string], { content: string; bundle: number; root: number }>(
    `SELECT content, bundle.number AS bundle, case_file.root FROM bundle_alert CROSS JOIN bundle ON bundle.number = bundle_alert.bundle_number
     CROSS JOIN case_file ON case_file.number = bundle.case_number WHERE bundle_alert.id = ?`,
  );
  const bundledEntries = db.prepare<[number], { bundle: number; entry: string }>(
    `SELECT bundle.number AS bundle, bundle_audit.entry FROM bundle CROSS JOIN bundle_audit ON bundle_audit.bundle_number = bundle.number
     WHERE bundle.case_number IN ${familyOf('?')} ORDER BY bundle.number, bundle_audit.position`,
  );
  const ownEntries = db.prepare<{ number: number }, ChainEntry>(
    `SELECT sequence, at, analyst, action, subject, details, lower(hex(previous_hash)) AS previousHash, lower(hex(hash)) AS hash FROM audit
     WHERE subject IN (SELECT id FROM case_file WHERE root = @number UNION ALL
       SELECT alert.id FROM case_alert CROSS JOIN alert ON alert.number = case_alert.alert_number
       WHERE case_alert.case_number IN ${familyOf('@number')})
     ORDER BY sequence`,
  );

  const cameWith = (number: number): Came[] =>
    bundles.all(number).map((row) => {
      const { chains, ...facts } = JSON.parse(row.facts) as BundleFacts & { chains: AuditChain[] };
      return { number: row.number, origin: JSON.parse(row.origin) as BundleOrigin, facts, chains };
    });
  /** Callers count the bundles of a case from 0. */
  const placed = <T extends { bundle: number }>(number: number, found: T[]): T[] => {
    const places = new Map(bundles.all(number).map((row, index) => [row.number, index]));
    return found.map((row) => ({ ...row, bundle: places.get(row.bundle) ?? 0 }));
  };
  const checkStaged = (bundle: number): { alerts: number; severity: number | null } => {
    const found = staged.get(bundle);
    if (found?.state === 'staged') return found;
    throw new AppError('CONFLICT', 'That bundle is not being read in any more. Read it in again.');
  };
  /** An id of another workspace is kept, unless something here has it. */
  const idsOf = (table: 'note' | 'case_explanation' | 'task' | 'case_phase' | 'attachment', spare: string) => {
    const taken = db.prepare<[string], 1>(`SELECT 1 FROM ${table} WHERE id = ?`).pluck();
    return (id: string, index: number): string =>
      taken.get(id) === undefined ? id : `${spare.slice(0, 36)}-${table.slice(-6)}-${index}`;
  };

  return {
    origins: (number: number): BundleOrigin[] => cameWith(number).map(({ origin }) => origin),
    rows: (number: number): AlertRow[] =>
      rows.all(number).map(({ id, row }) => ({ ...bundledRow(row), id, caseNumber: number, isBundled: true })),
    whole: ({ caseId }: Input<'read_case_whole'>): Output<'read_case_whole'> => {
      const { number } = cases.get(caseId);
      return {
        refusedAlerts: refusals.all(number),
        audit: ownEntries.all({ number }),
        came: cameWith(number).map(({ origin, facts, chains }) => ({ origin, facts, chains })),
      };
    },
    audit: ({ caseId }: Input<'read_bundled_audit'>): Output<'read_bundled_audit'> => {
      const { number } = cases.get(caseId);
      return placed(number, bundledEntries.all(number)).map(({ bundle, entry }) => ({
        bundle,
        entry: JSON.parse(entry) as BundleAuditEntry,
      }));
    },
    alerts: ({ caseId, after, limit }: Input<'read_bundled_alerts'>): Output<'read_bundled_alerts'> => {
      const { number } = cases.get(caseId);
      return placed(number, atOnce(contents.iterate(number, after, limit)));
    },
    alert: ({ alertId }: Input<'get_bundled_alert'>): Output<'get_bundled_alert'> => {
      const found = one.get(alertId);
      const home = found && cases.byNumber(found.root);
      const [alert] = found ? placed(found.root, [found]) : [];
      return alert && home ? { content: alert.content, caseId: home.id, bundle: alert.bundle } : null;
    },
    begin: ({ origin, facts, chains }: Input<'begin_bundle'>): number =>
      Number(begin.run(JSON.stringify(origin), JSON.stringify({ ...facts, chains })).lastInsertRowid),
    stageAlerts: ({ bundle, alerts }: Input<'stage_alerts'>): undefined => {
      inTransaction(db, () => {
        checkStaged(bundle);
        for (const { id, spareId, row, content } of alerts) {
          const own = isTaken.get(id, id) === undefined ? id : spareId;
          stageAlert.run(own, bundle, row.number, JSON.stringify(row), content);
        }
      });
    },
    stageAudit: ({ bundle, entries }: Input<'stage_audit'>): undefined => {
      inTransaction(db, () => {
        checkStaged(bundle);
        const first = entryCount.get(bundle) ?? 0;
        entries.forEach((entry, index) => stageEntry.run(bundle, first + index, JSON.stringify(entry)));
      });
    },
    finish: ({ bundle, content, spare, templatesKey, actor }: Input<'finish_bundle'>): CaseRecord =>
      inTransaction(db, () => {
        const { alerts, severity } = checkStaged(bundle);
        const known = cases.find(content.id);
        if (known)
          throw new AppError('CONFLICT', `The case is here already, as C-${known.number}. Nothing was changed.`);
        const number = counters.take('case');
        const { id, title, state, closing, ownSeverity, owner, tags, dueAt, createdAt, updatedAt, closedAt } = content;
        const fields = { id, state, closing, ownSeverity, owner, dueAt, createdAt, updatedAt, closedAt };
        insertCase.run({ ...fields, title: title.toWellFormed(), tags: JSON.stringify(tags), number });
        const noteId = idsOf('note', spare);
        content.notes.forEach((note, index) =>
          insertNote.run({ ...note, text: note.text.toWellFormed(), id: noteId(note.id, index), number }),
        );
        const explanationId = idsOf('case_explanation', spare);
        content.explanations.forEach((explanation, index) =>
          insertExplanation(number, { ...explanation, id: explanationId(explanation.id, index) }),
        );
        const taskId = idsOf('task', spare);
        content.tasks.forEach((task, index) =>
          insertTask.run({ ...task, title: task.title.toWellFormed(), id: taskId(task.id, index), number }),
        );
        const phaseId = idsOf('case_phase', spare);
        content.phases.forEach((phase, index) =>
          insertPhase.run({ ...phase, name: phase.name.toWellFormed(), id: phaseId(phase.id, index), number }),
        );
        const attachmentId = idsOf('attachment', spare);
        content.attachments.forEach(({ isMissing: _isMissing, ...attachment }, index) =>
          insertAttachment.run({
            ...attachment,
            name: attachment.name.toWellFormed(),
            id: attachmentId(attachment.id, index),
            number,
          }),
        );
        const { summary, findings, techniques } = content.text;
        insertText.run(number, summary.toWellFormed(), findings.toWellFormed(), JSON.stringify(techniques));
        for (const alertId of content.refusedAlerts) refuse.run(number, alertId);
        const { raisedAt, viewedAt, verdictAt } = content;
        finish.run({ caseNumber: number, bundle, alerts, severity, raisedAt, viewedAt, verdictAt });
        const [came] = cameWith(number);
        const linked = (came?.facts.links ?? []).flatMap((other) => numberOf.get(other.id) ?? []);
        for (const other of new Set([...linked, ...awaiting.all(id)])) {
          if (other !== number) link.run(Math.min(number, other), Math.max(number, other));
        }
        const templates = (settings.get(templatesKey) ?? []) as ReportTemplate[];
        const added = content.templates.filter(
          (given) => !templates.some((own) => own.id === given.id || own.name === given.name),
        );
        if (added.length > 0) settings.set({ key: templatesKey, value: [...templates, ...added], actor });
        const origin = came?.origin;
        const details = {
          workspace: origin?.workspaceId,
          case: origin?.caseNumber,
          exportedAt: origin?.exportedAt,
          manifest: origin?.manifestSha256,
          alerts,
          attachments: content.attachments.length,
        };
        audit.append({ action: 'case.imported', subject: id, details, actor });
        return cases.get(id);
      }),
    discard: ({ bundle }: Input<'discard_bundles'>): undefined => {
      inTransaction(db, () => {
        for (const statement of discardParts) statement.run({ bundle });
        discard.run({ bundle });
      });
    },
  };
}

/** What goes in one message: an alert may have megabytes. */
function atOnce<T extends { content: string }>(rows: Iterable<T>): T[] {
  const taken: T[] = [];
  let chars = 0;
  for (const row of rows) {
    taken.push(row);
    chars += row.content.length;
    if (chars >= mostChars) break;
  }
  return taken;
}
