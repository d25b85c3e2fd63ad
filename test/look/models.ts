/** @file Pictures of the models: training that runs and stands still, for real; text models, comparisons and failures as they are laid out here. */
import type { Continuation, Model, TrainingEstimate } from '../../src/shared/models.ts';
import type { Job } from '../../src/shared/jobs.ts';
import type { TrainProgress } from '../../src/shared/trainerProtocol.ts';
import { idle, keys, laidOut, picture, type Look } from './page.ts';

const minute = 60_000;
const hour = 60 * minute;

/** A run whose losses fall to `floor` and are noisy, validated after each epoch; the last two get no better. */
function curve(floor: number, epochs: number): TrainProgress[] {
  const perEpoch = 12;
  const bitsAt = (epoch: number): number => floor + 4.4 * Math.exp(-1.1 * epoch);
  return Array.from({ length: epochs * perEpoch }, (_, index) => {
    const done = (index + 1) / perEpoch;
    const ended = Math.floor(done);
    const validated = ended === 0 ? null : bitsAt(ended) + 0.05 + Math.max(0, ended - epochs + 2) * 0.04;
    return {
      epoch: Math.ceil(done),
      maxEpochs: epochs,
      step: (index % perEpoch) + 1,
      stepsPerEpoch: perEpoch,
      trainingBits: bitsAt(done) + 0.12 * Math.sin(index * 12.9898),
      validationBits: validated,
      bestValidationBits: validated,
      tokensPerSecond: 11_480,
      elapsedMs: done * 20_000,
      resumedFromStep: null,
      refusedCheckpoints: 0,
      skippedSteps: 0,
      provider: 'cpu',
      providerFailure: null,
    };
  });
}

function madeUp(number: number, change: Partial<Model>): Model {
  const madeAt = Date.now() - (12 - number) * 9 * hour;
  return {
    id: `model-${number}`,
    number,
    kind: 'keys',
    state: 'kept',
    createdAt: madeAt,
    learnedFrom: 'auth.log, web.log',
    lineCount: 412_300,
    leftOut: { lines: 214, undecided: 9, threats: 2 },
    sessionCount: 9120,
    eventKinds: 341,
    parameterCount: 231_424,
    trainingBits: 1.11,
    validationBits: 1.19,
    epochs: 6,
    elapsedMs: 128_000,
    curve: curve(1.1, 6),
    files: ['detector.json', 'explain.onnx', 'score.onnx', 'shape.json', 'weights.safetensors'].map((name, index) => ({
      name,
      sizeBytes: 310_000 * (index + 1),
      sha256: `${index}c81f0b52e94a7d6`.repeat(4),
    })),
    quantisation: null,
    failure: null,
    name: null,
    parentId: null,
    origin: 'trained',
    shape: { layers: 4, heads: 4, width: 64, contextLength: 64, vocabularySize: 346 },
    seed: 1,
    firstAt: madeAt - 800 * hour,
    lastAt: madeAt - 20 * hour,
    provider: 'cpu',
    usedBy: { logs: 0, models: 0 },
    reads: null,
    isReader: false,
    isBefore: false,
    ...change,
  };
}

const textShape = { layers: 6, heads: 8, width: 256, contextLength: 512, vocabularySize: 8192 };
const text: Partial<Model> = {
  kind: 'text',
  reads: 'lines',
  sessionCount: 0,
  eventKinds: 0,
  parameterCount: 7_120_000,
  shape: textShape,
};

const models: Model[] = [
  madeUp(1, {}),
  madeUp(2, {
    state: 'in_use',
    validationBits: 1.08,
    curve: curve(1, 8),
    epochs: 8,
    seed: 7,
    usedBy: { logs: 3, models: 0 },
  }),
  madeUp(3, {
    ...text,
    name: 'office wording',
    validationBits: 2.31,
    curve: curve(2.2, 5),
    usedBy: { logs: 0, models: 1 },
  }),
  madeUp(4, {
    ...text,
    name: 'office wording, night shift',
    parentId: 'model-3',
    origin: 'lora',
    validationBits: 1.97,
    curve: curve(1.85, 3),
    learnedFrom: 'night-auth.log',
    lineCount: 61_000,
    epochs: 3,
  }),
  madeUp(5, {
    state: 'failed',
    files: [],
    curve: [],
    trainingBits: null,
    validationBits: null,
    failure:
      'The trainer ended with signal SIGKILL. Nothing was learned; learn again. If it ends again, this machine may be short of memory.',
  }),
  madeUp(6, {
    ...text,
    name: `a name of ${'very '.repeat(30)}many words\u202e and a hidden turn`,
    origin: 'imported',
    learnedFrom: 'ONNX graph, imported from distilgpt2-onnx-export-of-somebody-with-a-long-folder-name',
    shape: null,
    parameterCount: 0,
    trainingBits: null,
    validationBits: null,
    curve: [],
    provider: null,
    lineCount: 0,
  }),
];

const estimate: TrainingEstimate = {
  events: 412_300,
  tokensPerEpoch: 4_100_000,
  tokensPerSecond: 11_480,
  maxEpochs: 20,
  atMostMs: 250_000,
  peakBytes: 412_000_000,
  freeBytes: 5_100_000_000,
  diskBytes: 29_000_000,
  parameterCount: 7_120_000,
  trainedParameterCount: 312_000,
  provider: 'cpu',
  warning: null,
};

const written: Continuation[] = [
  { modelId: 'model-3', text: ' from 10.4.20.19 port 51820 ssh2', tokens: 14, elapsedMs: 412 },
  {
    modelId: 'model-4',
    text: ' from 10.4.20.19 port 22 ssh2: ED25519 SHA256:\u202e<b>x</b>',
    tokens: 22,
    elapsedMs: 655,
  },
];

const job: Job = {
  id: 'laid-out',
  kind: 'train',
  state: 'running',
  subject: 'auth.log, web.log',
  step: 'failed',
  share: null,
  remainingMs: null,
  lineCount: null,
  linesPerSecond: null,
  startedAt: Date.now() - hour,
  endedAt: Date.now() - minute,
  error: null,
  sourceIds: [],
  modelId: null,
  retraining: null,
  training: null,
  canPause: false,
  isPaused: false,
  outcome: null,
};

/** The app's own training: put together, running, standing still, done, compared with the one in use, about to be deleted. */
export async function trainedModels(look: Look): Promise<void> {
  const { page } = look;
  await keys(page, 'g', 'm', 'Shift+T');
  await idle(page);
  await picture(look, '40-train-asked');
  await page.getByText('More', { exact: true }).click();
  await picture(look, '41-train-more');
  await page.getByRole('button', { name: /^Start training/ }).click();
  await page.getByRole('button', { name: /^Pause/ }).waitFor({ timeout: 60_000 });
  await page.waitForTimeout(1500); // on a quiet machine it is done in ten seconds
  await picture(look, '42-training');
  await keys(page, 'p');
  await page.getByRole('button', { name: /^Resume/ }).waitFor();
  await picture(look, '43-training-paused');
  await keys(page, 'g', 'j');
  await picture(look, '44-paused-in-work');
  await keys(page, 'Escape', 'p');
  await page
    .getByText(/Model m2 learned/)
    .first()
    .waitFor({ timeout: 180_000 });
  await page.getByRole('button', { name: 'Compare m2' }).click();
  await idle(page);
  await picture(look, '45-compared-with-the-one-in-use');
  await keys(page, 'Escape', 'Delete');
  await picture(look, '46-delete');
  await keys(page, 'Escape');
}

/** What needs hours or a checkpoint to come about. */
export async function madeUpModels(look: Look): Promise<void> {
  const { page } = look;
  const failed: Partial<Job> = { kind: 'train', state: 'failed', error: models[4]?.failure ?? '' };
  const end = await laidOut(page, {
    'models.list': models,
    'models.estimate': estimate,
    'models.continue': written,
    'jobs.list': [{ ...job, ...failed }],
  });
  const select = async (number: number): Promise<void> => {
    await page
      .getByRole('button', { name: new RegExp(`^m${number}\\b`) })
      .first()
      .click();
    await idle(page);
  };
  await page.reload();
  await idle(page);
  await keys(page, 'g', 'm');
  await idle(page);
  await picture(look, '50-registry');
  await select(6);
  await picture(look, '51-long-name');
  await select(5);
  await picture(look, '52-failed');
  await select(4);
  await keys(page, 'c', 'w');
  await page.keyboard.type('Accepted publickey for anna.weiss');
  await page.keyboard.press('Enter');
  await idle(page);
  await picture(look, '53-before-and-after');
  await page.getByRole('checkbox', { name: /m2$/ }).check();
  await idle(page);
  await picture(look, '54-other-kinds');
  await keys(page, 'Escape', 'f');
  await page.getByText(/^About/).waitFor();
  await picture(look, '55-fine-tune-estimated');
  await page.setViewportSize({ width: 700, height: 800 });
  await idle(page);
  await page.screenshot({ path: `${look.output}/56-fine-tune-narrow.png` });
  await keys(page, 'Escape');
  await idle(page);
  await page.screenshot({ path: `${look.output}/57-models-narrow.png` });
  // What a browser with twice the font size has room for.
  await page.setViewportSize({ width: 640, height: 400 });
  await idle(page);
  await page.screenshot({ path: `${look.output}/58-models-200-percent.png` });
  await keys(page, 'Shift+T');
  await idle(page);
  await page.screenshot({ path: `${look.output}/59-train-200-percent.png` });
  await keys(page, 'Escape');
  await end();
}
