import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../../test/support/engines.ts';
import { openTestStore, type TestStore } from '../../test/support/store.ts';
import { act, mustAct, pendingAudit, seedWorkspace, type TestWorkspace } from '../../test/support/workspace.ts';
import { removeMember } from '../identity/members/remove.ts';
import { isRefused } from '../kernel/codes.ts';
import { newId } from '../kernel/ids.ts';
import { createClient } from '../registry/clients/create.ts';
import { revokeClient } from '../registry/clients/revoke.ts';
import { createClientInput } from '../registry/clients/schemas.ts';
import { createTool } from '../registry/tools/create.ts';
import { createToolInput } from '../registry/tools/schemas.ts';
import type { PrincipalKind } from '../store/tables.ts';

const MANY = 10_000;

describe.each(engines)('what ends with what it rests on, on %s', (engine) => {
  let opened: TestStore;
  const store = () => opened.store;
  beforeAll(async () => {
    opened = await openTestStore(engine);
  });
  afterAll(() => opened?.close());

  const newClient = async (own: TestWorkspace) =>
    (await mustAct(store(), own, 'admin', (verb) => createClient(verb, createClientInput.parse({ name: 'agent' })))).id;
  const newTool = async (own: TestWorkspace) => {
    const input = { name: 'mail.send', effect: 'send', input_schema: { type: 'object' }, handler_kind: 'noop' };
    return (await mustAct(store(), own, 'admin', (verb) => createTool(verb, createToolInput.parse(input)))).id;
  };

  /** Approvals as the gateway leaves them. */
  const hold = (
    own: TestWorkspace,
    principal: { kind: PrincipalKind; id: string },
    toolId: string,
    { status = 'pending', expiresIn = 600, count = 1 } = {},
  ) =>
    store().withTenant(own.tenantId, async (tx) => {
      const executions = Array.from({ length: count }, () => newId('exe'));
      const approvals = executions.map(() => newId('apv'));
      await sql`insert into agent_execution_logs (tenant_id, id, status, principal_kind, principal_id, tool_id, tool_name, via)
        select ${tx.tenantId}::uuid, id, 'pending_approval', ${principal.kind}, ${principal.id}, ${toolId}, 'mail.send', 'rest'
        from unnest(${executions}::text[]) id`.execute(tx.db);
      await sql`insert into approvals (tenant_id, id, execution_id, status, policy, envelope, payload_sha256,
          definition_sha256, tool_id, tool_name, effect, principal_kind, principal_id, requester_user_ids, expires_at)
        select ${tx.tenantId}::uuid, e.id, e.execution_id, ${status}, 'approve', '{}', 'a hash', 'a hash', ${toolId},
          'mail.send', 'send', ${principal.kind}, ${principal.id}, '{}', now() + make_interval(secs => ${expiresIn})
        from unnest(${approvals}::text[], ${executions}::text[]) e(id, execution_id)`.execute(tx.db);
      return approvals[0]!;
    });
  const statuses = async (own: TestWorkspace) => {
    const rows = await store().withTenant(own.tenantId, (tx) =>
      tx.db
        .selectFrom('approvals as a')
        .innerJoin('agent_execution_logs as e', 'e.id', 'a.execution_id')
        .where('a.tenant_id', '=', tx.tenantId)
        .where('e.tenant_id', '=', tx.tenantId)
        .groupBy(['a.status', 'e.status', 'e.code', 'e.detail'])
        .select(['a.status', 'e.status as call', 'e.code', 'e.detail'])
        .select((eb) => eb.fn.countAll<string>().as('count'))
        .execute(),
    );
    return rows.map(({ count, ...row }) => ({ ...row, count: Number(count) }));
  };

  test(`${MANY} requests of a revoked client end in its transaction, each with its entry`, async () => {
    const own = await seedWorkspace(store());
    const [client, other, tool] = [await newClient(own), await newClient(own), await newTool(own)];
    await hold(own, { kind: 'client', id: client }, tool, { count: MANY });
    await hold(own, { kind: 'client', id: other }, tool);
    const before = (await pendingAudit(store(), own.tenantId)).length;
    await mustAct(store(), own, 'admin', (verb) => revokeClient(verb, { id: client }));

    const detail = 'The client was revoked while this waited for approval.';
    expect(await statuses(own)).toEqual(
      expect.arrayContaining([
        { status: 'cancelled', call: 'cancelled', code: 'approval_cancelled', detail, count: MANY },
        { status: 'pending', call: 'pending_approval', code: null, detail: null, count: 1 },
      ]),
    );
    const entries = (await pendingAudit(store(), own.tenantId)).slice(before);
    expect(entries[0]).toMatchObject({ event_type: 'client.revoked' });
    const cancelled = entries.slice(1);
    expect(cancelled).toHaveLength(MANY);
    expect(new Set(cancelled.map(({ resource }) => (resource as { id: string }).id)).size).toBe(MANY);
    for (const entry of [cancelled[0], cancelled.at(-1)]) {
      expect(entry).toMatchObject({
        event_type: 'approval.cancelled',
        actor: { kind: 'member', id: own.users.admin },
        resource: { kind: 'approval' },
        payload_sha256: 'a hash',
        outcome: 'cancelled',
        data: { reason: 'client_revoked', payload_sha256: 'a hash', tool: 'mail.send', policy: 'approve' },
      });
    }
  });

  test('what is decided, and what is over by its time, is left as it is', async () => {
    const own = await seedWorkspace(store());
    const [client, tool] = [await newClient(own), await newTool(own)];
    const principal = { kind: 'client', id: client } as const;
    for (const status of ['approved', 'denied', 'consumed']) await hold(own, principal, tool, { status });
    await hold(own, principal, tool, { expiresIn: -1 });
    await mustAct(store(), own, 'admin', (verb) => revokeClient(verb, { id: client }));
    const left = (await statuses(own)).map(({ status }) => status).sort();
    expect(left).toEqual(['approved', 'consumed', 'denied', 'pending']);
  });

  test('a change that is refused ends nothing', async () => {
    const own = await seedWorkspace(store());
    const [client, tool] = [await newClient(own), await newTool(own)];
    await mustAct(store(), own, 'admin', (verb) => revokeClient(verb, { id: client }));
    await hold(own, { kind: 'client', id: client }, tool);
    const again = await act(store(), own, 'admin', (verb) => revokeClient(verb, { id: client }));
    expect(isRefused(again) && again.code).toBe('conflict');
    expect(await statuses(own)).toMatchObject([{ status: 'pending' }]);
  });

  test('what a member tried out and waits ends when they are removed', async () => {
    const own = await seedWorkspace(store());
    const tool = await newTool(own);
    await hold(own, { kind: 'member', id: own.users.member }, tool);
    await hold(own, { kind: 'member', id: own.users.admin }, tool);
    await mustAct(store(), own, 'owner', (verb) => removeMember(verb, { userId: own.users.member }));
    expect((await statuses(own)).map(({ status }) => status).sort()).toEqual(['cancelled', 'pending']);
    const events = (await pendingAudit(store(), own.tenantId)).slice(-2).map(({ event_type }) => event_type);
    expect(events).toEqual(['member.removed', 'approval.cancelled']);
  });
});
