import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../../../test/support/engines.ts';
import { openTestStore, type TestStore } from '../../../test/support/store.ts';
import { act, mustAct, pendingAudit, seedWorkspace, type TestWorkspace } from '../../../test/support/workspace.ts';
import { removeMember } from '../../identity/members/remove.ts';
import { isRefused } from '../../kernel/codes.ts';
import { newId } from '../../kernel/ids.ts';
import type { ExecutionStatus } from '../../store/tables.ts';
import { createToken } from '../tokens/create.ts';
import { listTokens } from '../tokens/read.ts';
import { createClient } from './create.ts';
import { findClient, listClients } from './read.ts';
import { revokeClient } from './revoke.ts';
import { createClientInput, updateClientInput } from './schemas.ts';
import { updateClient } from './update.ts';
import { clientUsage } from './usage.ts';

describe.each(engines)('clients on %s', (engine) => {
  let opened: TestStore;
  let workspace: TestWorkspace;
  const store = () => opened.store;
  beforeAll(async () => {
    opened = await openTestStore(engine);
    workspace = await seedWorkspace(store());
  });
  afterAll(() => opened?.close());

  const make = (name = 'agent') =>
    mustAct(store(), workspace, 'admin', (verb) => createClient(verb, createClientInput.parse({ name })));
  const read = (id: string) => store().withTenant(workspace.tenantId, (tx) => findClient(tx, id));
  const factsVersion = async (): Promise<number> => {
    const row = await store().withTenant(workspace.tenantId, (tx) =>
      tx.db.selectFrom('workspaces').select('facts_version').executeTakeFirstOrThrow(),
    );
    return Number(row.facts_version);
  };

  test('a new client belongs to who registered it and may do nothing special', async () => {
    const client = await make();
    expect(client).toMatchObject({
      name: 'agent',
      description: '',
      draft_only: false,
      rpm_limit: 600,
      owner_user_id: workspace.users.admin,
      status: 'active',
      last_used_at: null,
      version: 1,
    });
    expect((await pendingAudit(store(), workspace.tenantId)).at(-1)).toMatchObject({
      event_type: 'client.created',
      resource: { kind: 'client', id: client.id },
      after_state: { name: 'agent', rpm_limit: 600 },
    });
  });

  test('an edit moves the version, is audited with before and after, and moves the facts', async () => {
    const client = await make();
    const facts = await factsVersion();
    const after = await mustAct(store(), workspace, 'owner', (verb) =>
      updateClient(verb, { id: client.id, draft_only: true, rpm_limit: 0 }),
    );
    expect(after).toMatchObject({ draft_only: true, rpm_limit: 0, name: 'agent', version: 2 });
    expect(await factsVersion()).toBeGreaterThan(facts);
    expect((await pendingAudit(store(), workspace.tenantId)).at(-1)).toMatchObject({
      event_type: 'client.updated',
      before_state: { draft_only: false, rpm_limit: 600, version: 1 },
      after_state: { draft_only: true, rpm_limit: 0, version: 2 },
    });
  });

  test('an edit of an older version changes nothing', async () => {
    const client = await make();
    const edit = (name: string, ifVersion: number) =>
      act(store(), workspace, 'admin', (verb) => updateClient(verb, { id: client.id, name, ifVersion }));
    expect(await edit('first', 1)).toMatchObject({ name: 'first', version: 2 });
    expect(await edit('second', 1)).toMatchObject({ code: 'version_mismatch' });
    expect(await read(client.id)).toMatchObject({ name: 'first', version: 2 });
  });

  test('of edits of one version at the same time, one happens', async () => {
    const client = await make();
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd'].map((name) =>
        act(store(), workspace, 'admin', (verb) => updateClient(verb, { id: client.id, name, ifVersion: 1 })),
      ),
    );
    expect(answers.filter((answer) => !isRefused(answer))).toHaveLength(1);
    expect((await read(client.id))?.version).toBe(2);
  });

  test('a client gets another owner only when its own has left', async () => {
    const own = await seedWorkspace(store());
    const client = await mustAct(store(), own, 'admin', (verb) =>
      createClient(verb, createClientInput.parse({ name: 'x' })),
    );
    const handOver = (to: string) =>
      act(store(), own, 'owner', (verb) => updateClient(verb, { id: client.id, owner_user_id: to }));
    expect(await handOver(own.users.member)).toMatchObject({
      code: 'invalid_request',
      errors: [{ field: 'owner_user_id' }],
    });
    await mustAct(store(), own, 'owner', (verb) => removeMember(verb, { userId: own.users.admin }));
    expect(await handOver(workspace.users.member)).toMatchObject({ code: 'invalid_request' });
    expect(await handOver(own.users.member)).toMatchObject({ owner_user_id: own.users.member });
  });

  test('revoking ends the client and all its tokens, once', async () => {
    const client = await make();
    const token = await mustAct(store(), workspace, 'admin', (verb) =>
      createToken(verb, { clientId: client.id, name: 't' }),
    );
    const facts = await factsVersion();
    await mustAct(store(), workspace, 'admin', (verb) => revokeClient(verb, { id: client.id }));
    expect(await read(client.id)).toMatchObject({ status: 'revoked', revoked_at: expect.any(String) });
    const { items } = await store().withTenant(workspace.tenantId, (tx) =>
      listTokens(tx, { clientId: client.id, limit: 25 }),
    );
    expect(items).toMatchObject([{ id: token.id, status: 'revoked' }]);
    expect(await factsVersion()).toBeGreaterThan(facts);
    expect((await pendingAudit(store(), workspace.tenantId)).at(-1)).toMatchObject({
      event_type: 'client.revoked',
      data: { token_ids: [token.id] },
    });
    const again = await act(store(), workspace, 'admin', (verb) => revokeClient(verb, { id: client.id }));
    expect(again).toMatchObject({ code: 'conflict' });
    const edit = await act(store(), workspace, 'admin', (verb) => updateClient(verb, { id: client.id, name: 'y' }));
    expect(edit).toMatchObject({ code: 'conflict' });
    const late = await act(store(), workspace, 'admin', (verb) =>
      createToken(verb, { clientId: client.id, name: 'late' }),
    );
    expect(late).toMatchObject({ code: 'conflict' });
  });

  test('usage counts by status and refusals by code, in two windows', async () => {
    const client = await make();
    const rows: [ExecutionStatus, string | null, number][] = [
      ['executed', null, 1],
      ['executed', null, 2 * 24],
      ['denied', 'rate_limited', 1],
      ['denied', 'not_granted', 3 * 24],
      ['failed', null, 31 * 24],
    ];
    await store().withTenant(workspace.tenantId, async (tx) => {
      for (const [status, code, hours] of rows) {
        const created_at = new Date(tx.at.getTime() - hours * 3_600_000);
        const principal = { principal_kind: 'client' as const, principal_id: client.id };
        await tx.db
          .insertInto('agent_execution_logs')
          .values({
            tenant_id: tx.tenantId,
            id: newId('exe'),
            status,
            code,
            tool_name: 'x',
            via: 'rest',
            created_at,
            ...principal,
          })
          .execute();
      }
    });
    const usage = await store().withTenant(workspace.tenantId, (tx) => clientUsage(tx, { id: client.id }));
    expect(usage).toEqual({
      client_id: client.id,
      rpm_limit: 600,
      last_used_at: null,
      last_24_hours: { total: 2, by_status: { executed: 1, denied: 1 }, denied_by_code: { rate_limited: 1 } },
      last_30_days: {
        total: 4,
        by_status: { executed: 2, denied: 2 },
        denied_by_code: { rate_limited: 1, not_granted: 1 },
      },
    });
  });

  test('lists show this workspace only, newest first, by status and page', async () => {
    const own = await seedWorkspace(store());
    const made: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      made.unshift(
        (await mustAct(store(), own, 'admin', (verb) => createClient(verb, createClientInput.parse({ name })))).id,
      );
    }
    await mustAct(store(), own, 'admin', (verb) => revokeClient(verb, { id: made[0]! }));
    const list = (query: Parameters<typeof listClients>[1]) =>
      store().withTenant(own.tenantId, (tx) => listClients(tx, query));
    expect((await list({ limit: 25 })).items.map(({ id }) => id)).toEqual(made);
    expect((await list({ limit: 25, status: 'active' })).items.map(({ id }) => id)).toEqual(made.slice(1));
    const first = await list({ limit: 2 });
    expect(first.next_cursor).toBe(made[1]);
    expect(await list({ limit: 2, cursor: first.next_cursor! })).toMatchObject({
      items: [{ id: made[2] }],
      next_cursor: null,
    });
  });

  test.each([
    [{ name: '' }],
    [{ name: 'x'.repeat(81) }],
    [{ name: 'a\u202eb' }],
    [{ name: 'a\0b' }],
    [{ name: 'x', rpm_limit: -1 }],
    [{ name: 'x', rpm_limit: 1_000_001 }],
    [{ name: 'x', rpm_limit: 1.5 }],
    [{ name: 'x', draft_only: 'yes' }],
    [{ name: 'x', status: 'active' }],
    [{ name: 'x', tenant_id: newId('org') }],
  ])('%j is not a client', (input) => {
    expect(createClientInput.safeParse(input).success).toBe(false);
    expect(updateClientInput.safeParse(input).success).toBe(false);
  });
});
