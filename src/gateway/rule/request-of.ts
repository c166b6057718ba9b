import type { UpstreamRequest } from '../../upstream/outcome.ts';
import type { Call } from '../call.ts';
import type { Facts } from '../facts/facts.ts';

/** What a call asks of its upstream under these facts. */
export function requestOf(call: Call, facts: Facts): UpstreamRequest {
  const { name, handlerKind, handlerConfig, connector } = facts.tool!;
  return {
    tenantId: facts.tenantId,
    toolName: name,
    handlerKind,
    handlerConfig,
    connector,
    arguments: call.arguments,
    argumentsCanonical: call.argumentsCanonical,
  };
}
