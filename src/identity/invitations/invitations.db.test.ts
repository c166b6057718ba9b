import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../../../test/support/engines.ts';
import { openTestStore, type TestStore } from '../../../test/support/store.ts';
import { act, mustAct, pendingAudit, seedWorkspace, type TestWorkspace } from '../../../test/support/workspace.ts';
import { isRefused } from '../../kernel/codes.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { changeRole } from '../members/change-role.ts';
import { findMember } from '../members/read.ts';
import { removeMember } from '../members/remove.ts';
import { acceptInvitation } from './accept.ts';
import { inviteMember, type Made } from './invite.ts';
import { listInvitations } from './read.ts';
import { renewInvitation } from './renew.ts';
import { revokeInvitation } from './revoke.ts';
import { inviteInput } from './schemas.ts';

const GONE = { kind: 'problem', code: 'link_invalid' };

describe.each(engines)('invitations on %s', (engine) => {
  let opened: TestStore;
  let workspace: TestWorkspace;
  let nth = 0;
  const store = () => opened.store;
  const newEmail = () => `person-${++nth}@example.com`;
  const invite = (email: string, role = 'member', by: 'owner' | 'admin' = 'admin', own = workspace): Promise<Made> =>
    mustAct(store(), own, by, (verb) => inviteMember(verb, inviteInput.parse({ email, role })));
  const joinNew = (token: string) =>
    acceptInvitation(store(), sha256Hex(token), { name: 'Somebody', passwordHash: '-' });
  const listed = async (own = workspace) =>
    (await store().withTenant(own.tenantId, (tx) => listInvitations(tx, { limit: 100 }))).items;
  const age = (id: string) =>
    store().withTenant(workspace.tenantId, (tx) =>
      tx.db
        .updateTable('invitations')
        .set({ expires_at: sql<Date>`now() - interval '1 second'` })
        .where('tenant_id', '=', tx.tenantId)
        .where('id', '=', id)
        .execute(),
    );

  beforeAll(async () => {
    opened = await openTestStore(engine);
    workspace = await seedWorkspace(store());
  });
  afterAll(() => opened?.close());

  test('inviting makes no account and no member, and the token is kept nowhere', async () => {
    const email = newEmail();
    const { invitation, token } = await invite(email.toUpperCase());
    expect(invitation).toMatchObject({ email, role: 'member', status: 'pending' });
    const hours = (Date.parse(invitation.expires_at) - Date.parse(invitation.created_at)) / 3_600_000;
    expect(hours).toBe(72);
    const user = await store().people.selectFrom('auth_users').select('id').where('email', '=', email).execute();
    expect(user).toEqual([]);
    const entry = (await pendingAudit(store(), workspace.tenantId)).at(-1);
    expect(entry).toMatchObject({
      event_type: 'member.invited',
      actor: { kind: 'member', id: workspace.users.admin },
      resource: { kind: 'invitation', id: invitation.id },
      after_state: { role: 'member' },
    });
    for (const text of [JSON.stringify(entry), JSON.stringify(await listed())]) expect(text).not.toContain(token);
    expect(JSON.stringify(entry)).not.toContain(email);
  });

  test('an address with an account elsewhere is answered as one without', async () => {
    const elsewhere = await seedWorkspace(store());
    const known = (await store().withTenant(elsewhere.tenantId, (tx) => findMember(tx, elsewhere.users.member)))!;
    const own = await seedWorkspace(store());
    const shape = ({ invitation, token }: Made) => ({
      ...Object.fromEntries(Object.entries(invitation).map(([key, value]) => [key, typeof value])),
      token: token.length,
    });
    expect(shape(await invite(known.email, 'viewer', 'owner', own))).toEqual(
      shape(await invite(newEmail(), 'viewer', 'owner', own)),
    );
    // And whether they were a member: nothing changed for them.
    expect(await store().withTenant(own.tenantId, (tx) => findMember(tx, known.id))).toBeUndefined();
  });

  test('a new person joins with it, once', async () => {
    const email = newEmail();
    const { invitation, token } = await invite(email, 'viewer');
    const joined = await joinNew(token);
    if (isRefused(joined)) throw new Error(joined.detail);
    expect(await store().withTenant(workspace.tenantId, (tx) => findMember(tx, joined.userId))).toMatchObject({
      email,
      role: 'viewer',
    });
    const entry = (await pendingAudit(store(), workspace.tenantId)).at(-1);
    expect(entry).toMatchObject({
      event_type: 'member.joined',
      actor: { kind: 'member', id: joined.userId },
      data: { invitation_id: invitation.id, new_account: true },
    });
    expect(await joinNew(token)).toMatchObject(GONE);
    expect((await listed()).map(({ id }) => id)).not.toContain(invitation.id);
    expect(await act(store(), workspace, 'admin', (verb) => revokeInvitation(verb, invitation))).toMatchObject({
      code: 'conflict',
    });
    expect(await act(store(), workspace, 'admin', (verb) => renewInvitation(verb, invitation))).toMatchObject({
      code: 'conflict',
    });
  });

  test('of many who use one link at the same time, one joins', async () => {
    const { token } = await invite(newEmail());
    const answers = await Promise.all(Array.from({ length: 6 }, () => joinNew(token)));
    expect(answers.filter((answer) => !isRefused(answer))).toHaveLength(1);
  });

  test('somebody with an account joins as who they are, and nobody else does', async () => {
    const elsewhere = await seedWorkspace(store());
    const [member, other] = (await store().withTenant(elsewhere.tenantId, async (tx) => [
      await findMember(tx, elsewhere.users.member),
      await findMember(tx, elsewhere.users.viewer),
    ])) as { id: string; email: string }[];
    const { token } = await invite(member!.email, 'viewer');
    const as = ({ id, email }: { id: string; email: string }) =>
      acceptInvitation(store(), sha256Hex(token), { person: { userId: id, email } });
    expect(await as(other!)).toMatchObject({ code: 'conflict' });
    const signedOut = { userId: member!.id, email: member!.email, sessionId: randomUUID() };
    expect(await acceptInvitation(store(), sha256Hex(token), { person: signedOut })).toMatchObject({
      code: 'unauthenticated',
    });
    // A name and a password of one's own do not take over an account that is there.
    expect(await joinNew(token)).toMatchObject({ code: 'conflict' });
    expect(await as(member!)).toMatchObject({ userId: member!.id, tenantId: workspace.tenantId });
    expect(await as(member!)).toMatchObject(GONE);
  });

  test('a member, and an address that is invited already, are not invited again', async () => {
    const email = newEmail();
    const { invitation, token } = await invite(email);
    const again = (role = 'viewer') =>
      act(store(), workspace, 'owner', (verb) => inviteMember(verb, inviteInput.parse({ email, role })));
    expect(await again()).toMatchObject({ code: 'conflict' });
    await age(invitation.id);
    expect(await joinNew(token)).toMatchObject(GONE);
    expect((await listed()).find(({ id }) => id === invitation.id)).toMatchObject({ status: 'expired' });
    const second = await again();
    if (isRefused(second)) throw new Error(second.detail);
    await joinNew(second.token);
    expect(await again()).toMatchObject({ code: 'conflict', detail: `${email} is a member already.` });
  });

  test('a new link kills the old one', async () => {
    const { invitation, token } = await invite(newEmail());
    await age(invitation.id);
    const renewed = await mustAct(store(), workspace, 'owner', (verb) => renewInvitation(verb, invitation));
    expect(renewed.invitation).toMatchObject({ id: invitation.id, status: 'pending' });
    expect((await pendingAudit(store(), workspace.tenantId)).at(-1)).toMatchObject({
      event_type: 'member.invitation_renewed',
    });
    expect(await joinNew(token)).toMatchObject(GONE);
    expect(isRefused(await joinNew(renewed.token))).toBe(false);
  });

  test('one that was taken back opens nothing', async () => {
    const { invitation, token } = await invite(newEmail());
    await mustAct(store(), workspace, 'owner', (verb) => revokeInvitation(verb, invitation));
    expect((await pendingAudit(store(), workspace.tenantId)).at(-1)).toMatchObject({
      event_type: 'member.invitation_revoked',
      resource: { kind: 'invitation', id: invitation.id },
    });
    expect(await joinNew(token)).toMatchObject(GONE);
    expect(await joinNew('x'.repeat(43))).toMatchObject(GONE);
  });

  test.each([
    [
      'is removed',
      (own: TestWorkspace) => act(store(), own, 'owner', (verb) => removeMember(verb, { userId: own.users.admin })),
    ],
    [
      'is no admin any more',
      (own: TestWorkspace) =>
        act(store(), own, 'owner', (verb) => changeRole(verb, { userId: own.users.admin, role: 'member' })),
    ],
  ])('invitations end when who made them %s', async (_name, lose) => {
    const own = await seedWorkspace(store());
    const { token } = await invite(newEmail(), 'admin', 'admin', own);
    const { token: kept } = await invite(newEmail(), 'admin', 'owner', own);
    expect(isRefused((await lose(own)) ?? {})).toBe(false);
    expect(await joinNew(token)).toMatchObject(GONE);
    expect(isRefused(await joinNew(kept))).toBe(false);
    const { length } = (await pendingAudit(store(), own.tenantId)).filter(
      ({ event_type }) => event_type === 'member.invitation_revoked',
    );
    expect(length).toBe(1);
  });

  test("another workspace's invitation is not there to be changed", async () => {
    const other = await seedWorkspace(store());
    const { invitation } = await invite(newEmail(), 'member', 'owner', other);
    expect(await act(store(), workspace, 'owner', (verb) => revokeInvitation(verb, invitation))).toMatchObject({
      code: 'conflict',
    });
    expect(await listed(other)).toHaveLength(1);
  });
});
