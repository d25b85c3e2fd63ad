/** @file Every migration, oldest first. Imported statically, so that none can be missing from a package. */
import type { Migration } from '../migrate.ts';
import { initial } from './0010-initial.ts';
import { keepUnfinishedWork } from './0020-keep-unfinished-work.ts';
import { nameMoreFormats } from './0030-name-more-formats.ts';
import { sealAuditHead } from './0040-seal-audit-head.ts';
import { orderCasesByChange } from './0050-order-cases-by-change.ts';
import { removeModels } from './0060-remove-models.ts';
import { followLiveSources } from './0070-follow-live-sources.ts';
import { keepEventValues } from './0080-keep-event-values.ts';
import { nameDetectors } from './0090-name-detectors.ts';
import { keepActions } from './0100-keep-actions.ts';
import { indexEntities } from './0150-index-entities.ts';
import { foldRepeats } from './0160-fold-repeats.ts';
import { partEvidence } from './0170-part-evidence.ts';
import { keepWhatVerdictsTeach } from './0180-keep-what-verdicts-teach.ts';
import { proposeModels } from './0190-propose-models.ts';
import { sampleUnflagged } from './0200-sample-unflagged.ts';
import { namePresets } from './0210-name-presets.ts';
import { keepReportText } from './0220-keep-report-text.ts';
import { growCases } from './0230-grow-cases.ts';
import { weighAlike } from './0240-weigh-alike.ts';
import { keepBundles } from './0260-keep-bundles.ts';
import { keepHandovers } from './0270-keep-handovers.ts';
import { serveApi } from './0280-serve-api.ts';
import { sendAlerts } from './0290-send-alerts.ts';
import { keepClassifiers } from './0300-keep-classifiers.ts';
import { keepExplanations } from './0310-keep-explanations.ts';
import { indexForMany } from './0320-index-for-many.ts';
import { nameLabelled } from './0350-name-labelled.ts';
import { sendChanges } from './0370-send-changes.ts';
import { keepWhatIsToFold } from './0380-keep-what-is-to-fold.ts';
import { liftConfirmed } from './0390-lift-confirmed.ts';
import { indexApiLines } from './0420-index-api-lines.ts';
import { undoForgetting } from './0440-undo-forgetting.ts';
import { keepWhatWasFlagged } from './0460-keep-what-was-flagged.ts';
import { indexModelUses } from './0470-index-model-uses.ts';
import { awaitScores } from './0480-await-scores.ts';

export const migrations: readonly Migration[] = [
  initial,
  keepUnfinishedWork,
  nameMoreFormats,
  sealAuditHead,
  orderCasesByChange,
  removeModels,
  followLiveSources,
  keepEventValues,
  nameDetectors,
  keepActions,
  indexEntities,
  foldRepeats,
  partEvidence,
  keepWhatVerdictsTeach,
  proposeModels,
  sampleUnflagged,
  namePresets,
  keepReportText,
  growCases,
  weighAlike,
  keepBundles,
  keepHandovers,
  serveApi,
  sendAlerts,
  keepClassifiers,
  keepExplanations,
  indexForMany,
  nameLabelled,
  sendChanges,
  keepWhatIsToFold,
  liftConfirmed,
  indexApiLines,
  undoForgetting,
  keepWhatWasFlagged,
  indexModelUses,
  awaitScores,
];
