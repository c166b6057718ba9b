import type { UpstreamOutcome } from '../../upstream/outcome.ts';
import type { Deps } from '../deps.ts';
import type { Facts } from '../facts/facts.ts';
import type { Go } from '../rule/ruling.ts';

/**
 * The fourth verb: sends the request that was ruled on to the upstream, once, with no transaction open. The secrets that
 * it names are opened here and nowhere before: what was ruled on, approved and recorded only names them.
 */
export function act(deps: Deps, facts: Facts, { executionId, request }: Go): Promise<UpstreamOutcome> {
  return request.secrets === undefined
    ? deps.upstream.execute(request, { executionId })
    : actWithSecrets(deps, facts, { executionId, request });
}

async function actWithSecrets(
  { upstream, secrets }: Deps,
  facts: Facts,
  { executionId, request }: Pick<Go, 'executionId' | 'request'>,
): Promise<UpstreamOutcome> {
  const opened = await secrets.open(facts, request.secrets!);
  if ('kind' in opened) return opened;
  const outcome = await upstream.execute(request, { executionId, secrets: opened.used });
  const isRefused = outcome.kind === 'failed' && outcome.httpStatus === UNAUTHORIZED;
  if (isRefused && opened.tokenNumber !== undefined) await secrets.tokenRefused(facts, opened.tokenNumber);
  return outcome;
}

const UNAUTHORIZED = 401;
