/** @file What a report can be: its formats, the sections of its pages, and what an export may be asked for. */

export const reportFormats = ['html', 'pdf', 'docx', 'markdown', 'csv', 'xlsx', 'json', 'stix', 'misp', 'zip'] as const;
export type ReportFormat = (typeof reportFormats)[number];

export const reportFormatFacts: Record<ReportFormat, { name: string; ending: string; mediaType: string }> = {
  html: { name: 'HTML', ending: 'html', mediaType: 'text/html;charset=utf-8' },
  pdf: { name: 'PDF', ending: 'pdf', mediaType: 'application/pdf' },
  docx: {
    name: 'Word (DOCX)',
    ending: 'docx',
    mediaType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  },
  markdown: { name: 'Markdown', ending: 'md', mediaType: 'text/markdown;charset=utf-8' },
  csv: { name: 'CSV', ending: 'csv', mediaType: 'text/csv;charset=utf-8' },
  xlsx: {
    name: 'Excel (XLSX)',
    ending: 'xlsx',
    mediaType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  },
  json: { name: 'JSON', ending: 'json', mediaType: 'application/json' },
  stix: { name: 'STIX 2.1', ending: 'stix.json', mediaType: 'application/stix+json;version=2.1' },
  misp: { name: 'MISP event', ending: 'misp.json', mediaType: 'application/json' },
  zip: { name: 'ZIP with everything', ending: 'zip', mediaType: 'application/zip' },
};

/** Sections of the pages (HTML, PDF, Word, Markdown), in the order they have unless a template says otherwise. */
export const sectionIds = [
  'summary',
  'findings',
  'timeline',
  'evidence',
  'observables',
  'attack',
  'notes',
  'explanations',
  'verdicts',
  'model',
  'sources',
  'audit',
] as const;
export type SectionId = (typeof sectionIds)[number];

export const sectionTitles: Record<SectionId, string> = {
  summary: 'Summary',
  findings: 'Findings',
  timeline: 'Timeline',
  evidence: 'What stood out',
  observables: 'Observables',
  attack: 'ATT&CK techniques',
  notes: 'Notes',
  explanations: 'Written by a language model',
  verdicts: 'Verdicts',
  model: 'What the model thought, and how good it is',
  sources: 'Where the evidence was read',
  audit: 'Audit',
};

/** One section as it is printed. `text` stands under the heading, before what the case has; it may name `reportWords`. */
export type LaidSection = { id: SectionId; title: string; text: string };
/** The sections that are printed, in order. */
export type ReportLayout = LaidSection[];

export const wholeLayout: ReportLayout = sectionIds.map((id) => ({ id, title: sectionTitles[id], text: '' }));
/** What a machine wrote is in a report only when somebody chooses it. */
export const defaultLayout: ReportLayout = wholeLayout.filter(({ id }) => id !== 'explanations');

/** A layout that was given a name. */
export type ReportTemplate = { id: string; name: string; layout: ReportLayout };

/** What `{case}` and the like stand for in the text of a section. */
export const reportWords = ['case', 'title', 'state', 'severity', 'alerts', 'workspace', 'analyst', 'made'] as const;
export type ReportWord = (typeof reportWords)[number];

export type ReportTechnique = {
  id: string;
  name: string;
  tactics: string[];
  /** Chosen by an analyst; else suggested by rules, and confirmed by nobody. */
  isChosen: boolean;
  /** What in the evidence suggests it. */
  reasons: string[];
};

/** What is to be taken out before anything is written. `observables`: keys of observables of the case. */
export type RedactionChoice = { observables: string[]; personal: boolean };

/** What the analyst wrote for the report of a case, and chose for it. */
export type ReportText = { summary: string; findings: string; techniques: string[] };
export const emptyReportText: ReportText = { summary: '', findings: '', techniques: [] };
