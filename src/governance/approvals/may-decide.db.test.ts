import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../../../test/support/engines.ts';
import { openTestStore, type TestStore } from '../../../test/support/store.ts';
import { mustAct, seedUser, seedWorkspace, type TestWorkspace } from '../../../test/support/workspace.ts';
import { newId } from '../../kernel/ids.ts';
import { createClient } from '../../registry/clients/create.ts';
import { createClientInput } from '../../registry/clients/schemas.ts';
import { createTool } from '../../registry/tools/create.ts';
import { createToolInput } from '../../registry/tools/schemas.ts';
import { GRANT_NOW, mayDecide } from './facts.ts';
import { whyNotDecide } from './who-decides.ts';

describe.each(engines)('who may decide, asked in SQL, on %s', (engine) => {
  let opened: TestStore;
  let own: TestWorkspace;
  let toolId: string;
  let people: { userId: string; role: 'owner' | 'admin' | 'member' | 'viewer' | null }[];
  beforeAll(async () => {
    opened = await openTestStore(engine);
    own = await seedWorkspace(opened.store);
    const roles = ['owner', 'admin', 'member', 'viewer'] as const;
    people = roles.map((role) => ({ userId: own.users[role], role }));
    people.push({ userId: await seedUser(opened.store, 'Outsider'), role: null });
    const input = { name: 'mail.send', effect: 'send', input_schema: { type: 'object' }, handler_kind: 'noop' };
    toolId = (await mustAct(opened.store, own, 'admin', (verb) => createTool(verb, createToolInput.parse(input)))).id;
  });
  afterAll(() => opened?.close());

  /** People by their place in the list. */
  const some = fc.uniqueArray(fc.nat(4), { maxLength: 3 });
  const asked = fc.record({
    policy: fc.constantFrom('approve' as const, 'approve-dual' as const),
    kind: fc.constantFrom('client' as const, 'member' as const),
    requesters: some,
    grant: fc.option(fc.record({ approvers: some, updatedBy: fc.nat(4) })),
  });
  type Given = typeof asked extends fc.Arbitrary<infer T> ? T : never;

  async function enter({ policy, kind, requesters, grant }: Given): Promise<string> {
    const { store } = opened;
    const made = createClientInput.parse({ name: 'agent' });
    const client = await mustAct(store, own, 'admin', (verb) => createClient(verb, made));
    const [id, execution_id] = [newId('apv'), newId('exe')];
    const principal = kind === 'client' ? client.id : people[requesters[0] ?? 0]!.userId;
    const idsOf = (places: readonly number[]) => places.map((place) => people[place]!.userId);
    await store.withTenant(own.tenantId, async (tx) => {
      const tenant_id = tx.tenantId;
      if (grant !== null) {
        await tx.db
          .insertInto('grants')
          .values({
            tenant_id,
            id: newId('grt'),
            client_id: client.id,
            tool_id: toolId,
            policy,
            approver_user_ids: idsOf(grant.approvers),
            updated_by: people[grant.updatedBy]!.userId,
          })
          .execute();
      }
      await sql`insert into agent_execution_logs (tenant_id, id, status, principal_kind, principal_id, tool_id, tool_name, via)
        values (${tenant_id}::uuid, ${execution_id}, 'pending_approval', ${kind}, ${principal}, ${toolId}, 'mail.send', 'rest')`.execute(
        tx.db,
      );
      await tx.db
        .insertInto('approvals')
        .values({
          tenant_id,
          id,
          execution_id,
          policy,
          envelope: '{}',
          payload_sha256: 'a hash',
          definition_sha256: 'a hash',
          tool_id: toolId,
          tool_name: 'mail.send',
          effect: 'send',
          principal_kind: kind,
          principal_id: principal,
          requester_user_ids: idsOf(requesters),
          expires_at: new Date('2100-01-01'),
        })
        .execute();
    });
    return id;
  }

  test('is what it is in the one predicate, for everybody and anything that is asked for', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(asked, { minLength: 10, maxLength: 20 }), async (all) => {
        const ids: string[] = [];
        for (const one of all) ids.push(await enter(one));
        for (const person of people) {
          const rows = await opened.store.withTenant(own.tenantId, (tx) =>
            tx.db
              .selectFrom('approvals as a')
              .leftJoin('grants as g', (join) =>
                join
                  .onRef('g.tenant_id', '=', 'a.tenant_id')
                  .onRef('g.client_id', '=', 'a.principal_id')
                  .onRef('g.tool_id', '=', 'a.tool_id'),
              )
              .where('a.tenant_id', '=', tx.tenantId)
              .where('a.id', 'in', ids)
              .select(['a.policy', 'a.requester_user_ids', GRANT_NOW.as('grant'), mayDecide(person).as('may')])
              .execute(),
          );
          expect(rows).toHaveLength(ids.length);
          for (const row of rows) expect({ ...row, person }).toMatchObject({ may: whyNotDecide(person, row) === null });
        }
      }),
      { numRuns: 6 },
    );
  });
});
