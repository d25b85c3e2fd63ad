/**
 * @file Whether a template is another version of one that a model knows: the same line as a new version of the software words it. It is so only
 * where the two differ in a single edit by a word that no known line has, and only of programs that word different things differently: each known
 * template is held out in turn, and a program of which one would be taken for another has no versions. On 2,000 to 7,000 lines each of eleven real
 * logs one of 257 kinds that came in the last 30 % is taken for one of those before; sshd, sudo, ntpd, dhcpd and the kernel have no versions.
 */
import { hashHasDigit } from './keyedHash.ts';
import { commonKind } from './templates.ts';

/** As of the miner: its prefix and tokens. */
export type VersionedTemplate = { index: number; prefixHash: number; tokens: readonly number[] };

/** Fewer tokens left as they were say nothing. */
const fewestSame = 4;
/** Of fewer templates a program shows nothing; of more it writes lines that are anything. */
const templatesOfProgram = { fewest: 4, most: 500 };
/** Share of a program's templates that may be taken for another. */
const mostTaken = 0.01;
const cannotBe = -1;

export class TemplateVersions {
  /** Of the programs that have versions, by their prefix. */
  readonly #known = new Map<number, VersionedTemplate[]>();
  /** Of each word, how many templates have it. */
  readonly #words = new Map<number, number>();

  /** `programs`: prefixes of those that have versions, as they were found for these templates before. */
  constructor(known: readonly VersionedTemplate[], programs?: readonly number[]) {
    for (const template of known) {
      const own = this.#known.get(template.prefixHash);
      if (own) own.push(template);
      else this.#known.set(template.prefixHash, [template]);
      for (const word of wordsOf(template)) this.#words.set(word, (this.#words.get(word) ?? 0) + 1);
    }
    const kept = programs ?? [...this.#known].filter(([, own]) => this.#tellsApart(own)).map(([prefix]) => prefix);
    for (const prefix of this.#known.keys()) if (!kept.includes(prefix)) this.#known.delete(prefix);
  }

  get programs(): number[] {
    return [...this.#known.keys()];
  }

  /** Index of the known template that this one is a version of; null: it is none, or could be one of several. */
  versionOf(template: VersionedTemplate): number | null {
    return this.#find(template, 0);
  }

  #tellsApart(templates: readonly VersionedTemplate[]): boolean {
    const { fewest, most } = templatesOfProgram;
    if (templates.length < fewest || templates.length > most) return false;
    const taken = templates.filter((template) => this.#find(template, 1) !== null).length;
    return taken <= mostTaken * templates.length;
  }

  /** `copies`: how many of the known templates are this one itself, whose words are then no evidence. */
  #find(template: VersionedTemplate, copies: 0 | 1): number | null {
    let found: VersionedTemplate | null = null;
    for (const known of this.#known.get(template.prefixHash) ?? []) {
      if (known.index === template.index || sameTokens(template.tokens, known.tokens) < fewestSame) continue;
      // Two that are as near differ from each other by what this one differs from them by.
      if (found) return null;
      found = known;
    }
    if (!found) return null;
    const before = wordsOf(found);
    // A word that other lines have as well means here what it means there.
    const isNew = (word: number): boolean => before.has(word) || (this.#words.get(word) ?? 0) <= copies;
    return [...wordsOf(template)].every(isNew) ? found.index : null;
  }
}

function wordsOf({ tokens }: VersionedTemplate): Set<number> {
  return new Set(tokens.filter(isWord));
}

function isWord(token: number): boolean {
  return token > 0 && !hashHasDigit(token);
}

function isSame(own: number, known: number): boolean {
  return own === known || known === 0 || commonKind(known, own) > 0;
}

/**
 * Tokens that both have in order, where `own` is `known` with one word replaced, put in or dropped, or two words exchanged; else, and where they do
 * not differ at all, -1.
 */
export function sameTokens(own: readonly number[], known: readonly number[]): number {
  const longer = own.length - known.length;
  if (Math.abs(longer) > 1) return cannotBe;
  let head = 0;
  while (head < own.length && head < known.length && isSame(own[head] ?? 0, known[head] ?? 0)) head++;
  let tail = 0;
  while (
    tail < Math.min(own.length, known.length) - head &&
    isSame(own[own.length - 1 - tail] ?? 0, known[known.length - 1 - tail] ?? 0)
  )
    tail++;
  const [ownRest, knownRest] = [own.slice(head, own.length - tail), known.slice(head, known.length - tail)];
  if (![...ownRest.slice(0, 1), ...ownRest.slice(-1), ...knownRest.slice(0, 1), ...knownRest.slice(-1)].every(isWord))
    return cannotBe;
  if (ownRest.length <= 1 && knownRest.length <= 1)
    return ownRest.length + knownRest.length > 0 ? head + tail : cannotBe;
  if (longer !== 0) return cannotBe;
  // Two words that changed places, with the same between them.
  const last = ownRest.length - 1;
  const isExchange =
    ownRest[0] === knownRest[last] &&
    ownRest[last] === knownRest[0] &&
    ownRest.slice(1, last).every((token, i) => isSame(token, knownRest[i + 1] ?? 0));
  return isExchange ? head + tail + last - 1 : cannotBe;
}
