/** @file The fields of the filter language: what each is called, what it takes, and what is said about it. One table for reading, completing and explaining. */
import { alertStates, reasonKinds, severityNames } from '../alerts.ts';
import type { VerdictValue } from '../verdicts.ts';
import { nameFields, type NameField } from './filter.ts';

/** What values of a field are: of a closed list, or of a form. */
export type FieldKind =
  | 'state'
  | 'severity'
  | 'number'
  | 'name'
  | 'template'
  | 'reason'
  | 'verdict'
  | 'owner'
  | 'case'
  | 'hash'
  | 'text'
  | 'time'
  | 'last'
  | 'is';

export type Field = {
  name: string;
  kind: FieldKind;
  /** One of its values, in an error: "'hihg' is not a severity". */
  one: string;
  /** Shown beside the name while typing. */
  hint: string;
  /** Takes >=, >, <= and <. */
  isOrdered: boolean;
  /** The closed list, or the words that it has beside its form. */
  words: readonly string[];
  /** Left out of completion: nobody types it. */
  isHidden: boolean;
};

export const verdictNames: Record<string, readonly VerdictValue[]> = {
  true: ['true_positive'],
  benign: ['benign_true_positive'],
  'false-logic': ['false_positive_logic'],
  'false-data': ['false_positive_data'],
  unclear: ['undetermined'],
};

const isWords = ['new', 'viewed', ...alertStates] as const;

const field = (name: string, kind: FieldKind, one: string, hint: string, more: Partial<Field> = {}): Field => ({
  ...{ name, kind, one, hint, isOrdered: false, words: [], isHidden: false },
  ...more,
});

const nameHints: Record<NameField, string> = {
  source: 'a log: auth.log',
  host: 'host:web-01, host:lab-*',
  user: 'user:root',
  address: 'address:10.0.0.7, address:10.0.*',
  process: 'process:sshd',
  entity: 'whatever the alert is about',
  detector: 'what raised it',
};

export const fields: readonly Field[] = [
  field('severity', 'severity', 'severity', 'severity>=high, severity:low,medium', {
    isOrdered: true,
    words: severityNames,
  }),
  ...nameFields.map((name) => field(name, 'name', name, nameHints[name])),
  field('template', 'template', 'kind of line', 'template:t42'),
  field('reason', 'reason', 'reason', 'why it surprised', { words: reasonKinds }),
  field('title', 'text', 'title', 'words of the sentence'),
  field('line', 'text', 'line', 'words of the raw line'),
  field('last', 'last', 'length of time', 'last:24h, last:7d'),
  field('after', 'time', 'time', 'after:2026-11-20, after:2026-11-20T12:31'),
  field('before', 'time', 'time', 'before:today'),
  field('at', 'time', 'time', 'at:2026-11-20, at>=2026-11-20T12:31', { isOrdered: true }),
  field('raised', 'time', 'time', 'raised>=24h, raised:today', { isOrdered: true }),
  field('is', 'is', 'state', 'is:new, is:muted', { words: isWords }),
  field('state', 'state', 'state', 'open, decided, folded, muted or repeat', { words: alertStates }),
  field('verdict', 'verdict', 'verdict', 'verdict:true, verdict:none', {
    words: [...Object.keys(verdictNames), 'any', 'none'],
  }),
  field('owner', 'owner', 'owner', 'owner:me, owner:none', { words: ['me', 'none', 'any'] }),
  field('case', 'case', 'case', 'case:C-3, case:none', { words: ['none', 'any'] }),
  field('score', 'number', 'number', 'score>=5.5', { isOrdered: true }),
  field('bits', 'number', 'number', 'bits>20', { isOrdered: true }),
  field('signature', 'hash', 'signature', 'alerts alike', { isHidden: true }),
  field('actor', 'hash', 'actor', 'alerts of one actor', { isHidden: true }),
];

export const fieldByName: ReadonlyMap<string, Field> = new Map(fields.map((one) => [one.name, one]));
