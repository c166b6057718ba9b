import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { at, type Desk, hasBrowser, startDesk } from './desk.ts';

/** Where pictures of the pages go, for whoever wants to look at them. */
const PICTURES = process.env.TEST_PICTURES;

const operation = (id: string, summary: string) => ({
  operationId: id,
  summary,
  responses: { 200: { description: 'Done.' } },
});
const DOCUMENT = (key: object) => ({
  openapi: '3.1.0',
  info: { title: 'Parcels API', version: '3' },
  components: { securitySchemes: { key } },
  security: [{ key: [] }],
  paths: {
    '/parcels': {
      get: operation('listParcels', 'Parcels on their way'),
      post: operation('sendParcel', 'Send a parcel'),
    },
    '/parcels/{id}': { get: operation('getParcel', 'One parcel'), head: operation('peek', 'Whether there is one') },
  },
});

describe.skipIf(!hasBrowser)('importing tools', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await startDesk();
  }, 240_000);
  afterAll(() => desk?.close());
  afterEach(() => {
    expect(desk.complaints.splice(0)).toEqual([]);
  });

  test('a document is pasted, operations are chosen with their effects, imported, and read again', async () => {
    const page = await desk.signedIn('owner');
    await page.goto(at('tools'));
    await page.getByRole('link', { name: 'Import OpenAPI' }).click();
    await page.getByLabel('Or its text').fill('no document');
    await page.getByRole('button', { name: 'Read it' }).click();
    await page
      .getByText(/not an object in JSON or YAML/)
      .first()
      .waitFor();
    const key = { type: 'apiKey', in: 'header', name: 'X-Key' };
    await page.getByLabel('Or its text').fill(JSON.stringify(DOCUMENT(key)));
    await page.getByRole('button', { name: 'Read it' }).click();
    await page.getByRole('heading', { name: '3 operations, 0 chosen' }).waitFor();
    await page.getByText('1 cannot be imported').click();
    await page.getByText('HEAD is not called').waitFor();

    await page.getByLabel('Address').fill(desk.gate.upstream.url);
    await page.getByLabel(/Sign in with key/).check();
    await page.getByLabel('Its value').fill('a-key-for-parcels');
    await page.getByLabel('Find an operation').fill('one parcel');
    await page
      .getByRole('row', { name: /get_parcel/ })
      .getByRole('checkbox')
      .check();
    await page.getByLabel('Find an operation').fill('');
    await page
      .getByRole('row', { name: /send_parcel/ })
      .getByRole('checkbox')
      .check();
    await page.getByLabel('Effect of parcels.send_parcel').selectOption('charge');
    if (PICTURES) {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        for (const width of [1440, 390]) {
          await page.setViewportSize({ width, height: 900 });
          await page.screenshot({ path: `${PICTURES}/import-${width}-${colorScheme}.png`, fullPage: true });
        }
      }
      await page.setViewportSize({ width: 1440, height: 900 });
    }
    await page.getByRole('button', { name: 'Import 2 operations' }).click();
    await page.getByText('2 made, 0 changed').waitFor();
    await page.getByRole('button', { name: 'To the connector' }).click();
    await page.getByRole('heading', { name: 'Parcels API' }).waitFor();
    await page
      .getByRole('row', { name: /parcels\.send_parcel/ })
      .getByText(/charge/i)
      .first()
      .waitFor();
    expect(await page.content()).not.toContain('a-key-for-parcels');

    await page.getByRole('button', { name: 'Test the connection' }).click();
    await page.getByText(/It answers/).waitFor();
    if (PICTURES) await page.screenshot({ path: `${PICTURES}/connector.png`, fullPage: true });
    await page.getByRole('link', { name: 'Import again' }).click();
    const { '/parcels/{id}': _, ...paths } = DOCUMENT(key).paths;
    await page.getByLabel('Or its text').fill(JSON.stringify({ ...DOCUMENT(key), paths }));
    await page.getByRole('button', { name: 'Read it' }).click();
    await page.getByText('No longer in the document').waitFor();
    await page.getByLabel(/parcels\.get_parcel/).check();
    await page.getByRole('button', { name: 'Take over 1 operation' }).click();
    await page.getByText('1 archived').waitFor();
  });

  test('a curl command becomes a tool, and its credential a secret', async () => {
    const page = await desk.signedIn('owner');
    await page.goto(at('tools/new'));
    await page.getByRole('button', { name: 'From a curl command' }).click();
    const command = `curl -X POST https://api.example.com/v1/notes -H 'Authorization: Bearer 0123456789abcdef0123' -d '{"text":"hi"}'`;
    await page.getByLabel('The command').fill('ls');
    await page.getByRole('button', { name: 'Read it' }).click();
    await page
      .getByText(/it begins with curl/)
      .first()
      .waitFor();
    await page.getByLabel('The command').fill(command);
    await page.getByRole('button', { name: 'Read it' }).click();
    await page.getByText('POST to api.example.com/v1/notes').waitFor();
    await page.getByLabel(/Secret EXAMPLE_AUTHORIZATION/).fill('the-real-key-of-it');
    if (PICTURES) {
      await page.screenshot({ path: `${PICTURES}/curl.png` });
      await page.setViewportSize({ width: 390, height: 844 });
      await page.screenshot({ path: `${PICTURES}/curl-390.png` });
      await page.setViewportSize({ width: 1440, height: 900 });
    }
    await page.getByRole('button', { name: 'Use it' }).click();
    await page.getByLabel('Name', { exact: true }).and(page.locator('[value="example.create_notes"]')).waitFor();
    await page.getByRole('button', { name: 'Add the tool' }).click();
    await page.getByRole('heading', { name: 'example.create_notes' }).waitFor();
  });

  test('a mail server is entered by a form of its own, and what is wrong stands beside its field', async () => {
    const page = await desk.signedIn('owner');
    await page.goto(at('connectors'));
    await page.getByRole('button', { name: 'New connector' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Mail');
    await page.getByLabel('Kind').selectOption('email');
    await page.getByLabel('Mail server').fill('localhost');
    await page.getByLabel('From').fill('agents@example.com');
    await page.getByRole('button', { name: 'Make' }).click();
    await page
      .getByText(/local network/)
      .first()
      .waitFor();
    if (PICTURES) await page.screenshot({ path: `${PICTURES}/email.png` });
    await page.getByLabel('Mail server').fill('smtp.example.com');
    await page.getByRole('button', { name: 'Make' }).click();
    await page.getByText('Mail is made.').first().waitFor();
  });
});
