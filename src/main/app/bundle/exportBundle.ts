/** @file A case as a bundle: everything it has, from the store, its logs and the model that judged, written alert by alert into one file. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { z } from 'zod';
import {
  bundleVersion,
  type AuditChain,
  type BundleCase,
  type BundleFacts,
  type BundleModel,
  type BundleThreshold,
  type OtherCase,
} from '../../../shared/bundle.ts';
import type { CaseDetail } from '../../../shared/cases.ts';
import type { AlertDetail } from '../../../shared/alerts.ts';
import type { ThresholdVersion } from '../../../shared/thresholds.ts';
import { AppError } from '../../../shared/errors.ts';
import type { ReportTemplate } from '../../../shared/report.ts';
import { modelSentences } from '../../report/caseReport.ts';
import { Suggestions } from '../../report/attack.ts';
import type { AlertRecord } from '../../store/protocol/alerts.ts';
import { attachmentPath, attachmentProblem } from '../attachments.ts';
import { CaseObservables, culpritLines } from '../caseObservables.ts';
import { readCase } from '../cases.ts';
import type { AppParts } from '../createApp.ts';
import { toModel } from '../modelRegistry.ts';
import { addCame, attackTechniques, detailOf, locateSource, mostLookedThrough, overlapping } from '../reportFacts.ts';
import { templatesKey } from '../reports.ts';
import { currentThreshold, listThresholds } from '../thresholdInForce.ts';
import { WholeFile } from '../wholeFile.ts';
import { alertsName, attachmentName, auditName, caseName, manifestName } from './bundleFile.ts';
import { Came } from './came.ts';
import { bundleAlert, bundleAuditEntry, bundleCase, type BundleManifest } from './schema.ts';
import { writeZip, type EntryContent, type WrittenEntry } from './writeZip.ts';

const perBatch = 64;
/** Whole lines are as long as a log may have them. */
const wholeChars = 16_000_000;
const mostAlerts = 100_000;
const chunkBytes = 1 << 20;

export type ExportedBundle = {
  alerts: number;
  attachments: number;
  /** Names of attachments whose content is gone or was changed, and which go without it. */
  missing: string[];
  manifestSha256: string;
};

/** Throws NOT_FOUND for the case, BAD_INPUT where the file cannot be written; what was at the path stays then. */
export async function exportBundle(parts: AppParts, caseId: string, path: string): Promise<ExportedBundle> {
  const detail = await readCase(parts, caseId, 'verify_audit');
  const making = await Making.begin(parts, detail);
  const file = await WholeFile.create(path).catch((error: Error) => {
    throw new AppError('BAD_INPUT', `The bundle cannot be written: ${error.message}`);
  });
  let manifest = '';
  try {
    await writeZip(file, making.entries(), (written) => {
      manifest = making.manifest(written);
      return { name: manifestName, bytes: Buffer.from(manifest) };
    });
  } catch (error) {
    await file.discard();
    throw writingFailure(error, path);
  }
  await file.finish();
  const { services } = parts;
  const manifestSha256 = createHash('sha256').update(manifest).digest('hex');
  const { alertCount, missing } = making;
  await services.store.call('append_audit', {
    action: 'bundle.exported',
    subject: caseId,
    details: { alerts: alertCount, attachments: detail.attachments.length, manifest: manifestSha256 },
    actor: await services.actor(),
  });
  return { alerts: alertCount, attachments: detail.attachments.length, missing, manifestSha256 };
}

function writingFailure(error: unknown, path: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new AppError(
      'STORE_FULL',
      `The bundle was not written: the disk of ${path} is full. Free some space, or write it elsewhere.`,
    );
  if (error instanceof AppError || code === undefined) return error;
  return new AppError('BAD_INPUT', `The bundle cannot be written: ${message}`);
}

type Whole = Awaited<ReturnType<Making['readWhole']>>;

/** One bundle while it is made. */
class Making {
  alertCount = 0;
  readonly missing: string[] = [];
  readonly #parts: AppParts;
  readonly #detail: CaseDetail;
  #whole!: Whole;
  readonly #observables = new CaseObservables();
  readonly #suggestions = new Suggestions();

  private constructor(parts: AppParts, detail: CaseDetail) {
    this.#parts = parts;
    this.#detail = detail;
  }

  static async begin(parts: AppParts, detail: CaseDetail): Promise<Making> {
    const making = new Making(parts, detail);
    making.#whole = await making.readWhole();
    if (detail.alerts.length > mostAlerts)
      throw new AppError(
        'BAD_INPUT',
        `A bundle holds ${mostAlerts} alerts at most, and the case has ${detail.alerts.length}. Split it first.`,
      );
    return making;
  }

  async readWhole() {
    const { services } = this.#parts;
    const { store, host } = services;
    const caseId = this.#detail.row.id;
    const [{ alerts }, facts, whole, models, thresholds, threshold, actor, techniques, templates] = await Promise.all([
      store.call('get_case', { caseId, now: host.now() }),
      store.call('get_case_facts', { caseId }),
      store.call('read_case_whole', { caseId }),
      store.call('list_models', undefined),
      listThresholds(services),
      currentThreshold(services),
      services.actor(),
      attackTechniques(),
      store.call('get_setting', { key: templatesKey }),
    ]);
    const own = facts.sources.map(({ id }) => id);
    const came = Came.of(store, caseId, whole.came, own);
    const audit = await came.audit();
    return { alerts, facts, whole, models, thresholds, threshold, actor, techniques, templates, came, audit };
  }

  async *entries(): AsyncGenerator<EntryContent> {
    yield { name: alertsName, content: this.#alertLines(), isText: true };
    yield { name: auditName, content: this.#auditLines(), isText: true };
    const content = await this.#case();
    yield { name: caseName, content: once(jsonOf(bundleCase, content)), isText: true };
    const seen = new Set<string>();
    for (const { sha256, sizeBytes, isMissing } of content.attachments) {
      if (isMissing || seen.has(sha256)) continue;
      seen.add(sha256);
      const stream = createReadStream(attachmentPath(this.#parts.services, sha256), { highWaterMark: chunkBytes });
      yield { name: attachmentName(sha256), content: stream as AsyncIterable<Uint8Array>, isText: false, sizeBytes };
    }
  }

  manifest(entries: WrittenEntry[]): string {
    const { services } = this.#parts;
    const { row } = this.#detail;
    const manifest: BundleManifest = {
      format: 'surprisal-bundle',
      version: bundleVersion,
      appVersion: services.host.appVersion,
      caseId: row.id,
      caseNumber: row.number,
      title: row.title,
      workspace: services.opened.name,
      workspaceId: services.opened.workspaceId,
      exportedBy: this.#whole.actor.analyst,
      exportedAt: this.#whole.actor.at,
      chains: [...this.#whole.came.chains, this.#ownChain()],
      entries,
    };
    return `${JSON.stringify(manifest, null, 1)}\n`;
  }

  #ownChain(): AuditChain {
    const { services } = this.#parts;
    const { auditCount: count, auditHead: head, auditIsIntact: isIntact } = this.#detail;
    return { workspaceId: services.opened.workspaceId, workspace: services.opened.name, count, head, isIntact };
  }

  async *#alertLines(): AsyncGenerator<Uint8Array> {
    const { alerts, facts, came } = this.#whole;
    const places = await this.#places();
    const formats = new Map(facts.sources.map((source) => [source.id, source]));
    for (let start = 0; start < alerts.length; start += perBatch) {
      const part = alerts.slice(start, start + perBatch);
      const [linesOf, details] = await Promise.all([
        culpritLines(this.#parts.services.store, part, mostLookedThrough),
        overlapping(part, (record) => detailOf(this.#parts, record)),
      ]);
      const whole = await this.#wholeLines(part, details);
      for (const [index, record] of part.entries()) {
        const detail = details[index];
        if (!detail) continue;
        const { sourceId, lineNumber } = record;
        const lines = linesOf(record);
        this.#observables.addLines(record, lines);
        if (formats.has(sourceId)) this.#suggest(detail);
        // Cases that are alike are none of who gets this one.
        yield lineOf(bundleAlert, {
          detail: { ...detail, cases: [] },
          sourceId,
          byteOffset: places.get(sourceId)?.get(lineNumber) ?? null,
          wholeLine: whole.get(record.eventId) ?? null,
          culprits: lines.filter(({ id }) => id !== record.eventId).map(({ raw }) => raw),
        });
        this.alertCount++;
      }
    }
    for await (const part of came.alerts()) {
      for (const one of part) {
        addCame(one, this.#observables, this.#suggestions);
        yield lineOf(bundleAlert, one.alert);
        this.alertCount++;
      }
    }
  }

  #suggest(detail: AlertDetail): void {
    const { row, raw, votes } = detail;
    this.#suggestions.add({ ...row, raw: raw.text, detectors: votes.map(({ detector }) => detector) });
  }

  /** By log and line, where the file of the log is still the same. */
  async #places(): Promise<Map<number, Map<number, number>>> {
    const { alerts, facts } = this.#whole;
    const located = await Promise.all(
      facts.sources.map((source) => {
        const lines = alerts.filter(({ sourceId }) => sourceId === source.id).map(({ lineNumber }) => lineNumber);
        return locateSource(this.#parts, source, lines);
      }),
    );
    return new Map(located.map(({ source, offsets }) => [source.id, offsets]));
  }

  /** Of those that are shown cut. */
  async #wholeLines(part: readonly AlertRecord[], details: readonly AlertDetail[]): Promise<Map<number, string>> {
    const whole = new Map<number, string>();
    for (const [index, { eventId }] of part.entries()) {
      if (!details[index]?.raw.isCut) continue;
      const [event] = await this.#parts.services.store.call('get_events', { ids: [eventId], maxChars: wholeChars });
      if (event) whole.set(eventId, event.raw);
    }
    return whole;
  }

  async *#auditLines(): AsyncGenerator<Uint8Array> {
    const { whole, audit, came } = this.#whole;
    const chain = came.chains.length;
    const { count, isIntact } = this.#ownChain();
    for (const entry of audit) yield lineOf(bundleAuditEntry, entry);
    for (const entry of whole.audit) {
      // What came behind the head that the manifest names is not covered by it.
      if (!isIntact || entry.sequence <= count) yield lineOf(bundleAuditEntry, { ...entry, chain });
    }
  }

  async #case(): Promise<BundleCase> {
    const { row, notes, explanations, tasks, phases, attachments } = this.#detail;
    const { id, title, state, closing, ownSeverity, owner, tags, dueAt, createdAt, updatedAt, closedAt } = row;
    const { raisedAt, viewedAt, verdictAt } = row;
    const { facts, whole, templates } = this.#whole;
    const withContent = [];
    for (const attachment of attachments) {
      const problem = await attachmentProblem(this.#parts.services, attachment);
      if (problem !== null) this.missing.push(attachment.name);
      withContent.push({ ...attachment, isMissing: problem !== null });
    }
    return {
      ...{ id, title, state, closing, ownSeverity, owner, tags, dueAt, createdAt, updatedAt, closedAt },
      ...{ raisedAt, viewedAt, verdictAt, notes, explanations, tasks, phases },
      text: facts.text,
      templates: (templates ?? []) as ReportTemplate[],
      attachments: withContent,
      refusedAlerts: whole.refusedAlerts,
      facts: await this.#facts(),
    };
  }

  async #facts(): Promise<BundleFacts> {
    const { row, links, parts } = this.#detail;
    const { alerts, facts, models, thresholds, threshold, techniques, came } = this.#whole;
    const { store } = this.#parts.services;
    const others = came.bundles.map((bundle) => bundle.facts);
    const isOfHere = others.length === 0 || alerts.length > 0;
    const judging = new Set(alerts.map(({ modelId }) => modelId));
    const inUse = models.find((model) => model.state === 'in_use');
    const { labels } = facts;
    const sentences = modelSentences({ model: inUse ? toModel(inUse) : null, threshold: threshold ?? null, labels });
    return {
      sources: [...facts.sources.map(({ path: _path, isFollowed: _isFollowed, ...source }) => source), ...came.sources],
      models: [
        ...models.filter((model) => judging.has(model.id)).map((model) => toBundleModel(toModel(model))),
        ...others.flatMap((other) => other.models),
      ],
      thresholds: [
        ...thresholds.filter(({ modelId }) => judging.has(modelId)).map(toBundleThreshold),
        ...others.flatMap((other) => other.thresholds),
      ],
      modelSentences: [...(isOfHere ? sentences : []), ...others.flatMap((other) => other.modelSentences)],
      labels: isOfHere ? labels : (others[0]?.labels ?? labels),
      observables: came.withSightings(await this.#observables.lookedUp(store, row.number)),
      techniques: this.#suggestions.techniques(techniques, facts.text.techniques),
      links: eachOnce([...links, ...others.flatMap((other) => other.links)]),
      parts: eachOnce([...parts, ...others.flatMap((other) => other.parts)]),
    };
  }
}

function toBundleModel(model: ReturnType<typeof toModel>): BundleModel {
  const { id, number, name, createdAt, learnedFrom, lineCount, eventKinds, parameterCount, validationBits, files } =
    model;
  return { id, number, name, createdAt, learnedFrom, lineCount, eventKinds, parameterCount, validationBits, files };
}

function toBundleThreshold({ version, modelId, score, meaning, createdAt }: ThresholdVersion): BundleThreshold {
  return { version, modelId, score, meaning, createdAt };
}

function eachOnce(cases: readonly OtherCase[]): OtherCase[] {
  const byId = new Map<string, OtherCase>();
  for (const { id, number, title } of cases) if (!byId.has(id)) byId.set(id, { id, number, title });
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/**
 * In the form that is read in again, so that what is written here can be: a case that went through two workspaces has the same bytes. JSON has no
 * infinity.
 */
function jsonOf<T>(schema: z.ZodType<T>, value: T): Uint8Array {
  const text = JSON.stringify(value, (_key, item: unknown) =>
    item === Infinity ? Number.MAX_VALUE : item === -Infinity ? -Number.MAX_VALUE : item,
  );
  return Buffer.from(JSON.stringify(schema.parse(JSON.parse(text))));
}

function lineOf<T>(schema: z.ZodType<T>, value: T): Uint8Array {
  return Buffer.concat([jsonOf(schema, value), Buffer.from('\n')]);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}
