import { sql } from 'kysely';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { at, type Desk, hasBrowser, leave, MAIL, REFUND, readToEnd, useDesk } from './desk.ts';
import { faultsOf, tooWide } from './faults.ts';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } as const;

const approve = (page: Page) => page.getByRole('button', { name: /^Approve/ });
const card = (page: Page) => page.getByRole('article');
const ready = (page: Page) => page.getByText('You approve exactly these bytes.').waitFor();
const focusedId = (page: Page) => page.evaluate('document.activeElement.id');

describe.skipIf(!hasBrowser)('the card and the inbox', () => {
  let desk: Desk;
  useDesk((started) => {
    desk = started;
  });

  const open = async (page: Page, id: string): Promise<void> => {
    await page.goto(at(`inbox/${id}`));
    await page.locator('[data-seal="match"]').waitFor();
  };
  const statusOf = async (id: string): Promise<string> => {
    const owner = await desk.gate.person('owner');
    return (await owner('GET', `/v1/approvals/${id}`)).body.status;
  };
  /** Ends an approval's time now. */
  const expire = (id: string) =>
    desk.gate.running.app.store.withTenant(desk.gate.tenantId, (tx) =>
      tx.db
        .updateTable('approvals')
        .set({ expires_at: sql<Date>`clock_timestamp()` })
        .where('tenant_id', '=', tx.tenantId)
        .where('id', '=', id)
        .execute(),
    );

  test('offline nothing can be decided, the buttons say why, and nothing is sent later', async () => {
    const held = await desk.ask('email.send', MAIL);
    const page = await desk.signedIn('admin');
    const sent: string[] = [];
    await open(page, held.approval_id);
    await ready(page);
    // That it was opened is noted by now.
    await page.getByText(/opened by 1$/).waitFor();
    page.on('request', (request) => request.method() !== 'GET' && sent.push(request.url()));
    await page.context().setOffline(true);
    await page.locator('#why-not', { hasText: 'You are offline.' }).waitFor();
    expect(await approve(page).isDisabled()).toBe(true);
    expect(await page.getByRole('button', { name: 'Deny…' }).isDisabled()).toBe(true);
    await page.keyboard.press('a');
    await page.keyboard.press('a');
    await page.keyboard.press('d');
    expect(await page.getByRole('dialog').count()).toBe(0);
    await page.context().setOffline(false);
    await ready(page);
    await page.locator('[data-stream="live"]').waitFor();
    expect(sent).toEqual([]);
    expect(await statusOf(held.approval_id)).toBe('pending');
    await leave(page);
  });

  test('after a lost answer the server is asked what became of the decision', async () => {
    const held = await desk.ask('email.send', MAIL);
    const page = await desk.signedIn('admin');
    let sent = 0;
    await page.route('**/decisions', async (route) => {
      sent += 1;
      await route.fetch();
      await route.abort('connectionreset');
    });
    await open(page, held.approval_id);
    await ready(page);
    await approve(page).click();
    await page.locator('[data-decided="granted"]').getByText('Executed').waitFor();
    expect(sent).toBe(1);

    const other = await desk.ask('email.send', MAIL);
    await page.unroute('**/decisions');
    await page.route('**/decisions', (route) => route.abort('connectionreset'));
    await open(page, other.approval_id);
    await ready(page);
    await approve(page).click();
    await page.locator('[data-asking]').waitFor();
    await page.locator('[data-problem="not_recorded"]').waitFor();
    expect(await statusOf(other.approval_id)).toBe('pending');
    await page.unroute('**/decisions');
    await approve(page).click();
    await page.locator('[data-decided="granted"]').waitFor();
    await leave(page);
  });

  test('a decision that nobody answers is not waited for without end', async () => {
    const held = await desk.ask('email.send', MAIL);
    const page = await desk.signedIn('admin');
    await page.clock.install();
    await page.route('**/decisions', () => {});
    await open(page, held.approval_id);
    await ready(page);
    await approve(page).click();
    await page.locator('[data-decision-bar] [aria-busy="true"]').waitFor();
    await page.clock.fastForward(16_000);
    await page.locator('[data-asking]').waitFor();
    await page.clock.fastForward(3_000);
    await page.locator('[data-problem="not_recorded"]').waitFor();
    await leave(page);
  });

  test('an amount is told as its schema says: never as a bare number of cents', async () => {
    const held = await desk.ask('refunds.create', { ...REFUND, order_id: 'A-2996', amount: 36952 });
    const page = await desk.signedIn('admin');
    await open(page, held.approval_id);
    await page.getByRole('heading', { level: 1, name: /^Refund 369\.52 EUR · A-2996 through POST http/ }).waitFor();
    await page.locator('[data-marked="amount"]').getByText('369.52 EUR').waitFor();
    const row = page.locator(`[data-row="${held.approval_id}"]`);
    expect(await row.locator('[data-summary]').innerText()).toBe('Refund 369.52 EUR · A-2996');
    expect(await card(page).innerText()).not.toContain('36952');
    await page.locator('[data-field="amount"] summary').click();
    await page.locator('[data-field="amount"]').getByText('36952').waitFor();
    await leave(page);
  });

  test('a number whose schema does not say what it counts is shown as it is, and says so', async () => {
    const owner = await desk.gate.person('owner');
    const refunds = (await owner('GET', '/v1/tools?limit=100')).body.items.find(
      ({ name }: { name: string }) => name === 'refunds.create',
    );
    const { 'x-countersign-amount': _unit, ...amount } = refunds.input_schema.properties.amount;
    const made = await owner('POST', '/v1/tools', {
      name: 'fees.charge',
      description: 'Charges a fee.',
      effect: 'charge',
      connector_id: refunds.connector_id,
      handler_kind: refunds.handler_kind,
      handler_config: refunds.handler_config,
      input_schema: { ...refunds.input_schema, properties: { ...refunds.input_schema.properties, amount } },
    });
    expect(made.status).toBe(201);
    const client = desk.gate.demo.clients[0]!.id;
    const grant = await owner('POST', `/v1/clients/${client}/grants`, { tool_id: made.body.id, policy: 'approve' });
    expect(grant.status).toBe(201);
    const held = await desk.ask('fees.charge', { ...REFUND, amount: 36952 });
    const page = await desk.signedIn('admin');
    await open(page, held.approval_id);
    await page.locator('[data-marked="amount"]').getByText('unit not stated').waitFor();
    expect(await page.locator('[data-marked="amount"]').innerText()).toMatch(/36952 EUR unit not stated/);
    await leave(page);
  });

  test('says where it goes, folds what it says above, and leads to caller, tool and calls like it', async () => {
    const held = await desk.ask('email.send', MAIL);
    const page = await desk.signedIn('admin');
    await open(page, held.approval_id);
    const destination = page.locator('[data-destination]');
    expect(await destination.innerText()).toMatch(/^POST\s+http:\/\/127\.0\.0\.1:\d+\/mail\/send$/);
    expect(await page.getByRole('heading', { level: 1 }).last().innerText()).toMatch(
      /^Send 1 e-mail to anna@example\.com through POST http:\/\/127\.0\.0\.1:\d+\/mail\/send$/,
    );
    expect(await page.locator('[data-folded]').count()).toBe(2);
    const { id } = desk.gate.demo.clients[0]!;
    const hrefs = await card(page)
      .locator('header a')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href')));
    expect(hrefs).toEqual([
      expect.stringMatching(/^\/w\/demo\/tools\/tool_/),
      at(`clients/${id}`),
      at(`activity?tool=email.send&principal=${id}`),
    ]);
    await card(page).getByRole('link', { name: 'Calls like this' }).click();
    await page.waitForURL(/\/activity\?tool=email\.send&principal=icl_/);
    await page.locator('table [data-row]').first().waitFor();
    await leave(page);
  });

  test('a stop, a changed tool and the end of the time stand where the button was', async () => {
    const owner = await desk.gate.person('owner');
    const held = await desk.ask('pages.publish', { id: 'home', title: 'Home', body: 'Text.' });
    const page = await desk.signedIn('admin');
    await open(page, held.approval_id);
    await ready(page);
    const badge = page.getByRole('navigation', { name: 'Pages' }).getByText(/^\d+ waiting$/);
    const before = Number.parseInt(await badge.innerText(), 10);

    const tools = (await owner('GET', '/v1/tools?limit=100')).body.items as Record<string, never>[];
    const tool = tools.find(({ name }) => name === 'pages.publish')! as Record<string, string>;
    const stop = await owner('POST', '/v1/kill-switches', { scope: 'tool', id: tool.id, reason: 'A test.' });
    await page.locator('[data-obstacle="stopped"]').waitFor();
    expect(await approve(page).count()).toBe(0);
    await page.getByRole('button', { name: 'Deny…' }).waitFor();
    await page.locator(`[data-row="${held.approval_id}"] [data-row-obstacle="stopped"]`).waitFor();
    await expect.poll(async () => Number.parseInt(await badge.innerText(), 10)).toBe(before - 1);
    await owner('DELETE', `/v1/kill-switches/${stop.body.id}`);
    await ready(page);

    const changed = await owner(
      'PATCH',
      `/v1/tools/${tool.id}`,
      { description: 'Publishes a page for everybody.', handler_config: { method: 'POST', path: '/pages/{id}/now' } },
      { 'if-match': `"${(await owner('GET', `/v1/tools/${tool.id}`)).body.version}"` },
    );
    expect(changed.status).toBe(200);
    await page.locator('[data-obstacle="definition_drift"]').waitFor();
    await page.locator('[data-drift] [data-line="before"]', { hasText: '/pages/{id}"' }).waitFor();
    await page.locator('[data-drift] [data-line="after"]', { hasText: '/pages/{id}/now' }).waitFor();
    expect(await approve(page).count()).toBe(0);
    await leave(page);
  });

  test('a call that was refused when it was to run is called refused everywhere, and not running', async () => {
    const owner = await desk.gate.person('owner');
    const admin = await desk.gate.person('admin');
    const held = await desk.ask('email.send', MAIL);
    const stop = await owner('POST', '/v1/kill-switches', { scope: 'workspace', reason: 'A test.' });
    const decided = await admin('POST', `/v1/approvals/${held.approval_id}/decisions`, {
      decision: 'granted',
      payload_sha256: held.payload_sha256,
    });
    expect(decided.status).toBe(200);
    await expect
      .poll(async () => (await owner('GET', `/v1/executions/${held.execution_id}`)).body.status)
      .toBe('denied');
    await owner('DELETE', `/v1/kill-switches/${stop.body.id}`);
    const page = await desk.signedIn('viewer');
    await open(page, held.approval_id);
    await page
      .locator('[data-outcome="denied"]')
      .getByText(/^Refused\./)
      .waitFor();
    expect(await card(page).innerText()).not.toMatch(/running/i);
    await card(page).getByText('Refused', { exact: true }).waitFor();
    await leave(page);
  });

  test('the first opens by itself, the next is one press away, and gets the focus', async () => {
    const page = await desk.signedIn('admin');
    await page.goto(at('inbox'));
    await page.waitForURL('**/inbox/apv_*');
    const rows = await page
      .locator('a[data-row]')
      .evaluateAll((links) => links.map((link) => link.getAttribute('data-row')));
    expect(page.url()).toContain(rows[0]);
    const listed = await Promise.all(
      rows.map(async (id) => (await (await desk.gate.person('owner'))('GET', `/v1/approvals/${id}`)).body.expires_at),
    );
    expect(listed).toEqual([...listed].sort());

    await ready(page);
    await approve(page).click();
    await page.locator('[data-decided]').waitFor();
    const next = page.locator('[data-next]');
    expect(await next.innerText()).toMatch(/^Next \(\d+\)$/);
    await expect.poll(() => page.evaluate('document.activeElement.dataset.next')).toBe(rows[1]);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/inbox/${rows[1]}`);
    await expect.poll(() => page.evaluate("document.activeElement.id === 'approval-title'")).toBe(true);
    await leave(page);
  });

  test('a row says what is suspicious and who signed; what I have signed is under all, and no longer under mine', async () => {
    const [strange, dual] = [
      await desk.ask('email.send', { ...MAIL, to: ['a@p\u0430ypal.com'] }),
      await desk.ask('refunds.create', REFUND),
    ];
    const page = await desk.signedIn('admin');
    await page.goto(at('inbox'));
    const row = (held: { approval_id: string }) => page.locator(`[data-row="${held.approval_id}"]`);
    await row(strange).locator('[data-suspicious]').waitFor();
    expect(await row(dual).locator('[data-suspicious]').count()).toBe(0);
    await row(dual).getByText('0 of 2 signed').waitFor();

    await row(dual).click();
    await page.getByRole('heading', { level: 1, name: /^Refund 49\.00 EUR/ }).waitFor();
    await ready(page);
    await approve(page).click();
    await page.locator('[data-why-not="decided"]').waitFor();
    // While its card is open the row stays where it is.
    await page.goto(at('inbox'));
    await row(strange).waitFor();
    const whose = page.getByRole('navigation', { name: 'Whose' });
    await whose.locator('[aria-current="page"]', { hasText: 'I can decide' }).waitFor();
    expect(await row(dual).count()).toBe(0);
    await whose.getByRole('link', { name: /^All waiting/ }).click();
    const me = desk.gate.demo.users.find(({ role }) => role === 'admin')!;
    await row(dual).locator('[data-signed-by]', { hasText: '1 of 2 signed: ' }).waitFor();
    const signed = await row(dual).locator('[data-signed-by]').getAttribute('data-signed-by');
    const person = await desk.gate.person('owner');
    const { items } = (await person('GET', '/v1/members')).body;
    expect(signed).toBe(items.find(({ email }: { email: string }) => email === me.email).name);

    // Whoever may still sign has it under their own.
    const other = await desk.signedIn('admin', { nth: 1 });
    await other.goto(at('inbox'));
    await other.locator(`[data-row="${dual.approval_id}"]`).getByText('1 of 2').waitFor();
    await leave(page);
    await leave(other);
  });

  test('several are denied with one reason, and what was decided meanwhile is told', async () => {
    const held = await Promise.all([1, 2, 3].map((nth) => desk.ask('email.send', { ...MAIL, subject: `Many ${nth}` })));
    const page = await desk.signedIn('admin');
    await page.goto(at('inbox?group=caller'));
    await page.locator('[data-group] h2', { hasText: desk.gate.demo.clients[0]!.name }).waitFor();
    for (const { approval_id } of held) {
      await page
        .locator('li', { has: page.locator(`[data-row="${approval_id}"]`) })
        .getByRole('checkbox')
        .check();
    }
    await page.getByRole('button', { name: 'Deny 3…' }).click();
    await page.getByRole('dialog').getByLabel('Reason').fill('All the same.');
    await page.getByRole('dialog').getByRole('button', { name: 'Deny 3' }).click();
    await page.locator('[data-announced]', { hasText: '3 denied.' }).waitFor({ state: 'attached' });
    for (const { approval_id } of held) expect(await statusOf(approval_id)).toBe('denied');
    await page.locator('[data-selected]').waitFor({ state: 'detached' });
    await leave(page);
  });

  test('a reason that is being written is kept when somebody else decides, the session ends or the time is over', async () => {
    const [first, second, third] = await Promise.all([1, 2, 3].map(() => desk.ask('email.send', MAIL)));
    const page = await desk.signedIn('admin');
    const dialog = page.getByRole('dialog', { name: 'Deny this call' });
    const write = async (id: string): Promise<void> => {
      await open(page, id);
      await page.locator('[data-stream="live"]').waitFor();
      await page.getByRole('button', { name: 'Deny…' }).click();
      await dialog.getByLabel('Reason').fill('Because of the thing.');
    };
    await write(first!.approval_id);
    const other = await desk.gate.person('admin', 1);
    await other('POST', `/v1/approvals/${first!.approval_id}/decisions`, {
      decision: 'denied',
      reason: 'Mine.',
      payload_sha256: first!.payload_sha256,
    });
    await dialog.locator('[data-closed]').getByText('denied it meanwhile').waitFor();
    expect(await dialog.getByLabel('Reason').inputValue()).toBe('Because of the thing.');
    expect(await dialog.getByRole('button', { name: 'Deny', exact: true }).isDisabled()).toBe(true);
    await dialog.getByRole('button', { name: /Copy/ }).waitFor();

    await write(second!.approval_id);
    await expire(second!.approval_id);
    await dialog.locator('[data-closed]').getByText('The time is over').waitFor();
    expect(await dialog.getByLabel('Reason').inputValue()).toBe('Because of the thing.');

    await write(third!.approval_id);
    await page.context().clearCookies();
    await dialog.getByRole('button', { name: 'Deny', exact: true }).click();
    await dialog.getByText('What you wrote stays here.').waitFor();
    expect(await dialog.getByLabel('Reason').inputValue()).toBe('Because of the thing.');
    await page.reload();
    const { email, password } = desk.gate.demo.users.find(({ role }) => role === 'admin')!;
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Deny…' }).click();
    expect(await dialog.getByLabel('Reason').inputValue()).toBe('Because of the thing.');
    await dialog.getByRole('button', { name: 'Deny', exact: true }).click();
    await page.locator('[data-decided="denied"]').waitFor();
    await leave(page);
  });

  test('on a phone the outcome is where the button was, and the bar is alone at the bottom', async () => {
    const held = await desk.ask('email.send', { ...MAIL, body: 'A line of many.\n'.repeat(60) });
    const page = await desk.signedIn('admin', PHONE);
    await open(page, held.approval_id);
    expect(await page.getByRole('navigation', { name: 'Main pages' }).isVisible()).toBe(false);
    await readToEnd(page);
    await approve(page).tap();
    const outcome = page.locator('[data-decided]');
    await outcome.getByText('Executed').waitFor();
    const box = (await outcome.boundingBox())!;
    expect(box.y).toBeGreaterThan(0);
    expect(box.y + box.height).toBeLessThanOrEqual(844);
    expect(await tooWide(page)).toBe(0);
    await leave(page);
  });

  test.each([
    ['320 px', 320, 568, 'sticky'],
    ['1280 px at 400 %', 320, 256, 'static'],
  ])('at %s there is room to read, and nothing is wider than the page', async (_name, width, height, position) => {
    const held = await desk.ask('email.send', {
      to: [`${'a'.repeat(60)}@example.com`],
      subject: 'W'.repeat(200),
      body: `${'x'.repeat(3_000)}\n${'\u200b'.repeat(500)}`,
    });
    const page = await desk.signedIn('admin', { viewport: { width, height } });
    await page.goto(at(`inbox/${held.approval_id}`));
    const bar = page.locator('[data-decision-bar]');
    await bar.waitFor();
    expect(await page.evaluate("getComputedStyle(document.querySelector('[data-decision-bar]')).position")).toBe(
      position,
    );
    expect(await tooWide(page)).toBe(0);
    if (position === 'sticky') expect((await bar.boundingBox())!.height).toBeLessThan(height * 0.4);
    await page.goto(at(`inbox/${held.approval_id}?view=raw`));
    await page.locator('article pre').waitFor();
    expect(await tooWide(page)).toBe(0);
    await readToEnd(page);
    await leave(page);
  });

  test('by keyboard: opening moves the focus into the card, and the paging keys scroll it', async () => {
    const held = await desk.ask('email.send', { ...MAIL, body: 'A line of many.\n'.repeat(200) });
    const page = await desk.signedIn('admin');
    await page.goto(at('inbox'));
    await page.locator(`[data-row="${held.approval_id}"]`).focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate("document.activeElement.id === 'approval-title'")).toBe(true);
    expect(await focusedId(page)).toBe('approval-title');
    for (const key of ['PageDown', 'Space', 'ArrowDown']) {
      const before = Number(await page.evaluate('window.scrollY'));
      await page.keyboard.press(key);
      await expect.poll(async () => Number(await page.evaluate('window.scrollY'))).toBeGreaterThan(before);
    }
    for (let presses = 0; presses < 60 && (await approve(page).isDisabled()); presses += 1) {
      const before = Number(await page.evaluate('window.scrollY'));
      await page.keyboard.press('PageDown');
      await expect
        .poll(() =>
          page.evaluate(`scrollY > ${before} || scrollY + innerHeight >= document.documentElement.scrollHeight - 2`),
        )
        .toBe(true);
    }
    await ready(page);
    await leave(page);
  });

  test.each(['light', 'dark'] as const)('hostile data breaks no rule of WCAG: %s', async (colorScheme) => {
    const hostile = [
      {
        ...MAIL,
        to: ['b@p\u0430ypal.com', 'x@xn--80ak6aa92e.com'],
        subject: 'x\u202ey  z ',
        body: '\u200b'.repeat(3_000),
      },
      { ...MAIL, subject: '<script>alert(1)</script>', body: '\n'.repeat(3_000) },
      {
        ...MAIL,
        subject: '\u05e9\u05dc\u05d5\u05dd',
        body: '\u05e9\u05dc\u05d5\u05dd b@c.com/\u05d0/\u05d1 '.repeat(30),
      },
    ];
    const page = await desk.signedIn('admin', { colorScheme, reducedMotion: 'reduce' });
    for (const args of hostile) {
      const { approval_id } = await desk.ask('email.send', args);
      for (const view of ['', '?view=raw']) {
        await page.goto(at(`inbox/${approval_id}${view}`));
        await page.locator('[data-seal="match"]').waitFor({ state: 'attached' });
        expect(await faultsOf(page)).toEqual([]);
      }
    }
    await page.getByText('Filter and group').click();
    expect(await faultsOf(page)).toEqual([]);
    await leave(page);
  });
});
