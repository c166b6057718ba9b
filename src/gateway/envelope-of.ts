import { type BuiltEnvelope, buildEnvelope } from '../kernel/envelope.ts';
import type { Call, Facts } from './call.ts';

/** The envelope of a call under these facts. The nonce is the execution it is about. */
export function envelopeOf(call: Call, facts: Facts, executionId: string): BuiltEnvelope {
  return buildEnvelope({
    tenantId: facts.orgId,
    principal: facts.principal,
    tool: { name: facts.tool!.name, definitionSha256: facts.tool!.definitionSha256 },
    argumentsCanonical: call.argumentsCanonical,
    policy: facts.grant!.policy,
    nonce: executionId,
  });
}
