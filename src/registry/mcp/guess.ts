import type { Effect } from '../../kernel/codes.ts';

const HARMS = /(?:^|_)(?:delete|remove|drop|destroy|purge|erase|truncate|revoke|unlink|rm)(?:_|$)/;
const SENDS = /(?:^|_)(?:send|email|mail|notify|message|sms)(?:_|$)/;
const PUBLISHES = /(?:^|_)(?:publish|post|tweet|release|deploy)(?:_|$)/;
const CHARGES = /(?:^|_)(?:charge|pay|payment|refund|transfer|purchase|buy|invoice)(?:_|$)/;

/**
 * What a tool may do outside, by its annotations and its name, for an admin to look at. A server can say of its tools what
 * it likes: only what it says itself to be reading is guessed to read, and a name that sounds like more wins.
 */
export function guessEffect(name: string, annotations: unknown): Effect {
  const said = (typeof annotations === 'object' && annotations !== null ? annotations : {}) as Record<string, unknown>;
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_');
  if (HARMS.test(words)) return 'delete';
  if (CHARGES.test(words)) return 'charge';
  if (said.readOnlyHint === true) return 'read';
  if (SENDS.test(words)) return 'send';
  if (PUBLISHES.test(words)) return 'publish';
  return said.destructiveHint === true ? 'delete' : 'write';
}
