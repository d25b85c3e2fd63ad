/** @file Where an answer tells its reader to do something: open a link, run a command, hand over a secret, switch something off. It was asked to explain, so such words are somebody else's. */
import type { Span } from '../../shared/lines.ts';

/** An order begins a sentence or a part of one, or is put to the reader. */
const begins = String.raw`(?:^|[.!?:;\n]\s*|,\s+|\b(?:please|then|now|next|and|or|just|simply|to fix (?:this|it),?|(?:you|analysts?|the reader|administrators?|admins?|users?) (?:should|must|can|may|could|need to|have to|ought to|are advised to)(?: (?:now|also|immediately|simply|just))?|(?:it is|is) (?:recommended|advised|necessary) (?:to|that you)|should be)\s+)`;
const link = String.raw`(?:https?:\/\/\S+|www\.\S+|\b(?:links?|urls?|attachments?|web ?sites?|pages?)\b)`;
const command = String.raw`(?:\b(?:commands?|scripts?|installers?|patch(?:es)?|tools?)\b|\`[^\`\n]+\`|\b(?:curl|wget|sudo|powershell|pwsh|bash|cmd|chmod|systemctl|iptables|ssh|nc|rm)\s+\S)`;
const guard = String.raw`\b(?:antivirus|firewalls?|monitoring|logging|audit(?:ing)?|edr|selinux|apparmor|detectors?|rules?|alerts?|alarms?|protection)\b`;
const secret = String.raw`\b(?:passwords?|credentials?|tokens?|secrets?|private keys?|api keys?|passphrases?)\b`;

const orders: readonly RegExp[] = [
  `(?:open|visit|click(?: on)?|go to|navigate to|browse to|follow|download|fetch|see|check|contact)\\b[^.!?\\n]{0,40}?${link}`,
  `(?:run|execute|type|paste|enter|issue|launch|start|install|download|use|copy)\\b[^.!?\\n]{0,40}?${command}`,
  `(?:disable|turn off|switch off|stop|uninstall|remove|delete|bypass|mute|silence)\\b[^.!?\\n]{0,30}?${guard}`,
  `(?:whitelist|allow-?list|exclude|exempt|unblock|trust)\\b[^.!?\\n]{0,40}`,
  `(?:enter|send|give|share|provide|reply with|type|email|upload|submit)\\b[^.!?\\n]{0,40}?${secret}`,
].map((what) => new RegExp(`${begins}(${what})`, 'gimd'));

export function ordersIn(text: string): Span[] {
  return orders.flatMap((pattern) =>
    [...text.matchAll(pattern)].flatMap(({ indices }) => {
      const span = indices?.[1];
      return span ? [{ start: span[0], end: span[1] }] : [];
    }),
  );
}
