/** @file Waiting, and what a workspace has of its first log, with ids counted from the log's own first ones: comparable between workspaces. */
import type { LogLine } from '../../src/shared/sources.ts';
import type { TestApp } from '../helpers/app.ts';

export async function until(isSo: () => Promise<boolean>, limitMs = 20_000): Promise<void> {
  for (const end = Date.now() + limitMs; ;) {
    if (await isSo()) return;
    if (Date.now() > end) throw new Error('It did not come to that.');
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

export async function tablesOf(app: TestApp) {
  const { store } = app.app.parts.services;
  const [source] = await app.ask('sources.list', {});
  if (!source) throw new Error('There is no log yet.');
  const keys = await store.call('read_keys', { sourceId: source.id, afterEventId: 0, limit: 1_000_000 });
  const values = await store.call('read_values', { sourceId: source.id, afterEventId: 0, limit: 1_000_000 });
  const pages = await store.call('read_sessions', { sourceId: source.id, afterSessionId: 0, limit: 1_000_000 });
  const templates = await store.call('list_templates', undefined);
  const firstEvent = (keys.eventIds[0] ?? 0) - 1;
  const firstSession = (pages.ids[0] ?? 0) - 1;
  const { format, lineCount, eventCount, plainCount, blankCount, badByteCount, encoding, sessionCount, templateCount } =
    source;
  const { sizeBytes, firstAt, lastAt, assumption } = source;
  return {
    source: {
      ...{ format, lineCount, eventCount, plainCount, blankCount, badByteCount, encoding, sessionCount, templateCount },
      ...{ sizeBytes, firstAt, lastAt, assumption, lag: source.live?.lagBytes ?? 0 },
    },
    events: Array.from(keys.eventIds, (id, row) => [
      id - firstEvent,
      keys.lineNumbers[row],
      keys.at[row],
      keys.severities[row],
      keys.templateIndexes[row],
      (keys.sessionIds[row] ?? 0) - firstSession,
      // Hashes are keyed by the workspace.
      [values.lineHashes, values.users, values.networks, values.hosts].map((column) => Math.sign(column[row] ?? 0)),
      values.outcomes[row],
      values.flags[row],
      values.shapes.slice(row * 8, row * 8 + 8).join(' '),
    ]),
    sessions: Array.from(pages.ids, (id, row) => [
      id - firstSession,
      pages.entityKinds[row],
      pages.eventCounts[row],
      pages.open[row],
    ]),
    // Hashes are keyed by the workspace.
    templates: templates.map(({ index, tokens, count, isFrozen }) => [
      index,
      tokens.map((token) => Math.sign(token) * (token < 0 ? -token : 1)),
      count,
      isFrozen,
    ]),
  };
}

/** Every line of a log as it was written. */
export async function linesOf(app: TestApp, sourceId: number): Promise<string[]> {
  const lines: string[] = [];
  for (let after = 0; ;) {
    const page: LogLine[] = await app.ask('logs.read', { sourceId, afterLine: after, limit: 500 });
    lines.push(...page.map(({ raw }) => raw));
    if (page.length < 500) return lines;
    after = page.at(-1)?.lineNumber ?? after;
  }
}
