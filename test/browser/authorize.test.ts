import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type OauthProvider, startOauthProvider } from '../support/oauth-provider.ts';
import { at, type Desk, hasBrowser, leave, startDesk } from './desk.ts';

describe.skipIf(!hasBrowser)('authorizing a connector', () => {
  let desk: Desk;
  let provider: OauthProvider;
  beforeAll(async () => {
    provider = await startOauthProvider();
    desk = await startDesk({ COUNTERSIGN_EGRESS_ALLOW: `${provider.host},${provider.api.host}` });
  }, 120_000);
  afterAll(async () => {
    await desk?.close();
    await provider?.close();
  });
  afterEach(() => {
    expect(desk.complaints.splice(0)).toEqual([]);
  });

  test('a connector is set up, authorized at its provider, and taken back', async () => {
    const owner = await desk.gate.person('owner');
    const secret = { name: 'CLIENT_SECRET', value: provider.clientSecret, hosts: [provider.host] };
    expect((await owner('POST', '/v1/secrets', secret)).status).toBe(201);
    const page = await desk.signedIn('owner');
    await page.goto(at('connectors'));
    await page.getByRole('button', { name: 'New connector' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Refunds');
    await page.getByLabel('Address').fill(provider.api.url);
    await page.getByLabel('Authorization', { exact: true }).selectOption('oauth');
    await page.getByText(`${desk.gate.url}/authorized`).waitFor();
    await page.getByLabel('Authorization URL').fill(`${provider.url}/authorize`);
    await page.getByLabel('Token URL').fill(`${provider.url}/token`);
    await page.getByLabel('Client id').fill(provider.clientId);
    await page.getByLabel('Client secret').fill('{{secret:NOBODY}}');
    await page.getByLabel('Scopes').fill('refunds.read refunds.write');
    await page.getByRole('button', { name: 'Make' }).click();
    await page
      .getByText(/there is no secret NOBODY/)
      .first()
      .waitFor();
    await page.getByLabel('Client secret').fill('{{secret:CLIENT_SECRET}}');
    await page.getByRole('button', { name: 'Make' }).click();
    await page.getByText('Calls are refused until somebody authorizes it at the provider.').waitFor();

    provider.behaviour.denies = true;
    await page.getByRole('button', { name: 'Authorize…' }).click();
    await page.getByText('The provider refused: access_denied.').waitFor();
    expect(page.url()).toBe(`${desk.gate.url}/authorized`);
    await page.getByRole('link', { name: 'Back to the connectors' }).click();
    await page.getByRole('link', { name: 'Refunds' }).click();

    provider.behaviour.denies = false;
    await page.getByRole('button', { name: 'Authorize…' }).click();
    await page.waitForURL(/\/connectors\/con_/);
    await page.getByText('refunds.read refunds.write').waitFor();
    await page.getByText(/renewed by itself/).waitFor();
    await page.getByRole('button', { name: 'Take it back…' }).click();
    await page.getByRole('button', { name: 'Take it back', exact: true }).click();
    await page.getByText('The authorization of Refunds is taken back.').first().waitFor();
    await page.getByText('Calls are refused until somebody authorizes it at the provider.').waitFor();
    expect(provider.revoked).toHaveLength(0);
    await page.goto('/authorized?state=org_nothing.x&code=y');
    await page.getByText('Nothing was authorized').waitFor();
    expect(page.url()).toBe(`${desk.gate.url}/authorized`);
    await leave(page);
  });

  test('it looks right in both windows and themes', async () => {
    const owner = await desk.gate.person('owner');
    const { items } = (await owner('GET', '/v1/connectors?q=Refunds')).body;
    const begun = await owner('POST', `/v1/connectors/${items[0].id}/authorization`);
    const callback = await provider.browse(begun.body.authorize_url);
    expect((await owner('POST', '/v1/connectors/authorizations', callback)).status).toBe(200);
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [1440, 390]) {
        const page = await desk.signedIn('owner', { colorScheme, viewport: { width, height: 900 } });
        await page.goto(at(`connectors/${items[0].id}`));
        await page.getByText(/renewed by itself/).waitFor();
        const wide = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        expect(wide, `${width} ${colorScheme}`).toBeLessThanOrEqual(0);
        if (process.env.TEST_SCREENSHOTS) {
          await page.screenshot({ path: `${process.env.TEST_SCREENSHOTS}/authorized-${width}-${colorScheme}.png` });
          await page.getByRole('button', { name: 'Change…' }).click();
          await page.getByLabel('Token URL').waitFor();
          await page.screenshot({
            path: `${process.env.TEST_SCREENSHOTS}/form-${width}-${colorScheme}.png`,
            fullPage: true,
          });
          await page.getByRole('button', { name: 'Cancel' }).click();
        }
        await leave(page);
      }
    }
  });
});
