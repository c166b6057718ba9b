import { parse as parseYaml } from 'yaml';

export type Json = Record<string, unknown>;

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Nodes of YAML that others may stand for: some documents say a thing once, a bomb says it a million times. */
const ALIASES_MAX = 2_000;

/** A JSON or YAML text as the object it is, or a sentence that says why it is none. */
export function parseDocument(bytes: Uint8Array): Json | string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return 'The document is not UTF-8.';
  }
  try {
    const value = /^\s*\{/.test(text)
      ? JSON.parse(text)
      : parseYaml(text, { maxAliasCount: ALIASES_MAX, logLevel: 'silent', schema: 'core' });
    return isObject(value) ? value : 'The document is not an object in JSON or YAML.';
  } catch (error) {
    const said = error instanceof Error ? error.message.split('\n')[0]!.slice(0, 200) : '';
    return `The document is neither JSON nor YAML: ${said}`;
  }
}
