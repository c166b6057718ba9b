import { describe, expect, test } from 'vitest';
import { newPushReader } from '../support/browser-push.ts';
import { startReceiver } from '../support/receiver.ts';
import { at, type Desk, hasBrowser, hasWholeBrowser, leave, MAIL, signIn, useDesk } from './desk.ts';

describe.skipIf(!hasBrowser)('webhooks and notices', () => {
  let desk: Desk;
  useDesk((opened) => {
    desk = opened;
  });
  /** A folder for pictures of what the pages look like. */
  const pictures = process.env.TEST_PICTURES;

  test('a webhook is made, its secret shown once, and what was sent is listed', { timeout: 90_000 }, async () => {
    const receiver = await startReceiver();
    const page = await desk.signedIn('owner');
    await page.goto(at('settings/webhooks'));
    await page.getByText('No webhooks yet').waitFor();
    await page.getByRole('button', { name: 'New webhook' }).click();
    await page.getByLabel('Address').fill(`${receiver.url}/x`);
    await page.getByRole('button', { name: 'Make' }).click();
    await page
      .getByText(/loopback address/)
      .first()
      .waitFor();
    await page.getByLabel('Address').fill('https://hooks.example.com/x');
    await page.getByRole('button', { name: 'Make' }).click();
    const shown = page.getByText(/^whsec_/);
    const secret = await shown.innerText();
    await page.getByLabel('I have kept the secret').check();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('heading', { name: 'https://hooks.example.com/x' }).waitFor();
    expect(await page.content()).not.toContain(secret);
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByText('webhook.ping').first().waitFor();
    if (pictures) {
      await page.screenshot({ path: `${pictures}/webhook.png`, fullPage: true });
      await page.setViewportSize({ width: 390, height: 844 });
      await page.screenshot({ path: `${pictures}/webhook-phone.png`, fullPage: true });
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.goto(at('settings/account'));
      await page.getByText('How you are told').waitFor();
      await page.screenshot({ path: `${pictures}/account-phone-dark.png`, fullPage: true });
    }
    await leave(page);
    await receiver.close();
  });

  test('showing a card is opening it', { timeout: 60_000 }, async () => {
    const held = await desk.ask('email.send', MAIL);
    const page = await desk.signedIn('owner');
    await page.goto(at(`inbox/${held.approval_id}`));
    await page.getByText(/opened by 1/).click();
    await page.getByText(/opened it/).waitFor();
    if (pictures) await page.screenshot({ path: `${pictures}/card.png`, fullPage: true });
    await leave(page);
  });

  test.skipIf(!hasWholeBrowser)('a notice that is pushed is shown, and leads to its card', async () => {
    const held = await desk.ask('email.send', MAIL);
    const page = await desk.signedIn('owner', { serviceWorkers: 'allow', whole: true });
    const context = page.context();
    await context.grantPermissions(['notifications'], { origin: desk.gate.url });
    await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)');
    const session = await context.newCDPSession(page);
    const registered = new Promise<string>((resolve) => {
      session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        const [one] = registrations;
        if (one !== undefined) resolve(one.registrationId);
      });
    });
    await session.send('ServiceWorker.enable');
    const registrationId = await registered;
    const push = (data: unknown) =>
      session.send('ServiceWorker.deliverPushMessage', {
        origin: desk.gate.url,
        registrationId,
        data: JSON.stringify(data),
      });
    const path = at(`inbox/${held.approval_id}`);
    await push({ title: 'Approval needed: <b>now</b>', body: 'support-agent asks.', path, tag: held.approval_id });
    // What leads elsewhere is none of ours.
    await push({ title: 'Free', body: 'x', path: 'https://evil.example/w/', tag: 'evil' });
    const [worker] = context.serviceWorkers();
    const shown = () =>
      worker!.evaluate(
        'registration.getNotifications().then((all) => all.map(({ title, body, data, tag }) => ({ title, body, data, tag })))',
      );
    const own = {
      title: 'Approval needed: <b>now</b>',
      body: 'support-agent asks.',
      data: path,
      tag: held.approval_id,
    };
    await expect.poll(shown).toEqual([own]);
    // A later one of the same thing takes its place.
    await push({ title: 'Still waiting', body: 'support-agent asks.', path, tag: held.approval_id });
    await expect.poll(shown).toEqual([{ ...own, title: 'Still waiting' }]);
    await page.goto(at('activity'));
    await worker!.evaluate(
      `registration.getNotifications().then(([notification]) => void dispatchEvent(new NotificationEvent('notificationclick', { notification })))`,
    );
    await page.waitForURL(`**${path}`);
    await page.getByRole('button', { name: 'Deny…' }).waitFor();
    await expect.poll(shown).toEqual([]);
    await leave(page);
  });

  test('signed in again, whoever had notices shown on a browser has them shown again, and nobody else', async () => {
    const owner = await desk.gate.person('owner');
    const { id } = (await owner('GET', '/v1/me')).body.user;
    const keys = newPushReader().keys;
    for (const [role, browsers] of [
      ['admin', 0],
      ['owner', 1],
    ] as const) {
      const page = await desk.stranger({ serviceWorkers: 'allow' });
      // A browser of a test reaches no push service: what one would have given is put in its place.
      await page.addInitScript(`
        localStorage.setItem('countersign.notices demo', ${JSON.stringify(id)});
        Object.defineProperty(Notification, 'permission', { get: () => 'granted' });
        const subscription = { endpoint: 'https://push.example.com/again', keys: ${JSON.stringify(keys)} };
        PushManager.prototype.getSubscription = async () => ({ toJSON: () => subscription });
      `);
      await signIn(page, desk.gate, role);
      await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)');
      const settled = page.waitForResponse((response) => response.url().endsWith('/v1/me'));
      await page.goto(at('settings/account'));
      await settled;
      const asks = await desk.gate.person(role);
      const count = async () => (await asks('GET', '/v1/notices')).body.mine.browsers;
      if (browsers > 0) await expect.poll(count).toBe(browsers);
      else {
        await page.getByText('How you are told').waitFor();
        expect(await count()).toBe(0);
      }
      await leave(page);
    }
  });
});
