/** @file Rows to put into a workspace. Without vitest, as child processes write them too. */
import type { QueueOrder, QueueTab } from '../../src/shared/alertLists.ts';
import type { OpenMethods } from '../../src/main/store/methods.ts';
import type { Store } from '../../src/main/store/open.ts';
import type { Actor, OpenInput } from '../../src/main/store/protocol/workspace.ts';
import type { EventBatch, SessionRecord, SourceTotals, TemplateRecord } from '../../src/main/store/protocol/sources.ts';
import type { NewAlert, ReplaceRunInput } from '../../src/main/store/protocol/alerts.ts';
import type { NewThreshold } from '../../src/main/store/protocol/learning.ts';

export const now = Date.UTC(2026, 10, 20, 13, 0, 0);
export const day = 86_400_000;
export const actor: Actor = { analyst: 'j.keller', at: now };

export function openInput(directory: string): OpenInput {
  return {
    directory,
    appVersion: '0.1.0',
    now,
    newWorkspaceId: 'workspace-1',
    newHashKey: new Uint8Array(32).fill(7),
    userName: 'j.keller',
  };
}

/** A whole list of open alerts, as it is asked for. */
export const listed = {
  tab: 'open' as QueueTab,
  filter: '',
  zone: 'UTC',
  asOf: null,
  order: 'severity' as QueueOrder,
  after: null as string | null,
  until: null,
  limit: 200,
  minScore: 0,
  now,
  analyst: actor.analyst,
};

export type TestStore = {
  directory: string;
  opened: Store['opened'];
  /** Calls a method as a request would, without a thread. */
  ask<K extends keyof OpenMethods>(
    method: K,
    input: OpenMethods[K]['input'],
    context?: { signal?: AbortSignal; progress?: (value: unknown) => void },
  ): Promise<OpenMethods[K]['output']>;
  close(): void;
};

export function asTestStore(directory: string, store: Store): TestStore {
  let isOpen = true;
  const methods = store.methods as Record<string, (input: unknown, context: unknown) => unknown>;
  return {
    directory,
    opened: store.opened,
    ask: async (method, input, context = {}) => {
      const { signal = new AbortController().signal, progress = () => undefined } = context;
      return (await methods[method]?.(input, { signal, progress })) as never;
    },
    close: () => {
      if (isOpen) store.close();
      isOpen = false;
    },
  };
}

export type Line = {
  raw: string;
  host?: string | null;
  entity?: string | null;
  template?: number;
  session?: number;
  at?: number;
};

/** Events of `lines`, numbered on from `firstEventId`. */
export function batchOf(lines: readonly Line[], firstEventId: number, firstLine = 1): EventBatch {
  return {
    firstEventId,
    lineNumbers: Int32Array.from(lines, (_line, row) => firstLine + row),
    at: Float64Array.from(lines, ({ at }, row) => at ?? now - day + (firstLine + row) * 1000),
    severities: Int8Array.from(lines, (_line, row) => (row % 9) - 1),
    templateIndexes: Int32Array.from(lines, ({ template }) => template ?? 0),
    sessionIds: Float64Array.from(lines, ({ session }) => session ?? 1),
    hosts: lines.map(({ host }) => (host === undefined ? 'fs-02' : host)),
    entities: lines.map(({ entity }) => (entity === undefined ? 'anna.weiss' : entity)),
    raws: lines.map(({ raw }) => raw),
    rawBytes: new Map(),
    values: null,
  };
}

export function sessionOf(id: number, events: { first: number; last: number; count: number }): SessionRecord {
  return {
    id,
    entityKind: 'user',
    entityHash: 1_000_000_000_000 + id,
    firstEventId: events.first,
    lastEventId: events.last,
    eventCount: events.count,
    startedAt: now - day,
    endedAt: now,
    isOpen: false,
  };
}

export function templateOf(index: number, exampleEventId = 1): TemplateRecord {
  return {
    index,
    contentHash: `${index}`.padStart(16, '0'),
    prefixHash: 42 + index,
    tokens: [2 ** 52 + index, 0, -3],
    count: 5,
    isFrozen: false,
    exampleEventId,
  };
}

export function totalsOf(eventCount: number, changes: Partial<SourceTotals> = {}): SourceTotals {
  return {
    lineCount: eventCount,
    eventCount,
    plainCount: 0,
    blankCount: 0,
    badByteCount: 0,
    encoding: 'utf-8',
    sessionCount: 1,
    firstAt: now - day,
    lastAt: now,
    ...changes,
  };
}

/** Imports a whole source; `null` for the state leaves it importing. */
export async function importLines(
  store: TestStore,
  lines: readonly Line[],
  options: { name?: string; state?: 'ready' | 'partial' | null; sha256?: string | null } = {},
): Promise<{ sourceId: number; firstEventId: number; firstSessionId: number }> {
  const { name = 'auth.log', state = 'ready', sha256 = null } = options;
  const begun = await store.ask('begin_source', {
    name,
    format: 'syslog3164',
    sizeBytes: 1000,
    assumption: { year: 2026, zone: 'Europe/Berlin' },
    importedAt: now,
    actor,
  });
  const { sourceId, nextEventId, nextSessionId } = begun;
  const own = lines.map((line) => ({ ...line, session: (line.session ?? 1) - 1 + nextSessionId }));
  const sessionIds = [...new Set(own.map(({ session }) => session))];
  const sessions = sessionIds.map((id) => {
    const rows = own.flatMap(({ session }, row) => (session === id ? [nextEventId + row] : []));
    return sessionOf(id, { first: rows[0] as number, last: rows.at(-1) as number, count: rows.length });
  });
  const kinds = [...new Set(own.map(({ template }) => template ?? 0))];
  await store.ask('append_events', {
    sourceId,
    events: batchOf(own, nextEventId),
    templates: kinds.map((index) => templateOf(index, nextEventId)),
    sessions,
  });
  if (state !== null) {
    const totals = totalsOf(lines.length, { sessionCount: sessions.length });
    await store.ask('finish_source', { sourceId, state, sha256, totals, templates: [], sessions: [], actor });
  }
  return { sourceId, firstEventId: nextEventId, firstSessionId: nextSessionId };
}

export function alertOf(eventId: number, changes: Partial<NewAlert> = {}): NewAlert {
  return {
    id: `alert-${eventId}`,
    eventId,
    sessionId: 1,
    lastEventId: eventId,
    score: 5,
    bits: 17.5,
    severity: 4,
    reason: 'unseen',
    detector: 'key',
    title: 'A kind of line that was never seen in training',
    signature: 'aa',
    fingerprint: '',
    profile: { actor: '', culprits: [] },
    templateIndex: 0,
    entityKind: 'user',
    entityHash: 99,
    eventCount: 1,
    at: now - day + eventId,
    perplexity: 9.5,
    confidence: 0.25,
    evidence: {
      votes: [{ detector: 'key', score: 5.5 }],
      culprits: [
        {
          eventId,
          isEnd: false,
          bits: 17.5,
          modelBits: null,
          expected: [{ templateIndex: 0, isEnd: false, probability: 0.5 }],
        },
      ],
    },
    ...changes,
  };
}

export async function addModel(store: TestStore, id = 'model-1'): Promise<void> {
  await store.ask('add_model', {
    id,
    state: 'kept',
    createdAt: now,
    directory: `models/${id}`,
    card: {},
    curve: [],
    files: [],
    actor,
  });
}

export function thresholdOf(score: number): NewThreshold {
  return {
    modelId: 'model-1',
    score,
    budgetScore: score,
    reason: 'learned',
    preset: { kind: 'budget' },
    budget: { alerts: 20, per: 'day' },
    eventsPerPeriod: 1,
    calibrationEvents: 1,
    meaning: '',
    createdAt: now,
    verdictCount: 0,
  };
}

export function runOf(sourceId: number, runId: string, alerts: NewAlert[]): ReplaceRunInput & { actor: Actor } {
  return {
    runId,
    sourceId,
    modelId: 'model-1',
    thresholdVersion: 1,
    startedAt: now,
    finishedAt: now,
    eventCount: alerts.length,
    overCount: alerts.length,
    drift: null,
    alerts,
    actor,
  };
}
