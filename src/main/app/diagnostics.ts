/**
 * @file What is known of this machine and its providers, kept as `diagnostics.json` in the workspace: a file that its user can send. It
 * holds no log text, no name of a person or a computer, and no path.
 */
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { providerNames } from '../../shared/engineProtocol.ts';
import { failureKinds, trialStates } from '../../shared/engineReport.ts';

const provider = z.enum(providerNames);
const instant = z.number();

const diagnosticsSchema = z.object({
  surprisalDiagnostics: z.literal(1),
  appVersion: z.string(),
  /** Of ONNX Runtime. */
  runtimeVersion: z.string(),
  machine: z.object({
    system: z.string(),
    systemRelease: z.string(),
    processor: z.string(),
    memoryMB: z.number(),
    runtimes: z.array(z.string()),
    drivers: z.array(z.string()),
  }),
  selfTest: z.object({
    startedAt: instant,
    durationMs: z.number(),
    /** Null: a model that has learned nothing, made for it. */
    modelId: z.string().nullable(),
    model: z.string(),
    /** What the self-test itself could not do; empty where it could. */
    problem: z.string(),
  }),
  trials: z.array(
    z.object({
      provider,
      state: z.enum(trialStates),
      at: instant,
      reason: z.string(),
      msPerThousandEvents: z.number().nullable(),
      differenceNat: z.number().nullable(),
      startMs: z.number().nullable(),
    }),
  ),
  /** Trials that were begun and never ended, in a row: the app went down with them. */
  unfinished: z.partialRecord(provider, z.number()),
  /** The latest failures of the engine at work. */
  failures: z.array(
    z.object({
      at: instant,
      provider,
      home: z.enum(['thread', 'process']),
      how: z.enum(failureKinds),
      reason: z.string(),
    }),
  ),
});

export type Diagnostics = z.output<typeof diagnosticsSchema>;

const fileName = 'diagnostics.json';
const keptFailures = 20;

/** Undefined where there are none, or what is there is not ours: they are then made anew. */
export async function readDiagnostics(directory: string): Promise<Diagnostics | undefined> {
  try {
    return diagnosticsSchema.parse(JSON.parse(await readFile(join(directory, fileName), 'utf8')));
  } catch {
    return undefined;
  }
}

/** Whole or not at all, and on the disk when it resolves: what is tried next may take the machine down. */
export async function writeDiagnostics(directory: string, diagnostics: Diagnostics): Promise<void> {
  const path = join(directory, fileName);
  const kept = { ...diagnostics, failures: diagnostics.failures.slice(-keptFailures) };
  const file = await open(`${path}.tmp`, 'w');
  try {
    await file.writeFile(`${JSON.stringify(kept, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.tmp`, path);
}

/** As it is shown and sent: JSON with times that people can read, and a final newline. */
export function diagnosticsText(diagnostics: Record<string, unknown>): string {
  const readable = (key: string, value: unknown): unknown =>
    (key === 'at' || key === 'startedAt') && typeof value === 'number' ? new Date(value).toISOString() : value;
  return `${JSON.stringify(diagnostics, readable, 2)}\n`;
}

/** Whether what was found out still holds: providers are tried again when any of this changed. */
export function isSameMachine(one: Diagnostics, other: Pick<Diagnostics, 'appVersion' | 'machine'>): boolean {
  const facts = ({ appVersion, machine }: Pick<Diagnostics, 'appVersion' | 'machine'>): string =>
    JSON.stringify([appVersion, machine.system, machine.systemRelease, machine.runtimes, machine.drivers]);
  return facts(one) === facts(other);
}

/** A runtime's message without the folders in it: `/home/ada/lib/x.so` is `x.so`, `C:\Users\ada\x.dll` is `x.dll`. One line, not too long. */
export function withoutPaths(text: string): string {
  return text
    .replace(/(?:[A-Za-z]:|\\)?(?:[\\/][^\s\\/:'"<>|]*(?: [^\s\\/:'"<>|]+(?=[\\/]))*)+/g, (path) => {
      const name = /[^\\/]*$/.exec(path)?.[0] ?? '';
      return name;
    })
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, 400);
}
