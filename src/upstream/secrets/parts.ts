import { secretsIn, splitSecrets } from '../../kernel/secret-reference.ts';
import type { NeededSecrets } from '../prepared.ts';
import type { UsedSecrets } from './used.ts';

/**
 * A template in its parts: text that is sent as it is, and secrets. Whatever a kind puts into the text, such as an
 * argument, stays text: an argument that reads `{{secret:NAME}}` opens nothing.
 */
export type Part = string | { readonly secret: string };

/** The parts of a template, for a body, a URL or a header that arguments are put into. */
export function partsOf(template: string): readonly Part[] {
  return splitSecrets(template);
}

/** How a value is written into what surrounds it. */
export const SPELL = {
  plain: (value: string) => value,
  /** Inside of a string of JSON. */
  json: (value: string) => JSON.stringify(value).slice(1, -1),
  /** In a path, a query or a form. */
  percent: encodeURIComponent,
} as const satisfies Record<string, (value: string) => string>;

/** The parts as one text, with the values of their secrets. Throws for one that was not opened. */
export function joinParts(parts: readonly Part[], secrets: UsedSecrets | undefined, spell: keyof typeof SPELL): string {
  return parts
    .map((part) => {
      if (typeof part === 'string') return part;
      if (secrets === undefined) throw new Error(`The secret ${part.secret} was not opened`);
      return SPELL[spell](secrets.value(part.secret));
    })
    .join('');
}

/**
 * The secrets that parts of a configuration name, for what a kind prepares; undefined where there are none. `host` is
 * where the request goes, as `hostOf` of the egress guard writes it.
 */
export function neededBy(configs: readonly unknown[], host: string): NeededSecrets | undefined {
  const names = secretsIn(JSON.stringify(configs));
  return names.length === 0 ? undefined : { names, host };
}
