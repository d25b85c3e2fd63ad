/** @file How the model came to an alert, for who asks: the window that scored it, what was expected along it, and where one head looked. */
import type { ModelEvidence } from '../../shared/models.ts';
import type { EvidenceInput, EvidenceOutput } from '../../shared/engineProtocol.ts';
import { AppError } from '../../shared/errors.ts';
import { sessionOfAlert, type DetailDependencies } from './alertDetail.ts';
import { judgedItems, meetKinds, tokenNames, tokensOf } from './explain.ts';
import type { KeyModel } from './keyModel.ts';
import { modelDirectory, type Services } from './services.ts';
import { withTrainer } from './textModels.ts';

const alternativesShown = 5;
/** What a picture can show of a share. */
const digits = 4;

/** `head` null is the mean over the heads of the layer. Throws CONFLICT where the model is gone, BAD_REQUEST for a layer or head it lacks. */
export async function modelEvidence(
  dependencies: DetailDependencies,
  { alertId, layer, head }: { alertId: string; layer?: number | undefined; head: number | null },
): Promise<ModelEvidence> {
  const { services, texts } = dependencies;
  const { row, session } = await sessionOfAlert(dependencies, alertId);
  const model = await dependencies.modelOf(row.modelId);
  if (!model) throw new AppError('CONFLICT', `A-${row.number}: the model that raised it is no longer there.`);
  if (!model.card.shape)
    throw new AppError('CONFLICT', `A-${row.number}: m${model.number} only counts; there is no network to look into.`);
  const { layers, heads } = model.card.shape;
  const shownLayer = layer ?? layers - 1;
  if (shownLayer >= layers || (head ?? 0) >= heads)
    throw new AppError('BAD_REQUEST', `The model has ${layers} layers of ${heads} heads.`);
  meetKinds(model, session, await texts.records());
  const { ids, first } = tokensOf(model, session);
  const judged = judgedItems(session);
  const most = judged.reduce(
    (best, one, index) => ((one.judgedBits ?? -1) > (judged[best]?.judgedBits ?? -1) ? index : best),
    0,
  );
  const input = { modelId: model.id, ids: Int32Array.from(ids), position: Math.max(1, most + first) };
  const shown = await askForEvidence(services, model, { ...input, top: alternativesShown });
  const nameOf = await tokenNames(texts, model, shown.topIds);
  const T = shown.bits.length;
  const width = shown.topIds.length / T;
  return {
    ...{ layers, heads, layer: shownLayer, head },
    tokens: Array.from({ length: T + 1 }, (_, t) => {
      const item = judged[shown.start + t - first];
      return {
        text: item?.text ?? 'beginning of session',
        bits: t === 0 ? null : (item?.judgedBits ?? shown.bits[t - 1] ?? 0),
        isCulprit: item !== undefined && item.judgedBits !== null,
      };
    }),
    attention: attentionRows(shown, heads, shownLayer, head),
    alternatives: Array.from({ length: T }, (_, t) =>
      Array.from({ length: width }, (_unused, rank) => ({
        text: nameOf(shown.topIds[t * width + rank] ?? 0),
        probability: shown.topProbabilities[t * width + rank] ?? 0,
      })),
    ),
  };
}

/** Row t: how much position t looked at each position from 0 to t. */
function attentionRows({ attention, bits }: EvidenceOutput, heads: number, layer: number, head: number | null) {
  const T = bits.length;
  const seen = head === null ? Array.from({ length: heads }, (_, index) => index) : [head];
  return Array.from({ length: T }, (_, t) =>
    Array.from({ length: t + 1 }, (_unused, s) => {
      const sum = seen.reduce((total, h) => total + (attention[((layer * heads + h) * T + t) * T + s] ?? 0), 0);
      return Number((sum / seen.length).toFixed(digits));
    }),
  );
}

/** The graph is written when it is first asked for: models need it seldom, and those of earlier versions have none. */
async function askForEvidence(services: Services, model: KeyModel, input: EvidenceInput): Promise<EvidenceOutput> {
  const ask = (): Promise<EvidenceOutput> => services.engine().call('evidence', input);
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof AppError) || (error.code !== 'NOT_FOUND' && error.code !== 'MODEL_INVALID')) throw error;
    const directory = modelDirectory(services, model.id);
    const { shape } = model.card;
    if (!shape) throw error;
    await withTrainer(services, (trainer) => trainer.call('write_evidence', { directory, shape }));
    return ask();
  }
}
