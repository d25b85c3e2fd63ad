/** @file Logs that wait to be scored by a model that came in use: until they are, their alerts and the verdicts on these are of the one before. */
import { readAsked, replacesAlerts } from './asked.ts';
import type { Services } from './services.ts';
import { counted } from './words.ts';

/** Logs that a sentence names. */
const mostNamed = 3;

/** Logs whose alerts are by the model before this one, by name; `isUnderWay`: a job is kept that scores them. */
export type AwaitedScores = { logs: string[]; isUnderWay: boolean };

/** What has to be scored by a model that came in use before anything is learned from verdicts on its alerts; null where nothing has. */
export async function awaitedScores({ store }: Services, modelId: string): Promise<AwaitedScores | null> {
  const [jobs, awaited] = await Promise.all([
    store.call('list_jobs', undefined),
    store.call('list_awaited_logs', undefined),
  ]);
  const isUnderWay = jobs.some((record) => {
    const asked = readAsked(record);
    return asked !== undefined && replacesAlerts(asked, modelId);
  });
  const logs = awaited.filter((log) => log.modelId === modelId).map(({ sourceName }) => sourceName);
  return isUnderWay || logs.length > 0 ? { logs, isUnderWay } : null;
}

/** As the status says it. */
export function awaitedText({ logs, isUnderWay }: AwaitedScores): string {
  const stays = 'Verdicts are kept, and the threshold stays until the logs are scored by the model that came in use';
  if (isUnderWay) return `${stays}.`;
  const named = logs.slice(0, mostNamed).join(', ');
  const more = logs.length > mostNamed ? ` and ${counted(logs.length - mostNamed, 'other')}` : '';
  return `${stays}, and that was given up: score ${named}${more} again under Logs.`;
}
