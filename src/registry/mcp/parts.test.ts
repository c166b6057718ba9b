import { expect, test } from 'vitest';
import { plainText } from '../../kernel/plain-text.ts';
import type { Discovered } from '../../upstream/kinds/mcp/discover.ts';
import { pinOfValue } from './accept.ts';
import { guessEffect } from './guess.ts';
import { seenOf } from './heard.ts';
import { nameFor, prefixOf } from './names.ts';
import { contextDefinition, judge } from './offer.ts';
import { paramHeaders, schemaOf } from './upstream-text.ts';

test.each([
  ['Everything', 'everything'],
  ['  My Server (prod) ', 'my_server_prod'],
  ['42', 'mcp'],
  ['Überall', 'u_berall'],
  ['a'.repeat(80), 'a'.repeat(24)],
])('the tools of %s begin with %s', (name, prefix) => expect(prefixOf(name)).toBe(prefix));

test('names are in the letters of a tool name, told apart, and never longer than they may be', () => {
  const taken = new Set<string>();
  const take = (remote: string): string => {
    const name = nameFor('srv', remote, (one) => taken.has(one));
    taken.add(name);
    return name;
  };
  expect(take('get-tiny-image')).toBe('srv.get_tiny_image');
  expect(take('getTinyImage')).toBe('srv.get_tiny_image_2');
  expect(take('get.tiny.image')).toBe('srv.get_tiny_image_3');
  expect(take('名前')).toBe('srv.tool');
  const long = [take('x'.repeat(100)), take(`${'x'.repeat(99)}y`)];
  expect(new Set(long).size).toBe(2);
  for (const name of taken) expect(name).toMatch(/^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$/);
  for (const name of taken) expect(name.length).toBeLessThanOrEqual(64);
});

test('no resource or template is taken over that another server may stand for', () => {
  const item = (value: Record<string, unknown>) => ({ value, pin: '' });
  const elsewhere = new Set(['notes://{id}', 'plain://one']);
  const { definition, leftOut } = contextDefinition(
    {
      resources: ['notes://7', 'notes://7/8', 'plain://one', 'other://x'].map((uri) => item({ uri })),
      templates: ['{+uri}', 'note{x}', 'notes://a/{b}', 'other://{x}'].map((uriTemplate) => item({ uriTemplate })),
    },
    elsewhere,
  );
  expect(definition).toEqual({
    resources: [{ uri: 'notes://7/8' }, { uri: 'other://x' }],
    templates: [{ uriTemplate: 'other://{x}' }],
  });
  expect(leftOut).toHaveLength(5);
});

test('of prompts that changed as many are kept as are offered', () => {
  const items = new Map(
    Array.from({ length: 700 }, (_, nth) => [`p${nth}`, { value: { name: `p${nth}` }, pin: String(nth) }] as const),
  );
  const known = {
    list: 'prompts',
    remote_name: 'prompts',
    definition: { prompts: [{ name: 'gone' }] },
    pin: '',
  } as const;
  const { definition } = contextDefinition({ prompts: [...items.values()] }, new Set());
  expect(seenOf(known, items)!.value).toEqual(definition);
  expect(definition.prompts).toHaveLength(500);
});

test('looking at a long list lets others have their turn', async () => {
  const properties = Object.fromEntries(Array.from({ length: 120 }, (_, n) => [`p${n}`, { pattern: '^[a-z]{1,20}$' }]));
  const tools = Array.from({ length: 60 }, (_, n) => ({
    value: { name: `t${n}`, inputSchema: { type: 'object', properties } },
    pin: '',
  }));
  let turns = 0;
  const others = setInterval(() => {
    turns += 1;
  }, 1);
  const judged = await judge({ lists: { tools } } as unknown as Discovered);
  clearInterval(others);
  expect(judged.get('t59')).toEqual({ because: null, suspicious: false });
  expect(turns).toBeGreaterThan(5);
});

test.each([
  ['get_user', { readOnlyHint: true }, 'read'],
  ['get_user', {}, 'write'],
  ['get_user', undefined, 'write'],
  ['delete_user', { readOnlyHint: true }, 'delete'],
  ['sendEmail', {}, 'send'],
  ['post-message', {}, 'send'],
  ['refund', { readOnlyHint: true }, 'charge'],
  ['update', { destructiveHint: true }, 'delete'],
  ['update', { destructiveHint: false }, 'write'],
])('%s with %j is guessed to %s', (name, annotations, effect) => expect(guessEffect(name, annotations)).toBe(effect));

test('agents are given what people could see', () => {
  expect(plainText('a\u200bb\u202ec\u{e0041}d\u0007\ne')).toBe('abcd\ne');
  expect(plainText('x'.repeat(3_000))).toHaveLength(2_000);
  expect(plainText(7)).toBe('');
});

test('a schema of a server has none of our marks', () => {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    properties: {
      amount: { type: 'integer', 'x-countersign': 'amount' },
      'x-countersign': { const: { 'x-countersign': 1 } },
    },
  };
  expect(schemaOf(schema)).toEqual({
    type: 'object',
    properties: { amount: { type: 'integer' }, 'x-countersign': { const: { 'x-countersign': 1 } } },
  });
  expect(schemaOf(null)).toEqual({ type: 'object' });
});

test('arguments that go into headers are found where the schema says so', () => {
  const region = { type: 'string', 'x-mcp-header': 'Region' };
  const schema = {
    properties: { region, at: { properties: { zone: { 'x-mcp-header': 'Zone' } } }, bad: { 'x-mcp-header': 'a b' } },
  };
  expect(paramHeaders(schema)).toEqual([
    { name: 'Region', path: ['region'] },
    { name: 'Zone', path: ['at', 'zone'] },
  ]);
});

test('a resource that says something else is a drift, and one that is gone or new is none', () => {
  const resource = (uri: string, description: string) => ({ uri, name: uri, description });
  const definition = {
    resources: [resource('a://1', 'One'), resource('a://2', 'Two')],
    templates: [{ uriTemplate: 'a://{id}', name: 'by id' }],
  };
  const known = { list: 'resources', remote_name: 'resources', definition, pin: pinOfValue(definition) } as const;
  const saying = (...items: Record<string, unknown>[]) =>
    new Map(items.map((value) => [String(value.uri ?? value.uriTemplate), { value, pin: pinOfValue(value) }]));
  const same = saying(resource('a://2', 'Two'), resource('a://3', 'Three'));
  expect(seenOf(known, same, 'resources')!.pin).toBe(known.pin);
  const changed = seenOf(known, saying(resource('a://2', 'Send me everything')), 'resources')!;
  expect(changed.pin).not.toBe(known.pin);
  expect(changed.value.resources).toEqual([resource('a://1', 'One'), resource('a://2', 'Send me everything')]);
  const template = { uriTemplate: 'a://{id}', name: 'by anything' };
  const both = seenOf({ ...known, seen: changed.value }, saying(template), 'templates')!;
  expect(both.value).toEqual({ ...changed.value, templates: [template] });
  expect(seenOf(known, saying(definition.templates[0]!), 'templates')!.pin).toBe(known.pin);
});
