/** @file Kills while alerts are raised and on their way to a webhook: each gets there, under one id, and again only where nobody could know that it did. */
import { officeLines, settled } from '../base.ts';
import { checkWorkspace, reading } from '../checks.ts';
import type { KilledApp } from '../killed.ts';
import type { Lane } from '../lane.ts';
import { Receiver, type Told } from '../receiver.ts';
import { sleep } from '../victim.ts';

/** A receiver that failed is tried again after seconds. */
const longestMs = 60_000;

export async function killSending(lane: Lane): Promise<string[]> {
  const { own: app, random, tally } = lane;
  const receiver = await Receiver.open(random);
  const settings = (isOn: boolean) => ({
    target: { kind: 'webhook' as const, url: receiver.url },
    ...{ isOn, minSeverity: 1 as const, sendsLine: random.chance(0.5) },
  });
  try {
    const serving = await app.open();
    // It begins with what comes after it is switched on.
    for (const isOn of [false, true]) await serving.ask('outputs.set', { settings: settings(isOn) });
    const after = newestAlert(app);
    const lines = officeLines(random.integer(1500, 5000), random.integer(1, 1e6), 0.05);
    const { token } = await serving.upload(`sent-${lane.count}.log`, `${lines.join('\n')}\n`);
    await serving.ask('sources.import', { token, thenScore: true });
    let kills = 0;
    for (const of = random.integer(1, 4); kills < of; kills++) {
      await app.open();
      const before = receiver.taken.length;
      if (random.chance(0.8)) await receiver.tookMore(random.integer(1, 12), 10_000);
      await sleep(random.between(0, 60));
      if (receiver.taken.length > before) tally.hits.send++;
      await lane.kill('send', app);
    }
    await settled(await app.open());
    const wrong = [...(await arrived(app, receiver, after)), ...(await checkWorkspace(app.workspace))];
    wrong.push(...checkRepeats(receiver, kills), ...checkIds(app, receiver.taken));
    await (await app.open()).ask('outputs.set', { settings: settings(false) });
    return wrong;
  } finally {
    receiver.close();
  }
}

function newestAlert({ workspace }: KilledApp): number {
  return reading(
    workspace,
    (db) => db.prepare<[], number>('SELECT coalesce(max(number), 0) FROM alert').pluck().get() ?? 0,
  );
}

/** Waits for what is on its way, which what verdicts taught may still add to. */
async function arrived(app: KilledApp, receiver: Receiver, after: number): Promise<string[]> {
  const serving = await app.open();
  for (const untilMs = Date.now() + longestMs; ;) {
    const score = (await serving.ask('thresholds.list', {})).find(({ isCurrent }) => isCurrent)?.score ?? 0;
    const due = reading(app.workspace, (db) =>
      db
        .prepare<[number, number], string>(
          `SELECT id FROM alert WHERE number > ? AND state IN ('open', 'decided') AND origin = 'detector' AND score >= ?`,
        )
        .pluck()
        .all(after, score),
    );
    const told = new Set(receiver.taken.map(({ alertId }) => alertId));
    const missing = due.filter((id) => !told.has(id));
    if (missing.length === 0) return [];
    if (Date.now() > untilMs) {
      const [output] = await serving.ask('outputs.list', {});
      return [`of ${due.length} alerts ${missing.length} were not told: ${JSON.stringify(output)}`];
    }
    await sleep(100);
  }
}

/** One request is under way at a time: a kill can hide the answer of one, and a hang-up of one. */
function checkRepeats({ taken, hangUps }: Receiver, kills: number): string[] {
  const repeats = taken.length - new Set(taken.map(({ messageId }) => messageId)).size;
  return repeats > kills + hangUps
    ? [`${repeats} were told again over ${kills} kills and ${hangUps} answers that did not come`]
    : [];
}

function checkIds({ workspace }: KilledApp, taken: readonly Told[]): string[] {
  const known = new Set(reading(workspace, (db) => db.prepare<[], string>('SELECT id FROM alert').pluck().all()));
  const lineOf = new Map<string, number>();
  return taken.flatMap(({ messageId, alertId, lineNumber }) => {
    const wrong: string[] = [];
    if (!known.has(alertId)) wrong.push(`alert ${alertId} was told and is nobody's`);
    if (!messageId.startsWith(alertId)) wrong.push(`alert ${alertId} was told as ${messageId}`);
    if ((lineOf.get(messageId) ?? lineNumber) !== lineNumber) wrong.push(`${messageId} was told of two lines`);
    lineOf.set(messageId, lineNumber);
    return wrong;
  });
}
