/** @file The colours of reports: the app's light tokens, whatever the theme on screen. No colour carries a meaning alone. */
import type { SeverityLevel } from '../../shared/alerts.ts';
import type { VerdictValue } from '../../shared/verdicts.ts';

export const severityColours: Record<SeverityLevel, string> = {
  1: '#596473',
  2: '#38648C',
  3: '#7A5F00',
  4: '#A84A06',
  5: '#BF2430',
};

export const verdictColours: Record<VerdictValue, string> = {
  true_positive: '#B1351C',
  benign_true_positive: '#7439BD',
  false_positive_logic: '#0A6E52',
  false_positive_data: '#086595',
  undetermined: '#515B69',
};

/** Classes s0 to s6 of surprise; the first has no ground. */
export const heatColours: readonly { ground: string | null; ink: string }[] = [
  { ground: null, ink: '#12161D' },
  { ground: '#FFF3D1', ink: '#2B2410' },
  { ground: '#FFDD9B', ink: '#2B1E05' },
  { ground: '#FFB56B', ink: '#2A1403' },
  { ground: '#F47E55', ink: '#1C0703' },
  { ground: '#B52A66', ink: '#FFFFFF' },
  { ground: '#4E1668', ink: '#FFFFFF' },
];

export const paper = {
  ink: '#12161D',
  quiet: '#596473',
  ground: '#FFFFFF',
  raised: '#F6F7F9',
  line: '#E0E4EA',
  rule: '#C3CAD4',
  axis: '#78828F',
} as const;
