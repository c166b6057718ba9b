import type { UpstreamOutcome } from '../../upstream/outcome.ts';
import type { Deps } from '../deps.ts';
import type { Go } from '../rule/ruling.ts';

/** The fourth verb: sends the request that was ruled on to the upstream, once, with no transaction open. */
export function act({ upstream }: Deps, { executionId, request }: Go): Promise<UpstreamOutcome> {
  return upstream.execute(request, { executionId });
}
