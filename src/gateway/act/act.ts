import type { UpstreamOutcome } from '../../upstream/outcome.ts';
import type { Call } from '../call.ts';
import type { Deps } from '../deps.ts';
import type { Facts } from '../facts/facts.ts';
import { requestOf } from '../rule/request-of.ts';
import type { Go } from '../rule/ruling.ts';

/** The fourth verb: sends the request that was ruled on to the upstream, once, with no transaction open. */
export function act(
  { upstream }: Deps,
  call: Call,
  facts: Facts,
  { executionId, request }: Go,
): Promise<UpstreamOutcome> {
  return upstream.execute({ ...requestOf(call, facts), executionId, prepared: request });
}
