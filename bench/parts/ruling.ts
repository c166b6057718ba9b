import { type Call, newCall } from '../../src/gateway/call.ts';
import type { Facts, Tool } from '../../src/gateway/facts/facts.ts';
import { createRules, stepsOf } from '../../src/gateway/rule/rule.ts';
import { newDraft } from '../../src/gateway/rule/ruling.ts';
import { keptRules } from '../../src/governance/policies/kept.ts';
import { newId } from '../../src/kernel/ids.ts';
import { compileSchema } from '../../src/kernel/json-schema.ts';
import type { JsonObject } from '../../src/kernel/strict-json.ts';
import type { GrantRule } from '../../src/registry/grants/rules.ts';
import { egressExceptions } from '../../src/upstream/egress-exceptions.ts';
import { prepare } from '../../src/upstream/prepare.ts';
import { PAYLOAD_SCHEMA, payload } from '../payload.ts';
import { type Part, timed } from './part.ts';

const UPSTREAM = '127.0.0.1:4010';

/** Conditions as people write them over the benchmark's arguments; none applies to them. */
const CONDITIONS = [
  (at: number) => `args.amount.value > ${(at + 1) * 100_000}`,
  (at: number) => `args.amount.currency == "USD" && args.amount.value > ${at}`,
  (at: number) => `args.to.exists(address, address.endsWith("@example${at}.org"))`,
  (at: number) => `args.subject.contains("urgent ${at}")`,
  (at: number) => `'untrusted' in run.labels && tool.effect == 'send' && args.priority > ${at}`,
];

function rulesOf(count: number): GrantRule[] {
  return Array.from({ length: count }, (_, at) => ({
    id: newId('rul'),
    name: `rule ${at}`,
    when: CONDITIONS[at % CONDITIONS.length]!(at),
    policy: 'approve',
  }));
}

function factsOf(rules: readonly GrantRule[]): Facts {
  const schema = compileSchema(PAYLOAD_SCHEMA);
  if (!schema.ok) throw new Error(schema.reason);
  const tool: Tool = {
    id: newId('tool'),
    name: 'bench.send',
    effect: 'send',
    handlerKind: 'http',
    handlerConfig: { method: 'POST', path: '/echo' },
    definitionSha256: 'a'.repeat(64),
    quarantined: false,
    labels: [],
    connector: { id: newId('con'), kind: 'http', config: { base_url: `http://${UPSTREAM}` }, revoked: false },
    schema,
  };
  const kept = keptRules(rules, tool.definitionSha256);
  return {
    tenantId: '0190d9c0-0000-7000-8000-000000000001',
    orgId: newId('org'),
    version: 1,
    readMs: 0,
    approvalTtlSeconds: 1800,
    principal: { kind: 'client', id: newId('icl') },
    client: { revoked: false, draftOnly: false, rpmLimit: 0, trustedRunIds: false },
    credentialUserIds: [],
    switchesOn: [],
    grant: {
      basePolicy: 'auto',
      approverUserIds: [],
      justificationRequired: false,
      updatedBy: newId('usr'),
      createdAt: new Date(0),
      ...(kept && { rules: kept }),
    },
    tool,
  };
}

/** What each step of a ruling takes, and what rules add to it. */
export function rulingParts(): Part[] {
  const exceptions = egressExceptions([UPSTREAM]);
  const upstream = {
    prepare: (request: Parameters<typeof prepare>[0]) => prepare(request, exceptions),
  };
  const call: Call = newCall({
    via: 'rest',
    credential: { kind: 'token', sha256: '0'.repeat(64) },
    toolName: 'bench.send',
    arguments: payload() as JsonObject,
  });
  const plain = factsOf([]);
  const rules = createRules(upstream);
  const steps = stepsOf(upstream).map(({ name, judge }, at) => {
    const draft = newDraft();
    const named =
      name === 'policy' && at > 0 && stepsOf(upstream)[at - 1]!.name === 'policy' ? 'policy, no rules' : name;
    // What the steps before it leave to it.
    for (const before of stepsOf(upstream).slice(0, at)) before.judge(call, plain, draft);
    return timed(`ruling: ${named}`, () => judge(call, plain, draft) ?? true);
  });
  const judgeRules = stepsOf(upstream).findLast(({ name }) => name === 'policy')!.judge;
  const withRules = ([name, count]: readonly [string, number]): Part => {
    const facts = factsOf(rulesOf(count));
    return timed(name, () => judgeRules(call, facts, { ...newDraft(), policy: 'auto' }) ?? true);
  };
  return [
    ...steps,
    timed('ruling: all of it with the envelope, 2 kB', () => rules.rule(call, plain)),
    ...(
      [
        ['rules: 1', 1],
        ['rules: 5', 5],
        ['rules: 50', 50],
      ] as const
    ).map(withRules),
  ];
}
