/** @file Which lines of the evidence read as if they spoke to a language model: by what they say, and by being prose where the log surprised. */
import type { HeatSpan } from '../../shared/alerts.ts';
import type { SuspectLine } from '../../shared/explanations.ts';
import { hiddenCharacters } from '../../shared/hidden.ts';

/** Ways of giving orders to a model; each is linear in the text. */
const patterns: readonly RegExp[] = [
  /\b(ignore|disregard|forget|override|bypass)\b.{0,40}\b(instruction|prompt|rule|above|previous|prior|earlier|everything|alert|warning|data|context)/i,
  /\b(system|developer|hidden|new|real)\s+(prompt|message|instruction)/i,
  /\b(you are|you're|act as|pretend|role.?play)\b.{0,30}\b(now|an?|the|assistant|model|helpful|analyst|to be)\b/i,
  /\b(language model|chat ?gpt|ollama|mistral|llama|llm|ai assistant|dear (ai|assistant|model|analyst)|as an ai)\b/i,
  /\b(respond|reply|answer|output|say|write|state|conclude|explain|report|tell)\b.{0,20}\b(only|with|that|exactly|this|the (user|analyst)|it is|as)\b.{0,60}\b(benign|harmless|normal|safe|false|routine|expected|no (threat|action)|nothing)/i,
  /\b(mark|treat|classify|label|consider|rate|call|describe|report|regard)\b.{0,40}\b(as|it|this)\b.{0,20}\b(benign|harmless|normal|safe|false|routine|expected|info)/i,
  /\b(this|the|above|following|previous|all)\b.{0,30}\b(alerts?|lines?|events?|sequences?|log|activity|traffic|anomal(y|ies)|logins?)\b.{0,20}\b(is|are|was|were)\b.{0,20}\b(benign|harmless|normal|safe|false|routine|expected|authori[sz]ed|approved|planned|not)/i,
  /\[\/?(inst|sys|tool_calls|available_tools)\]|<\|[^|]{0,40}\|>|<<\/?sys>>|<\/?s>|<(start|end)_of_turn>|#{2,}\s*(instruction|system|response|human|assistant|user)\b|\b(assistant|system|human)\s*:\s/i,
  /<<<\s*data|data\s+[0-9a-f]{8,}\s*>>>|\bend of (the )?(data|evidence|log|input)\b/i,
];

/** So many words in a row are a sentence. */
const proseWords = 8;
const prose = new RegExp(`(?:\\p{L}[\\p{L}'’,-]*[.!?:;]? ){${proseWords - 1}}\\p{L}+`, 'u');
const mostShown = 200;
/** A model is given less of a line. */
const mostRead = 1000;

export type LineToLookAt = {
  lineNumber: number | null;
  text: string;
  isSurprising: boolean;
  heat?: readonly HeatSpan[];
};

/** What hides between letters to get past a pattern does not. */
function bare(text: string): string {
  return text.slice(0, mostRead).normalize('NFKC').replace(hiddenCharacters, ' ').replace(/\s+/g, ' ');
}

function spokenTo({ text, isSurprising, heat = [] }: LineToLookAt): SuspectLine['why'] | null {
  const plain = bare(text);
  const joined = text.slice(0, mostRead).normalize('NFKC').replace(hiddenCharacters, '');
  if (patterns.some((pattern) => pattern.test(plain) || pattern.test(joined))) return 'pattern';
  if (!isSurprising) return null;
  const sentence = prose.exec(text.slice(0, mostRead));
  if (!sentence) return null;
  if (heat.length === 0) return 'surprise';
  const end = sentence.index + sentence[0].length;
  const hot = heat.filter((span) => span.start < end && span.end > sentence.index);
  return hot.length * 2 >= proseWords ? 'surprise' : null;
}

/** Each line once, in order. */
export function suspectLines(lines: readonly LineToLookAt[]): SuspectLine[] {
  const found = new Map<number | string, SuspectLine>();
  for (const line of lines) {
    const why = spokenTo(line);
    // The flagged line is whole and, in its session, by its message.
    const key = line.lineNumber ?? line.text;
    if (why === null || found.has(key)) continue;
    found.set(key, { lineNumber: line.lineNumber, text: line.text.slice(0, mostShown).toWellFormed(), why });
  }
  return [...found.values()];
}
