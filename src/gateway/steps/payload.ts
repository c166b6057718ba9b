import { deny, type Refusal } from '../../kernel/codes.ts';
import type { Call } from '../call.ts';

/** Wire bytes that were refused before anything else was read from them. */
export function payload(call: Call): Refusal | undefined {
  return call.unreadable === undefined ? undefined : deny('invalid_payload', call.unreadable);
}
