import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { at, type Desk, hasBrowser, leave, MAIL, REFUND, startWire, useDesk } from './desk.ts';
import { faultsOf, tooWide } from './faults.ts';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } as const;
/** 1280 px wide windows at 400 %: one of 1024 px, and one of a screen that stands upright. */
const ZOOMED = [
  { width: 320, height: 256 },
  { width: 320, height: 640 },
] as const;
const PLACES = ['Home', 'Inbox', 'Activity', 'Tools', 'Connectors', 'Clients', 'Kill switches', 'Audit'];
const PARTS = ['General', 'Members', 'Secrets', 'Webhooks', 'Account', 'Security'];

const focusedText = (page: Page) => page.evaluate('document.activeElement?.textContent');
const settle = (page: Page) => page.locator('[data-state="loading"]').first().waitFor({ state: 'detached' });
const live = (page: Page) => page.locator('[data-stream="live"]').waitFor();

describe.skipIf(!hasBrowser)('the house of pages', () => {
  let desk: Desk;
  useDesk((started) => {
    desk = started;
  });

  test('every place has its page, its name in the tab, the focus on its heading, and is told', async () => {
    const page = await desk.signedIn('admin');
    await page.waitForURL('**/w/demo');
    const rail = page.getByRole('navigation', { name: 'Pages' });
    await rail.getByRole('heading').first().waitFor();
    expect(await rail.getByRole('heading').allTextContents()).toEqual(['Work', 'Build', 'Govern']);
    const names = (await rail.getByRole('link').allTextContents()).map((text) => text.replace(/\d.*$/, ''));
    expect(names.filter((name) => PLACES.includes(name))).toEqual(PLACES);
    expect(names.at(-1)).toBe('Settings');
    for (const name of [...names.slice(1), 'Home']) {
      const link = rail.getByRole('link', { name: new RegExp(`^${name}`) });
      await link.click();
      const title = name === 'Settings' ? 'General' : name;
      const heading = page.getByRole('heading', { level: 1, name: title });
      await heading.waitFor();
      // The inbox opens its first approval by itself, which may take the focus and the name.
      const focused = name === 'Inbox' ? 'main *' : 'h1';
      const named = name === 'Inbox' ? 'Inbox|approval' : name;
      await expect.poll(() => page.evaluate(`document.activeElement?.matches(${JSON.stringify(focused)})`)).toBe(true);
      expect(await link.getAttribute('aria-current')).toBe('page');
      await expect.poll(() => page.title()).toMatch(new RegExp(`(${named}).* · Demo · Countersign$`));
      await expect.poll(() => page.locator('[data-arrived]').textContent()).toMatch(new RegExp(named));
    }
    await page.goto(at('settings'));
    const parts = page.getByRole('navigation', { name: 'Settings' });
    await parts.waitFor();
    expect(await parts.getByRole('link').allTextContents()).toEqual(PARTS);
    for (const name of PARTS) {
      await parts.getByRole('link', { name }).click();
      await page.getByRole('heading', { level: 1, name }).waitFor();
    }
    await leave(page);
  });

  test('on a phone: five places at the thumb, every page behind the menu, and a decision’s bar is alone', async () => {
    const held = await desk.ask('email.send', MAIL);
    const page = await desk.signedIn('admin', PHONE);
    const bar = page.getByRole('navigation', { name: 'Main pages' });
    await bar.waitFor();
    const items = await bar.locator('a, button').allTextContents();
    expect(items.map((text) => text.replace(/\d.*$/, ''))).toEqual(['Inbox', 'Activity', 'Home', 'Stop', 'Menu']);
    expect(await page.getByRole('banner').getByRole('button', { name: 'Menu' }).isVisible()).toBe(false);
    await bar.getByRole('button', { name: 'Menu' }).tap();
    const menu = page.getByRole('dialog', { name: 'Menu' });
    const names = (await menu.getByRole('link').allTextContents()).map((text) => text.replace(/\d.*$/, ''));
    expect(PLACES.filter((name) => !names.includes(name))).toEqual([]);
    expect(await faultsOf(page)).toEqual([]);
    await menu.getByRole('link', { name: 'Audit' }).tap();
    await page.getByRole('heading', { level: 1, name: 'Audit' }).waitFor();
    await menu.waitFor({ state: 'detached' });

    await page.goto(at(`inbox/${held.approval_id}`));
    await page.getByRole('button', { name: 'Deny…' }).waitFor();
    expect(await bar.isVisible()).toBe(false);
    await page.getByRole('banner').getByRole('button', { name: 'Menu' }).tap();
    await menu.getByRole('link', { name: 'Home' }).tap();
    await bar.waitFor();
    await leave(page);
  });

  test.each(ZOOMED)(
    'at 400 %, $width by $height: nothing stays in the way and nothing widens the page',
    async (viewport) => {
      const held = await desk.ask('email.send', MAIL);
      const page = await desk.signedIn('admin', { viewport });
      const paths = [
        '',
        'start',
        'connectors',
        'inbox',
        `inbox/${held.approval_id}`,
        'activity',
        `activity/${held.execution_id}`,
        'clients',
      ];
      const more = [
        'tools',
        'tools/new',
        'kill-switches',
        'audit',
        'settings',
        'settings/members',
        'settings/security',
      ];
      for (const path of [...paths, ...more]) {
        await page.goto(at(path));
        await page.getByRole('heading').first().waitFor();
        await settle(page);
        expect({ path, wide: await tooWide(page) }).toEqual({ path, wide: 0 });
        await page.evaluate('window.scrollTo(0, 200)');
        const inTheWay = await page.evaluate(
          `[...document.querySelectorAll('header, nav')].filter((bar) => ['fixed', 'sticky'].includes(getComputedStyle(bar).position) && bar.checkVisibility()).map((bar) => bar.outerHTML.slice(0, 80))`,
        );
        expect({ path, inTheWay }).toEqual({ path, inTheWay: [] });
      }
      await page.getByRole('banner').getByRole('button', { name: 'Menu' }).click();
      await page.getByRole('dialog', { name: 'Menu' }).getByRole('link', { name: 'Clients' }).click();
      await page.getByRole('heading', { level: 1, name: 'Clients' }).waitFor();
      await leave(page);
    },
  );

  test('Home says what waits, what is stopped, whether the chain is whole, and counts the calls in tables', async () => {
    const call = (tool: string, args: object) =>
      desk.gate.client()('POST', '/api/agent/gateway', { tool, arguments: args });
    await call('help.search', { q: 'refund' });
    await call('help.search', { wrong: 1 });
    const held = await desk.ask('email.send', { ...MAIL, subject: 'Decided' });
    await desk.ask('refunds.create', REFUND);
    const admin = await desk.gate.person('admin');
    const decided = await admin('POST', `/v1/approvals/${held.approval_id}/decisions`, {
      decision: 'granted',
      payload_sha256: held.payload_sha256,
    });
    expect(decided.status).toBe(200);
    const owner = await desk.gate.person('owner');
    const stopped = await owner('POST', '/v1/kill-switches', {
      scope: 'client',
      id: desk.gate.demo.clients[1]!.id,
      reason: 'It asks too often.',
    });
    const page = await desk.signedIn('admin');
    await page.goto(at('audit'));
    await page.getByRole('button', { name: 'Verify now' }).click();
    await page.locator('[data-verified="intact"]').waitFor();
    await desk.gate.sequenced();
    await page.goto(at(''));
    const main = page.getByRole('main');
    const waiting = main.locator('section', { hasText: 'Waiting for you' });
    await waiting.locator('a[href*="/inbox/apv_"]').first().waitFor();
    expect(await waiting.locator('a[href*="/inbox/apv_"]').count()).toBeLessThanOrEqual(3);
    await main.locator('section', { hasText: 'Stopped' }).getByText('It asks too often.').waitFor();
    await main.locator('[data-chain="whole"]').getByText('The chain was whole').waitFor();
    await main.locator('[data-median]').waitFor();
    await main.locator('[data-chart] svg .recharts-bar-rectangle').first().waitFor({ state: 'attached' });
    await main.getByText(/Times are (GMT|UTC)/).waitFor();

    // The table says what the API counts.
    const { calls, refusals } = (await admin('GET', '/v1/overview?hours=24')).body;
    for (const summary of await main.getByText('As a table').all()) await summary.click();
    await main.getByRole('table', { name: 'Calls by hour' }).waitFor();
    expect(await faultsOf(page)).toEqual([]);
    const cells = await page.evaluate(
      `[...document.querySelectorAll('main table')[0].tBodies[0].rows].map((row) => [...row.cells].slice(1).map((cell) => Number(cell.textContent)))`,
    );
    expect(cells).toEqual(
      [...calls]
        .reverse()
        .map((hour: Record<string, number>) => [hour.executed, hour.held, hour.refused, hour.failed, hour.unknown]),
    );
    const refused = main.getByRole('table', { name: 'Refusals by step and code' });
    expect(await refused.locator('tbody tr').count()).toBe(refusals.length);
    await refused.getByText('invalid_arguments').waitFor();
    await page.getByLabel('Over').selectOption('168');
    await page.waitForURL(/hours=168/);
    await owner('DELETE', `/v1/kill-switches/${stopped.body.id}`);
    await leave(page);
  });

  test('the search finds pages, actions, and everything else by its name or id, from a visible button', async () => {
    const held = await desk.ask('email.send', { ...MAIL, to: ['palette@example.com'] });
    const page = await desk.signedIn('admin');
    const open = async (text: string): Promise<void> => {
      await page.getByRole('button', { name: /^Search/ }).click();
      await page.getByRole('combobox').fill(text);
    };
    const option = (name: RegExp) => page.getByRole('option', { name });
    await open('support');
    await option(/^support-agent.*client$/).waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await option(/^support-agent.*client$/).click();
    await page.waitForURL(/\/clients\/icl_/);
    await open('records.del');
    await option(/^records\.delete.*tool$/).click();
    await page.waitForURL(/\/tools\/tool_/);
    await open('First adm');
    await option(/^First admin.*person$/).click();
    await page.waitForURL(/\/settings\/members\?q=First/);
    await open('palette@example');
    await option(/palette@example\.com.*approval$/).click();
    await page.waitForURL(`**/inbox/${held.approval_id}`);
    await open(held.execution_id);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/activity/${held.execution_id}`);
    await open('stop support');
    await option(/^Stop client support-agent/).click();
    const stop = page.getByRole('dialog', { name: 'Stop calls' });
    await expect.poll(() => stop.getByLabel('Client').inputValue()).toBe('support-agent');
    await page.keyboard.press('Escape');
    await open('invite');
    await option(/^Invite a person/).click();
    await page.getByRole('dialog', { name: 'Invite a person' }).waitFor();
    await leave(page);

    const viewer = await desk.signedIn('viewer');
    await viewer.getByRole('button', { name: /^Search/ }).waitFor();
    await viewer.keyboard.press('Control+k');
    await viewer.getByRole('listbox').getByRole('option').first().waitFor();
    expect(await viewer.getByRole('option', { name: /action$/ }).count()).toBe(0);
    await leave(viewer);
  });

  test('the tab and the bell count what this person can decide, and the bell has the soonest', async () => {
    const held = await desk.ask('email.send', { ...MAIL, subject: 'Counted' });
    const page = await desk.signedIn('admin');
    await live(page);
    const count = async (): Promise<number> => {
      const { body } = await (await desk.gate.person('admin'))('GET', '/v1/approvals/count');
      return body.decidable;
    };
    const before = await count();
    expect(before).toBeGreaterThan(0);
    const title = (count: number): string => `${count === 0 ? '' : `(${count}) `}Home · Demo · Countersign`;
    await expect.poll(() => page.title()).toBe(title(before));
    await page.getByRole('button', { name: `Waiting for you: ${before}` }).click();
    const bell = page.getByRole('region', { name: 'Waiting for you' });
    await bell.getByRole('link', { name: 'Open the inbox' }).waitFor();
    expect(await bell.locator('a[href*="/inbox/apv_"]').count()).toBe(Math.min(3, before));
    expect(await faultsOf(page)).toEqual([]);
    await page.keyboard.press('Escape');
    const admin = await desk.gate.person('admin');
    const { payload_sha256 } = held;
    await admin('POST', `/v1/approvals/${held.approval_id}/decisions`, { decision: 'granted', payload_sha256 });
    const after = await count();
    expect(after).toBe(before - 1);
    await expect.poll(() => page.title()).toBe(title(after));
    await leave(page);
    const viewer = await desk.signedIn('viewer');
    await viewer.getByRole('button', { name: 'Waiting for you: nothing' }).waitFor();
    expect(await viewer.title()).not.toMatch(/^\(/);
    await leave(viewer);
  });

  test('a few Tabs lead anywhere, and j and k move in every list', async () => {
    await desk.gate.client()('POST', '/api/agent/gateway', { tool: 'help.search', arguments: { q: 'a' } });
    await desk.gate.client()('POST', '/api/agent/gateway', { tool: 'help.search', arguments: { q: 'b' } });
    const page = await desk.signedIn('admin');
    await page.goto(at('clients'));
    await page.locator('[data-row]').first().waitFor();
    await page.keyboard.press('Tab');
    expect(await focusedText(page)).toBe('Skip to the page');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(`document.querySelector('main').contains(document.activeElement)`)).toBe(true);
    for (const path of ['clients', 'tools', 'activity', 'audit', 'settings/members']) {
      await page.goto(at(path));
      await page.locator('[data-row]').nth(1).waitFor();
      const row = () => page.evaluate(`document.activeElement.closest('[data-row]')?.dataset.row`);
      const [first, second] = (await page.evaluate(
        `[...document.querySelectorAll('main [data-row]')].map(({ dataset }) => dataset.row)`,
      )) as string[];
      await page.keyboard.press('j');
      expect([path, await row()]).toEqual([path, first]);
      await page.keyboard.press('j');
      expect([path, await row()]).toEqual([path, second]);
      await page.keyboard.press('k');
      expect([path, await row()]).toEqual([path, first]);
    }
    await leave(page);
  });

  test('times are relative, and say the moment when pointed at or focused; tables can be compact', async () => {
    await desk.gate.client()('POST', '/api/agent/gateway', { tool: 'help.search', arguments: { q: 'when' } });
    const page = await desk.signedIn('admin');
    await page.goto(at('activity'));
    const time = page.locator('[data-row] time').first();
    await time.waitFor();
    expect(await time.textContent()).toMatch(/now|ago/);
    const moment = (await time.getAttribute('data-moment'))!;
    expect(moment).toMatch(/\d{4}.*(GMT|UTC)/);
    await time.hover();
    await page.getByRole('tooltip').getByText(moment).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('tooltip').waitFor({ state: 'detached' });
    await page.mouse.move(0, 0);
    await page.keyboard.press('j');
    await page.getByRole('tooltip').getByText(moment).waitFor();

    const height = async () => (await page.locator('tr[data-row]').first().boundingBox())!.height;
    const roomy = await height();
    await page.getByRole('button', { name: /^You:/ }).click();
    await page.getByLabel('Compact tables').check();
    expect(await height()).toBeLessThan(roomy);
    expect(await faultsOf(page)).toEqual([]);
    await page.reload();
    await time.waitFor();
    expect(await height()).toBeLessThan(roomy);
    await leave(page);
  });

  test('offline, every page says so, and what saves cannot be pressed until it is over', {
    timeout: 180_000,
  }, async () => {
    const page = await desk.signedIn('owner');
    await page.goto(at('settings'));
    await live(page);
    const sent: string[] = [];
    page.on('request', (each) => each.method() !== 'GET' && sent.push(`${each.method()} ${each.url()}`));
    await page.context().setOffline(true);
    await page.locator('[data-offline]').getByText('You are offline.').waitFor();
    await page.getByLabel('Name').fill('Renamed while offline');
    const save = page.getByRole('button', { name: 'Save' });
    await expect.poll(() => save.isDisabled()).toBe(true);
    await page.getByText('You are offline. Nothing can be sent until the connection is back.').waitFor();
    await page.getByLabel('Name').press('Enter');
    expect(await faultsOf(page)).toEqual([]);
    await page.context().setOffline(false);
    // By itself, with what was typed.
    await expect.poll(() => save.isDisabled()).toBe(false);
    await page.getByText('You are offline.').first().waitFor({ state: 'detached' });
    await live(page);
    // Whatever waited for the connection would have been sent before this is answered.
    await page.evaluate(`fetch('/v1/me')`);
    expect(sent).toEqual([]);
    expect(await page.getByLabel('Name').inputValue()).toBe('Renamed while offline');
    const owner = await desk.gate.person('owner');
    expect((await owner('GET', '/v1/workspaces/current')).body.name).toBe('Demo');

    await page.goto(at('settings/webhooks'));
    await page.getByRole('button', { name: 'New webhook' }).click();
    await page.getByLabel('Address').fill('https://hooks.example.com/offline');
    await page.context().setOffline(true);
    const dialog = page.getByRole('dialog', { name: 'New webhook' });
    await dialog.getByText('You are offline.').waitFor();
    expect(await dialog.getByRole('button', { name: 'Make' }).isDisabled()).toBe(true);
    await page.getByLabel('Address').press('Enter');
    await page.context().setOffline(false);
    await dialog.getByText('You are offline.').waitFor({ state: 'detached' });
    expect(await page.getByLabel('Address').inputValue()).toBe('https://hooks.example.com/offline');
    expect(sent).toEqual([]);
    await dialog.getByRole('button', { name: 'Make' }).click();
    await page.getByText(/^whsec_/).waitFor();
    expect(sent).toHaveLength(1);
    await leave(page);

    const wire = await startWire(desk.gate.url);
    const cut = await desk.signedIn('admin', { baseURL: wire.url });
    await live(cut);
    wire.cut();
    await cut.locator('[data-offline]').getByText('Countersign cannot be reached.').waitFor();
    wire.mend();
    await cut.getByText('Countersign cannot be reached.').waitFor({ state: 'detached' });
    await leave(cut);
    await wire.close();
  });

  test('a page not loaded yet, asked for without a connection, is ours: without a worker', async () => {
    const page = await desk.signedIn('admin');
    await live(page);
    await page.context().setOffline(true);
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Audit' }).click();
    await page.locator('[data-state="offline"]').getByText('This page has not been loaded yet.').waitFor();
    await page.context().setOffline(false);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { level: 1, name: 'Audit' }).waitFor();
    await leave(page);
  });

  test('a page asked for offline in a new document is ours: with the worker, which keeps files and nothing else', async () => {
    const page = await desk.signedIn('admin', { serviceWorkers: 'allow' });
    await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)');
    await page.goto(at('activity'));
    await live(page);
    await page.context().setOffline(true);
    await page.goto(at('audit'));
    await page.locator('[data-state="offline"]').getByText('You are offline').waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await page.context().setOffline(false);
    await page.getByRole('heading', { level: 1, name: 'Audit' }).waitFor();

    const kept = (await page.evaluate(
      `caches.keys().then((names) => Promise.all(names.map((name) => caches.open(name).then((store) => store.keys())))).then((all) => all.flat().map(({ url }) => new URL(url).pathname))`,
    )) as string[];
    expect(kept).toContain('/');
    expect(
      kept.filter((path) => !/^\/($|assets\/|favicon\.svg$|icon-\d+\.png$|manifest\.webmanifest$)/.test(path)),
    ).toEqual([]);
    const session = await page.context().newCDPSession(page);
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
    // A browser of a test keeps no history of its own, which is all that may keep it from installing.
    expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([]);
    const manifest = await session.send('Page.getAppManifest');
    expect([manifest.errors, JSON.parse(manifest.data!).icons.length > 0]).toEqual([[], true]);
    await leave(page);
  });

  test('a new build replaces what the old one kept', async () => {
    const server = await startRebuilt(desk.gate.url);
    const page = await desk.signedIn('admin', { serviceWorkers: 'allow', baseURL: server.url });
    await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)');
    const stores = () => page.evaluate('caches.keys()');
    const [first] = (await stores()) as string[];
    server.rebuild();
    await page.evaluate('navigator.serviceWorker.getRegistration().then((worker) => worker.update())');
    // It waits until nobody looks at the old build any more.
    await expect
      .poll(async () => {
        await page.goto('about:blank');
        await page.goto(at('inbox'));
        return stores();
      })
      .toEqual([`${first} rebuilt`]);
    await leave(page);
    await server.close();
  });
});

/** The same server behind a proxy, which can make its worker that of another build. */
async function startRebuilt(target: string): Promise<{ url: string; rebuild(): void; close(): Promise<void> }> {
  let isRebuilt = false;
  const server: Server = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const isWorker = url === '/service-worker.js';
    const passed = isWorker ? { ...headers, 'accept-encoding': 'identity', 'if-none-match': '' } : headers;
    const sent = request(`${target}${url}`, { method, headers: passed }, (answer) => {
      if (!isWorker || !isRebuilt) {
        outgoing.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(outgoing);
        return;
      }
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      answer.on('end', () => {
        const { 'content-length': _, ...kept } = answer.headers;
        outgoing.writeHead(answer.statusCode!, kept);
        outgoing.end(text.replace(/const BUILD = "(\w+)"/, 'const BUILD = "$1 rebuilt"'));
      });
    });
    sent.on('error', () => outgoing.destroy());
    outgoing.on('close', () => sent.destroy());
    incoming.pipe(sent);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    rebuild() {
      isRebuilt = true;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
