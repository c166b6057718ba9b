import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { at, type Desk, hasBrowser, leave, MAIL, signIn, useDesk } from './desk.ts';

const run = promisify(execFile);
const FIRST_LOAD_MAX_BYTES = 250_000;

describe.skipIf(!hasBrowser)('every page', () => {
  let desk: Desk;
  useDesk((started) => {
    desk = started;
  });

  test('a link survives signing in, and leads nowhere else', async () => {
    const page = await desk.stranger();
    await page.goto(at('activity?status=denied&tool=help.search'));
    await page.waitForURL(/\/sign-in\?to=/);
    await signIn(page, desk.gate, 'viewer');
    await page.waitForURL(`**${at('activity?status=denied&tool=help.search')}`);
    await page.locator('table').getByText('invalid_arguments').first().waitFor();
    await leave(page);

    const lured = await desk.stranger();
    await lured.goto('/sign-in?to=//evil.example/');
    await signIn(lured, desk.gate, 'viewer');
    await lured.waitForURL('**/w/demo');
    await leave(lured);
  });

  test.each([
    ['beside an open call', 1280],
    ['on a phone', 390],
    ['on a phone, a day later', 390, 86_400_000],
  ])('the list of calls is not cut at its edge %s', async (_where, width, laterMs = 0) => {
    const held = await desk.ask('email.send', MAIL);
    const page = await desk.signedIn('admin', { viewport: { width, height: 800 } });
    if (laterMs > 0) await page.clock.setFixedTime(Date.now() + laterMs);
    await page.goto(at(width < 1280 ? 'activity' : `activity/${held.execution_id}`));
    await page.locator('table [data-row]').first().waitFor();
    const table = "document.querySelector('table')";
    expect(await page.evaluate(`${table}.scrollWidth - ${table}.parentElement.clientWidth`)).toBe(0);
    await leave(page);
  });

  test('loading, empty, no match, error, unauthenticated and forbidden are different things', async () => {
    const page = await desk.signedIn('member');
    await page.goto(at('audit'));
    await page.locator('[data-state="forbidden"]').getByText('As member you may not read the audit log').waitFor();
    await page.goto(at('inbox'));
    await page.locator('[data-state="empty"]').getByText('execute_on_approval').waitFor();
    await page.goto(at('activity'));
    await page.locator('[data-state="empty"]').waitFor();
    await page.goto(at('activity?code=not_granted'));
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await page.waitForURL(`**${at('activity')}`);

    let answer: (() => void) | undefined;
    await page.route('**/v1/executions?*', async (route) => {
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      await route.fulfill({
        status: 422,
        headers: { 'x-request-id': 'req_test' },
        json: { code: 'invalid_request', detail: 'Something is off.' },
      });
    });
    await page.goto(at('activity'));
    await page.locator('[data-state="loading"]').waitFor();
    await expect.poll(() => answer !== undefined).toBe(true);
    answer!();
    await page.locator('[data-state="error"]').getByText('request req_test').waitFor();
    await page.unroute('**/v1/executions?*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('[data-state="empty"]').waitFor();

    await page.goto(at('inbox/apv_01jzzzzzzzzzzzzzzzzzzzzzzz'));
    await page.locator('[data-state="not-found"]').waitFor();
    await page.goto(at('clients'));
    await page.getByRole('link', { name: 'support-agent' }).waitFor();
    await page.context().clearCookies();
    await page.getByRole('link', { name: 'support-agent' }).click();
    await page.locator('[data-state="unauthenticated"]').getByRole('link', { name: 'Sign in' }).click();
    await signIn(page, desk.gate, 'member');
    await page.getByRole('heading', { name: 'support-agent' }).waitFor();
    await leave(page);
  });

  test('what a role may not do is not offered, and the server refuses it in any case', async () => {
    const held = await desk.ask('email.send', MAIL);
    const page = await desk.signedIn('viewer');
    await page.goto(at(`inbox/${held.approval_id}`));
    await page.locator('[data-why-not="role"]').waitFor();
    for (const path of ['clients', 'tools', 'kill-switches', 'settings']) {
      await page.goto(at(path));
      await page.getByText(/As viewer you see them/).waitFor();
      expect(await page.getByRole('button', { name: /^(New|Stop|Add|Save)/ }).count()).toBe(0);
    }
    await page.goto(at('tools/new'));
    await page.locator('[data-state="forbidden"]').waitFor();
    const viewer = await desk.gate.person('viewer');
    const { payload_sha256 } = held;
    const refused = await viewer('POST', `/v1/approvals/${held.approval_id}/decisions`, {
      decision: 'granted',
      payload_sha256,
    });
    expect(refused.status).toBe(403);
    await leave(page);
  });

  test('a new client: grant, token once, a curl that works when pasted, rotate, revoke; the token is kept nowhere', async () => {
    const page = await desk.signedIn('owner');
    await page.goto(at('clients'));
    await page.getByRole('button', { name: 'New client' }).click();
    await page.getByLabel('Name', { exact: true }).fill('paste-agent');
    await page.getByRole('button', { name: 'Register' }).click();
    await page.getByRole('heading', { name: 'paste-agent' }).waitFor();
    await page.getByRole('button', { name: 'Grant a tool' }).click();
    await page.getByRole('combobox', { name: 'Tool' }).fill('help.search');
    await page.getByRole('option', { name: 'help.search' }).click();
    await page.getByRole('button', { name: 'Grant', exact: true }).click();
    await page.getByRole('cell', { name: 'help.search', exact: true }).waitFor();

    await page.getByRole('link', { name: 'Tokens' }).click();
    await page.getByRole('button', { name: 'New token' }).click();
    await page.getByLabel('Name').fill('first');
    await page.getByRole('button', { name: 'Make the token' }).click();
    const snippet = page.locator('figure', { hasText: 'A call of help.search' }).locator('pre');
    const { stdout } = await run('bash', ['-c', await snippet.innerText()]);
    expect(JSON.parse(stdout).status).toBe('executed');
    const token = (await page.locator('figure', { hasText: 'Token' }).first().locator('pre').innerText()).trim();
    expect(token).toMatch(/^cs_live_/);
    expect(await page.getByRole('button', { name: 'Done' }).isDisabled()).toBe(true);
    await page.getByText(`countersign connect claude-code --url ${desk.gate.url}`).waitFor();
    await page.getByLabel('I have kept the token').check();
    await page.getByRole('button', { name: 'Done' }).click();
    const kept = await page.evaluate(
      'JSON.stringify([location.href, {...localStorage}, {...sessionStorage}, document.cookie, document.body.textContent])',
    );
    expect(kept).not.toContain(token);

    await page.getByRole('button', { name: 'Rotate first' }).click();
    await page.getByLabel('The old token').selectOption('0');
    await page.getByRole('button', { name: 'Rotate', exact: true }).click();
    await page.getByLabel('I have kept the token').check();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByText('replaced').waitFor();
    expect((await desk.gate.client(token)('GET', '/api/agent/gateway')).status).toBe(401);
    await page.getByRole('button', { name: 'Revoke…' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Type paste-agent').fill('paste-agent');
    await dialog.getByRole('button', { name: 'Revoke for good' }).click();
    await page.waitForURL(`**${at('clients')}`);
    await leave(page);
  });

  test('a new tool: the schema is checked while it is written, and a test passes the same gate', async () => {
    const page = await desk.signedIn('owner');
    await page.goto(at('tools/new'));
    await page.getByLabel('Name').fill('notes.keep');
    await page.getByLabel('Effect').selectOption('write');
    await page.getByLabel('Runs').selectOption('noop');
    const schema = page.getByLabel('Input schema');
    const add = page.getByRole('button', { name: 'Add the tool' });
    await schema.fill('{"type":"object"');
    await page.getByText('This is not JSON yet.').waitFor();
    expect(await add.isDisabled()).toBe(true);
    await schema.fill('{"type":"object","properties":{"a":{"type":"strin"}}}');
    await page.getByText(/\$\.properties\.a\.type/).waitFor();
    expect(await add.isDisabled()).toBe(true);
    await schema.fill('{"type":"object","properties":{"who":{"type":"string","format":"email"}},"required":["who"]}');
    await page.locator('[data-schema="ok"]').getByText('recipient at $.who').waitFor();
    await add.click();
    await page.getByRole('heading', { name: 'notes.keep' }).waitFor();
    await page.getByRole('button', { name: 'Call it' }).click();
    await page.locator('[data-answer="pending_approval"]').getByRole('link', { name: 'The approval' }).click();
    await page.locator('[data-why-not="requester"]').waitFor();
    const admin = await desk.signedIn('admin');
    await admin.goto(page.url());
    await admin.getByRole('button', { name: 'Approve and run' }).click();
    await admin.locator('[data-outcome="executed"]').waitFor();
    await Promise.all([page, admin].map(leave));
  });

  test('the audit log shows before and after, and its filtered slice can be taken away', async () => {
    const owner = await desk.gate.person('owner');
    const client = desk.gate.demo.clients[1]!.id;
    const { body } = await owner('GET', `/v1/clients/${client}`);
    await owner('PATCH', `/v1/clients/${client}`, { rpm_limit: 7 }, { 'if-match': `"${body.version}"` });
    await desk.gate.sequenced();
    const page = await desk.signedIn('viewer');
    await page.goto(at(`audit?resource=${client}`));
    await page.getByRole('button', { name: 'client.updated' }).first().click();
    const row = page.getByRole('dialog').getByRole('row', { name: /rpm_limit/ });
    await row.getByText('600').waitFor();
    await row.getByText('7', { exact: true }).waitFor();
    expect(page.url()).toContain('seq=');
    await page.keyboard.press('Escape');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'JSONL' }).click(),
    ]);
    const lines = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.length).toBeGreaterThanOrEqual(2);
    expect(new Set(lines.map(({ entry }) => entry.resource.id))).toEqual(new Set([client]));
    await leave(page);
  });

  test('another workspace stays unreachable', async () => {
    const page = await desk.signedIn('owner');
    await page.goto('/w/other/inbox');
    await page.locator('[data-state="forbidden"]').getByText('You are not a member').waitFor();
    await leave(page);
  });

  test('the page is served under a strict policy, and is small', async () => {
    const page = await desk.stranger();
    const response = (await page.goto('/sign-in'))!;
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    const policy = response.headers()['content-security-policy']!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|data:|\*/);
    expect(response.headers()['x-content-type-options']).toBe('nosniff');
    // A script that got into the page would not run.
    await page.evaluate(
      `{ const s = document.createElement('div'); try { s.innerHTML = '<img src=x onerror="window.owned = 1">'; } catch {} document.body.append(s); }`,
    );
    expect(await page.evaluate('window.owned')).toBeUndefined();
    // The browser says so, and nothing else has complained.
    expect(desk.complaints.splice(0)).toEqual([expect.stringContaining('TrustedHTML')]);
    const loaded = await Promise.all(
      assetsOf(await response.text()).map(async (path) => {
        const asset = await fetch(desk.gate.url + path, { headers: { 'accept-encoding': 'gzip' } });
        expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
        expect(asset.headers.get('content-encoding')).toBe('gzip');
        return Number(asset.headers.get('content-length'));
      }),
    );
    await leave(page);
    const total = loaded.reduce((sum, size) => sum + size, 0);
    expect(total).toBeGreaterThan(10_000);
    expect(total).toBeLessThan(FIRST_LOAD_MAX_BYTES);
  });

  test('only pages are pages: the API keeps its own answers, and a wrong address says so', async () => {
    const get = (path: string, accept: string) => fetch(desk.gate.url + path, { headers: { accept } });
    const wrong = await get('/nowhere', 'text/html');
    expect([wrong.status, wrong.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
    expect(wrong.headers.get('cache-control')).toBe('no-cache');
    for (const path of ['/v1/nothing', '/api/nothing', '/assets/nothing.js', '/robots.txt']) {
      const answer = await get(path, 'text/html');
      expect([path, answer.status, answer.headers.get('content-type')]).toEqual([
        path,
        404,
        'application/problem+json',
      ]);
    }
    const page = await get('/w/demo/inbox', '*/*');
    expect(page.status).toBe(200);
    const again = await fetch(`${desk.gate.url}/w/demo/inbox`, {
      headers: { 'if-none-match': page.headers.get('etag')! },
    });
    expect(again.status).toBe(304);
  });

  test('signing in sets cookies that no script can read: the session, and that this device is known', async () => {
    const page = await desk.signedIn('admin');
    const cookies = await page.context().cookies();
    expect(cookies).toHaveLength(2);
    for (const cookie of cookies) {
      expect(cookie).toMatchObject({ httpOnly: true, sameSite: expect.stringMatching(/^(Lax|Strict)$/) });
    }
    expect(await page.evaluate('document.cookie')).toBe('');
    await page.getByRole('button', { name: /^You:/ }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('**/sign-in');
    await page.goto(at('inbox'));
    await page.waitForURL(/sign-in/);
    await leave(page);
  });
});

/** The files that the page asks for before it shows anything. */
function assetsOf(html: string): string[] {
  return [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path!);
}
