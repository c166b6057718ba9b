import fc from 'fast-check';
import { expect } from 'vitest';
import type { PersonName } from '../support/people.ts';
import type { Workbench } from '../support/workbench.ts';
import type { HeldPolicy, Scope, Sender } from './reference.ts';
import { replay, type Start } from './replay.ts';
import { System } from './system.ts';

/** What every run starts with: one approval of each kind, waiting. */
const ASKED: readonly { policy: HeldPolicy; auto: boolean }[] = [
  { policy: 'approve', auto: false },
  { policy: 'approve', auto: true },
  { policy: 'approve-dual', auto: false },
  { policy: 'approve-dual', auto: true },
];

type Act = { readonly on: (system: System) => Promise<unknown>; readonly [fc.toStringMethod]: () => string };

const act = (text: string, on: Act['on']): Act => ({ on, [fc.toStringMethod]: () => text });

const approval = fc.nat({ max: ASKED.length - 1 });
const voter = fc.constantFrom<PersonName[]>('owner', 'admin', 'admin', 'second_admin', 'second_admin', 'member');
const decision = fc.constantFrom<('granted' | 'denied')[]>(
  'granted',
  'granted',
  'granted',
  'granted',
  'granted',
  'granted',
  'denied',
);
const scope = fc.constantFrom<Scope[]>('workspace', 'tool', 'client');
const policy = fc.constantFrom<HeldPolicy[]>('approve', 'approve-dual');
const sender = fc.constantFrom<Sender[]>('own', 'own', 'own', 'other');

const decide = fc
  .tuple(approval, voter, decision)
  .map(([index, by, vote]) =>
    act(`decide(${index}, ${by}, ${vote})`, (system) => system.decide(index, by, vote, true)),
  );
const consume = fc
  .tuple(approval, sender)
  .map(([index, by]) => act(`consume(${index}, ${by})`, (system) => system.consume(index, by, true)));
const seldom = fc.oneof(
  approval.map((index) => act(`cancel(${index})`, (system) => system.cancel(index, 'own'))),
  approval.map((index) => act(`runOut(${index})`, (system) => system.runOut(index))),
  fc.constant(act('sweep()', (system) => system.sweep())),
  scope.map((which) => act(`flip(${which})`, (system) => system.flip(which))),
  scope.map((which) => act(`lift(${which})`, (system) => system.lift(which))),
  fc.nat({ max: 9 }).map((n) => act(`editTool(${n})`, (system) => system.editTool(n))),
  policy.map((to) => act(`editPolicy(${to})`, (system) => system.editPolicy(to, 'owner'))),
  fc
    .subarray<'member'>(['member'])
    .map((names) => act(`editApprovers(${names})`, (system) => system.editApprovers(names))),
  fc.constant(act('request()', (system) => system.request(false))),
);
const last = fc.constantFrom(
  act('revokeToken()', (system) => system.revokeToken()),
  act('removeGrant()', (system) => system.removeGrant()),
);
const wave = fc.array(fc.oneof({ weight: 5, arbitrary: decide }, { weight: 4, arbitrary: consume }, seldom), {
  minLength: 6,
  maxLength: 16,
  size: 'max',
});
/** Waves of acts; those of one wave happen at once. In the middle of the last one the token is revoked or the grant removed. */
const waves = fc
  .tuple(wave, wave, wave, last)
  .map(([first, second, third, end]): Act[][] => [first, second, [...third.slice(0, 4), end, ...third.slice(4)]]);

/** The policy that is in force when the waves begin, and the waves. */
export const runsOfWaves = fc.tuple(policy, waves);

/** Lets the waves happen, and holds what the ledger says of it against the state machine. */
export async function playWaves(bench: Workbench, [policyThen, all]: [HeldPolicy, Act[][]]): Promise<void> {
  const system = await System.open(bench);
  try {
    const start = await ask(bench, system, policyThen);
    for (const acts of all) await Promise.all(acts.map(({ on }) => on(system)));
    await expectSoundLedger(bench, system, start);
  } finally {
    await system.close();
  }
}

async function ask(bench: Workbench, system: System, policyThen: HeldPolicy): Promise<Start> {
  const definition = await system.definition();
  for (const { policy, auto } of ASKED) {
    await system.editPolicy(policy, 'owner');
    expect(await system.request(auto)).toBe('pending_approval');
  }
  // Approvals of the other policy are stale from here on, until somebody edits it back.
  await system.editPolicy(policyThen, 'owner');
  const { owner, admin, second_admin, member } = bench.userIds;
  return {
    definition,
    policy: 'approve',
    editor: owner,
    owner,
    admins: [owner, admin, second_admin],
    approvers: [member],
  };
}

async function expectSoundLedger(bench: Workbench, system: System, start: Start): Promise<void> {
  await system.sweep();
  await expect.poll(() => unsettled(bench, system), { interval: 5, timeout: 15_000 }).toBe(0);
  const executions = system.approvals.map(({ executionId }) => executionId);
  const resources = [
    ...system.approvals.map(({ id }) => id),
    ...executions,
    ...system.switchIds,
    system.tool.id,
    system.grantId,
    system.client.tokenId,
  ];
  const replayed = replay(await bench.entries({ resources }), start);
  for (const [index, { id, executionId }] of system.approvals.entries()) {
    const { status } = replayed.get(id)!;
    expect(await system.status(index)).toBe(status);
    expect(bench.stub.arrivedWith(executionId)).toBe(status === 'consumed' ? 1 : 0);
  }
  const late = await bench.sql(
    `select id from approvals where id = any($1) and (consumed_at > expires_at or (status = 'expired' and decided_at < expires_at))`,
    [system.approvals.map(({ id }) => id)],
  );
  expect(late).toEqual([]);
}

/** Executions that are still running, and approved ones whose call the gateway has yet to use or to end. */
async function unsettled(bench: Workbench, system: System): Promise<number> {
  await bench.gate.sequenced();
  const [row] = await bench.sql<{ count: number }>(
    `select count(*)::integer from approvals a
     join agent_execution_logs e on e.tenant_id = a.tenant_id and e.id = a.execution_id
     where a.id = any($1) and (e.status = 'running'
       or (a.status = 'approved' and a.execute_on_approval and a.expires_at > clock_timestamp()))`,
    [system.approvals.map(({ id }) => id)],
  );
  return row!.count;
}
