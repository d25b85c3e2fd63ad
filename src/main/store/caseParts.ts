/** @file What a case has beside its alerts: notes, tasks, links to other cases, attachments, phases. Read with those of all its parts. */
import type { Attachment, CaseName, CaseNote, CasePhase, CaseTask } from '../../shared/cases.ts';
import { mostTags } from '../../shared/cases.ts';
import { AppError } from '../../shared/errors.ts';
import type { Audit } from './audit.ts';
import { familyOf, type CaseRows } from './caseRows.ts';
import { prepareKeptExplanations } from './explanations.ts';
import type { Actor } from './protocol/workspace.ts';
import type { CaseRecord } from './protocol/cases.ts';
import type { Connection, Input } from './statements.ts';
import { inTransaction } from './statements.ts';

type TaskRow = CaseTask & { number: number };
type Fields = Pick<CaseTask, 'title' | 'owner' | 'dueAt' | 'doneBy' | 'doneAt'>;

export type CaseParts = ReturnType<typeof prepareCaseParts>;

export function prepareCaseParts(db: Connection, { audit, cases }: { audit: Audit; cases: CaseRows }) {
  const insertNote = db.prepare<[string, number, string, number, string]>(
    'INSERT INTO note (id, case_number, analyst, written_at, text) VALUES (?, ?, ?, ?, ?)',
  );
  const notes = db.prepare<[number], CaseNote>(
    `SELECT id, analyst, written_at AS writtenAt, text FROM note WHERE case_number IN ${familyOf('?')} ORDER BY number`,
  );
  const taskColumns = `id, title, owner, due_at AS dueAt, made_by AS madeBy, made_at AS madeAt, done_by AS doneBy, done_at AS doneAt`;
  const tasks = db.prepare<[number], CaseTask>(
    `SELECT ${taskColumns} FROM task WHERE case_number IN ${familyOf('?')} ORDER BY number`,
  );
  const taskOf = db.prepare<[string, number], TaskRow>(
    `SELECT number, ${taskColumns} FROM task WHERE id = ? AND case_number IN ${familyOf('?')}`,
  );
  const insertTask = db.prepare<Record<string, string | number | null>>(
    `INSERT INTO task (id, case_number, title, owner, due_at, made_by, made_at)
     VALUES (@taskId, @number, @title, @owner, @dueAt, @analyst, @at)`,
  );
  const updateTask = db.prepare<Fields & { number: number }>(
    `UPDATE task SET title = @title, owner = @owner, due_at = @dueAt, done_by = @doneBy, done_at = @doneAt WHERE number = @number`,
  );
  const setTags = db.prepare<[string, number]>('UPDATE case_file SET tags = ? WHERE number = ?');
  const links = db.prepare<{ number: number }, CaseName>(
    `SELECT DISTINCT home.id, home.number, home.title, home.state
     FROM (SELECT other_number AS number FROM case_link WHERE case_number IN ${familyOf('@number')}
           UNION SELECT case_number FROM case_link WHERE other_number IN ${familyOf('@number')}) AS linked
     CROSS JOIN case_file ON case_file.number = linked.number CROSS JOIN case_file AS home ON home.number = case_file.root
     WHERE home.number <> @number ORDER BY home.number`,
  );
  const link = db.prepare<[number, number]>(
    'INSERT INTO case_link (case_number, other_number) VALUES (?, ?) ON CONFLICT DO NOTHING',
  );
  const unlink = db.prepare<{ one: number; other: number }>(
    `DELETE FROM case_link WHERE (case_number IN ${familyOf('@one')} AND other_number IN ${familyOf('@other')})
       OR (case_number IN ${familyOf('@other')} AND other_number IN ${familyOf('@one')})`,
  );
  const attachmentColumns = 'id, name, sha256, size_bytes AS sizeBytes, added_by AS addedBy, added_at AS addedAt';
  const attachments = db.prepare<[number], Attachment>(
    `SELECT ${attachmentColumns} FROM attachment WHERE case_number IN ${familyOf('?')} ORDER BY number`,
  );
  const insertAttachment = db.prepare<Record<string, string | number>>(
    `INSERT INTO attachment (id, case_number, name, sha256, size_bytes, added_by, added_at)
     VALUES (@id, @number, @name, @sha256, @sizeBytes, @analyst, @at)`,
  );
  const phases = db.prepare<[number], CasePhase>(
    `SELECT id, name, from_at AS fromAt, to_at AS toAt FROM case_phase WHERE case_number IN ${familyOf('?')} ORDER BY from_at, number`,
  );
  const deletePhases = db.prepare<[number]>(`DELETE FROM case_phase WHERE case_number IN ${familyOf('?')}`);
  const insertPhase = db.prepare<[string, number, string, number, number]>(
    'INSERT INTO case_phase (id, case_number, name, from_at, to_at) VALUES (?, ?, ?, ?, ?)',
  );

  /** Runs a change of a case with its entry in the audit. */
  const changing = (
    caseId: string,
    actor: Actor,
    action: string,
    change: (record: CaseRecord) => Record<string, unknown>,
  ): undefined => {
    inTransaction(db, () => {
      const record = cases.writable(caseId);
      const details = change(record);
      cases.touch(record.number, actor.at);
      audit.append({ action, subject: caseId, details, actor });
    });
  };

  const explanations = prepareKeptExplanations(db);

  return {
    of: (number: number) => ({
      notes: notes.all(number),
      explanations: explanations(number),
      tasks: tasks.all(number),
      attachments: attachments.all(number),
      phases: phases.all(number),
      links: links.all({ number }),
    }),
    addNote: ({ noteId, caseId, text, actor }: Input<'add_note'>): undefined =>
      changing(caseId, actor, 'case.note_added', ({ number }) => {
        insertNote.run(noteId, number, actor.analyst, actor.at, text.toWellFormed());
        return { noteId };
      }),
    addTask: ({ caseId, actor, title, ...task }: Input<'add_task'>): undefined =>
      changing(caseId, actor, 'case.task_added', ({ number }) => {
        insertTask.run({ ...task, title: title.toWellFormed(), number, ...actor });
        return { taskId: task.taskId };
      }),
    applyTemplate: ({ caseId, tags, tasks: given, note, actor }: Input<'apply_template'>): undefined =>
      changing(caseId, actor, 'case.template_applied', ({ number, tags: before }) => {
        setTags.run(JSON.stringify([...new Set([...before, ...tags])].slice(0, mostTags)), number);
        for (const { taskId, title } of given)
          insertTask.run({ taskId, title: title.toWellFormed(), owner: null, dueAt: null, number, ...actor });
        if (note) insertNote.run(note.noteId, number, actor.analyst, actor.at, note.text.toWellFormed());
        return { tasks: given.map(({ taskId }) => taskId), noteId: note?.noteId ?? null };
      }),
    updateTask: ({ caseId, taskId, actor, isDone, ...change }: Input<'update_task'>): undefined =>
      changing(caseId, actor, 'case.task_changed', ({ number }) => {
        const task = taskOf.get(taskId, number);
        if (!task) throw new AppError('NOT_FOUND', 'That task is no longer in the case.');
        const done = isDone === undefined ? {} : doneOf(isDone, task, actor);
        const { title = task.title, owner = task.owner, dueAt = task.dueAt } = change;
        const fields = { title: title.toWellFormed(), owner, dueAt, doneBy: task.doneBy, doneAt: task.doneAt, ...done };
        updateTask.run({ ...fields, number: task.number });
        return { taskId, isDone: fields.doneAt !== null };
      }),
    link: ({ caseId, otherId, isLinked, actor }: Input<'link_cases'>): undefined =>
      changing(caseId, actor, isLinked ? 'case.linked' : 'case.unlinked', ({ number }) => {
        const other = cases.get(otherId);
        if (other.number === number) throw new AppError('BAD_REQUEST', 'A case is not linked to itself.');
        if (isLinked) link.run(Math.min(number, other.number), Math.max(number, other.number));
        else unlink.run({ one: number, other: other.number });
        return { other: otherId };
      }),
    addAttachment: ({ caseId, attachment, actor }: Input<'add_attachment'>): undefined =>
      changing(caseId, actor, 'case.attachment_added', ({ number }) => {
        const { name, ...file } = attachment;
        insertAttachment.run({ ...file, name: name.toWellFormed(), number, ...actor });
        return file;
      }),
    /** Takes the place of the phases that were there. */
    setPhases: ({ caseId, phases: given, actor }: Input<'set_phases'>): undefined =>
      changing(caseId, actor, 'case.phases_set', ({ number }) => {
        deletePhases.run(number);
        for (const { id, name, fromAt, toAt } of given) insertPhase.run(id, number, name.toWellFormed(), fromAt, toAt);
        return { phases: given.map(({ fromAt, toAt }) => [fromAt, toAt]) };
      }),
  };
}

/** Whoever did it first stays. */
function doneOf(isDone: boolean, task: CaseTask, actor: Actor): Pick<CaseTask, 'doneBy' | 'doneAt'> {
  if (!isDone) return { doneBy: null, doneAt: null };
  const { doneBy, doneAt } = task;
  return doneAt === null ? { doneBy: actor.analyst, doneAt: actor.at } : { doneBy, doneAt };
}
