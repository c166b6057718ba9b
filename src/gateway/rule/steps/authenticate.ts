import { deny, type Refusal } from '../../../kernel/codes.ts';
import type { Call } from '../../call.ts';
import type { Facts } from '../../facts/facts.ts';

/** A credential that is known, not revoked and not expired. Unknown and revoked are answered alike. */
export function authenticate(call: Call, facts: Facts): Refusal | undefined {
  if (facts.token?.revoked || facts.client?.revoked) return deny('token_revoked');
  // What a client asked for in time may be executed after its token ran out, but not after it was revoked.
  if (facts.token?.expired && call.credential.kind === 'token') return deny('token_expired');
  return undefined;
}
