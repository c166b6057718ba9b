import type { Effect } from '../../api/types.ts';

/** What each effect means to the person who chooses it. */
export const EFFECTS: readonly (readonly [Effect, string])[] = [
  ['read', 'read: changes nothing'],
  ['draft', 'draft: prepares, reaches nobody'],
  ['write', 'write: changes data'],
  ['send', 'send: reaches a person'],
  ['publish', 'publish: reaches everybody'],
  ['charge', 'charge: moves money'],
  ['delete', 'delete: cannot be undone'],
];
