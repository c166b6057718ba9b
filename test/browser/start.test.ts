import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Locator } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { at, type Desk, hasBrowser, leave, useDesk } from './desk.ts';
import { faultsOf } from './faults.ts';

const run = promisify(execFile);
const CLICKS_MAX = 10;

describe.skipIf(!hasBrowser)('the first minutes', () => {
  let desk: Desk;
  useDesk((started) => {
    desk = started;
  });

  test('from one’s own API to the first approval on one page, in ten presses at most', async () => {
    const page = await desk.signedIn('owner', { reducedMotion: 'reduce' });
    const sent = desk.gate.upstream.state.outbox.length;
    let presses = 0;
    let written = 0;
    const press = async (what: Locator): Promise<void> => {
      presses += 1;
      await what.click();
    };
    /** A choice is a press, too. */
    const choose = async (what: Locator, label: string): Promise<void> => {
      presses += 1;
      await what.selectOption({ label });
    };
    /** Goes there with Tab, as the fields follow one another, and writes. */
    const write = async (what: Locator, text: string): Promise<void> => {
      written += 1;
      const here = what.and(page.locator(':focus'));
      for (let tabs = 0; (await here.count()) === 0 && tabs < 8; tabs += 1) await page.keyboard.press('Tab');
      expect(await here.count()).toBe(1);
      await page.keyboard.press('ControlOrMeta+a');
      await page.keyboard.type(text);
    };
    await page.goto(at('start'));
    await page.getByRole('heading', { name: 'Put your own API behind the gate' }).waitFor();
    const steps = page.getByRole('list', { name: 'First steps' });
    await steps.locator('[data-step="inbox"][data-done="false"]').waitFor();
    const field = (nth: number): Locator => page.locator('[data-field-row]').nth(nth);

    await write(page.getByLabel('Address'), desk.gate.upstream.url);
    await write(page.getByLabel('Path'), '/mail/send');
    expect(await page.getByLabel('Called').inputValue()).toBe('mail.send.create');
    await write(field(0).getByLabel('Field', { exact: true }), 'to');
    // Enter begins the next field, and has the focus there.
    const next = async (nth: number): Promise<void> => {
      await page.keyboard.press('Enter');
      await field(nth).getByLabel('Field', { exact: true }).and(page.locator(':focus')).waitFor();
    };
    await next(1);
    await write(field(1).getByLabel('Field', { exact: true }), 'subject');
    await next(2);
    await write(field(2).getByLabel('Field', { exact: true }), 'body');
    await choose(field(0).getByLabel('Type'), 'e-mail addresses');
    await choose(field(0).getByLabel('Says'), 'who it reaches');
    await choose(field(1).getByLabel('Says'), 'what it is about');

    const preview = page.locator('[data-preview-card]');
    await preview.locator('[data-marked="recipient"]').getByText('someone@example.com').waitFor();
    const way = `POST ${desk.gate.upstream.url}/mail/send`;
    const sentence = `Send 1 e-mail to someone@example.com through ${way}`;
    await expect.poll(() => preview.locator('[data-sentence]').innerText()).toBe(sentence);
    await preview.getByText('send', { exact: true }).waitFor();
    expect(await faultsOf(page)).toEqual([]);

    await press(page.getByRole('button', { name: 'Set it up and show the token' }));
    const command = page.locator('figure', { hasText: 'A call' }).locator('pre');
    await press(page.locator('figure', { hasText: 'A call' }).getByRole('button', { name: /Copy/ }));
    const { stdout } = await run('bash', ['-c', await command.innerText()]);
    const held = JSON.parse(stdout);
    expect(held.status).toBe('pending_approval');

    // It appears by itself, and has the focus.
    const open = page.locator(`[data-first-approval="${held.approval_id}"]`).getByRole('link');
    await open.waitFor();
    await open.and(page.locator(':focus')).waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await press(open);
    // What was shown beforehand is what the card says.
    await page.getByRole('heading', { level: 1, name: sentence, exact: true }).waitFor();
    await press(page.getByRole('button', { name: 'Approve and run' }));
    await page.locator('[data-outcome="executed"]').waitFor();
    expect(desk.gate.upstream.state.outbox.slice(sent).map(({ to }) => to)).toEqual([['someone@example.com']]);
    expect(presses).toBeLessThanOrEqual(CLICKS_MAX);
    expect(written).toBeLessThanOrEqual(5);

    // All of it is done, so the list of first steps has gone.
    await page.goto(at('start'));
    await page.getByRole('heading', { name: '1. Your API' }).waitFor();
    await steps.waitFor({ state: 'detached' });
    await leave(page);
  });

  test('leaving with something written asks, and staying keeps it', async () => {
    const page = await desk.signedIn('owner');
    await page.goto(at('start'));
    await page.getByLabel('Address').fill('https://api.example.com');
    await page.getByRole('link', { name: 'Audit' }).first().click();
    await page.getByRole('dialog', { name: 'Leave without saving?' }).waitFor();
    await page.getByRole('button', { name: 'Stay and keep writing' }).click();
    expect(await page.getByLabel('Address').inputValue()).toBe('https://api.example.com');
    await page.getByRole('link', { name: 'Audit' }).first().click();
    await page.getByRole('button', { name: 'Leave', exact: true }).click();
    await page.waitForURL(`**${at('audit')}`);
    await leave(page);
  });

  test('what is refused is said at its field, and the next try goes on from there', async () => {
    const page = await desk.signedIn('owner');
    await page.goto(at('start'));
    await page.getByLabel('Address').fill(desk.gate.upstream.url);
    await page.getByLabel('Path').fill('/pages/{id}');
    await page.locator('[data-field-row]').getByLabel('Field', { exact: true }).first().waitFor();
    expect(await page.locator('[data-field-row] input[type="text"]').first().inputValue()).toBe('id');
    await page.getByLabel('Called').fill('Not A Name');
    await page.getByRole('button', { name: 'Set it up and show the token' }).click();
    await page.getByText('use lower-case letters').waitFor();
    // Once: at the field, and nowhere else.
    expect(await page.getByText('use lower-case letters').count()).toBe(1);
    await page.getByLabel('Called').fill('pages.touch');
    await page.getByRole('button', { name: 'Set it up and show the token' }).click();
    await page.getByText('The token is shown only now.').waitFor();
    await leave(page);
  });

  test('those who may not set it up are told so', async () => {
    const page = await desk.signedIn('viewer');
    await page.goto(at('start'));
    await page.locator('[data-state="forbidden"]').waitFor();
    await leave(page);
  });

  test.each([390, 320])('it fits a phone of %d px', async (width) => {
    const page = await desk.signedIn('owner', { viewport: { width, height: 700 }, isMobile: true, hasTouch: true });
    await page.goto(at('start'));
    await page.getByLabel('Address').fill(`https://${'very-long-'.repeat(12)}host.example.com/with/a/path`);
    await page.getByLabel('Path').fill(`/${'word'.repeat(20)}/{id}`);
    expect(await faultsOf(page)).toEqual([]);
    await leave(page);
  });
});
