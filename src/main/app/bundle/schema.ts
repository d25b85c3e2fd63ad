/**
 * @file What a bundle's files may say. It came from somebody else: every text, list and number is bounded, and what no field of ours is, is left
 * out. The types are those of the app, so that a new field that is forgotten here does not compile.
 */
import { z } from 'zod';
import { bundleVersion, type BundleAlert, type BundleAuditEntry, type BundleCase } from '../../../shared/bundle.ts';
import { caseStates } from '../../../shared/cases.ts';
import { detectorIds } from '../../../shared/detectors.ts';
import { alertStates, reasonKinds, type SeverityLevel } from '../../../shared/alerts.ts';
import { verdictValues } from '../../../shared/verdicts.ts';
import { entityKinds, formatIds, linePartKinds, lineSeverities } from '../../../shared/lines.ts';
import { observableKinds } from '../../../shared/observables.ts';
import { sectionIds } from '../../../shared/report.ts';

/** With a line for each field, also for those that may be absent, which `satisfies` alone does not ask for. */
type Whole<T> = T extends readonly (infer Item)[]
  ? Whole<Item>[]
  : T extends object
    ? { [Field in keyof T]-?: Whole<T[Field]> }
    : T;
const wholeOf =
  <T>() =>
  <S extends z.ZodType<T>>(schema: S & (Whole<z.infer<S>> extends Whole<T> ? unknown : 'a field is left out')): S =>
    schema;

const longestLine = 16_000_000;
/** Cases, attachments, parts: what people make one by one. */
const many = 20_000;

const uid = z.string().min(1).max(64);
/** Names and sentences; some are made of what a log says. */
const words = z.string().max(50_000);
const longText = z.string().max(200_000);
const lineText = z.string().max(longestLine);
const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const position = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);
const figure = z.number();
/** Of a log, which may say any year; milliseconds. What is farther out is no date anywhere. */
const instant = z.number().int().min(-8.64e15).max(8.64e15);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
/** SQLite ends its lengths at a NUL: what begins with one has none. */
const name = (longest: number) =>
  z
    .string()
    .regex(/^[^\0]/)
    .max(longest);
const severity = z.union([1, 2, 3, 4, 5].map((level) => z.literal(level as SeverityLevel)));
const verdictValue = z.enum(verdictValues);
const perVerdict = z.object({
  true_positive: count,
  benign_true_positive: count,
  false_positive_logic: count,
  false_positive_data: count,
  undetermined: count,
});
const entity = z.object({ kind: z.enum(entityKinds), text: words });
const span = { start: count, end: count };
const verdict = z.object({
  id: uid,
  alertId: uid,
  value: verdictValue,
  note: z.string().max(20_000),
  analyst: words,
  givenAt: instant,
});
const vote = z.object({ detector: z.enum(detectorIds), score: figure });

const alertRow = z.object({
  id: uid,
  number: position,
  state: z.enum([...alertStates, 'sampled']),
  severity,
  score: figure,
  bits: figure,
  reason: z.enum(reasonKinds),
  detector: z.enum(detectorIds),
  origin: z.enum(['detector', 'sample', 'missed']),
  title: words,
  template: longText,
  // Bundles of before have none.
  excerpt: longText.default(''),
  entity,
  host: words.nullable(),
  sourceName: words,
  lineNumber: count,
  at: instant.nullable(),
  raisedAt: instant,
  eventCount: count,
  foldedCount: count,
  repeatCount: count,
  repeatLastAt: instant.nullable(),
  isViewed: z.boolean(),
  isKnownThreat: z.boolean(),
  seenBefore: perVerdict,
  verdict: verdict.nullable(),
  caseNumber: count.nullable(),
  owner: words.nullable(),
  signature: words,
  templateNumber: z.number().int(),
  place: z.object({ severity: words, time: words }),
});

const logLine = z.object({
  eventId: count,
  lineNumber: count,
  at: instant.nullable(),
  severity: z.enum(lineSeverities).nullable(),
  raw: longText,
  isCut: z.boolean(),
});

const sessionEvent = z.object({
  eventId: count.nullable(),
  lineNumber: count.nullable(),
  at: instant.nullable(),
  text: longText,
  // Bundles of before have none.
  aside: z.object(span).nullable().default(null),
  templateNumber: z.number().int().nullable(),
  bits: figure,
  isCulprit: z.boolean(),
  expected: z.array(z.object({ text: longText, probability: figure })).max(100),
  probability: figure,
});

const repeat = z.object({
  id: uid,
  number: position,
  eventId: count,
  lineNumber: count,
  at: instant.nullable(),
  score: figure,
});

const nearest = z.object({
  alertId: uid,
  number: position,
  value: verdictValue,
  analyst: words,
  givenAt: instant,
  similarity: figure,
});

const alertDetail = z.object({
  row: alertRow,
  reasonText: longText,
  votes: z.array(vote).max(100),
  reading: longText,
  repeats: z.array(repeat).max(1000),
  nearest: z.array(nearest).max(100),
  perplexity: figure.nullable(),
  usualPerplexity: figure.nullable(),
  confidence: figure.nullable(),
  raw: z.object({
    text: longText,
    isCut: z.boolean(),
    lengthChars: count,
    heat: z.array(z.object({ ...span, bits: figure })).max(200_000),
    parts: z.array(z.object({ ...span, kind: z.enum(linePartKinds) })).max(200_000),
  }),
  session: z.object({
    title: words,
    events: z.array(sessionEvent).max(10_000),
    // Bundles of before do not say.
    hasBeginning: z.boolean().default(false),
    eventCount: count,
    durationMs: figure.nullable(),
  }),
  margin: z.object({
    score: figure,
    threshold: figure,
    histogram: z.object({ binBits: figure, counts: z.array(count).max(10_000) }),
    bits: figure,
    thresholdBits: figure,
  }),
  modelName: words,
  judgedBy: words,
  thresholdVersion: count,
  before: z.array(logLine).max(1000),
  after: z.array(logLine).max(1000),
  history: z.array(verdict).max(10_000),
  cases: z.array(z.object({ id: uid, number: position, title: words })).max(1000),
});

export const bundleAlert = wholeOf<BundleAlert>()(
  z.object({
    detail: alertDetail,
    sourceId: z.number().int(),
    byteOffset: count.nullable(),
    wholeLine: lineText.nullable(),
    // Bundles of before have none.
    culprits: z.array(longText).max(100).default([]),
  }),
);

const chainEntry = {
  sequence: position,
  at: instant,
  analyst: words,
  action: z.string().max(200),
  subject: words,
  details: longText,
  previousHash: hash,
  hash,
};
export const bundleAuditEntry = wholeOf<BundleAuditEntry>()(z.object({ ...chainEntry, chain: count.max(1000) }));

const attachment = z.object({
  id: uid,
  name: words,
  sha256: hash,
  sizeBytes: count,
  addedBy: words,
  addedAt: instant,
  isMissing: z.boolean(),
});
const otherCase = z.object({ id: uid, number: position, title: words });
const assumption = z.object({ year: z.number().int().nullable(), zone: z.string().max(100).nullable() });
const sightings = z.object({
  lineCount: count,
  isMore: z.boolean(),
  logCount: count,
  alertCount: count,
  caseNumbers: z.array(position).max(many),
});
const facts = z.object({
  sources: z
    .array(
      z.object({
        id: z.number().int(),
        name: words,
        format: z.enum([...formatIds, 'sequences']),
        lineCount: count,
        sizeBytes: count,
        sha256: hash.nullable(),
        assumption,
        importedAt: instant,
      }),
    )
    .max(many),
  models: z
    .array(
      z.object({
        id: uid,
        number: position,
        name: words.nullable(),
        createdAt: instant,
        learnedFrom: longText,
        lineCount: count,
        eventKinds: count,
        parameterCount: count,
        validationBits: figure.nullable(),
        files: z.array(z.object({ name: words, sizeBytes: count, sha256: hash })).max(1000),
      }),
    )
    .max(1000),
  thresholds: z
    .array(z.object({ version: count, modelId: uid, score: figure, meaning: longText, createdAt: instant }))
    .max(many),
  modelSentences: z.array(longText).max(100),
  labels: perVerdict,
  observables: z
    .array(
      z.object({
        kind: z.enum(observableKinds),
        text: longText,
        isInside: z.boolean().nullable(),
        key: longText,
        alerts: z.array(position).max(100_000),
        firstAt: instant.nullable(),
        lastAt: instant.nullable(),
        elsewhere: sightings.nullable(),
      }),
    )
    .max(many),
  techniques: z
    .array(
      z.object({
        id: z.string().max(40),
        name: words,
        tactics: z.array(words).max(100),
        isChosen: z.boolean(),
        reasons: z.array(longText).max(1000),
      }),
    )
    .max(5000),
  links: z.array(otherCase).max(many),
  parts: z.array(otherCase).max(many),
});

export const bundleCase = wholeOf<BundleCase>()(
  z.object({
    id: uid,
    title: name(200),
    state: z.enum(caseStates),
    closing: verdictValue.nullable(),
    ownSeverity: severity.nullable(),
    owner: words.nullable(),
    tags: z.array(z.string().max(200)).max(1000),
    dueAt: instant.nullable(),
    createdAt: instant,
    updatedAt: instant,
    closedAt: instant.nullable(),
    raisedAt: instant,
    viewedAt: instant,
    verdictAt: instant.nullable(),
    text: z.object({ summary: longText, findings: longText, techniques: z.array(z.string().max(40)).max(1000) }),
    templates: z
      .array(
        z.object({
          id: uid,
          name: name(200),
          layout: z.array(z.object({ id: z.enum(sectionIds), title: words, text: longText })).max(100),
        }),
      )
      .max(100),
    notes: z.array(z.object({ id: uid, analyst: words, writtenAt: instant, text: longText })).max(many),
    // Bundles from before they were kept have none.
    explanations: z
      .array(
        z.object({
          id: uid,
          alertNumber: position,
          model: words,
          text: longText,
          doubts: z.array(words).max(1000),
          madeAt: instant,
          keptBy: words,
          addedAt: instant,
        }),
      )
      .max(many)
      .default([]),
    tasks: z
      .array(
        z
          .object({
            id: uid,
            title: name(2000),
            owner: words.nullable(),
            dueAt: instant.nullable(),
            madeBy: words,
            madeAt: instant,
            doneBy: words.nullable(),
            doneAt: instant.nullable(),
          })
          .refine(
            ({ doneBy, doneAt }) => (doneBy === null) === (doneAt === null),
            'A task is done by somebody at a time.',
          ),
      )
      .max(many),
    phases: z
      .array(
        z
          .object({ id: uid, name: name(2000), fromAt: instant, toAt: instant })
          .refine(({ fromAt, toAt }) => toAt >= fromAt, 'A phase ends after it begins.'),
      )
      .max(many),
    attachments: z.array(attachment).max(many),
    refusedAlerts: z.array(uid).max(1_000_000),
    facts,
  }),
);

const chain = z.object({
  workspaceId: uid,
  workspace: words,
  count,
  head: z.string().max(100),
  isIntact: z.boolean(),
});

/** What says whether the rest can be read. */
export const bundleMark = z.object({ format: z.literal('surprisal-bundle'), version: z.number().int().min(1) });

export const bundleManifest = z.object({
  format: z.literal('surprisal-bundle'),
  version: z.literal(bundleVersion),
  appVersion: words,
  caseId: uid,
  caseNumber: position,
  title: words,
  workspace: words,
  workspaceId: uid,
  exportedBy: words,
  exportedAt: instant,
  chains: z.array(chain).min(1).max(1000),
  entries: z.array(z.object({ name: z.string().max(200), sizeBytes: count, sha256: hash })).max(many + 10),
});
export type BundleManifest = z.infer<typeof bundleManifest>;
