import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { newId } from '../../src/kernel/ids.ts';
import type { Send } from '../support/gate.ts';
import { asSuperuser } from '../support/superuser.ts';
import { at, type Desk, hasBrowser, leave, MAIL, useDesk } from './desk.ts';
import { faultsOf } from './faults.ts';

const CLIENTS = 500;
const TOOLS = 200;

const clientName = (nth: number): string => `agent-${String(nth).padStart(3, '0')}`;
const toolName = (nth: number): string => `bulk.tool_${String(nth).padStart(3, '0')}`;

/** A desk with more than fits on a page of any list. Resolves the ids of its clients and tools, first to last. */
async function fill({ gate }: Desk): Promise<{ clients: string[]; tools: string[] }> {
  const owner = await gate.person('owner');
  const me = (await owner('GET', '/v1/me')).body.user.id;
  const many = (count: number, prefix: 'icl' | 'tool') => Array.from({ length: count }, () => newId(prefix));
  const ids = { clients: many(CLIENTS, 'icl'), tools: many(TOOLS, 'tool') };
  await asSuperuser(gate, async (sql) => {
    await sql(
      `insert into integration_clients (tenant_id, id, name, owner_user_id)
       select $1::uuid, id, name, $2 from unnest($3::text[], $4::text[]) as made(id, name)`,
      [gate.tenantId, me, ids.clients, ids.clients.map((_, at) => clientName(at + 1))],
    );
    await sql(
      `insert into tools (tenant_id, id, name, effect, input_schema, handler_kind, handler_config, definition_sha256)
       select $1::uuid, id, name, 'read', '{"type": "object", "properties": {}}', 'noop', '{}', id
       from unnest($2::text[], $3::text[]) as made(id, name)`,
      [gate.tenantId, ids.tools, ids.tools.map((_, at) => toolName(at + 1))],
    );
  });
  return ids;
}

const toast = (page: Page) => page.locator('[data-toast] [data-announced]');
const focus = (page: Page) => page.locator(':focus');

describe.skipIf(!hasBrowser)('lists and forms', () => {
  let desk: Desk;
  let owner: Send;
  let ids: { clients: string[]; tools: string[] };
  useDesk(async (started) => {
    desk = started;
    owner = await desk.gate.person('owner');
    ids = await fill(desk);
  });

  test('the 437th client is found and stopped, by keyboard alone', async () => {
    const page = await desk.signedIn('owner', { reducedMotion: 'reduce' });
    await page.goto(at('kill-switches'));
    const opener = page.getByRole('button', { name: 'Stop something' });
    await opener.focus();
    await page.keyboard.press('Enter');
    await page.getByLabel('What').selectOption({ label: 'One client' });
    const picker = page.getByRole('combobox', { name: 'Client' });
    await picker.focus();
    await page.keyboard.press('ArrowDown');
    const options = page.getByRole('listbox').getByRole('option');
    await options.first().waitFor();
    // It says how many there are, and arrows lead past what was read first.
    await page.getByText('of 502 listed').first().waitFor();
    for (let down = 0; down < 25; down += 1) await page.keyboard.press('ArrowDown');
    await expect.poll(() => options.count()).toBeGreaterThan(20);
    await page.keyboard.press('Escape');
    await page.getByRole('listbox').waitFor({ state: 'detached' });
    await page.getByRole('dialog', { name: 'Stop calls' }).waitFor();
    await page.keyboard.type('AGENT-437');
    const found = options.filter({ hasText: clientName(437) });
    await found.waitFor();
    await expect.poll(() => options.count()).toBe(1);
    expect(await picker.getAttribute('aria-activedescendant')).toBe(await found.getAttribute('id'));
    expect(await faultsOf(page)).toEqual([]);
    await page.keyboard.press('Enter');
    expect(await picker.inputValue()).toBe(clientName(437));
    await page.locator('[data-preview]').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.type('It loops.');
    await page.keyboard.press('Enter');
    await toast(page)
      .getByText(`Stopped: the client ${clientName(437)}.`)
      .waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await opener.and(focus(page)).waitFor();
    const { body } = await owner('GET', '/v1/kill-switches?status=on');
    expect(body.items.map(({ target_id }: { target_id: string }) => target_id)).toEqual([ids.clients[436]]);
    await page
      .locator('[data-row]')
      .getByText(`client ${clientName(437)}`)
      .waitFor();

    await page.getByRole('button', { name: 'Resume…' }).click();
    await page.getByRole('dialog', { name: `Resume the client ${clientName(437)}?` }).waitFor();
    await page.getByLabel('The cause is gone').check();
    await page.getByRole('button', { name: 'Resume calls' }).click();
    await toast(page).getByText('Calls pass again').waitFor();
    await leave(page);
  });

  test('a list is searched on the server, says its total, goes on past a page, and keeps its search in the URL', async () => {
    const page = await desk.signedIn('member');
    await page.goto(at('clients'));
    await page.getByText('502 clients').waitFor();
    await page.getByText('50 of 502 shown').waitFor();
    await page.getByRole('button', { name: 'Show more' }).click();
    await page.getByText('100 of 502 shown').waitFor();
    await page.getByLabel('Find a client').fill('agent-43');
    await page.getByText('10 clients').waitFor();
    expect(await page.locator('[data-row]').count()).toBe(10);
    expect(page.url()).toContain('q=agent-43');
    await page.reload();
    await page.getByText('10 clients').waitFor();
    expect(await page.getByLabel('Find a client').inputValue()).toBe('agent-43');
    await page.getByLabel('Find a client').fill('nobody of that name');
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await page.getByText('502 clients').waitFor();
    expect(await page.getByLabel('Find a client').inputValue()).toBe('');

    await page.goto(at('tools?q=tool_150'));
    await page.getByRole('link', { name: toolName(150) }).waitFor();
    await page.getByText('1 tool', { exact: true }).waitFor();
    await leave(page);
  });

  test('a grant finds its tool and its approvers among all of them', async () => {
    const page = await desk.signedIn('admin');
    await page.goto(at(`clients/${ids.clients[0]}`));
    await page.getByRole('button', { name: 'Grant a tool' }).click();
    await page.getByRole('combobox', { name: 'Tool' }).fill('tool_163');
    await page.getByRole('option', { name: toolName(163) }).click();
    await page.getByLabel('Policy').selectOption('approve');
    const member = desk.gate.demo.users.find(({ role }) => role === 'member')!;
    await page.getByRole('combobox', { name: 'Add a member' }).fill(member.email);
    await page.getByRole('option', { name: member.email }).click();
    await page.getByRole('button', { name: 'Grant', exact: true }).click();
    await toast(page)
      .getByText(`${toolName(163)} is granted.`)
      .waitFor();
    const { body } = await owner('GET', `/v1/clients/${ids.clients[0]}/grants`);
    expect(body.items[0]).toMatchObject({ tool: toolName(163), policy: 'approve' });
    expect(body.items[0].approver_user_ids).toHaveLength(1);
    await leave(page);
  });

  test('callers, tools, events and actors are found by name', async () => {
    const held = await desk.ask('email.send', MAIL);
    await desk.gate.sequenced();
    const page = await desk.signedIn('admin');
    await page.goto(at('activity'));
    await page.getByRole('combobox', { name: 'Caller' }).fill('support');
    await page.getByRole('option', { name: /support-agent/ }).click();
    await page.getByRole('combobox', { name: 'Tool' }).fill('email');
    await page.getByRole('option', { name: /email\.send/ }).click();
    await page.locator(`[data-row="${held.execution_id}"]`).waitFor();
    const caller = new URL(page.url()).searchParams.get('principal');
    expect(caller).toMatch(/^icl_/);
    await page.reload();
    await expect.poll(() => page.getByRole('combobox', { name: 'Caller' }).inputValue()).toBe('support-agent');

    await page.goto(at('audit'));
    await page.getByRole('combobox', { name: 'Actor' }).fill('support-ag');
    await page.getByRole('option', { name: /support-agent/ }).click();
    await page.waitForURL(/actor=icl_/);
    await page.getByRole('combobox', { name: 'Event' }).fill('approval.req');
    await page.getByRole('option', { name: 'approval.requested' }).click();
    await page.locator('[data-row]').getByText('approval.requested').first().waitFor();
    await leave(page);
  });

  test('j and k go through the rows of a list, and the row opens with Enter', async () => {
    const page = await desk.signedIn('viewer');
    await page.goto(at('tools?q=tool_19'));
    await page.getByText('10 tools').waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    expect(await page.locator('[data-row]:has(:focus)').count()).toBe(1);
    const name = await focus(page).innerText();
    expect(name).toBe(await page.locator('[data-row]').nth(1).getByRole('link').innerText());
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name }).waitFor();
    await leave(page);
  });

  test('a role changes only after a confirmation that names the person and the role', async () => {
    const page = await desk.signedIn('owner');
    const viewer = desk.gate.demo.users.find(({ role }) => role === 'viewer')!;
    let changes = 0;
    page.on('request', (request) => {
      if (request.method() === 'PATCH') changes += 1;
    });
    await page.goto(at('settings/members'));
    await page.getByLabel('Find a member').fill(viewer.email);
    const row = page.getByRole('table', { name: 'Members' }).getByRole('row', { name: viewer.email });
    await row.waitFor();
    const opener = row.getByRole('button', { name: /Change the role/ });
    await opener.click();
    const dialog = page.getByRole('dialog');
    const name = (await dialog.getByRole('heading').innerText()).replace('Role of ', '');
    await dialog.getByLabel('New role').selectOption('member');
    expect(await dialog.locator('[data-role-change]').innerText()).toContain(`${name} changes from viewer to member`);
    expect(changes).toBe(0);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await opener.and(focus(page)).waitFor();
    expect(changes).toBe(0);
    await opener.click();
    await dialog.getByLabel('New role').selectOption('member');
    await dialog.getByRole('button', { name: `Make ${name} member` }).click();
    await toast(page).getByText(`${name} is member now.`).waitFor();
    await row.getByText('member', { exact: true }).waitFor();
    await opener.click();
    await dialog.getByLabel('New role').selectOption('viewer');
    await dialog.getByRole('button', { name: `Make ${name} viewer` }).click();
    await row.getByText('viewer', { exact: true }).waitFor();
    await leave(page);
  });

  test('a dialog’s button sends its own form and no other', async () => {
    const page = await desk.signedIn('owner');
    const sent: string[] = [];
    page.on('request', (request) => {
      if (request.method() !== 'GET') sent.push(`${request.method()} ${new URL(request.url()).pathname}`);
    });
    await page.goto(at('tools/new'));
    await page.getByLabel('Name').fill('orders.list');
    await page.locator('[data-schema="ok"]').waitFor();
    sent.length = 0;
    await page.getByRole('button', { name: 'New…' }).click();
    const dialog = page.getByRole('dialog', { name: 'New connector' });
    await dialog.getByLabel('Name').fill('orders');
    await dialog.getByLabel('Address').fill('https://api.example.com');
    await dialog.getByRole('button', { name: 'Make' }).click();
    await toast(page).getByText('orders is made.').waitFor();
    await dialog.waitFor({ state: 'detached' });
    expect(sent.filter((each) => !each.endsWith('/check-schema'))).toEqual(['POST /v1/connectors']);
    await expect.poll(() => page.getByRole('combobox', { name: 'Connector' }).inputValue()).toBe('orders');
    expect(await page.getByLabel('Name').inputValue()).toBe('orders.list');
    await leave(page);
  });

  test('what somebody else changes meanwhile stands beside what is being written, and nothing is lost', async () => {
    const id = ids.clients[9]!;
    const page = await desk.signedIn('admin');
    await page.goto(at(`clients/${id}`));
    await page.locator('[data-stream="live"]').waitFor();
    await page.getByRole('button', { name: 'Change…' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Change the client' });
    await dialog.getByLabel('Description').fill('What I was writing.');
    const { body } = await owner('GET', `/v1/clients/${id}`);
    const changed = await owner(
      'PATCH',
      `/v1/clients/${id}`,
      { description: 'What they wrote.', rpm_limit: 42 },
      { 'if-match': `"${body.version}"` },
    );
    expect(changed.status).toBe(200);
    const note = dialog.locator('[data-changed-meanwhile]');
    await note.getByText('What they wrote.').waitFor();
    await note.getByText('What I was writing.').waitFor();
    await note.getByText('Taken over from them: Calls a minute.').waitFor();
    expect(await dialog.getByRole('textbox', { name: 'Description' }).inputValue()).toBe('What I was writing.');
    expect(await dialog.getByLabel('Calls a minute').inputValue()).toBe('42');
    expect(await dialog.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    await note.getByRole('button', { name: 'Keep yours' }).click();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await toast(page).getByText('is saved.').waitFor();
    expect((await owner('GET', `/v1/clients/${id}`)).body).toMatchObject({
      description: 'What I was writing.',
      rpm_limit: 42,
    });
    await leave(page);
  });

  test('a change that comes between looking and saving is shown, not overwritten', async () => {
    const id = ids.clients[10]!;
    const page = await desk.signedIn('admin');
    // A stream that says nothing, as behind a proxy that keeps it back: the page does not know until it asks.
    await page.route('**/v1/events*', () => {});
    await page.goto(at(`clients/${id}`));
    await page.getByRole('button', { name: 'Change…' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Change the client' });
    await dialog.getByLabel('Description').fill('Mine.');
    const { body } = await owner('GET', `/v1/clients/${id}`);
    await owner('PATCH', `/v1/clients/${id}`, { description: 'Theirs.' }, { 'if-match': `"${body.version}"` });
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.locator('[data-problem="version_mismatch"]').waitFor();
    const note = dialog.locator('[data-changed-meanwhile]');
    await note.getByText('Theirs.').waitFor();
    expect((await owner('GET', `/v1/clients/${id}`)).body.description).toBe('Theirs.');
    await note.getByRole('button', { name: 'Take theirs' }).click();
    expect(await dialog.getByRole('textbox', { name: 'Description' }).inputValue()).toBe('Theirs.');
    await leave(page);
  });

  test('a sign-in that ended is made good over the page, with what was written kept', async () => {
    const page = await desk.signedIn('owner');
    const { password } = desk.gate.demo.users.find(({ role }) => role === 'owner')!;
    await page.goto(at('clients'));
    await page.getByRole('button', { name: 'New client' }).click();
    const dialog = page.getByRole('dialog', { name: 'New client' });
    await dialog.getByLabel('Name', { exact: true }).fill('kept-agent');
    await dialog.getByLabel('Description').fill('A long text that nobody wants to write twice.');
    await page.context().clearCookies();
    await dialog.getByRole('button', { name: 'Register' }).click();
    await dialog.getByRole('button', { name: 'Sign in again' }).first().click();
    const again = page.getByRole('dialog', { name: 'Sign in again' });
    await again.getByLabel('Password').fill(password);
    await again.getByRole('button', { name: 'Sign in' }).click();
    await again.waitFor({ state: 'detached' });
    expect(await dialog.getByLabel('Description').inputValue()).toContain('nobody wants to write twice');
    await dialog.getByRole('button', { name: 'Register' }).click();
    await page.getByRole('heading', { name: 'kept-agent' }).waitFor();
    await leave(page);
  });

  test('a dialog with something written in it is not thrown away by a key', async () => {
    const page = await desk.signedIn('owner');
    await page.goto(at('clients'));
    const opener = page.getByRole('button', { name: 'New client' });
    await opener.click();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await opener.and(focus(page)).waitFor();
    await opener.click();
    const dialog = page.getByRole('dialog');
    let sent = 0;
    page.on('request', (request) => {
      if (request.method() === 'POST') sent += 1;
    });
    await dialog.getByLabel('Name', { exact: true }).fill('half-written');
    await page.keyboard.press('Escape');
    await dialog.getByText('Throw away what you wrote?').waitFor();
    await dialog.getByRole('button', { name: 'Keep writing' }).click();
    expect(await dialog.getByLabel('Name', { exact: true }).inputValue()).toBe('half-written');
    await page.keyboard.press('Escape');
    await dialog.getByRole('button', { name: 'Throw away' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(sent).toBe(0);
    await leave(page);
  });

  test('an error is said once, at its field', async () => {
    const page = await desk.signedIn('owner');
    await page.goto(at('clients'));
    await page.getByRole('button', { name: 'New client' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('rated-agent');
    await dialog.getByLabel('Calls a minute').fill('-1');
    await dialog.getByRole('button', { name: 'Register' }).click();
    await dialog.getByText('at least 0').first().waitFor();
    expect(await dialog.getByText('at least 0').count()).toBe(1);
    expect(await dialog.getByText('rpm_limit').count()).toBe(0);
    await leave(page);
  });

  test('connectors: made, changed, what uses them, revoked; a private address is refused where it is entered', async () => {
    const page = await desk.signedIn('owner');
    await page.goto(at('connectors'));
    await page.getByRole('button', { name: 'New connector' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('crm');
    await dialog.getByLabel('Address').fill('http://127.0.0.1:9');
    await dialog.getByRole('button', { name: 'Make' }).click();
    await dialog.getByText('COUNTERSIGN_EGRESS_ALLOW').waitFor();
    expect(await dialog.getByText('COUNTERSIGN_EGRESS_ALLOW').count()).toBe(1);
    await dialog.getByLabel('Address').fill('https://crm.example.com/v1');
    await dialog.getByRole('button', { name: 'Make' }).click();
    await page.getByRole('heading', { name: 'crm' }).waitFor();
    await page.getByText('No tool uses it').waitFor();
    const id = page.url().split('/').at(-1)!;
    const made = await owner('POST', '/v1/tools', {
      name: 'crm.note',
      effect: 'write',
      input_schema: { type: 'object', properties: {} },
      handler_kind: 'http',
      connector_id: id,
      handler_config: { method: 'POST', path: '/notes' },
    });
    expect(made.status).toBe(201);
    await page.reload();
    await page.getByRole('link', { name: 'crm.note' }).waitFor();
    await page.getByRole('button', { name: 'Change…' }).click();
    await dialog.getByLabel('Address').fill('https://crm.example.com/v2');
    await dialog.getByText('Where it leads is part of what people approve.').waitFor();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('https://crm.example.com/v2').first().waitFor();
    await page.getByRole('button', { name: 'Revoke…' }).click();
    await dialog.getByText('Every call of the tool behind it is refused').waitFor();
    await dialog.getByLabel('Type crm').fill('crm');
    await dialog.getByRole('button', { name: 'Revoke for good' }).click();
    await page.waitForURL(`**${at('connectors')}`);
    await page.locator(`[data-row="${id}"]`).getByText('revoked').waitFor();
    await leave(page);
  });

  test('the story of a call says what was sent and what was not, in the order in which it happened', async () => {
    const admin = await desk.gate.person('admin');
    const approve = ({ approval_id, payload_sha256 }: { approval_id: string; payload_sha256: string }) =>
      admin('POST', `/v1/approvals/${approval_id}/decisions`, { decision: 'granted', payload_sha256 });
    const stopped = await desk.ask('email.send', MAIL);
    const { body: flipped } = await owner('POST', '/v1/kill-switches', { scope: 'workspace', reason: 'A test.' });
    await approve(stopped);
    const page = await desk.signedIn('admin');
    await page.goto(at(`activity/${stopped.execution_id}`));
    await page.getByText('Held for approval').waitFor();
    await expect
      .poll(async () => (await owner('GET', `/v1/executions/${stopped.execution_id}`)).body.status)
      .not.toBe('running');
    await page.reload();
    await page.getByText('Held for approval').waitFor();
    expect(await page.getByText('Sent to the upstream').count()).toBe(0);
    expect(await inOrder(page)).toBe(true);
    await owner('DELETE', `/v1/kill-switches/${flipped.id}`);

    const sent = await desk.ask('email.send', MAIL);
    await approve(sent);
    await page.goto(at(`activity/${sent.execution_id}`));
    await page.getByText('Sent to the upstream').waitFor();
    await page.locator('aside[aria-label="Call"] ol').getByText('Executed', { exact: true }).waitFor();
    expect(await inOrder(page)).toBe(true);
    await leave(page);
  });

  test('a member is told that they see their own calls, and not that there are none', async () => {
    const page = await desk.signedIn('member');
    await page.goto(at('activity'));
    await page.locator('[data-state="empty"]').getByText('No calls of your own yet').waitFor();
    await leave(page);
  });

  test('a rotated token is offered the life that the server gives it', async () => {
    const client = ids.clients[3]!;
    await owner('POST', `/v1/clients/${client}/tokens`, { name: 'ninety', expires_in_days: 90 });
    const page = await desk.signedIn('owner');
    await page.goto(at(`clients/${client}?tab=tokens`));
    await page.getByRole('button', { name: 'Rotate ninety' }).click();
    const lives = page.getByLabel('Lives for');
    expect(await lives.locator('option').first().innerText()).toBe('90 days, as the old one');
    expect(await lives.getByText('no end').count()).toBe(0);
    await leave(page);
  });

  test('an audit entry: both sides readable on a phone, ids that lead somewhere, and a button that stays', async () => {
    const client = ids.clients[20]!;
    const { body } = await owner('GET', `/v1/clients/${client}`);
    const long = 'word '.repeat(80).trim();
    await owner('PATCH', `/v1/clients/${client}`, { description: long }, { 'if-match': `"${body.version}"` });
    await desk.gate.sequenced();
    for (const width of [1440, 390]) {
      const page = await desk.signedIn('owner', { viewport: { width, height: 900 } });
      await page.goto(at(`audit?resource=${client}&event=client.updated`));
      await page.getByRole('button', { name: 'client.updated' }).first().click();
      const dialog = page.getByRole('dialog');
      const after = dialog.locator('ins').filter({ hasText: 'word' });
      await after.waitFor();
      const cell = (await after.boundingBox())!;
      const sheet = (await dialog.boundingBox())!;
      expect(cell.width).toBeGreaterThan(150);
      expect(cell.x + cell.width).toBeLessThanOrEqual(sheet.x + sheet.width);
      expect(await dialog.evaluate('(each) => each.scrollWidth <= each.clientWidth' as never)).not.toBe(false);
      expect(await faultsOf(page)).toEqual([]);
      await dialog.getByRole('link', { name: client }).click();
      await page.getByRole('heading', { name: clientName(21) }).waitFor();
      await page.goto(at('audit'));
      const verify = page.getByRole('button', { name: 'Verify now' });
      const before = await verify.boundingBox();
      await verify.click();
      await page.locator('[data-verified="intact"]').waitFor();
      expect(await verify.boundingBox()).toEqual(before);
      await leave(page);
    }
  });
});

/** Whether the times of a call's steps never run backwards. */
async function inOrder(page: Page): Promise<boolean> {
  const times = await page
    .locator('aside[aria-label="Call"] ol')
    .first()
    .locator(':scope > li > p time')
    .evaluateAll((all) => all.map((each) => (each as unknown as { dateTime: string }).dateTime));
  return times.every((time, nth) => nth === 0 || Date.parse(time) >= Date.parse(times[nth - 1]!));
}
