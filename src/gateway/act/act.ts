import type { UpstreamCall, UpstreamOutcome } from '../../upstream/outcome.ts';
import type { Call } from '../call.ts';
import type { Deps } from '../deps.ts';
import type { Facts } from '../facts/facts.ts';
import { timeoutMsOf } from '../record/writes.ts';
import type { Go } from '../rule/ruling.ts';

/** The fourth verb: calls the upstream once, with no transaction open. */
export function act({ upstream }: Deps, call: Call, facts: Facts, go: Go): Promise<UpstreamOutcome> {
  const tool = facts.tool!;
  return upstream.execute({
    handlerKind: tool.handlerKind,
    handlerConfig: tool.handlerConfig,
    connector: tool.connector as UpstreamCall['connector'],
    argumentsCanonical: call.argumentsCanonical,
    arguments: call.arguments,
    executionId: go.executionId,
    timeoutMs: timeoutMsOf(facts),
  });
}
