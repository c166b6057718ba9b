import { describe, expect, test } from 'vitest';
import { at, type Desk, hasBrowser, leave, useDesk } from './desk.ts';
import { faultsOf, tooWide } from './faults.ts';

/** Where pictures of the pages go, for whoever wants to look at them. */
const PICTURES = process.env.TEST_PICTURES;

describe.skipIf(!hasBrowser)('the form of a tool', () => {
  let desk: Desk;
  useDesk((opened) => {
    desk = opened;
  });

  const schema = (names: readonly string[]): string =>
    JSON.stringify({
      type: 'object',
      properties: Object.fromEntries(names.map((name) => [name, name === 'tags' ? { type: 'array' } : {}])),
      additionalProperties: false,
    });
  const toolNamed = async (name: string) => {
    const owner = await desk.gate.person('owner');
    const { items } = (await owner('GET', `/v1/tools?q=${name}`)).body;
    return items[0];
  };

  test('every member of an HTTP tool has a field, and all of it can be written as JSON', {
    timeout: 120_000,
  }, async () => {
    const page = await desk.signedIn('owner');
    await page.goto(at('tools/new'));
    await page.getByLabel('Name', { exact: true }).fill('parcels.send');
    await page.getByLabel('Input schema').fill(schema(['id', 'tags', 'trace', 'file', 'note']));
    await page.getByRole('combobox', { name: 'Connector' }).fill('demo');
    await page.getByRole('option', { name: /demo-upstream/ }).click();
    await page.getByLabel('Path').fill('/parcels/{id}');
    await page.getByText('Query, headers, body, time and retries').click();
    await page.getByLabel('Query', { exact: true }).selectOption('some');
    await page.getByRole('button', { name: 'Add an argument of the query' }).click();
    await page.getByLabel('Argument (1)').fill('tags');
    await page.getByLabel('Called there (1)').fill('tag');
    await page.getByLabel('Arrays and objects (1)').selectOption({ label: 'a=1|2' });
    await page.getByRole('button', { name: 'Add an argument as a header' }).click();
    const inHeaders = page.getByRole('group', { name: 'Arguments in headers' });
    await inHeaders.getByLabel('Argument (1)').fill('trace');
    await inHeaders.getByLabel('Header (1)').fill('Host');
    await page.getByLabel('Body', { exact: true }).selectOption('multipart');
    await page.getByRole('button', { name: 'Add an argument of the body' }).click();
    const files = page.getByRole('group', { name: 'Files, and arguments that are called otherwise' });
    await files.getByLabel('Argument (1)').fill('file');
    await files.getByLabel('File').check();
    await page.getByLabel('Time (milliseconds)').fill('5000');
    await page.getByLabel(/idempotent/).check();
    await page.getByRole('button', { name: 'Add the tool' }).click();
    // What is wrong stands beside its field, and nothing that was written is lost.
    await inHeaders.getByText(/set by Countersign only/).waitFor();
    await inHeaders.getByLabel('Header (1)').fill('X-Trace');
    expect(await faultsOf(page)).toEqual([]);
    if (PICTURES) {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        for (const width of [1440, 390]) {
          await page.setViewportSize({ width, height: 900 });
          await page.screenshot({ path: `${PICTURES}/tool-form-${width}-${colorScheme}.png`, fullPage: true });
        }
      }
    }
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await tooWide(page)).toBe(0);
    await page.getByRole('button', { name: 'Add the tool' }).click();
    await page.waitForURL(/\/tools\/tool_/);
    expect((await toolNamed('parcels.send')).handler_config).toEqual({
      method: 'POST',
      path: '/parcels/{id}',
      query: [{ argument: 'tags', name: 'tag', style: 'pipeDelimited', explode: false }],
      header_arguments: [{ argument: 'trace', name: 'X-Trace' }],
      body: { as: 'multipart', fields: [{ argument: 'file', file: true }] },
      timeout_ms: 5000,
      idempotent: true,
    });

    await page.setViewportSize({ width: 1440, height: 900 });
    await page.getByRole('button', { name: 'Change…' }).click();
    await page.getByLabel('Body', { exact: true }).selectOption('json');
    await page.getByLabel('Made of').selectOption('template');
    await page.getByLabel('The template').fill('{"note": "{note}", "file": "{file}"');
    await page.getByText(/This is no JSON yet/).waitFor();
    await page.getByLabel('The template').fill('{"note": "{note}", "file": "{file}"}');
    await page.getByText('As JSON', { exact: true }).click();
    const whole = page.getByLabel('All of the configuration');
    const text = await whole.inputValue();
    expect(JSON.parse(text).body).toEqual({ as: 'json', template: { note: '{note}', file: '{file}' } });
    await whole.fill(text.replace('5000', '7000'));
    await expect.poll(() => page.getByLabel('Time (milliseconds)').inputValue()).toBe('7000');
    await page.getByRole('button', { name: 'Save the tool' }).click();
    await page.getByText('parcels.send is saved.').first().waitFor();
    expect((await toolNamed('parcels.send')).handler_config).toMatchObject({
      timeout_ms: 7000,
      body: { as: 'json', template: { note: '{note}', file: '{file}' } },
    });
    await leave(page);
  });
});
