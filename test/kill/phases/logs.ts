/** @file Kills in jobs over logs: reading one, learning from it, scoring it. */
import { alertsOf, officeLines, weightsInUse } from '../base.ts';
import { checkLines, checkWorkspace } from '../checks.ts';
import type { Lane } from '../lane.ts';

export async function killImport(lane: Lane): Promise<string[]> {
  const { own: app, random, base } = lane;
  // Long lines: the file is read in pieces of a megabyte, and each is to be written by itself.
  const lines = officeLines(random.integer(2000, 14_000), random.integer(1, 1e6), 0.01).map(
    (line) => `${line} ${'x'.repeat(180)}`,
  );
  for (let blank = 0; blank < 5; blank++) lines.splice(random.integer(0, lines.length), 0, '');
  const name = `import-${lane.count}.log`;
  const { jobs, jobId } = await lane.killInJob('import', { app, tookMs: base.tookMs.import }, async (serving) => {
    const uploading = serving.upload(name, `${lines.join('\n')}\n`);
    if (random.chance(0.1)) {
      uploading.catch(() => undefined); // cut off itself
      return null;
    }
    const started = await serving.ask('sources.import', { token: (await uploading).token, thenScore: false });
    return started.jobId;
  });
  const serving = await app.open();
  const sources = (await serving.ask('sources.list', {})).filter((source) => source.name === name);
  const wrong = await checkWorkspace(app.workspace);
  const job = jobs.find(({ id }) => id === jobId);
  const isGivenUp = lane.isGivenUp(app, jobId);
  if (!isGivenUp && job && job.state !== 'done') wrong.push(`the import ended as ${job.state}: ${job.error}`);
  if (jobId !== null && !isGivenUp && (sources.length !== 1 || sources[0]?.state !== 'ready'))
    wrong.push(`${name} is there as ${JSON.stringify(sources.map(({ state }) => state))}`);
  for (const source of sources) {
    const isWhole = source.state === 'ready';
    if (isWhole && source.lineCount !== lines.length) wrong.push(`${source.lineCount} of ${lines.length} lines`);
    wrong.push(...checkLines(app.workspace, source.id, lines, isWhole));
    if (random.chance(0.2)) await serving.ask('sources.delete', { sourceId: source.id });
  }
  return wrong;
}

export async function killLearning(lane: Lane): Promise<string[]> {
  const { own: app, base } = lane;
  const { quietId, weights, tookMs } = base;
  const before = (await (await app.open()).ask('models.list', {})).length;
  const { jobs, jobId } = await lane.killInJob('learn', { app, tookMs: tookMs.learn }, async (serving) => {
    return (await serving.ask('learn.start', { sourceIds: [quietId] })).jobId;
  });
  const wrong = await checkWorkspace(app.workspace);
  const models = await (await app.open()).ask('models.list', {});
  const added = models
    .slice()
    .sort((a, b) => a.number - b.number)
    .slice(before);
  const job = jobs.find(({ id }) => id === jobId);
  if (!lane.isGivenUp(app, jobId)) {
    if (job && job.state !== 'done') wrong.push(`learning ended as ${job.state}: ${job.error}`);
    if (added.length !== 1 || added[0]?.state !== 'in_use')
      wrong.push(`learning once left ${JSON.stringify(added.map(({ state }) => state))}`);
  }
  if (weightsInUse(app.workspace) !== weights) wrong.push('the weights are not those of a run that was not cut off');
  return wrong;
}

export async function killScoring(lane: Lane): Promise<string[]> {
  const { own: app, base } = lane;
  const { watchedId, alerts, tookMs } = base;
  const { jobs, jobId } = await lane.killInJob('score', { app, tookMs: tookMs.score }, async (serving) => {
    return (await serving.ask('score.start', { sourceIds: [watchedId] })).jobId;
  });
  const wrong = await checkWorkspace(app.workspace);
  const job = jobs.find(({ id }) => id === jobId);
  const isGivenUp = lane.isGivenUp(app, jobId);
  if (!isGivenUp && job && job.state !== 'done') wrong.push(`scoring ended as ${job.state}: ${job.error}`);
  const threshold = (await (await app.open()).ask('thresholds.list', {})).find(({ isCurrent }) => isCurrent);
  const found = alertsOf(app.workspace, watchedId);
  // What was given up leaves the alerts of an earlier run, by whatever was taught then.
  const isTaught = isGivenUp || threshold?.isTaught === true;
  for (const [eventId, { bits, score }] of found) {
    const before = alerts.get(eventId);
    if (before && (before.bits !== bits || (!isTaught && before.score !== score)))
      wrong.push(
        `event ${eventId} has ${bits} bits and scores ${score}, uninterrupted ${before.bits} and ${before.score}`,
      );
  }
  // What the verdicts of other rounds taught may have taken an alert below what is kept.
  const missing = [...alerts].filter(
    ([eventId, { score }]) => !isTaught && score >= (threshold?.score ?? 0) && !found.has(eventId),
  );
  if (missing.length > 0) wrong.push(`${missing.length} alerts are missing`);
  return wrong;
}
