/** @file What must hold of a workspace after any kill, once the app has started again and what was cut off has ended. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { prepareAudit } from '../../src/main/store/audit.ts';
import { workspacePaths } from '../../src/main/store/paths.ts';

type Row = Record<string, string | number | null>;

export function reading<T>(workspace: string, read: (db: Database.Database) => T): T {
  const db = new Database(workspacePaths(workspace).database, { readonly: true, fileMustExist: true });
  try {
    return read(db);
  } finally {
    db.close();
  }
}

/** Every sentence that does not hold, with what was found instead: [] where all is well. Figures are compared with what they count. */
const nothingMayBeFound: Record<string, string> = {
  'a source whose events are not as many as it says, or not in a row': `
    SELECT source.id, event_count, count(event.id) AS found, first_event_id, last_event_id FROM source
    LEFT JOIN event ON event.source_id = source.id WHERE state <> 'removing' GROUP BY source.id
    HAVING found <> event_count OR last_event_id - first_event_id + 1 <> event_count`,
  'a session whose events are not those it says': `
    SELECT session.id, event_count, count(event.id) AS found FROM session
    LEFT JOIN event ON event.session_id = session.id GROUP BY session.id
    HAVING found <> event_count OR min(event.id) <> first_event_id OR max(event.id) <> last_event_id`,
  'an event without its session or template': `
    SELECT event.id FROM event JOIN source ON source.id = source_id WHERE state <> 'removing' AND (
      session_id NOT IN (SELECT id FROM session) OR template_id NOT IN (SELECT id FROM template))`,
  'a source still being read': `SELECT id, name FROM source WHERE state = 'importing'`,
  'a job that has not ended': 'SELECT id, kind, subject FROM job',
  'something kept for an import': 'SELECT source_id AS id FROM open_import UNION ALL SELECT id FROM template_before',
  'a bundle still being read in': 'SELECT number FROM bundle WHERE case_number IS NULL',
  'a classifier said to be trained': `SELECT id FROM classifier WHERE state = 'training'`,
  'a model said to be learning': `SELECT id FROM model WHERE state = 'training'`,
  'a model in use without a threshold': `
    SELECT id FROM model WHERE state = 'in_use' AND id NOT IN (SELECT model_id FROM threshold)`,
  'an alert that is not decided as its verdicts say': `
    SELECT alert.id, decided_by, newest.number FROM alert
    LEFT JOIN (
      SELECT alert_number, max(number) AS number FROM (
        SELECT alert.number AS alert_number, standing_verdict.number FROM standing_verdict
        JOIN verdict ON verdict.number = standing_verdict.number AND alert_count = 1
        JOIN alert ON alert.id = standing_verdict.alert_id
        UNION ALL
        SELECT action_alert.alert_number, standing_verdict.number FROM standing_verdict
        JOIN verdict ON verdict.number = standing_verdict.number AND verdict.alert_count > 1
        JOIN action ON action.kind = 'verdict' AND action.reference = verdict.number
        JOIN action_alert ON action_alert.action_number = action.number
      ) GROUP BY alert_number
    ) AS newest ON newest.alert_number = alert.number
    WHERE decided_by IS NOT newest.number`,
};

export async function checkWorkspace(workspace: string): Promise<string[]> {
  const wrong: string[] = [];
  const db = new Database(workspacePaths(workspace).database, { readonly: true, fileMustExist: true });
  try {
    const integrity = db.pragma('integrity_check', { simple: true });
    if (integrity !== 'ok') wrong.push(`the database is damaged: ${String(integrity)}`);
    const broken = db.pragma('foreign_key_check') as unknown[];
    if (broken.length > 0) wrong.push(`${broken.length} rows refer to nothing`);
    const { brokenAt } = await prepareAudit(db).verify();
    if (brokenAt !== null) wrong.push(`the audit chain is broken at ${brokenAt}`);
    for (const [what, query] of Object.entries(nothingMayBeFound)) {
      const found = db.prepare<[], Row>(query).all();
      if (found.length > 0) wrong.push(`${what}: ${JSON.stringify(found.slice(0, 3))}`);
    }
    wrong.push(...checkFiles(workspace, db));
  } finally {
    db.close();
  }
  return wrong;
}

type Kept = { id: string; files: string };

/** Files that the store names are those that were written; nothing else lies about. */
function checkFiles(workspace: string, db: Database.Database): string[] {
  const models = db.prepare<[], Kept>(`SELECT id, files FROM model WHERE state IN ('kept', 'in_use')`).all();
  const classifiers = db.prepare<[], Kept>(`SELECT id, files FROM classifier WHERE state = 'kept'`).all();
  const contents = db.prepare<[], string>('SELECT DISTINCT sha256 FROM attachment').pluck().all();
  return [
    ...checkFolder(join(workspace, 'models'), models.flatMap(namedFiles)),
    ...checkFolder(join(workspace, 'classifiers'), [
      ...classifiers.flatMap(namedFiles),
      ...classifiers.map(({ id }) => ({ path: join(id, 'windows.bin'), sha256: null })),
    ]),
    ...checkFolder(
      join(workspace, 'attachments'),
      contents.map((sha256) => ({ path: sha256, sha256 })),
    ),
    ...checkFolder(join(workspace, 'incoming'), []),
  ];
}

/** `sha256` null: nothing says what it holds. */
type Named = { path: string; sha256: string | null };

function namedFiles({ id, files }: Kept): Named[] {
  const named = JSON.parse(files) as { name: string; sha256: string }[];
  return named.map(({ name, sha256 }) => ({ path: join(id, name), sha256 }));
}

function checkFolder(folder: string, named: readonly Named[]): string[] {
  const wrong = named.flatMap(({ path, sha256 }) => {
    const at = join(folder, path);
    const isWhole = existsSync(at) && (sha256 === null || sha256 === hashOf(at));
    return isWhole ? [] : [`${at} is not what was written`];
  });
  const known = new Set(named.map(({ path }) => path));
  const entries = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name).slice(folder.length + 1);
    if (entry.isFile() && !known.has(path)) wrong.push(`${path} is left in ${folder}`);
  }
  return wrong;
}

const hashOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

/** Lines of a file against the events of its source: each once, in its place, none too many. */
export function checkLines(workspace: string, sourceId: number, lines: readonly string[], isWhole: boolean): string[] {
  const found = reading(workspace, (db) =>
    db
      .prepare<[number], { line: number; raw: string }>(
        'SELECT line_number AS line, raw FROM event WHERE source_id = ? ORDER BY id',
      )
      .all(sourceId),
  );
  const expected = lines.flatMap((raw, index) => (raw.trim() === '' ? [] : [{ line: index + 1, raw }]));
  if (isWhole && found.length !== expected.length)
    return [`source ${sourceId} has ${found.length} events of ${expected.length}`];
  const differs = found.findIndex(({ line, raw }, index) => {
    const other = expected[index];
    return other?.line !== line || other.raw !== raw;
  });
  return differs < 0 ? [] : [`source ${sourceId} differs from its file at event ${differs + 1}`];
}
