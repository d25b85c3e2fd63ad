/** @file A process that writes to a workspace and says after each write that it was answered. Ended by its test with SIGKILL. */
import { writeSync } from 'node:fs';
import { openStore } from '../../src/main/store/open.ts';
import {
  actor,
  addModel,
  alertOf,
  asTestStore,
  batchOf,
  importLines,
  openInput,
  runOf,
  sessionOf,
  templateOf,
} from './rows.ts';

const [directory = '', mode = ''] = process.argv.slice(2);
const store = asTestStore(directory, await openStore(openInput(directory)));
const acknowledge = (text: string): void => void writeSync(1, `${text}\n`);

if (mode === 'hold') {
  acknowledge('held');
  setInterval(() => undefined, 1000);
}

if (mode === 'verdicts') {
  await addModel(store);
  const lines = Array.from({ length: 3000 }, (_, row) => ({ raw: `line ${row}` }));
  const { sourceId } = await importLines(store, lines);
  const alerts = lines.map((_line, row) => alertOf(row + 1, { signature: `${row % 700}` }));
  await store.ask('replace_run', runOf(sourceId, 'run-1', alerts));
  for (let number = 1; number <= 700; number++) {
    await store.ask('give_verdict', {
      verdictId: `verdict-${number}`,
      alertId: `alert-${number}`,
      value: 'false_positive_logic',
      note: '',
      analyst: actor.analyst,
      givenAt: actor.at,
      foldExpiresAt: null,
      folds: true,
      minScore: 0,
    });
    acknowledge(`verdict-${number}`);
  }
  acknowledge('end');
}

if (mode === 'append') {
  const { sourceId } = await store.ask('begin_source', {
    name: 'a.log',
    format: 'plain',
    sizeBytes: 1,
    assumption: { year: null, zone: null },
    importedAt: actor.at,
    actor,
  });
  for (let batch = 0; batch < 1000; batch++) {
    const first = batch * 100 + 1;
    const lines = Array.from({ length: 100 }, (_, row) => ({ raw: `line ${first + row}`, session: batch + 1 }));
    const session = sessionOf(batch + 1, { first, last: first + 99, count: 100 });
    const events = batchOf(lines, first, first);
    await store.ask('append_events', { sourceId, events, templates: [templateOf(0)], sessions: [session] });
    acknowledge(String(first + 99));
  }
}

if (mode === 'index') {
  const lines = Array.from({ length: 60_000 }, (_, row) => ({
    raw: `Failed password for u${row} from 10.0.0.${row % 250}`,
  }));
  await importLines(store, lines);
  await store.ask('index_text', undefined, { progress: (value) => acknowledge(JSON.stringify(value)) });
}
