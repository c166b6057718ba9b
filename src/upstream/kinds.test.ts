import { expect, test } from 'vitest';
import { egressExceptions } from './egress-exceptions.ts';
import { KINDS } from './kinds.ts';
import { callTo } from './loopback.fixture.ts';
import { prepare } from './prepare.ts';
import {
  connectorMisfit,
  connectorSchema,
  describeCall,
  describeConnector,
  handlerSchema,
  KIND_NAMES,
  needsConnector,
  takesOf,
  timeoutMsOf,
} from './shapes.ts';

const NONE = egressExceptions([]);
const route = (handlerConfig: object, base_url = 'https://api.example.com/v1/') => ({
  handlerKind: 'http',
  handlerConfig,
  connector: { kind: 'http', config: { base_url } },
});

test.each(Object.entries(KINDS))('the kind %s says all that is asked of a kind', (name, kind) => {
  expect(KIND_NAMES).toContain(name);
  expect(handlerSchema(name)).toBe(kind.handlerConfig);
  expect(connectorSchema(name)).toBe(kind.connectorConfig);
  // Unknown keys are refused, or a misspelt setting would be silently ignored.
  expect(kind.connectorConfig.safeParse({ nobody_knows_this: 1 }).success).toBe(false);
  expect(kind.handlerConfig.safeParse({ nobody_knows_this: 1 }).success).toBe(false);
  for (const other of kind.connectors.kinds) expect(KIND_NAMES).toContain(other);
});

test('a kind that this version does not have is nothing', () => {
  for (const name of ['telex', 'constructor', '__proto__', 'toString']) {
    expect(handlerSchema(name)).toBeUndefined();
    expect(connectorSchema(name)).toBeUndefined();
    expect(connectorMisfit(name, null)).not.toBeNull();
    expect(describeConnector(name, {})).toBe('');
    expect(describeCall({ handlerKind: name, handlerConfig: {}, connector: null })).toBeUndefined();
    expect(timeoutMsOf({ handlerKind: name, handlerConfig: {} })).toBe(30_000);
  }
});

test('a tool and its connector fit each other', () => {
  expect(needsConnector('http')).toBe(true);
  expect(needsConnector('noop')).toBe(false);
  expect(connectorMisfit('http', 'http')).toBeNull();
  expect(connectorMisfit('noop', null)).toBeNull();
  expect(connectorMisfit('noop', 'noop')).toBeNull();
  expect(connectorMisfit('http', null)).toMatch(/needs a connector of the kind http/);
  expect(connectorMisfit('http', 'noop')).toMatch(/needs a connector of the kind http/);
  expect(connectorMisfit('noop', 'http')).toMatch(/leave the connector out/);
});

test('a call is described with its place and its arguments', () => {
  expect(describeCall(route({ method: 'POST', path: '/refunds' }))).toEqual({
    sentence: 'POST to api.example.com/v1/refunds',
    details: { method: 'POST', host: 'api.example.com', path: '/v1/refunds' },
    destination: { method: 'POST', url: 'https://api.example.com/v1/refunds' },
  });
  const search = describeCall(route({ method: 'GET', path: '/a' }), { q: 'a b', api_key: 'cs_live_x' });
  expect(search?.destination?.url).toBe('https://api.example.com/v1/a?q=a%20b&api_key=[redacted]');
  expect(describeCall(route({ method: 'GET', path: '/a/{id}' }), { id: 'x y', q: 1 })?.sentence).toBe(
    'GET to api.example.com/v1/a/x%20y',
  );
  // Without arguments, or with ones that make no request, the place of the argument is shown.
  expect(describeCall(route({ method: 'GET', path: '/a/{id}' }))?.sentence).toBe('GET to api.example.com/v1/a/{id}');
  expect(describeCall(route({ method: 'GET', path: '/a/{id}' }), { id: '..' })?.sentence).toBe(
    'GET to api.example.com/v1/a/{id}',
  );
  // Plain http and ports are worth saying.
  expect(describeCall(route({ method: 'GET', path: '/a' }, 'http://127.0.0.1:4010'))?.sentence).toBe(
    'GET to http://127.0.0.1:4010/a',
  );
  expect(describeCall({ ...route({ method: 'GET', path: '/a' }), connector: null })?.sentence).toBe('GET /a');
  expect(describeConnector('http', { base_url: 'https://api.example.com/v1' })).toBe('https://api.example.com/v1');
  expect(describeCall({ handlerKind: 'noop', handlerConfig: {}, connector: null })?.sentence).toMatch(/^calls nothing/);
});

test("a tool's time-out is its kind's to say", () => {
  expect(timeoutMsOf(route({ method: 'GET', path: '/a', timeout_ms: 100 }))).toBe(100);
  expect(timeoutMsOf(route({ method: 'GET', path: '/a' }))).toBe(30_000);
});

test('a tool says which arguments it has a place for', () => {
  const takes = (config: object) => takesOf('http', config);
  expect(takes({ method: 'POST', path: '/{a}/{b}/{a}' })).toEqual({ needed: ['a', 'b'], others: 'any' });
  expect(takes({ method: 'GET', path: '/' })).toEqual({ needed: [], others: 'any' });
  expect(takes({ method: 'GET', path: '/', query: ['q'] })).toEqual({ needed: [], others: ['q'] });
  expect(takes({ method: 'DELETE', path: '/{id}', query: [] })).toEqual({ needed: ['id'], others: [] });
  expect(takes({ method: 'POST', path: '/', body: 'none' })).toEqual({ needed: [], others: [] });
  expect(takes({ method: 'POST', path: '//' })).toBeUndefined();
});

test('preparing is the same every time, and touches nothing', () => {
  const call = callTo('https://api.example.com/v1', { path: '/a/{id}' }, { id: 7, b: [1] });
  const first = prepare(call, NONE);
  expect(first).toMatchObject({
    kind: 'prepared',
    timeoutMs: 30_000,
    request: { origin: 'https://api.example.com', method: 'POST', path: '/v1/a/7', body: '{"b":[1]}', excepted: false },
  });
  expect(prepare(call, NONE)).toEqual(first);
  // Whose call it is and which exceptions there are is asked every time, also for a config that is known.
  const loopback = callTo('http://127.0.0.1:4010');
  expect(prepare(loopback, NONE)).toMatchObject({ kind: 'refused', code: 'egress_blocked' });
  expect(prepare(loopback, egressExceptions(['127.0.0.1:4010']))).toMatchObject({ request: { excepted: true } });
  expect(prepare(loopback, NONE)).toMatchObject({ kind: 'refused', code: 'egress_blocked' });
});
