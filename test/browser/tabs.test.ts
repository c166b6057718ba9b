import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { at, type Desk, hasBrowser, leave, MAIL, startDesk } from './desk.ts';

const TABS = 8;

describe.skipIf(!hasBrowser)('many tabs over HTTP/1.1', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await startDesk();
  }, 120_000);
  afterAll(() => desk?.close());

  const isLive = async (page: Page): Promise<void> => {
    await page.locator('[data-stream="live"]').waitFor();
    // A list that is not there yet has nothing new to tell of.
    await page.locator('[data-row]').first().waitFor();
  };

  test('share one stream, all hear, all can ask, and the next takes over when its tab is closed', {
    timeout: 120_000,
  }, async () => {
    const first = await desk.signedIn('admin');
    const context = first.context();
    const streams = new Set<Page>();
    const watch = (page: Page): void => {
      page.on('request', (request) => {
        if (request.url().endsWith('/v1/events')) streams.add(page);
      });
      page.on('requestfailed', (request) => {
        if (request.url().endsWith('/v1/events')) streams.delete(page);
      });
    };
    watch(first);
    await first.goto(at('inbox'));
    await isLive(first);
    const tabs = [first];
    while (tabs.length < TABS) {
      const page = await context.newPage();
      watch(page);
      await page.goto(at('inbox'));
      await isLive(page);
      tabs.push(page);
    }
    expect([...streams]).toEqual([first]);

    await desk.ask('email.send', { ...MAIL, subject: 'To every tab' });
    for (const page of tabs) await page.getByRole('button', { name: /1 new in the inbox/ }).waitFor();

    await first.close();
    const left = tabs.slice(1);
    await expect.poll(() => left.filter((page) => streams.has(page)).length).toBe(1);
    const held = await desk.ask('email.send', { ...MAIL, subject: 'After the first tab' });
    for (const page of left) {
      await page.getByRole('button', { name: /2 new in the inbox/ }).click();
      await page.locator(`[data-row="${held.approval_id}"]`).waitFor();
    }
    expect(left.filter((page) => streams.has(page))).toHaveLength(1);
    expect(desk.complaints).toEqual([]);
    await leave(left[0]!);
  });
});
