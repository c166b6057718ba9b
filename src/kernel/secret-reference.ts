/** How secrets are named, and how a configuration stands for one without holding it: `{{secret:NAME}}`. */

/** What a secret may be called. */
export const SECRET_NAME = /^[A-Z][A-Z0-9_]{0,63}$/;

const REFERENCE = /\{\{secret:([A-Z][A-Z0-9_]{0,63})\}\}/g;

/** What stands for a secret, in a configuration and wherever its value would be shown. */
export function secretReference(name: string): string {
  return `{{secret:${name}}}`;
}

/** The secrets that a text names, each once. */
export function secretsIn(text: string): string[] {
  if (!text.includes('{{secret:')) return [];
  return [...new Set([...text.matchAll(REFERENCE)].map(([, name]) => name!))];
}

/** A text with something else in the place of each reference. */
export function replaceSecrets(text: string, by: (name: string) => string): string {
  return text.replace(REFERENCE, (_, name: string) => by(name));
}

/** A text in its parts: what stands between references, and the secrets that they name. */
export function splitSecrets(text: string): (string | { readonly secret: string })[] {
  return text
    .split(REFERENCE)
    .map((part, index) => (index % 2 === 0 ? part : { secret: part }))
    .filter((part) => part !== '');
}

/** A secret that a configuration names, and the members that lead to where it does. */
export type NamedSecret = { readonly name: string; readonly place: readonly string[] };

/** Every place of a configuration that names a secret. */
export function secretsNamedIn(config: unknown, place: readonly string[] = []): NamedSecret[] {
  if (typeof config === 'string') return secretsIn(config).map((name) => ({ name, place }));
  if (typeof config !== 'object' || config === null) return [];
  return Object.entries(config).flatMap(([member, value]) => secretsNamedIn(value, [...place, member]));
}
