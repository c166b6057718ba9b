import { sha256Hex } from '../../../kernel/hash.ts';
import { canonicalize } from '../../../kernel/jcs.ts';
import { isObject } from './messages.ts';

/** What a server has lists of. */
export const LISTS = {
  tools: { method: 'tools/list', member: 'tools', key: 'name', needs: 'tools' },
  prompts: { method: 'prompts/list', member: 'prompts', key: 'name', needs: 'prompts' },
  resources: { method: 'resources/list', member: 'resources', key: 'uri', needs: 'resources' },
  templates: {
    method: 'resources/templates/list',
    member: 'resourceTemplates',
    key: 'uriTemplate',
    needs: 'resources',
  },
} as const;
export type ListName = keyof typeof LISTS;

/** The members of a definition that are looked at by people, and pinned. */
const PINNED = {
  tools: ['name', 'title', 'description', 'inputSchema', 'outputSchema', 'annotations'],
  prompts: ['name', 'title', 'description', 'arguments'],
  resources: ['uri', 'name', 'title', 'description', 'mimeType'],
  templates: ['uriTemplate', 'name', 'title', 'description', 'mimeType'],
} as const satisfies Record<ListName, readonly string[]>;

/** What a server says of one of its tools, prompts or resources, and the hash over it. Texts of somebody else. */
export type Definition = { readonly value: Readonly<Record<string, unknown>>; readonly pin: string };

/** The longest definition that is kept, in characters of its canonical text. */
export const DEFINITION_MAX = 64 * 1024;
const KEY_MAX = 2_048;

/**
 * One item of a list as it is pinned. Undefined where it cannot be: no object, no name that tells it from the others, a
 * text that has no canonical form, or too much of it.
 */
export function definitionOf(list: ListName, item: unknown): Definition | undefined {
  if (!isObject(item)) return undefined;
  const value: Record<string, unknown> = {};
  for (const member of PINNED[list])
    if (item[member] !== undefined && item[member] !== null) value[member] = item[member];
  const key = value[LISTS[list].key];
  if (typeof key !== 'string' || key === '' || key.length > KEY_MAX) return undefined;
  try {
    const text = canonicalize(value);
    if (text.length > DEFINITION_MAX || text.includes('\\u0000')) return undefined;
    return { value, pin: sha256Hex(text) };
  } catch {
    return undefined;
  }
}

/** Everything that a server has of one kind, by name. */
export type Listing = ReadonlyMap<string, Definition>;
