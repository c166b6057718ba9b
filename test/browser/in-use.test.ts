import type { BrowserContextOptions } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { fillWorkspace } from '../support/in-use.ts';
import { asSuperuser } from '../support/superuser.ts';
import { at, type Desk, hasBrowser, leave, MAIL, REFUND, useDesk } from './desk.ts';
import { faultsOf } from './faults.ts';

const COUNTS = { clients: 500, tools: 200, calls: 5_000, approvals: 1_000 };
const LONG = 'unbroken'.repeat(8);

/** A colour on its way to another is nobody's colour. */
const still = { reducedMotion: 'reduce' } as const;
const phone = { isMobile: true, hasTouch: true } as const;
/** Both sets of colours are looked at on the wide page, what depends on the layout at 390 px, the width at 320. */
const WINDOWS: readonly [string, Parameters<typeof faultsOf>[1], BrowserContextOptions][] = [
  ['light, 1440 px', 'all', { colorScheme: 'light', viewport: { width: 1440, height: 900 } }],
  ['dark, 1440 px', 'colours', { colorScheme: 'dark', viewport: { width: 1440, height: 900 } }],
  ['light, a phone of 390 px', 'structure', { colorScheme: 'light', viewport: { width: 390, height: 844 }, ...phone }],
  ['dark, a phone of 320 px', 'nothing', { colorScheme: 'dark', viewport: { width: 320, height: 640 }, ...phone }],
];

describe.skipIf(!hasBrowser)('a workspace in use', () => {
  let desk: Desk;
  let paths: readonly string[];
  useDesk(async (started) => {
    desk = started;
    const { gate } = desk;
    const owner = await gate.person('owner');
    const [connector] = (await owner('GET', '/v1/connectors')).body.items;
    const me = (await owner('GET', '/v1/me')).body.user.id;
    await asSuperuser(gate, (sql) =>
      fillWorkspace({ tenantId: gate.tenantId, ownerId: me, connectorId: connector.id, sql }, COUNTS),
    );
    const held = await desk.ask('refunds.create', REFUND);
    const strange = await desk.ask('email.send', { ...MAIL, to: ['a@p\u0430ypal.com'], subject: 'x\u202ey' });
    const long = await owner('POST', '/v1/clients', { name: LONG, description: 'x'.repeat(300) });
    const reason = 'A test.';
    const stopped = await owner('POST', '/v1/kill-switches', { scope: 'client', id: long.body.id, reason });
    expect([long.status, stopped.status]).toEqual([201, 201]);
    const tool = (await owner('GET', '/v1/tools?q=email.send')).body.items[0].id;
    const client = gate.demo.clients[0]!.id;
    const draft = (await owner('GET', '/v1/drafts')).body.items[0].id;
    paths = [
      '',
      'inbox',
      'inbox?show=all',
      `inbox/${held.approval_id}`,
      `inbox/${strange.approval_id}`,
      `inbox/${strange.approval_id}?view=raw`,
      'drafts',
      `drafts/${draft}`,
      'activity',
      `activity/${held.execution_id}`,
      'clients',
      `clients/${client}`,
      `clients/${long.body.id}?tab=tokens`,
      `clients/${client}?tab=usage`,
      'tools',
      `tools/${tool}`,
      'tools/new',
      'connectors',
      `connectors/${connector.id}`,
      'kill-switches',
      `kill-switches?flip=client&target=${long.body.id}`,
      'audit',
      'audit?seq=3',
      'settings',
      'settings/members',
      'settings/secrets',
      'settings/webhooks',
      'settings/account',
      'settings/security',
      'start',
    ];
  });

  test.each(WINDOWS)(
    'no page breaks WCAG 2.2 AA or is wider than the window: %s',
    { timeout: 300_000 },
    async (_name, look, window) => {
      const options = { ...still, ...window };
      const page = await desk.signedIn('owner', options);
      const wrong: object[] = [];
      for (const path of paths) {
        await page.goto(at(path));
        await page.getByRole('heading').first().waitFor();
        await page.locator('[data-state="loading"]').first().waitFor({ state: 'detached' });
        const found = await faultsOf(page, look);
        if (found.length > 0) wrong.push({ path, found });
      }
      expect(wrong).toEqual([]);
      await page.goto('/w/nowhere/inbox');
      await page.locator('[data-state="forbidden"]').waitFor();
      expect(await faultsOf(page, look)).toEqual([]);
      const stranger = await desk.stranger(options);
      await stranger.goto('/');
      await stranger.getByRole('heading', { name: 'Sign in' }).waitFor();
      expect(await faultsOf(stranger, look)).toEqual([]);
      await Promise.all([page, stranger].map(leave));
    },
  );
});
