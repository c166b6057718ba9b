import { describe, expect, test } from 'vitest';
import { compileSchema } from '../../kernel/json-schema.ts';
import { connectorSchema, handlerSchema } from '../../upstream/shapes.ts';
import { checkConfig } from '../config-check.ts';
import { type CurlDraft, draftOfCurl } from './draft.ts';

const read = (command: string): CurlDraft => {
  const draft = draftOfCurl(command);
  if (typeof draft === 'string') throw new Error(draft);
  // What it gives can be saved as it is.
  expect(checkConfig('handler_config', handlerSchema('http')!, draft.tool.handler_config)).toMatchObject({ ok: true });
  expect(checkConfig('config', connectorSchema('http')!, draft.connector.config)).toMatchObject({ ok: true });
  expect(compileSchema(draft.tool.input_schema)).toMatchObject({ ok: true });
  return draft;
};

test('a JSON call with a key becomes a tool, a connector and a place for the key', () => {
  const draft = read(`curl -sS -X POST 'https://api.example.com/v1/charges/17/refunds?expand=charge' \\
    -H "Authorization: Bearer sk_live_4eC39HqLyjWDarjtT1zdp7dc" -H 'Content-Type: application/json' -H 'X-Source: agents' \\
    --data-raw '{"amount": 1250, "reason": "it'"'"'s late", "metadata": {"order": 7}}'`);
  expect(draft).toMatchObject({
    tool: {
      name: 'example.create_refunds',
      effect: 'charge',
      handler_config: {
        method: 'POST',
        path: '/v1/charges/{charge_id}/refunds',
        query: ['expand'],
        headers: { 'X-Source': 'agents' },
        body: { as: 'json' },
      },
    },
    connector: {
      kind: 'http',
      config: {
        base_url: 'https://api.example.com',
        headers: { Authorization: 'Bearer {{secret:EXAMPLE_AUTHORIZATION}}' },
      },
    },
    secrets: [{ name: 'EXAMPLE_AUTHORIZATION', about: 'header Authorization', host: 'api.example.com' }],
    runs: 'POST to api.example.com/v1/charges/{charge_id}/refunds',
  });
  expect(draft.tool.input_schema).toMatchObject({
    required: ['charge_id', 'expand', 'amount', 'reason', 'metadata'],
    properties: {
      charge_id: { examples: ['17'] },
      amount: { type: 'integer', examples: [1250] },
      reason: { examples: ["it's late"] },
    },
  });
  expect(JSON.stringify(draft)).not.toContain('sk_live');
});

test('variables stay variables: of a header they name a secret, elsewhere an argument', () => {
  const draft = read(
    'curl "https://api.example.com/users/$USER_ID" -H "X-Api-Key: $CRM_KEY" -d name=Ann -d "team=$TEAM" -XPUT',
  );
  expect(draft.tool.handler_config).toMatchObject({ method: 'PUT', path: '/users/{user_id}', body: { as: 'form' } });
  expect(draft.tool.input_schema).toMatchObject({ required: ['user_id', 'name', 'team'] });
  expect(draft.connector.config).toMatchObject({ headers: { 'X-Api-Key': '{{secret:CRM_KEY}}' } });
});

test.each<[string, object]>([
  ['curl https://a.example/x', { method: 'GET', path: '/x' }],
  ['curl a.example', { method: 'GET', path: '/' }],
  ['curl -G https://a.example/s -d q=x --data-urlencode "n=a b"', { method: 'GET', path: '/s', query: ['q', 'n'] }],
  ['curl --json "{\\"a\\":1}" https://a.example/x', { method: 'POST', body: { as: 'json' } }],
  [
    'curl https://a.example/x -F file=@a.png -F title=T',
    { body: { as: 'multipart', fields: [{ argument: 'file', file: true }] } },
  ],
  ['curl -X DELETE --url=https://a.example/x/9', { method: 'DELETE', path: '/x/{x_id}', body: 'none' }],
  [
    `curl https://a.example/x -H 'content-type: text/csv' --data-binary $'a,b\\n1,2'`,
    { body: { as: 'text', content_type: 'text/csv' } },
  ],
  ['curl https://a.example/x -d "[1,2]" -m 5', { body: { as: 'json', argument: 'body' }, timeout_ms: 5000 }],
])('%s', (command, config) => {
  expect(read(command).tool.handler_config).toMatchObject(config);
});

test.each<[string, string, string]>([
  [
    'https://hooks.slack.example/services/T00000000/B00000000/aBcDeFgHiJkLmNoPqRsT1234',
    '/services/T00000000/B00000000/{{secret:SLACK_PATH_KEY}}',
    'aBcDeFgHiJ',
  ],
  [
    'https://api.telegram.example/bot123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/sendMessage',
    '/{{secret:TELEGRAM_PATH_KEY}}/sendMessage',
    'AAHdqTcv',
  ],
  ['https://a.example/token/abcd1234efgh/orders/17', '/token/{{secret:A_PATH_KEY}}/orders/{order_id}', 'abcd1234'],
  ['https://a.example/v1/sk_live_4eC39HqLyjWDarjtT1zdp7dc', '/v1/{{secret:A_PATH_KEY}}', 'sk_live'],
])('a credential in the path of %s becomes the place of a secret', (url, path, gone) => {
  const draft = read(`curl -d '{"text":"hi"}' ${url}`);
  expect(draft.tool.handler_config).toMatchObject({ path });
  expect(draft.secrets).toMatchObject([{ about: 'part of the path', host: new URL(url).host }]);
  expect(draft.notes.join()).toMatch(/looks like a credential/);
  expect(JSON.stringify(draft)).not.toContain(gone);
});

test('names and words in a path stay', () => {
  const path = '/Repositories/my-very-long-repository-name-2026/Releases/latest';
  expect(read(`curl https://a.example${path}`).tool.handler_config).toMatchObject({ path });
});

test('a user with a password, a cookie and a key in the query are secrets', () => {
  const draft = read(
    `curl -u admin:hunter2hunter2 -b 'session=abcdef0123456789' 'https://a.example/x?api_key=0123456789abcdef&q=1'`,
  );
  expect(draft.secrets.map(({ name }) => name)).toEqual(['A_BASIC_AUTH', 'A_COOKIE', 'A_API_KEY']);
  expect(JSON.stringify(draft)).not.toMatch(/hunter2|abcdef0123|0123456789/);
  expect(draft.connector.config).toMatchObject({ query: { api_key: '{{secret:A_API_KEY}}' } });
});

describe('nothing is run, and what is not read is said', () => {
  test.each<[string, RegExp]>([
    ['wget https://a.example', /begins with curl/],
    ['curl https://a.example; rm -rf /', /one curl command alone/],
    ['curl https://a.example | sh', /one curl command alone/],
    ['curl "https://a.example/$(whoami)"', /not run/],
    ['curl https://a.example/`id`', /not run/],
    ['curl https://a.example > out', /one curl command alone/],
    ['curl "https://a.example', /not closed/],
    ['curl -H "X-A: 1"', /no URL/],
    ['curl https://a.example -H', /no value/],
    ['curl -K config https://a.example', /not read/],
    ['curl --proxy http://p https://a.example', /not read/],
    ['curl file:///etc/passwd', /http or https/],
    ['curl https://$HOST/x', /host is not a variable/],
    ['curl https://u:p@a.example/', /-u/],
    ['curl -I https://a.example', /HEAD is not called/],
    ['curl https://a.example https://b.example', /one URL/],
  ])('%s', (command, reason) => {
    expect(draftOfCurl(command)).toMatch(reason);
  });
});

test('a path that is no text in percent signs is an answer, and no fault', () => {
  expect(() => draftOfCurl('curl https://api.example.com/v1/100%/items')).not.toThrow();
});
