import type { Sending, UpstreamOutcome } from '../../upstream/outcome.ts';
import type { Call } from '../call.ts';
import type { Deps } from '../deps.ts';
import type { Facts } from '../facts/facts.ts';
import type { Progress } from '../progress.ts';
import type { Go } from '../rule/ruling.ts';
import { relayOf } from './relay.ts';

/**
 * The fourth verb: sends the request that was ruled on to the upstream, once, with no transaction open. The secrets that
 * it names are opened here and nowhere before: what was ruled on, approved and recorded only names them.
 */
export function act(
  deps: Deps,
  call: Call,
  facts: Facts,
  go: Go,
  { onNotice: onProgress, cancelled: signal, input }: Progress = {},
): Promise<UpstreamOutcome> {
  const { executionId, request } = go;
  const caller = `${facts.principal.kind} ${facts.principal.id}`;
  const sending = { executionId, caller, onProgress, signal, relay: input && relayOf(deps, call, facts, go, input) };
  return request.secrets === undefined
    ? deps.upstream.execute(request, sending)
    : actWithSecrets(deps, facts, request, sending);
}

async function actWithSecrets(
  { upstream, secrets }: Deps,
  facts: Facts,
  request: Go['request'],
  sending: Sending,
): Promise<UpstreamOutcome> {
  const opened = await secrets.open(facts, request.secrets!);
  if ('kind' in opened) return opened;
  const outcome = await upstream.execute(request, { ...sending, secrets: opened.used });
  const isRefused = outcome.kind === 'failed' && outcome.httpStatus === UNAUTHORIZED;
  if (isRefused && opened.tokenNumber !== undefined) await secrets.tokenRefused(facts, opened.tokenNumber);
  return outcome;
}

const UNAUTHORIZED = 401;
