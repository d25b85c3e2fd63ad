/**
 * @file How long a verdict takes to be answered (it is durable then, with its folds), and until what it teaches is in force: a version of the
 * threshold and of the detectors' weights; of that, how long the adapting process takes. On made alerts with votes, and as many held-back rows as are kept.
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
import type { Figures } from './main.ts';

const verdictCount = 300;
const rowCount = 65_536;

/** `sizes`: numbers of alerts. */
export async function benchVerdict(sizes: readonly string[]): Promise<Figures> {
  const figures: Figures = {};
  for (const size of sizes.length > 0 ? sizes : ['10000', '100000']) {
    const directory = mkdtempSync(join(tmpdir(), 'surprisal-verdict-'));
    try {
      Object.assign(figures, await measure(directory, Number(size)));
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }
  return figures;
}

async function measure(directory: string, alerts: number): Promise<Figures> {
  await makeStore(directory, alerts);
  teachable(directory);
  const app = await openApp(directory);
  const { thresholds } = app.app.parts;
  await thresholds.rescored();
  const [answered, inForce, adapted]: [number[], number[], number[]] = [[], [], []];
  const { adapt } = app.app.parts;
  const call = adapt.call.bind(adapt);
  adapt.call = async (method, input) => {
    const start = performance.now();
    const output = await call(method, input);
    adapted.push(performance.now() - start);
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
  }
  const { version } = (await app.ask('thresholds.list', {}))[0] ?? { version: 0 };
  const start = performance.now();
  await thresholds.rescored();
  const rescoredMs = performance.now() - start;
  await app.close();
  const at = (times: number[], share: number): number =>
    times.sort((a, b) => a - b)[Math.floor(share * times.length)] ?? 0;
  const name = `alerts${alerts}`;
  return {
    [`${name}AnsweredMedianMs`]: at(answered, 0.5),
    [`${name}AnsweredP95Ms`]: at(answered, 0.95),
    [`${name}AdaptMedianMs`]: at(adapted, 0.5),
    [`${name}AdaptP95Ms`]: at(adapted, 0.95),
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
