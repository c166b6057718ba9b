import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { at, type Desk, hasBrowser, leave, startDesk } from './desk.ts';

const VALUE = 'a-value-nobody-reads-again';

describe.skipIf(!hasBrowser)('secrets', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await startDesk();
  }, 120_000);
  afterAll(() => desk?.close());
  afterEach(() => {
    expect(desk.complaints.splice(0)).toEqual([]);
  });

  test('one is written, used by name, given a new value and deleted, and is never shown', async () => {
    const page = await desk.signedIn('owner');
    await page.goto(at('settings/secrets'));
    await page.getByText('No secrets yet').waitFor();
    await page.getByRole('button', { name: 'New secret' }).click();
    await page.getByLabel('Name').fill('payments key');
    await page.getByLabel('Value', { exact: true }).fill(VALUE);
    await page.getByLabel('Sent to').fill('api.example.com, api.example.com:8443');
    await page.getByRole('button', { name: 'Write' }).click();
    await page.getByText(/upper-case letters, digits and _, with a letter first/).waitFor();
    expect(await page.getByLabel('Value', { exact: true }).inputValue()).toBe(VALUE);
    await page.getByLabel('Name').fill('PAYMENTS_KEY');
    await page.getByRole('button', { name: 'Write' }).click();
    await page.getByText('PAYMENTS_KEY is written, version 1.').first().waitFor();
    await page
      .getByRole('row', { name: /PAYMENTS_KEY/ })
      .getByText('api.example.com, api.example.com:8443')
      .waitFor();

    await page.goto(at('connectors'));
    await page.getByRole('button', { name: 'New connector' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Payments');
    await page.getByLabel('Address').fill('https://elsewhere.example.com');
    await page.getByLabel('Headers').fill('Authorization: Bearer {{secret:PAYMENTS_KEY}}');
    await page.getByRole('button', { name: 'Make' }).click();
    await page
      .getByText(/PAYMENTS_KEY is not bound to elsewhere\.example\.com/)
      .first()
      .waitFor();
    await page.getByLabel('Address').fill('https://api.example.com');
    await page.getByRole('button', { name: 'Make' }).click();
    await page.getByText('Payments is made.').first().waitFor();

    await page.goto(at('settings/secrets'));
    await page
      .getByRole('row', { name: /PAYMENTS_KEY/ })
      .getByRole('link', { name: 'Payments' })
      .waitFor();
    await page.getByRole('button', { name: 'New value for PAYMENTS_KEY' }).click();
    await page.getByLabel('Value', { exact: true }).fill(`${VALUE}-2`);
    await page.getByRole('button', { name: 'Write' }).click();
    await page.getByText('PAYMENTS_KEY is written, version 2.').first().waitFor();
    expect(await page.content()).not.toContain(VALUE);
    expect(await page.evaluate('JSON.stringify([{ ...sessionStorage }, { ...localStorage }])')).not.toContain(VALUE);

    await page.getByRole('button', { name: 'Delete PAYMENTS_KEY' }).click();
    await page.getByText('Calls through Payments are refused from then on.').waitFor();
    await page.getByLabel('Type PAYMENTS_KEY to go on').fill('PAYMENTS_KEY');
    await page.getByRole('button', { name: 'Delete for good' }).click();
    await page.getByText('No secrets yet').waitFor();
    await leave(page);
  });

  test('who may not see them is told so', async () => {
    const page = await desk.signedIn('viewer');
    await page.goto(at('settings/secrets'));
    await page.locator('[data-state="forbidden"]').waitFor();
    await leave(page);
  });
});
