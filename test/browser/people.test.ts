import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, describe, expect, test } from 'vitest';
import { createUser } from '../../src/identity/users.ts';
import { endNodes, startNode } from '../faults/support/node.ts';
import { at, type Desk, hasBrowser, leave, signIn, useDesk } from './desk.ts';
import { faultsOf } from './faults.ts';

const PASSWORD = 'seven brass lanterns';
const OTHER_PASSWORD = 'nine velvet umbrellas';
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } as const;

const focused = (page: Page) => page.evaluate('document.activeElement?.getAttribute("name")');
const settle = (page: Page) => page.locator('[data-state="loading"]').first().waitFor({ state: 'detached' });

describe.skipIf(!hasBrowser)('people', () => {
  let desk: Desk;
  useDesk((started) => {
    desk = started;
  });
  afterAll(() => endNodes());

  test('an admin invites, and the person invited joins by keyboard alone, on a phone', async () => {
    const still = { reducedMotion: 'reduce' } as const;
    const admin = await desk.signedIn('admin', still);
    await admin.goto(at('settings/members'));
    await admin.getByRole('button', { name: 'Invite a person' }).click();
    await admin.getByLabel('E-mail address').fill('grace@example.com');
    await admin.getByLabel('Role', { exact: true }).selectOption('member');
    await admin.getByRole('button', { name: 'Make the link' }).click();
    const link = (await admin.locator('pre').textContent())!;
    expect(link).toMatch(/\/join#token=[\w-]{43}$/);
    await admin.getByRole('button', { name: 'Done' }).click();
    const row = admin.getByRole('table', { name: 'Invitations' }).getByRole('row', { name: /grace@example\.com/ });
    await row.getByText('waiting').waitFor();
    expect(await admin.content()).not.toContain(link);
    expect(await faultsOf(admin)).toEqual([]);

    const phone = await desk.stranger({ ...PHONE, ...still });
    await phone.goto(link);
    await phone.getByRole('heading', { name: 'Join Demo' }).waitFor();
    await settle(phone);
    expect(new URL(phone.url()).hash).toBe('');
    expect(await focused(phone)).toBe('name');
    expect(await faultsOf(phone)).toEqual([]);
    await phone.keyboard.type('Grace');
    await phone.keyboard.press('Tab');
    await phone.keyboard.type('password123');
    await phone.keyboard.press('Enter');
    await phone.getByText('is easy to guess').first().waitFor();
    await phone.getByLabel('Choose a password').fill(PASSWORD);
    await phone.keyboard.press('Enter');
    await phone.waitForURL('**/w/demo');

    await row.waitFor({ state: 'detached' });
    await admin.getByRole('table', { name: 'Members' }).getByText('Grace', { exact: true }).waitFor();
    const late = await desk.stranger(still);
    await late.goto(link);
    await late.getByText('This link does not work any more').waitFor();
    await Promise.all([admin, phone, late].map(leave));
  }, 180_000);

  test('an invitation is renewed and taken back, and the old links say so', async () => {
    const owner = await desk.gate.person('owner');
    const { body } = await owner('POST', '/v1/members', { email: 'late@example.com', role: 'viewer' });
    const admin = await desk.signedIn('owner');
    await admin.goto(at('settings/members'));
    await admin.getByRole('button', { name: 'New link for late@example.com' }).click();
    const renewed = (await admin.locator('pre').textContent())!;
    await admin.getByRole('button', { name: 'Done' }).click();
    const stranger = await desk.stranger();
    await stranger.goto(body.link);
    await stranger.getByText('This link does not work any more').waitFor();
    await admin.getByRole('button', { name: 'Take back the invitation of late@example.com' }).click();
    await admin.getByRole('button', { name: 'Take back', exact: true }).click();
    await admin.getByRole('row', { name: /late@example\.com/ }).waitFor({ state: 'detached' });
    await stranger.goto('/sign-in');
    await stranger.goto(renewed);
    await stranger.getByText('This link does not work any more').waitFor();
    await stranger.reload();
    await stranger.getByText('Open the whole link again').waitFor();
    await Promise.all([admin, stranger].map(leave));
  }, 180_000);

  test('one changes the password and ends other sign-ins', async () => {
    const [here, there] = [await desk.signedIn('viewer'), await desk.signedIn('viewer')];
    const { password } = desk.gate.demo.users.find(({ role }) => role === 'viewer')!;
    await here.goto(at('settings/security'));
    await here.getByRole('button', { name: 'Sign out everywhere else' }).click();
    await here.getByRole('button', { name: 'Sign out everywhere else' }).waitFor({ state: 'detached' });
    await here.goto(at('settings/account'));
    await here.getByText('Others know this password.').waitFor();
    await there.reload();
    await there.waitForURL(/\/sign-in/);
    expect(await focused(there)).toBe('email');
    await here.getByLabel('Your present password').fill('not the password');
    await here.getByLabel('New password').fill(OTHER_PASSWORD);
    await here.getByRole('button', { name: 'Change the password' }).click();
    await here.getByText('is not your present password').first().waitFor();
    await here.getByLabel('Your present password').fill(password);
    await here.getByRole('button', { name: 'Change the password' }).click();
    await here.getByText('Changed. Every other sign-in has ended.').waitFor();
    await here.reload();
    await here.getByRole('heading', { name: 'Your account' }).waitFor();
    await here.getByText('Others know this password.').waitFor({ state: 'detached' });
    await Promise.all([here, there].map(leave));
  }, 180_000);

  test('a password that others know leads to its change, whatever page is asked for', async () => {
    const { store } = desk.gate.running.app;
    const { email, password } = desk.gate.demo.users.find(({ role }) => role === 'member')!;
    await store.people.updateTable('auth_users').set({ password_known_in: null }).where('email', '=', email).execute();
    const page = await desk.stranger({ reducedMotion: 'reduce' });
    await page.goto('/sign-in');
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/change-password');
    await page.goto(at('clients'));
    await page.waitForURL('**/change-password');
    await page.getByLabel('The password you have').fill(password);
    await page.getByLabel('New password').fill(PASSWORD);
    expect(await faultsOf(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/w/demo');
    await leave(page);
  }, 180_000);

  test('the link that serve prints makes the owner and the workspace', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'countersign-setup-'));
    try {
      const node = await startNode({ dataDir, egressAllow: '' });
      const link = /\S+\/setup#token=\S+/.exec(node.output())![0];
      const page = await desk.stranger({ ...PHONE, reducedMotion: 'reduce' });
      await page.goto(link);
      await page.getByRole('heading', { name: 'Set up Countersign' }).waitFor();
      await settle(page);
      expect(await focused(page)).toBe('organization');
      await page.keyboard.type('Acmé Europe');
      expect(await page.getByLabel('Its short name').inputValue()).toBe('acme-europe');
      await page.getByLabel('Your name').fill('Ada');
      await page.getByLabel('Your e-mail address').fill('ada@example.com');
      await page.getByLabel('Choose a password').fill(PASSWORD);
      expect(await faultsOf(page)).toEqual([]);
      await page.keyboard.press('Enter');
      await page.waitForURL('**/w/acme-europe');
      await leave(page);
    } finally {
      await endNodes();
      rmSync(dataDir, { recursive: true, force: true });
    }
  }, 180_000);

  test('somebody with an account accepts an invitation by signing in', async () => {
    const theirs = await desk.gate.person('owner', 0, desk.gate.other);
    const email = 'known@example.com';
    await createUser(desk.gate.running.app.store, { email, name: 'Known', password: PASSWORD });
    const { body } = await theirs('POST', '/v1/members', { email, role: 'viewer' });
    const page = await desk.stranger();
    await page.goto(body.link);
    await page.getByLabel('I have an account with this address').check();
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in and join' }).click();
    await page.waitForURL('**/w/other');
    await leave(page);

    const wrong = await desk.stranger();
    await signIn(wrong, desk.gate, 'admin');
    const again = await theirs('POST', '/v1/members', { email: 'hopper@example.com', role: 'viewer' });
    await wrong.goto(again.body.link);
    await wrong.getByText('The invitation is for').waitFor();
    await wrong.getByRole('button', { name: 'Sign out, and accept as hopper@example.com' }).click();
    await wrong.getByLabel('Your name').waitFor();
    await leave(wrong);
  }, 180_000);
});
