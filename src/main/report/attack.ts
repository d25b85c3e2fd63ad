/** @file MITRE ATT&CK: the bundled list of techniques, and rules that suggest some of them from the evidence, each with its reason. */
import type { DetectorId } from '../../shared/detectors.ts';
import type { ReasonKind } from '../../shared/alerts.ts';
import type { ReportTechnique } from '../../shared/report.ts';

/** Of `resources/attack/techniques.tsv`. */
export const attackVersion = 'Enterprise v18.1 (November 2025)';
export const attackNotice =
  `ATT&CK ${attackVersion}. © 2025 The MITRE Corporation. This work is reproduced and distributed with the permission of The MITRE Corporation. ` +
  'ATT&CK is a registered trademark of The MITRE Corporation.';

export type Technique = { id: string; name: string; tactics: string[] };

export function readTechniques(table: string): Technique[] {
  const [, ...lines] = table.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const [id = '', name = '', tactics = ''] = line.split('\t');
    return { id, name, tactics: tactics.split(',') };
  });
}

/** What a rule looks at: how the alert was found, and its line. */
export type SuggestiveAlert = { number: number; reason: ReasonKind; detectors: DetectorId[]; raw: string };

type Rule = { technique: string; because: string; fits: (alert: SuggestiveAlert) => boolean };

const found =
  (detector: DetectorId) =>
  ({ detectors }: SuggestiveAlert): boolean =>
    detectors[0] === detector;
/** Patterns without nested repeats: a line is looked at in linear time. */
const says =
  (pattern: RegExp) =>
  ({ raw }: SuggestiveAlert): boolean =>
    pattern.test(raw);

export const rules: readonly Rule[] = [
  { technique: 'T1110', because: 'a login succeeded after failures', fits: found('after_failures') },
  {
    technique: 'T1110',
    because: 'the line reports a failed login',
    fits: says(/failed password|authentication failure|invalid user|failed login|"EventID":\s?4625\b/i),
  },
  { technique: 'T1078', because: 'one user was in two places at once', fits: found('travel') },
  {
    technique: 'T1078',
    because: 'the user came from where, or did what, they usually do not',
    fits: found('who_where'),
  },
  {
    technique: 'T1021.004',
    because: 'a login over SSH stands out',
    fits: says(/sshd.{0,40}accepted (?:password|publickey)/i),
  },
  { technique: 'T1548.003', because: 'the line shows sudo running a command', fits: says(/\bsudo\b.{0,300}COMMAND=/) },
  {
    technique: 'T1136.001',
    because: 'the line shows an account being made',
    fits: says(/\b(?:useradd|adduser|new user:)|"EventID":\s?4720\b/i),
  },
  {
    technique: 'T1098',
    because: 'the line shows rights of an account being changed',
    fits: says(/\b(?:usermod|gpasswd)\b|add (?:'[^']{1,64}' )?to (?:shadow )?group|"EventID":\s?47(?:28|32|56)\b/i),
  },
  { technique: 'T1053.003', because: 'the line is about a crontab', fits: says(/\bcrontab\b|\/etc\/cron/i) },
  {
    technique: 'T1053.005',
    because: 'the line is about a scheduled task',
    fits: says(/\bschtasks\b|"EventID":\s?4698\b/i),
  },
  {
    technique: 'T1543.002',
    because: 'the line is about a unit of systemd',
    fits: says(/systemctl (?:enable|daemon-reload)|\/etc\/systemd\/system\//),
  },
  {
    technique: 'T1543.003',
    because: 'the line shows a Windows service being installed',
    fits: says(/"EventID":\s?(?:7045|4697)\b/),
  },
  {
    technique: 'T1070.001',
    because: 'the line says that a Windows event log was cleared',
    fits: says(/"EventID":\s?(?:1102|104)\b|wevtutil(?:\.exe)? cl\b/i),
  },
  {
    technique: 'T1070.004',
    because: 'the line shows files being deleted beyond recovery',
    fits: says(/\b(?:shred|wipe|srm)\b/i),
  },
  {
    technique: 'T1070.002',
    because: 'a system log is deleted or emptied in the line',
    fits: says(/(?:\brm\b|truncate|> ?)[^|;]{0,80}\/var\/log\//),
  },
  { technique: 'T1070.006', because: 'stamps of the log jump', fits: found('clock') },
  { technique: 'T1562', because: 'a log fell silent that usually speaks', fits: found('silence') },
  {
    technique: 'T1562.001',
    because: 'the line shows a protection being switched off',
    fits: says(/(?:systemctl (?:stop|disable)|service) (?:auditd|rsyslog|falcon|clamav|fail2ban)|Set-MpPreference/i),
  },
  { technique: 'T1059.001', because: 'the line names PowerShell', fits: says(/\bpowershell(?:\.exe)?\b|\bpwsh\b/i) },
  { technique: 'T1059.003', because: 'the line names the Windows command shell', fits: says(/\bcmd\.exe\b/i) },
  {
    technique: 'T1059.004',
    because: 'the line shows a shell running a command',
    fits: says(/\b(?:ba|da|z|k)?sh -[ic]\b|\/dev\/tcp\//),
  },
  {
    technique: 'T1105',
    because: 'the line shows a file being fetched',
    fits: says(/\b(?:curl|wget|certutil|bitsadmin)(?:\.exe)?\b.{0,200}(?:https?|ftp):/i),
  },
  {
    technique: 'T1003.008',
    because: 'the line is about the file of password hashes',
    fits: says(/\/etc\/shadow\b/),
  },
  { technique: 'T1003.001', because: 'the line names LSASS', fits: says(/\blsass(?:\.exe)?\b/i) },
  {
    technique: 'T1190',
    because: 'the request has the marks of an injection or traversal',
    fits: says(/\.\.[/\\]|%2e%2e|union(?:\+|%20| )(?:all(?:\+|%20| ))?select|\$\{jndi:|<script|%3cscript/i),
  },
  {
    technique: 'T1595.002',
    because: 'the client names itself as a scanner',
    fits: says(/\b(?:nikto|sqlmap|nmap|masscan|wpscan|nuclei|gobuster|dirbuster|acunetix|nessus)\b/i),
  },
  {
    technique: 'T1048',
    because: 'the line shows data being sent away',
    fits: says(/\b(?:scp|rsync|nc|ncat)\b.{0,200}@|\bcurl\b.{0,200}(?:-T |--upload-file)/),
  },
];

/** Looked at of a line. */
const mostChars = 4000;
const mostAlertsNamed = 3;

/** Which alerts speak for which rule, gathered one alert after the other. */
export class Suggestions {
  readonly #alerts = new Map<Rule, number[]>();

  add(alert: SuggestiveAlert): void {
    const looked = { ...alert, raw: alert.raw.slice(0, mostChars) };
    for (const rule of rules) {
      if (!rule.fits(looked)) continue;
      const numbers = this.#alerts.get(rule);
      if (numbers) numbers.push(alert.number);
      else this.#alerts.set(rule, [alert.number]);
    }
  }

  /** Chosen ones first, then the suggested; of one that the list does not have, the id alone. */
  techniques(list: readonly Technique[], chosen: readonly string[]): ReportTechnique[] {
    const byId = new Map(list.map((technique) => [technique.id, technique]));
    const reasons = new Map<string, string[]>();
    for (const rule of rules) {
      const numbers = this.#alerts.get(rule);
      if (!numbers) continue;
      const named = numbers
        .slice(0, mostAlertsNamed)
        .map((number) => `A-${number}`)
        .join(', ');
      const more = numbers.length - Math.min(numbers.length, mostAlertsNamed);
      const sentence = `${named}${more > 0 ? ` and ${more} more` : ''}: ${rule.because}.`;
      reasons.set(rule.technique, [...(reasons.get(rule.technique) ?? []), sentence]);
    }
    const entry = (id: string, isChosen: boolean): ReportTechnique => ({
      ...(byId.get(id) ?? { id, name: 'not in the list', tactics: [] }),
      isChosen,
      reasons: reasons.get(id) ?? [],
    });
    const suggested = [...reasons.keys()].filter((id) => !chosen.includes(id)).sort();
    return [...chosen.map((id) => entry(id, true)), ...suggested.map((id) => entry(id, false))];
  }
}
