import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { at, type Desk, hasBrowser, leave, MAIL, REFUND, readToEnd, startWire, useDesk } from './desk.ts';

const run = promisify(execFile);

describe.skipIf(!hasBrowser)('the approver’s desk', () => {
  let desk: Desk;
  useDesk((started) => {
    desk = started;
  });

  test('the whole main job: curl asks, a person approves what they see, the mail is sent once, the chain holds', async () => {
    const page = await desk.signedIn('admin');
    const subject = 'The main job';
    const before = desk.gate.upstream.state.outbox.length;
    await page
      .getByRole('navigation', { name: 'Pages' })
      .getByRole('link', { name: /^Inbox/ })
      .click();
    await page.locator('[data-stream="live"]').waitFor();
    await page.locator('[data-row], [data-state="empty"]').first().waitFor();
    const { stdout } = await run('curl', [
      '-s',
      `${desk.gate.url}/api/agent/gateway`,
      ...['-H', `Authorization: Bearer ${desk.gate.demo.clients[0]!.token}`, '-H', 'Content-Type: application/json'],
      ...['-d', JSON.stringify({ tool: 'email.send', arguments: { ...MAIL, subject }, execute_on_approval: true })],
    ]);
    const held = JSON.parse(stdout);
    expect(held.status).toBe('pending_approval');

    // It is told live, and shown when asked for.
    await page.getByRole('button', { name: /1 new in the inbox/ }).click();
    await page.locator(`[data-row="${held.approval_id}"]`).click();
    await page.getByRole('heading', { name: /^Send 1 e-mail to anna@example.com through POST / }).waitFor();
    await page.locator('[data-marked="recipient"]').getByText('anna@example.com').waitFor();
    await page.locator('[data-marked="subject"]').getByText(subject).waitFor();
    await page.locator('[data-seal="match"]').waitFor();
    const shown = (await page.locator('[data-seal]').innerText()).replaceAll(/\s/g, '');
    expect(shown).toContain(held.payload_sha256);

    const sent = page.waitForRequest((request) => request.url().endsWith('/decisions'));
    await page.getByRole('button', { name: 'Approve and run' }).click();
    expect((await sent).postDataJSON()).toEqual({ decision: 'granted', payload_sha256: held.payload_sha256 });
    await page.locator('[data-outcome="executed"]').waitFor();
    expect(desk.gate.upstream.state.outbox.slice(before).map((mail) => mail.subject)).toEqual([subject]);

    await page.getByRole('link', { name: "The call's whole story" }).click();
    await page.getByText('Held for approval').waitFor();
    await page.getByText('First admin approved').waitFor();
    await page.getByText('Sent to the upstream').waitFor();
    await page.getByRole('link', { name: 'execution.executed' }).waitFor();

    await page.goto(at('audit'));
    await page.getByRole('button', { name: 'Verify now' }).click();
    await page.locator('[data-verified="intact"]').waitFor();
    await leave(page);
  });

  test('a dual approval with two browsers: who signed, who may, and nobody twice', async () => {
    const held = await desk.ask('refunds.create', REFUND);
    const before = desk.gate.upstream.state.refunds.length;
    const one = await desk.signedIn('admin', { nth: 0 });
    const two = await desk.signedIn('admin', { nth: 1 });
    await Promise.all([one, two].map((page) => page.goto(at(`inbox/${held.approval_id}`))));
    await one.locator('[data-marked="amount"]').getByText('49.00 EUR').waitFor();
    await one.getByRole('button', { name: 'Approve', exact: true }).click();
    await one.locator('[data-why-not="decided"]').waitFor();
    expect(desk.gate.upstream.state.refunds.length).toBe(before);

    // The other browser is told, without anybody reloading it.
    await two.locator('[data-signed="granted"]').getByText('First admin').waitFor();
    await two.getByRole('button', { name: 'Approve and run' }).click();
    await two.locator('[data-outcome="executed"]').waitFor();
    await one.locator('[data-outcome="executed"]').waitFor();
    expect(desk.gate.upstream.state.refunds.length).toBe(before + 1);

    const owner = await desk.signedIn('owner');
    const next = await desk.ask('refunds.create', { ...REFUND, order_id: 'A-2' });
    await owner.goto(at(`inbox/${next.approval_id}`));
    await owner.locator('[data-why-not="requester"]').waitFor();
    expect(await owner.getByRole('button', { name: /^Approve/ }).count()).toBe(0);
    await Promise.all([one, two, owner].map(leave));
  });

  test('a denial needs a reason, ends it for everybody, and nothing is sent', async () => {
    const held = await desk.ask('email.send', MAIL);
    const before = desk.gate.upstream.state.outbox.length;
    const page = await desk.signedIn('admin');
    await page.goto(at(`inbox/${held.approval_id}`));
    await page.getByRole('button', { name: 'Deny…' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('button', { name: 'Deny', exact: true }).isDisabled()).toBe(true);
    await dialog.getByLabel('Reason').fill('Wrong customer.');
    await dialog.getByRole('button', { name: 'Deny', exact: true }).click();
    await page.locator('[data-signed="denied"]').getByText('Wrong customer.').waitFor();
    await page.locator('[data-outcome="denied"]').waitFor();
    expect(desk.gate.upstream.state.outbox.length).toBe(before);
    await leave(page);
  });

  test('an approval that expires while its card is open can no longer be approved', async () => {
    const held = await desk.ask('email.send', MAIL);
    const page = await desk.signedIn('admin');
    await page.goto(at(`inbox/${held.approval_id}`));
    await page.getByRole('button', { name: 'Approve and run' }).waitFor();
    await page.locator('[data-stream="live"]').waitFor();
    await desk.gate.running.app.store.withTenant(desk.gate.tenantId, (tx) =>
      tx.db
        .updateTable('approvals')
        .set({ expires_at: sql<Date>`clock_timestamp()` })
        .where('tenant_id', '=', tx.tenantId)
        .where('id', '=', held.approval_id)
        .execute(),
    );
    await page.getByRole('article').getByText('Expired', { exact: true }).waitFor();
    expect(await page.getByRole('button', { name: /^Approve/ }).count()).toBe(0);
    await page.locator('[data-outcome="denied"]').getByText('The time was over').waitFor();
    await leave(page);
  });

  test('a payload cannot hide characters, pass for another address or become markup', async () => {
    const held = await desk.ask('email.send', {
      to: ['billing@p\u0430ypal.com'],
      subject: 'Invoice\u202efdp.exe',
      body: 'Hi\u200b <img src=x onerror="document.title=\'owned\'"> **bold**\n\u041f\u0440\u0438\u0432\u0435\u0442, \u0645\u0631\u062d\u0628\u0627',
    });
    const page = await desk.signedIn('admin');
    await page.goto(at(`inbox/${held.approval_id}`));
    await page.getByText('This payload has 2 hidden characters and 1 look-alike word.').waitFor();
    await page.locator('[data-hidden]', { hasText: 'U+202E RIGHT-TO-LEFT OVERRIDE' }).first().waitFor();
    await page.locator('[data-hidden]', { hasText: 'U+200B ZERO WIDTH SPACE' }).first().waitFor();
    await page.locator('[data-look-alike]', { hasText: 'reads like “paypal”' }).first().waitFor();
    await page.getByText('<img src=x onerror', { exact: false }).first().waitFor();
    expect(await page.locator('article img, article strong:has-text("bold")').count()).toBe(0);
    await page.keyboard.press('v');
    await page.locator('pre [data-hidden]', { hasText: 'U+202E' }).waitFor();
    expect(page.url()).toContain('view=raw');
    expect(await page.locator('article').textContent()).not.toMatch(/[\u200b\u202e]/);
    await leave(page);
  });

  test.each(['fields', 'raw'])('a long payload is approved only after all of it was on screen: %s', async (view) => {
    const held = await desk.ask('email.send', { ...MAIL, body: 'A line of many.\n'.repeat(400) });
    const page = await desk.signedIn('admin');
    await page.goto(at(`inbox/${held.approval_id}${view === 'raw' ? '?view=raw' : ''}`));
    await page.getByText('Read the payload to its end first.').waitFor();
    const approve = page.getByRole('button', { name: 'Approve and run' });
    expect(await approve.isDisabled()).toBe(true);
    await page.keyboard.press('a');
    await page.locator('[data-announced]', { hasText: 'Read the payload' }).waitFor({ state: 'attached' });
    // The end alone is not the whole: what was jumped over was not on screen.
    await page.locator('[data-end-of-payload]').scrollIntoViewIfNeeded();
    await page.evaluate('window.scrollTo(0, document.body.scrollHeight)');
    await page.getByRole('button', { name: /% was on screen: show the rest/ }).click();
    expect(await approve.isDisabled()).toBe(true);
    await readToEnd(page);
    expect(await approve.isEnabled()).toBe(true);
    await leave(page);
  });

  test('the kill switch stops with one step, says so on every page, and resuming asks twice', async () => {
    const call = () =>
      desk.gate.client()('POST', '/api/agent/gateway', { tool: 'help.search', arguments: { q: 'refund' } });
    const page = await desk.signedIn('owner');
    await page.goto(at('kill-switches'));
    await page.getByRole('button', { name: 'Stop something' }).click();
    await page
      .locator('[data-preview]')
      .getByText(/Stops 2 clients, \d+ grants/)
      .waitFor();
    await page.getByLabel('Reason').fill('The agent runs wild.');
    await page.getByRole('button', { name: 'Stop now' }).click();
    await page.getByRole('complementary', { name: 'Kill switch' }).getByText('The agent runs wild.').waitFor();
    expect((await call()).body.code).toBe('kill_switch');
    for (const path of ['inbox', 'activity', 'clients', 'tools', 'audit', 'settings']) {
      await page.goto(at(path));
      await page
        .getByRole('complementary', { name: 'Kill switch' })
        .getByText('Every call in this workspace is stopped')
        .waitFor();
    }
    await page.goto(at('kill-switches'));
    await page.getByRole('button', { name: 'Resume…' }).click();
    expect(await page.getByRole('button', { name: 'Resume calls' }).isDisabled()).toBe(true);
    await page.getByLabel('The cause is gone').check();
    await page.getByRole('button', { name: 'Resume calls' }).click();
    // Behind the open dialog the banner is hidden from roles, so its absence alone says nothing yet.
    await page.locator('[data-announced]', { hasText: 'Calls pass again: all of' }).waitFor({ state: 'attached' });
    await page.getByRole('complementary', { name: 'Kill switch' }).waitFor({ state: 'detached' });
    expect((await call()).body.status).toBe('executed');
    await leave(page);
  });

  test('a cut stream is marked stale, and what happened meanwhile is there when it is back', async () => {
    const wire = await startWire(desk.gate.url);
    const page = await desk.signedIn('admin', { baseURL: wire.url });
    await page.goto(at('inbox'));
    await page.locator('[data-stream="live"]').waitFor();
    await page.locator('a[data-row]').first().waitFor();
    const rows = await page.locator('a[data-row]').count();
    wire.cut();
    await page.locator('[data-stream="stale"]').waitFor();
    const held = await desk.ask('email.send', MAIL);
    await desk.gate.sequenced();
    wire.mend();
    await page.locator('[data-stream="live"]').waitFor();
    await page.getByRole('button', { name: /1 new in the inbox/ }).waitFor();
    // Nothing moved under the cursor until it was asked for.
    expect(await page.locator('a[data-row]').count()).toBe(rows);
    await page.getByRole('button', { name: /1 new in the inbox/ }).click();
    await page.locator(`[data-row="${held.approval_id}"]`).waitFor();
    await leave(page);
    await wire.close();
  });

  test('keyboard only: sign in, move, open, approve with a twice, deny with d', async () => {
    const first = await desk.ask('email.send', { ...MAIL, subject: 'By keyboard' });
    const second = await desk.ask('email.send', { ...MAIL, subject: 'By keyboard, denied' });
    const { email, password } = desk.gate.demo.users.find(({ role }) => role === 'admin')!;
    const page = await desk.stranger();
    await page.goto(at('inbox'));
    await page.getByLabel('E-mail address').focus();
    await page.keyboard.type(email);
    await page.keyboard.press('Tab');
    await page.keyboard.type(password);
    await page.keyboard.press('Enter');
    await page.locator(`[data-row="${second.approval_id}"]`).waitFor();
    /** Those that expire first are first, so these two are the last ones. */
    const moveTo = async (id: string, key: string): Promise<void> => {
      for (let row = 0; row < 50; row += 1) {
        if ((await page.evaluate('document.activeElement.dataset.row')) === id) return;
        await page.keyboard.press(key);
      }
      throw new Error(`${key} does not lead to ${id}`);
    };
    await moveTo(first.approval_id, 'j');
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/inbox/${first.approval_id}`);
    await expect.poll(() => page.evaluate("document.activeElement.id === 'approval-title'")).toBe(true);
    await page.locator('[data-seal="match"]').waitFor();
    await page.getByText('You approve exactly these bytes.').waitFor();
    await page.keyboard.press('a');
    await page.locator('footer').getByText('Press a again to approve.').waitFor();
    expect(await page.locator('[data-signed="granted"]').count()).toBe(0);
    await page.keyboard.press('a');
    await page.locator('[data-outcome="executed"]').waitFor();

    await moveTo(second.approval_id, 'j');
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/inbox/${second.approval_id}`);
    await page.getByText('You approve exactly these bytes.').waitFor();
    await page.keyboard.press('d');
    await page.getByRole('dialog').getByLabel('Reason').waitFor();
    // Letters are letters while somebody types.
    await page.keyboard.type('a a d j k ?');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('[data-signed="denied"]').getByText('a a d j k ?').waitFor();

    await page.keyboard.press('?');
    await page.getByLabel('Single keys do things').uncheck();
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    expect(await page.getByRole('dialog').count()).toBe(0);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('audit');
    await page.getByRole('option', { name: 'Audit', selected: true }).waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL('**/audit');
    await leave(page);
  });

  test('on a phone: one approval a page, the buttons stay in reach, and it can be approved', async () => {
    const held = await desk.ask('email.send', {
      ...MAIL,
      subject: 'On the phone',
      body: 'A line of many.\n'.repeat(60),
    });
    const page = await desk.signedIn('admin', {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
    });
    await page
      .getByRole('navigation', { name: 'Main pages' })
      .getByRole('link', { name: /^Inbox/ })
      .tap();
    await page.locator(`[data-row="${held.approval_id}"]`).tap();
    await page.getByRole('heading', { name: /^Send 1 e-mail to anna@example.com through POST / }).waitFor();
    expect(await page.getByRole('heading', { name: 'Inbox' }).isVisible()).toBe(false);
    const deny = page.getByRole('button', { name: 'Deny…' });
    const box = (await deny.boundingBox())!;
    expect(box.y + box.height).toBeLessThanOrEqual(844);
    expect(box.height).toBeGreaterThanOrEqual(44);
    await readToEnd(page);
    await page.getByRole('button', { name: 'Approve and run' }).tap();
    await page.locator('[data-outcome="executed"]').waitFor();
    for (const path of [
      '',
      'inbox',
      'activity',
      'clients',
      'tools',
      'kill-switches',
      'audit',
      'settings',
      'tools/new',
    ]) {
      await page.goto(at(path));
      await page.getByRole('heading', { level: 1 }).waitFor();
      const wide = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
      expect({ path, wide }).toEqual({ path, wide: 0 });
    }
    await leave(page);
  });
});
