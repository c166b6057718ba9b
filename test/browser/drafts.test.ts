import { describe, expect, test } from 'vitest';
import { at, type Desk, hasBrowser, leave, useDesk } from './desk.ts';

describe.skipIf(!hasBrowser)('drafts and break-glass in the browser', () => {
  let desk: Desk;
  useDesk((started) => {
    desk = started;
  });

  test('a member edits the demo’s draft, publishes it, and is led to the approval it waits for', async () => {
    const page = await desk.signedIn('member');
    await page.goto(at('drafts'));
    await page
      .getByRole('link', { name: /customer@example\.com/ })
      .first()
      .click();
    await page.getByRole('heading', { name: 'What would be sent' }).waitFor();
    await page.getByRole('button', { name: 'Edit…' }).click();
    const area = page.getByLabel(/as JSON/);
    await area.fill('{ "to": 1');
    await page.getByText('This is not JSON yet.').waitFor();
    expect(await page.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    await area.fill('{"to": ["customer@example.com"], "subject": "Your order", "body": 7}');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog').getByText(/body/).first().waitFor();
    await area.fill('{"to": ["customer@example.com"], "subject": "Your order", "body": "It leaves tomorrow."}');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('It leaves tomorrow.').waitFor();
    await page.getByText('Edited by').waitFor();
    await page.getByRole('button', { name: 'Publish' }).click();
    await page.waitForURL(/\/inbox\/apv_/);
    await leave(page);
  });

  test('an owner breaks the glass, every page says so, and it is ended again', async () => {
    const page = await desk.signedIn('owner');
    const owner = await desk.gate.person('owner');
    await owner('POST', '/v1/kill-switches', { scope: 'workspace', reason: 'An incident' });
    await page.goto(at('kill-switches'));
    await page.getByRole('button', { name: 'Break glass…' }).click();
    expect(await page.getByRole('button', { name: 'Break the glass' }).isDisabled()).toBe(true);
    await page.getByLabel('Why calls have to pass now').fill('The payroll has to go out');
    await page.getByRole('button', { name: 'Break the glass' }).click();
    const banner = page.getByRole('complementary', { name: 'Kill switch' });
    await banner.getByText('Break-glass').waitFor();
    await page.goto(at('activity'));
    await banner.getByText('The payroll has to go out').waitFor();
    expect(
      (await desk.gate.client()('POST', '/api/agent/gateway', { tool: 'help.search', arguments: { q: 'x' } })).status,
    ).toBe(200);
    await page.goto(at('kill-switches'));
    await page.getByRole('button', { name: 'Stop again now' }).click();
    await banner.getByText('Every call in this workspace is stopped').waitFor();
    await leave(page);
  });
});
