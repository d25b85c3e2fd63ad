/** @file From the detail of an alert to the evidence that a language model is given, and the lines of it that may try to speak to that model. */
import { detectorNames } from '../../shared/detectors.ts';
import { severityNames, type AlertDetail } from '../../shared/alerts.ts';
import { presetNames } from '../../shared/presets.ts';
import { shownSequence, type Evidence } from '../explanation/evidence.ts';
import type { LineToLookAt } from '../explanation/instructions.ts';

/** Not what was said of the alert itself: the question is why it was raised. */
export function evidenceOf(detail: AlertDetail): Evidence {
  const { row, margin, session, raw } = detail;
  // Other presets decide by a rule of their own, and their score is no p-value.
  const hasP = detail.judgedBy === presetNames.budget;
  return {
    name: `A-${row.number}`,
    severity: severityNames[row.severity - 1] ?? 'info',
    p: hasP ? 10 ** -row.score : null,
    thresholdP: hasP && margin.threshold > 0 ? 10 ** -margin.threshold : null,
    bits: margin.bits,
    reading: detail.reading,
    votes: detail.votes.map(({ detector, score }) => ({ name: detectorNames[detector], p: 10 ** -score })),
    line: { lineNumber: row.lineNumber, text: raw.text },
    sequence: shownSequence(session.events).map(({ lineNumber, text, bits, isCulprit, expected }) => ({
      ...{ lineNumber, text, bits, isCulprit, expected },
    })),
    who: `${row.entity.kind} ${row.entity.text}`,
    host: row.host,
    nearest: detail.nearest.map(({ number, value, similarity }) => ({ name: `A-${number}`, value, similarity })),
  };
}

export function linesToLookAt({ row, raw, session }: AlertDetail): LineToLookAt[] {
  const flagged = { lineNumber: row.lineNumber, text: raw.text, isSurprising: true, heat: raw.heat };
  const others = shownSequence(session.events).map(({ lineNumber, text, isCulprit, expected }) => [
    { lineNumber, text, isSurprising: isCulprit },
    ...expected.map((one) => ({ lineNumber: null, text: one.text, isSurprising: false })),
  ]);
  const names = [row.entity.text, row.host ?? ''].map((text) => ({ lineNumber: null, text, isSurprising: false }));
  // The message of the flagged line is in the session once more.
  return [flagged, ...others.flat().filter(({ text }) => !raw.text.includes(text)), ...names];
}
