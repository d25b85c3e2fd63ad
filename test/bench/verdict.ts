/**
 * @file How long a verdict takes to be answered (it is durable then, with its folds), and until what it teaches is in force: a version of the
 * threshold and of the detectors' weights; of that, how long the adapting process takes, with its processor time, and how long it takes to read what it is
 * asked with. On made alerts with votes, and as many held-back rows as are kept; `taught`: where 10,000 verdicts stand and 1,000 entries are remembered.
 */
import Database from 'better-sqlite3';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownRowsFile } from '../../src/main/app/keyModel.ts';
import { fitFusionOnRows } from '../../src/main/detect/fusion.ts';
import { encodeOwnRows } from '../../src/main/detect/ownRows.ts';
import { workspacePaths } from '../../src/main/store/paths.ts';
import { detectorIds } from '../../src/shared/detectors.ts';
import { Random } from '../../src/shared/random.ts';
import { openApp } from '../helpers/app.ts';
import { makeStore } from './ui/madeStore.ts';
import { processorMs } from './ui/page.ts';
import type { Figures } from './main.ts';

const verdictCount = 300;
const rowCount = 65_536;
const taught = { alerts: 20_000, verdicts: 10_000, remembered: 1000 };

/** `sizes`: numbers of alerts, or `taught`. */
export async function benchVerdict(sizes: readonly string[]): Promise<Figures> {
  const figures: Figures = {};
  for (const size of sizes.length > 0 ? sizes : ['10000', '100000', 'taught']) {
    const directory = mkdtempSync(join(tmpdir(), 'surprisal-verdict-'));
    try {
      Object.assign(figures, await measure(directory, size));
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }
  return figures;
}

async function measure(directory: string, size: string): Promise<Figures> {
  const isTaught = size === 'taught';
  await makeStore(directory, isTaught ? taught.alerts : Number(size));
  teachable(directory);
  if (isTaught) decideMany(directory);
  const app = await openApp(directory);
  const { thresholds } = app.app.parts;
  await thresholds.rescored();
  const [answered, inForce, adapted, read]: [number[], number[], number[], number[]] = [[], [], [], []];
  const { adapt, services } = app.app.parts;
  let cpuMs = 0;
  const call = adapt.call.bind(adapt);
  adapt.call = async (method, input) => {
    const used = processorMs(adapt.pid ?? 0);
    const start = performance.now();
    const output = await call(method, input);
    adapted.push(performance.now() - start);
    cpuMs += processorMs(adapt.pid ?? 0) - used;
    return output;
  };
  for (let verdict = 0; verdict < verdictCount; verdict++) {
    const { rows } = await app.ask('alerts.list', {
      tab: 'open',
      limit: 1,
      order: verdict % 2 === 0 ? 'severity' : 'time',
    });
    const value = verdict % 5 === 0 ? 'true_positive' : 'false_positive_logic';
    const start = performance.now();
    await app.ask('verdicts.give', { alertId: rows[0]?.id ?? '', value });
    answered.push(performance.now() - start);
    await thresholds.settled();
    inForce.push(performance.now() - start);
    const reading = performance.now();
    await services.store.call('labelled_scores', { modelId: 'model-1' });
    read.push(performance.now() - reading);
  }
  const { version } = (await app.ask('thresholds.list', {}))[0] ?? { version: 0 };
  const start = performance.now();
  await thresholds.rescored();
  const rescoredMs = performance.now() - start;
  await app.close();
  const at = (times: number[], share: number): number =>
    times.sort((a, b) => a - b)[Math.floor(share * times.length)] ?? 0;
  const name = isTaught ? size : `alerts${size}`;
  return {
    [`${name}AnsweredMedianMs`]: at(answered, 0.5),
    [`${name}AnsweredP95Ms`]: at(answered, 0.95),
    [`${name}AdaptMedianMs`]: at(adapted, 0.5),
    [`${name}AdaptP95Ms`]: at(adapted, 0.95),
    // In hundredths of a second, and so of all together.
    [`${name}AdaptCpuMs`]: cpuMs / adapted.length,
    [`${name}ReadMedianMs`]: at(read, 0.5),
    [`${name}ReadP95Ms`]: at(read, 0.95),
    [`${name}InForceMedianMs`]: at(inForce, 0.5),
    [`${name}InForceP95Ms`]: at(inForce, 0.95),
    [`${name}Versions`]: version,
    [`${name}RescoredMs`]: rescoredMs,
  };
}

/** Votes for the alerts, and held-back rows for their model. */
function teachable(directory: string): void {
  const random = new Random(1);
  const columns = detectorIds.map((id) => ({
    id,
    scores: Float32Array.from({ length: rowCount }, () => -Math.log2(random.share())),
  }));
  const of = Int32Array.from({ length: rowCount }, (_, row) => row % 20);
  const groups = { keys: Array.from({ length: 20 }, (_, group) => `plain ${group}`), of };
  const { rows } = fitFusionOnRows({ columns, groups, kinds: of });
  const bytes = encodeOwnRows(rows);
  const folder = join(directory, 'models', 'model-1');
  mkdirSync(folder, { recursive: true });
  const name = ownRowsFile('f32');
  writeFileSync(join(folder, name), bytes);
  const files = [{ name, sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }];
  const db = new Database(workspacePaths(directory).database);
  db.prepare('UPDATE model SET files = ?').run(JSON.stringify(files));
  db.exec(`UPDATE threshold SET score = 3, budget_score = 3;
    UPDATE alert_evidence SET evidence = json_set(evidence, '$.votes', json((SELECT
      '[{"detector":"key","score":' || (3 + score) || '},{"detector":"volume","score":' || (1 + number % 5) || '}]'
      FROM alert WHERE number = alert_number)))`);
  db.close();
}

/** Verdicts on the first alerts, most of them false alarms, of which some are remembered. */
function decideMany(directory: string): void {
  const { verdicts, remembered } = taught;
  const db = new Database(workspacePaths(directory).database);
  db.exec(`INSERT INTO verdict (number, kind, id, alert_id, alert_count, value, note, analyst, at)
      SELECT number, 'given', 'made-' || number, id, 1, iif(number % 10 = 0, 'true_positive', 'false_positive_logic'), '', 'bench', raised_at
      FROM alert WHERE number <= ${verdicts} ORDER BY number;
    UPDATE alert SET decided_by = number WHERE number <= ${verdicts};
    INSERT INTO memory (verdict_number, kind, scope, signature, template_id, entity, expires_at)
      SELECT number, iif(number % 10 = 0, 'threat', 'harmless'), 'signature', signature, template_id, '',
        iif(number % 10 = 0, NULL, 9e15) FROM alert WHERE number <= ${remembered}`);
  db.close();
}
