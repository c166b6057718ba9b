import { keptRules } from '../../governance/policies/kept.ts';
import type { Effect, Policy } from '../../kernel/codes.ts';
import { compileSchema } from '../../kernel/json-schema.ts';
import type { RuleInput } from '../../registry/grants/rules.ts';
import { type Call, type NewCall, newCall } from '../call.ts';
import type { ApprovalFacts, ArgumentsSchema, Facts } from '../facts/facts.ts';
import { envelopeOf } from './envelope-of.ts';
import { newDraft } from './ruling.ts';

/** Calls and facts as a test needs them, without a store. */

const EXECUTION = 'exe_01m80m5h5re308pvzp7b8eqkmg';
const HELD = 'exe_01m80m5h5re308pvzp7b8eqkmh';

const compiled = compileSchema({
  type: 'object',
  required: ['text'],
  additionalProperties: false,
  properties: { text: { type: 'string', maxLength: 10_000 } },
});
if (!compiled.ok) throw new Error(compiled.reason);
const schema: ArgumentsSchema = compiled;

export function callOf(asked: Partial<NewCall> = {}): Call {
  return newCall({
    via: 'rest',
    credential: { kind: 'token', sha256: '0'.repeat(64) },
    executionId: EXECUTION,
    toolName: 'made.tool',
    arguments: { text: 'Hello' },
    ...asked,
  });
}

export type Given = {
  readonly policy?: Policy | 'none';
  readonly effect?: Effect;
  readonly draftOnly?: boolean;
  readonly path?: string;
  readonly baseUrl?: string;
  readonly noTool?: boolean;
  readonly connectorRevoked?: boolean;
  readonly quarantined?: boolean;
  readonly tokenRevoked?: boolean;
  readonly tokenExpired?: boolean;
  readonly clientRevoked?: boolean;
  readonly switchesOn?: Facts['switchesOn'];
  readonly rules?: readonly RuleInput[];
  readonly justificationRequired?: boolean;
};

export function factsOf(given: Given = {}): Facts {
  const { policy = 'auto', effect = 'write', path = '/ok', baseUrl = 'http://127.0.0.1:4010' } = given;
  const rules = keptRules(
    (given.rules ?? []).map((rule, at) => ({ ...rule, id: `rul_${at}` })),
    'a'.repeat(64),
  );
  const connector = {
    id: 'con_1',
    kind: 'http',
    config: { base_url: baseUrl },
    revoked: given.connectorRevoked ?? false,
  };
  return {
    tenantId: '0190d9c0-0000-7000-8000-000000000001',
    orgId: 'org_01j3cw0000e0080000000000001'.slice(0, 30) as Facts['orgId'],
    version: 1,
    readMs: 0,
    approvalTtlSeconds: 1800,
    principal: { kind: 'client', id: 'icl_01m80m5h5re308pvzp7b8eqkmg' },
    token: {
      id: 'tok_01m80m5h5re308pvzp7b8eqkmg',
      revoked: given.tokenRevoked ?? false,
      expiresAt: null,
      expired: given.tokenExpired ?? false,
    },
    client: {
      revoked: given.clientRevoked ?? false,
      draftOnly: given.draftOnly ?? false,
      rpmLimit: 600,
      trustedRunIds: false,
    },
    credentialUserIds: [],
    switchesOn: given.switchesOn ?? [],
    ...(policy !== 'none' && {
      grant: {
        basePolicy: policy,
        approverUserIds: [],
        ...(rules && { rules }),
        justificationRequired: given.justificationRequired ?? false,
        updatedBy: 'usr_1',
        createdAt: new Date(0),
      },
    }),
    ...(!given.noTool && {
      tool: {
        id: 'tool_01m80m5h5re308pvzp7b8eqkmg',
        name: 'made.tool',
        effect,
        handlerKind: 'http',
        handlerConfig: { method: 'POST', path },
        quarantined: given.quarantined ?? false,
        labels: [],
        definitionSha256: 'a'.repeat(64),
        connector,
        schema,
      },
    }),
  };
}

/** The approval that was given for this call when it was held. */
export function approvalOf(call: Call, facts: Facts): ApprovalFacts {
  const draft = { ...newDraft(), policy: facts.grant!.basePolicy };
  return {
    id: call.approvalId!,
    status: 'approved',
    isOver: false,
    executionId: HELD,
    payloadSha256: envelopeOf(call, facts, draft, HELD).payloadSha256,
    definitionSha256: facts.tool!.definitionSha256,
    justification: call.justification ?? null,
    createdAt: new Date(1),
    deniedReason: null,
    endedDetail: null,
  };
}
