import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { at, type Desk, type Held, hasBrowser, leave, MAIL, readToEnd, useDesk } from './desk.ts';
import { tooWide } from './faults.ts';

/** A tool that takes anything, for payloads that a form would not make. */
const ANYTHING = 'notes.keep';

/** Where each of some texts stands on screen, from left to right. */
async function leftOf(page: Page, inside: string, texts: readonly string[]): Promise<number[]> {
  return (await page.evaluate(`(() => {
    const texts = ${JSON.stringify(texts)};
    const root = document.querySelector(${JSON.stringify(inside)});
    return texts.map((text) => {
      const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const at = node.data.indexOf(text);
        if (at < 0) continue;
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + text.length);
        return range.getBoundingClientRect().left;
      }
      throw new Error('not there: ' + text);
    });
  })()`)) as number[];
}

describe.skipIf(!hasBrowser)('reading a payload', () => {
  let desk: Desk;
  useDesk(async (started) => {
    desk = started;
    const owner = await desk.gate.person('owner');
    const made = await owner('POST', '/v1/tools', {
      name: ANYTHING,
      description: 'Keeps anything.',
      effect: 'draft',
      handler_kind: 'noop',
      handler_config: {},
      input_schema: { type: 'object' },
    });
    const grant = await owner('POST', `/v1/clients/${desk.gate.demo.clients[0]!.id}/grants`, {
      tool_id: made.body.id,
      policy: 'approve',
    });
    if (grant.status !== 201) throw new Error(grant.text);
  });

  const open = async (page: Page, { approval_id }: Held, search = ''): Promise<void> => {
    await page.goto(at(`inbox/${approval_id}${search}`));
    await page.locator('[data-seal="match"]').waitFor({ state: 'attached' });
  };
  const field = (page: Page, path: string) => page.locator(`[data-field="${path}"]`);
  const types = (page: Page, path: string): Promise<(string | null)[]> =>
    field(page, path)
      .locator('dd [data-type]')
      .evaluateAll((found) => found.map((each) => each.getAttribute('data-type')));

  test('a line break before a Cyrillic word is no mixed script, in either view', async () => {
    const held = await desk.ask('email.send', {
      ...MAIL,
      body: 'Hello,\n\u041f\u0440\u0438\u0432\u0435\u0442\t\u043c\u0438\u0440 \\n\u043a\u0430\u043a',
    });
    const page = await desk.signedIn('admin');
    for (const view of ['', '?view=raw']) {
      await open(page, held, view);
      await page.getByText('\u041f\u0440\u0438\u0432\u0435\u0442').first().waitFor();
      expect(await page.locator('[data-look-alike]').count()).toBe(0);
    }
    await leave(page);
  });

  test('an address keeps its order beside right-to-left text', async () => {
    const held = await desk.ask(ANYTHING, {
      note: '\u05e9\u05dc\u05d7 \u05d0\u05dc https://example.com/\u05d0\u05d0\u05d0/\u05d1\u05d1\u05d1?c=1 \u05ea\u05d5\u05d3\u05d4',
    });
    const page = await desk.signedIn('admin');
    for (const [view, inside] of [
      ['', '[data-field="note"] [data-address]'],
      ['?view=raw', 'article pre [data-address]'],
    ] as const) {
      await open(page, held, view);
      await page.locator(inside).waitFor();
      const places = await leftOf(page, inside, [
        'https',
        'example',
        'com',
        '\u05d0\u05d0\u05d0',
        '\u05d1\u05d1\u05d1',
        '1',
      ]);
      expect(places).toEqual([...places].sort((one, other) => one - other));
    }
    await leave(page);
  });

  test('read is what was on screen: not what a jump left out, and nothing to scroll where all is in view', async () => {
    const short = await desk.ask('email.send', MAIL);
    const long = await desk.ask('email.send', { ...MAIL, body: 'A line of many.\n'.repeat(300) });
    const page = await desk.signedIn('admin');
    await open(page, short);
    await page.getByText('You approve exactly these bytes.').waitFor();
    expect(await page.evaluate('scrollY')).toBe(0);

    await open(page, long);
    await page.keyboard.press('End');
    await expect
      .poll(() => page.evaluate('scrollY + innerHeight >= document.documentElement.scrollHeight - 2'))
      .toBe(true);
    const rest = page.getByRole('button', { name: /^\d+ % was on screen: show the rest$/ });
    await rest.waitFor();
    expect(await page.getByRole('button', { name: 'Approve and run' }).isDisabled()).toBe(true);
    // It leads to what was left out, and what follows that is still to be read.
    await rest.click();
    await expect
      .poll(() => page.evaluate('scrollY + innerHeight < document.documentElement.scrollHeight - 200'))
      .toBe(true);
    await readToEnd(page);
    // What was read stays read.
    await page.evaluate('scrollTo(0, 0)');
    expect(await page.getByRole('button', { name: 'Approve and run' }).isEnabled()).toBe(true);
    await leave(page);
  });

  test('look-alikes are marked, and what only looks odd is not', async () => {
    const held = await desk.ask(ANYTHING, {
      hidden: 'g\u0261oogle paypa\u217c \ua4d6oogle',
      slash: 'https://example.com\u2215evil.test/ and example\u2024com',
      scripts: 'ann@ex\u0b95mple.com',
      punycode: 'https://xn--80ak6aa92e.com',
      fine: '\uff21\uff22\uff23\u682a\u5f0f\u4f1a\u793e, let \u{1d465} be in \u{1d542}',
    });
    const page = await desk.signedIn('admin');
    await open(page, held);
    const marked = async (name: string) => field(page, name).locator('[data-look-alike]').count();
    expect([await marked('hidden'), await marked('slash'), await marked('scripts'), await marked('fine')]).toEqual([
      3, 2, 1, 0,
    ]);
    await field(page, 'punycode').getByText('stands for “\u0430\u0440\u0440\u04cf\u0435”').waitFor();
    await leave(page);
  });

  test('white space that cannot be seen is shown and counted', async () => {
    const held = await desk.ask(ANYTHING, {
      end: 'ann@example.com ',
      breaks: `Pay 1 EUR${'\n'.repeat(3_000)}to everybody`,
      wide: `a${'\u3000'.repeat(200)}b`,
      thin: `a${'\u2009'.repeat(200)}b`,
    });
    const page = await desk.signedIn('admin');
    await open(page, held);
    await page.getByText('This payload has 3 long blanks.').waitFor();
    for (const [name, label] of [
      ['end', '1 space at the end'],
      ['breaks', '3000 line breaks'],
      ['wide', '200 ideographic spaces'],
      ['thin', '200 thin spaces'],
    ] as const) {
      await field(page, name).locator('[data-blank]').getByText(label, { exact: true }).waitFor();
    }
    expect((await field(page, 'breaks').boundingBox())!.height).toBeLessThan(200);
    await leave(page);
  });

  test('types are told apart', async () => {
    const held = await desk.ask(ANYTHING, {
      nothing: null,
      word: 'null',
      number: 42,
      digits: '42',
      yes: true,
      truth: 'true',
      empty: '',
      said: 'empty text',
      list: [],
      object: {},
      '': 'no name',
      one: ['a'],
    });
    const page = await desk.signedIn('admin');
    await open(page, held);
    const found: Record<string, (string | null)[]> = {};
    for (const name of ['nothing', 'word', 'number', 'digits', 'yes', 'truth', 'empty', 'said', 'list', 'object'])
      found[name] = await types(page, name);
    expect(found).toEqual({
      nothing: ['null', 'null-word'],
      word: ['text'],
      number: ['number'],
      digits: ['text'],
      yes: ['boolean'],
      truth: ['text'],
      empty: ['empty-text'],
      said: ['text'],
      list: ['empty'],
      object: ['empty'],
    });
    await page.locator('dt [data-type="empty-name"]').waitFor();
    await field(page, 'one').getByText('list of 1').waitFor();
    await field(page, 'one.0').locator('dt [data-type="index"]').waitFor();
    await leave(page);
  });

  test.each([1440, 390, 320])('deep nesting stays on the screen: %i px', async (width) => {
    let deep: unknown = 'the bottom of it';
    for (let level = 0; level < 24; level += 1) deep = level % 2 === 0 ? { [`level_${level}`]: deep } : [deep];
    const held = await desk.ask(ANYTHING, { deep });
    const page = await desk.signedIn('admin', { viewport: { width, height: 900 } });
    await open(page, held);
    const bottom = (await page.getByText('the bottom of it').last().boundingBox())!;
    expect(bottom.x).toBeGreaterThan(0);
    expect(bottom.x + bottom.width).toBeLessThanOrEqual(width);
    expect(await tooWide(page)).toBe(0);
    await leave(page);
  });
});
