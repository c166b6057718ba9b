import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../../../test/support/engines.ts';
import { openTestStore, type TestStore } from '../../../test/support/store.ts';
import {
  act,
  mustAct,
  pendingAudit,
  seedUser,
  seedWorkspace,
  type TestWorkspace,
} from '../../../test/support/workspace.ts';
import { isRefused } from '../../kernel/codes.ts';
import { createClient } from '../../registry/clients/create.ts';
import { createClientInput } from '../../registry/clients/schemas.ts';
import { createGrant } from '../../registry/grants/create.ts';
import { findGrant } from '../../registry/grants/read.ts';
import { createTool } from '../../registry/tools/create.ts';
import { createToolInput } from '../../registry/tools/schemas.ts';
import { changeRole } from './change-role.ts';
import { findMember, listMembers } from './read.ts';
import { removeMember } from './remove.ts';
import { changeRoleInput } from './schemas.ts';
import { transferOwner } from './transfer-owner.ts';

describe.each(engines)('members on %s', (engine) => {
  let test_: TestStore;
  let workspace: TestWorkspace;
  const store = () => test_.store;
  const roleOf = async (userId: string) =>
    (await store().withTenant(workspace.tenantId, (tx) => findMember(tx, userId)))?.role;

  beforeAll(async () => {
    test_ = await openTestStore(engine);
    workspace = await seedWorkspace(store());
  });
  afterAll(() => test_?.close());

  test('the owner is not made, changed or removed by an admin', async () => {
    const { owner } = workspace.users;
    expect(changeRoleInput.safeParse({ role: 'owner' }).success).toBe(false);
    const demoted = await act(store(), workspace, 'admin', (verb) =>
      changeRole(verb, { userId: owner, role: 'viewer' }),
    );
    expect(demoted).toMatchObject({ code: 'conflict' });
    const removed = await act(store(), workspace, 'admin', (verb) => removeMember(verb, { userId: owner }));
    expect(removed).toMatchObject({ code: 'conflict' });
    expect(await roleOf(owner)).toBe('owner');
  });

  test('a role change is audited with before and after, and one that changes nothing is not', async () => {
    const { viewer } = workspace.users;
    const before = (await pendingAudit(store(), workspace.tenantId)).length;
    await mustAct(store(), workspace, 'admin', (verb) => changeRole(verb, { userId: viewer, role: 'member' }));
    await mustAct(store(), workspace, 'admin', (verb) => changeRole(verb, { userId: viewer, role: 'member' }));
    const entries = (await pendingAudit(store(), workspace.tenantId)).slice(before);
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({
      event_type: 'member.role_changed',
      before_state: { role: 'viewer' },
      after_state: { role: 'member' },
    });
  });

  test('a person of another workspace is not there to be changed', async () => {
    const other = await seedWorkspace(store());
    const changed = await act(store(), workspace, 'admin', (verb) =>
      changeRole(verb, { userId: other.users.member, role: 'viewer' }),
    );
    expect(changed).toMatchObject({ code: 'not_found' });
    const removed = await act(store(), workspace, 'admin', (verb) =>
      removeMember(verb, { userId: other.users.member }),
    );
    expect(removed).toMatchObject({ code: 'not_found' });
  });

  test('ownership changes hands in one step, and only from the owner', async () => {
    const own = await seedWorkspace(store());
    const heir = own.users.member;
    const notTheirs = await act(store(), own, 'admin', (verb) => transferOwner(verb, { userId: heir }));
    expect(notTheirs).toMatchObject({ code: 'conflict' });
    const stranger = await act(store(), own, 'owner', async (verb) =>
      transferOwner(verb, { userId: workspace.users.member }),
    );
    expect(stranger).toMatchObject({ code: 'not_found' });

    await mustAct(store(), own, 'owner', (verb) => transferOwner(verb, { userId: heir }));
    const roles = await store().withTenant(own.tenantId, (tx) => listMembers(tx, { limit: 100 }));
    expect(roles.items.filter(({ role }) => role === 'owner').map(({ id }) => id)).toEqual([heir]);
    expect(roles.items.find(({ id }) => id === own.users.owner)?.role).toBe('admin');
  });

  test('of transfers at the same time, one happens', async () => {
    const own = await seedWorkspace(store());
    const heirs = [own.users.admin, own.users.member, own.users.viewer];
    const answers = await Promise.all(
      heirs.map((userId) => act(store(), own, 'owner', (verb) => transferOwner(verb, { userId }))),
    );
    expect(answers.filter((answer) => !isRefused(answer))).toHaveLength(1);
    const { items } = await store().withTenant(own.tenantId, (tx) => listMembers(tx, { limit: 100 }));
    expect(items.filter(({ role }) => role === 'owner')).toHaveLength(1);
  });

  test('who is removed is out of the grants that named them', async () => {
    const own = await seedWorkspace(store());
    const grant = await mustAct(store(), own, 'owner', async (verb) => {
      const client = await createClient(verb, createClientInput.parse({ name: 'agent' }));
      if (isRefused(client)) return client;
      const tool = { name: 'mail.send', effect: 'send', input_schema: { type: 'object' }, handler_kind: 'noop' };
      await createTool(verb, createToolInput.parse(tool));
      return createGrant(verb, {
        clientId: client.id,
        tool: 'mail.send',
        approver_user_ids: [own.users.member, own.users.admin],
      });
    });
    await mustAct(store(), own, 'admin', (verb) => removeMember(verb, { userId: own.users.member }));
    const after = await store().withTenant(own.tenantId, (tx) => findGrant(tx, grant.client_id, grant.id));
    expect(after).toMatchObject({ approver_user_ids: [own.users.admin], updated_by: own.users.owner, version: 2 });
    const events = (await pendingAudit(store(), own.tenantId)).slice(-2).map(({ event_type }) => event_type);
    expect(events).toEqual(['member.removed', 'policy.updated']);
  });

  test('lists are read page by page', async () => {
    const own = await seedWorkspace(store());
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await store().withTenant(own.tenantId, (tx) => listMembers(tx, { limit: 3, cursor }));
      expect(page.items.length).toBeLessThanOrEqual(3);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen.sort()).toEqual(Object.values(own.users).sort());
  });

  test('a person without a workspace is nobody here', async () => {
    const userId = await seedUser(store());
    expect(await roleOf(userId)).toBeUndefined();
  });
});
