import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../../../test/support/engines.ts';
import { openTestStore, type TestStore } from '../../../test/support/store.ts';
import { act, mustAct, pendingAudit, seedWorkspace, type TestWorkspace } from '../../../test/support/workspace.ts';
import { isRefused } from '../../kernel/codes.ts';
import { createClient } from '../clients/create.ts';
import { createClientInput } from '../clients/schemas.ts';
import { createToken } from './create.ts';
import { findToken, listTokens } from './read.ts';
import { revokeToken } from './revoke.ts';
import { rotateToken } from './rotate.ts';
import { createTokenInput, rotateTokenInput } from './schemas.ts';
import { parseToken } from './token-format.ts';

const DAY_MS = 86_400_000;

describe.each(engines)('tokens on %s', (engine) => {
  let opened: TestStore;
  let workspace: TestWorkspace;
  let clientId: string;
  const store = () => opened.store;
  const makeClient = async () =>
    (
      await mustAct(store(), workspace, 'admin', (verb) =>
        createClient(verb, createClientInput.parse({ name: 'agent' })),
      )
    ).id;
  beforeAll(async () => {
    opened = await openTestStore(engine);
    workspace = await seedWorkspace(store());
    clientId = await makeClient();
  });
  afterAll(() => opened?.close());

  const make = (input: object = {}) =>
    mustAct(store(), workspace, 'admin', (verb) =>
      createToken(verb, { ...createTokenInput.parse({ name: 'ci', ...input }), clientId }),
    );
  const rotate = (id: string, input: object = {}) =>
    act(store(), workspace, 'admin', (verb) => rotateToken(verb, { ...rotateTokenInput.parse(input), clientId, id }));
  const read = (id: string) => store().withTenant(workspace.tenantId, (tx) => findToken(tx, clientId, id));
  const fromNow = (at: string | null) => Date.parse(at!) - store().clock.now().getTime();
  const bySha256 = (token: string) =>
    store().withCredential({ tokenSha256: [parseToken(`Bearer ${token}`)!.sha256!] }, (db) =>
      db.selectFrom('client_tokens').select('id').execute(),
    );

  test('the token is in the answer and nowhere else', async () => {
    const created = await make();
    expect(created.token.startsWith(`cs_live_${created.prefix}_`)).toBe(true);
    expect(created).toMatchObject({ client_id: clientId, status: 'active', expires_at: null, last_used_at: null });
    expect(await bySha256(created.token)).toEqual([{ id: created.id }]);

    const secret = created.token.slice(-43);
    const rows = await store().withTenant(workspace.tenantId, (tx) =>
      tx.db.selectFrom('client_tokens').selectAll().execute(),
    );
    const list = await store().withTenant(workspace.tenantId, (tx) => listTokens(tx, { clientId, limit: 25 }));
    const audit = await pendingAudit(store(), workspace.tenantId);
    expect(audit.at(-1)).toMatchObject({
      event_type: 'token.created',
      data: { client_id: clientId, prefix: created.prefix },
    });
    expect(JSON.stringify([rows, list, audit])).not.toContain(secret);
  });

  test('a token may have an end, by the database clock', async () => {
    const inDays = await make({ expires_in_days: 30 });
    expect(Math.abs(fromNow(inDays.expires_at) - 30 * DAY_MS)).toBeLessThan(60_000);
    const expires_at = new Date(store().clock.now().getTime() + 3_600_000).toISOString();
    expect((await make({ expires_at })).expires_at).toBe(expires_at);
  });

  test.each([
    [{ expires_in_days: 0 }],
    [{ expires_in_days: 3653 }],
    [{ expires_in_days: 1, expires_at: '2030-01-01T00:00:00Z' }],
    [{ expires_at: 'tomorrow' }],
    [{ expires_at: '2030-01-01' }],
    [{ name: '' }],
    [{ token: 'cs_live_mine' }],
  ])('%j is no way to make one', (input) => {
    expect(createTokenInput.safeParse({ name: 'ci', ...input }).success).toBe(false);
  });

  test('an end in the past, or in less than a minute, is refused and says what time it is', async () => {
    const expires_at = new Date(store().clock.now().getTime() + 30_000).toISOString();
    const answer = await act(store(), workspace, 'admin', (verb) =>
      createToken(verb, { clientId, name: 'ci', expires_at }),
    );
    expect(answer).toMatchObject({ code: 'invalid_request', errors: [{ field: 'expires_at' }] });
  });

  test('rotation makes a new token and lets the old one live for the overlap', async () => {
    const old = await make();
    const next = await rotate(old.id, { overlap_seconds: 3600 });
    if (isRefused(next)) throw new Error(next.detail);
    expect(next.token).not.toBe(old.token);
    expect(next).toMatchObject({ name: 'ci', expires_at: null, status: 'active' });
    const after = (await read(old.id))!;
    expect(after).toMatchObject({ status: 'active', rotated_to: next.id });
    expect(Math.abs(fromNow(after.expires_at) - 3_600_000)).toBeLessThan(60_000);
    expect((await pendingAudit(store(), workspace.tenantId)).at(-1)).toMatchObject({
      event_type: 'token.rotated',
      resource: { id: old.id },
      after_state: { rotated_to: next.id },
    });
    expect(await rotate(old.id)).toMatchObject({ code: 'conflict' });
  });

  test('without overlap the old token ends at once', async () => {
    const old = await make();
    await rotate(old.id, { overlap_seconds: 0 });
    expect(await read(old.id)).toMatchObject({ status: 'expired' });
  });

  test("a token's own end comes first, and the new one lives as long as the old one was given", async () => {
    const old = await make({ expires_in_days: 0.5 });
    const next = await rotate(old.id);
    if (isRefused(next)) throw new Error(next.detail);
    expect((await read(old.id))?.expires_at).toBe(old.expires_at);
    expect(Math.abs(fromNow(next.expires_at) - DAY_MS / 2)).toBeLessThan(60_000);
  });

  test('a week is the longest overlap', () => {
    expect(rotateTokenInput.parse({}).overlap_seconds).toBe(86_400);
    expect(rotateTokenInput.safeParse({ overlap_seconds: 604_801 }).success).toBe(false);
    expect(rotateTokenInput.safeParse({ overlap_seconds: -1 }).success).toBe(false);
  });

  test('a revoked or expired token is not rotated', async () => {
    const [revoked, expired] = [await make(), await make()];
    await mustAct(store(), workspace, 'admin', (verb) => revokeToken(verb, { clientId, id: revoked.id }));
    await store().withTenant(workspace.tenantId, (tx) =>
      tx.db.updateTable('client_tokens').set({ expires_at: sql`now()` }).where('id', '=', expired.id).execute(),
    );
    expect(await rotate(revoked.id)).toMatchObject({ code: 'conflict' });
    expect(await rotate(expired.id)).toMatchObject({ code: 'conflict' });
  });

  test('of rotations of one token at the same time, one happens', async () => {
    const old = await make();
    const answers = await Promise.all(Array.from({ length: 5 }, () => rotate(old.id)));
    expect(answers.filter((answer) => !isRefused(answer))).toHaveLength(1);
  });

  test('revoking ends a token once', async () => {
    const token = await make();
    await mustAct(store(), workspace, 'admin', (verb) => revokeToken(verb, { clientId, id: token.id }));
    expect(await read(token.id)).toMatchObject({ status: 'revoked' });
    const again = await act(store(), workspace, 'admin', (verb) => revokeToken(verb, { clientId, id: token.id }));
    expect(again).toMatchObject({ code: 'conflict' });
  });

  test("another client's token is not found under this one", async () => {
    const token = await make();
    const other = await makeClient();
    const answer = await act(store(), workspace, 'admin', (verb) =>
      revokeToken(verb, { clientId: other, id: token.id }),
    );
    expect(answer).toMatchObject({ code: 'not_found' });
    expect(await read(token.id)).toMatchObject({ status: 'active' });
  });
});
