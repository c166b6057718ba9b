import { type BuiltEnvelope, buildEnvelope } from '../../kernel/envelope.ts';
import type { Call } from '../call.ts';
import type { Facts } from '../facts/facts.ts';
import { aboutOf } from '../facts/run-of.ts';
import type { Draft } from './ruling.ts';

/** Why a call is made: what it says, or what the call said that was held and whose approval it names. */
export function justificationOf(call: Call, facts: Facts): string | undefined {
  return call.justification ?? facts.approval?.justification ?? undefined;
}

/** The envelope of a call under these facts and this policy. The nonce is the execution it is about. */
export function envelopeOf(call: Call, facts: Facts, { policy, rule }: Draft, executionId: string): BuiltEnvelope {
  const justification = justificationOf(call, facts);
  return buildEnvelope({
    tenantId: facts.orgId,
    principal: facts.principal,
    ...aboutOf(call, facts),
    tool: { name: facts.tool!.name, definitionSha256: facts.tool!.definitionSha256 },
    argumentsCanonical: call.argumentsCanonical,
    ...(justification !== undefined && { justification }),
    policy: policy!,
    ...(rule !== null && { policyRule: rule }),
    nonce: executionId,
  });
}
