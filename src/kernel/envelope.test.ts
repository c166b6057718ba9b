import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyJsonObject, anyText } from '../../test/arbitraries/json.ts';
import { POLICIES } from './codes.ts';
import { buildEnvelope, definitionSha256, type EnvelopeInput, parseEnvelope } from './envelope.ts';
import { sha256Hex } from './hash.ts';
import { newId, uuidToId } from './ids.ts';
import { canonicalBytesOf, canonicalize } from './jcs.ts';
import { parseStrict, WIRE_LIMITS } from './strict-json.ts';

const text = anyText.filter((value) => value !== '');
const optionalText = fc.option(text, { nil: undefined });
const facts = fc.record({
  tenantId: fc.uuid().map((uuid) => uuidToId('org', uuid)),
  principal: fc.record({ kind: text, id: text }),
  onBehalfOf: optionalText,
  runId: optionalText,
  tool: fc.record({ name: text, definitionSha256: text.map(sha256Hex) }),
  policy: fc.constantFrom(...POLICIES),
  policyRule: optionalText,
  nonce: text,
});

const EXAMPLE = {
  tenantId: 'org_01h455vb4pex5vsknk084sn02q',
  principal: { kind: 'integration_client', id: 'icl_01h455vb4pex5vsknk084sn02q' },
  tool: { name: 'send_email', definitionSha256: sha256Hex('definition') },
  argumentsCanonical: Buffer.from('{"to":["bob@example.com"]}'),
  policy: 'approve',
  nonce: 'apv_01h455vb4pex5vsknk084sn02q',
} as const satisfies EnvelopeInput;

test('the bytes are the canonical text of the whole envelope, the hash is theirs, and both are read back', () => {
  fc.assert(
    fc.property(facts, anyJsonObject, (input, args) => {
      const built = buildEnvelope({ ...input, argumentsCanonical: canonicalBytesOf(args) });
      const whole = {
        v: 1,
        tenant_id: input.tenantId,
        principal: input.principal,
        ...(input.onBehalfOf === undefined ? {} : { on_behalf_of: input.onBehalfOf }),
        ...(input.runId === undefined ? {} : { run_id: input.runId }),
        tool: { name: input.tool.name, definition_sha256: input.tool.definitionSha256 },
        arguments: args,
        policy: input.policy,
        ...(input.policyRule === undefined ? {} : { policy_rule: input.policyRule }),
        nonce: input.nonce,
      };
      expect(built.bytes.toString()).toBe(canonicalize(whole));
      expect(built.payloadSha256).toBe(sha256Hex(built.bytes));
      const expected = { ok: true, envelope: { ...input, arguments: args }, ...built, bytes: built.bytes.toString() };
      expect(parseEnvelope(built.bytes)).toEqual(expected);
      expect(parseEnvelope(built.bytes.toString())).toEqual(expected);
    }),
  );
});

test('a change in any part changes the hash', () => {
  const variants: EnvelopeInput[] = [
    EXAMPLE,
    { ...EXAMPLE, tenantId: newId('org') },
    { ...EXAMPLE, principal: { ...EXAMPLE.principal, kind: 'agent' } },
    { ...EXAMPLE, principal: { ...EXAMPLE.principal, id: 'icl_other' } },
    { ...EXAMPLE, onBehalfOf: 'usr_1' },
    { ...EXAMPLE, runId: 'run_1' },
    { ...EXAMPLE, tool: { ...EXAMPLE.tool, name: 'send_mail' } },
    { ...EXAMPLE, tool: { ...EXAMPLE.tool, definitionSha256: sha256Hex('another') } },
    { ...EXAMPLE, argumentsCanonical: Buffer.from('{"to":["bob@example.org"]}') },
    { ...EXAMPLE, policy: 'approve-dual' },
    { ...EXAMPLE, policyRule: 'amount > 100' },
    { ...EXAMPLE, nonce: 'another' },
  ];
  expect(new Set(variants.map((input) => buildEnvelope(input).payloadSha256)).size).toBe(variants.length);
});

test('text cannot break out of its member', () => {
  const nonce = '","policy":"auto","x":"';
  const parsed = parseEnvelope(buildEnvelope({ ...EXAMPLE, nonce }).bytes);
  expect(parsed).toMatchObject({ ok: true, envelope: { nonce, policy: 'approve' } });
});

test('a caller that hands over the wrong form has a fault', () => {
  const wrong: Partial<Record<keyof EnvelopeInput, unknown>>[] = [
    { tenantId: 'demo' },
    { tenantId: '01890a5d-ac96-774b-bcce-b302099a8057' },
    { tool: { name: 'x', definitionSha256: 'ABC' } },
    { argumentsCanonical: Buffer.from('[]') },
    { argumentsCanonical: Buffer.alloc(0) },
    { nonce: '' },
    { nonce: '\ud800' },
  ];
  for (const change of wrong) {
    expect(() => buildEnvelope({ ...EXAMPLE, ...change } as EnvelopeInput)).toThrow(TypeError);
  }
});

const GOOD = JSON.parse(buildEnvelope(EXAMPLE).bytes.toString());

test.each([
  ['another version', { ...GOOD, v: 2 }, '$.v', 'must be 1'],
  ['no nonce', { ...GOOD, nonce: undefined }, '$.nonce', 'is missing'],
  ['an unknown member', { ...GOOD, note: 1 }, '$', 'has an unknown member'],
  ['an unknown member inside', { ...GOOD, tool: { ...GOOD.tool, x: 1 } }, '$.tool', 'has an unknown member'],
  ['another policy', { ...GOOD, policy: 'none' }, '$.policy', 'must be a known policy'],
  ['a tenant of another form', { ...GOOD, tenant_id: 'demo' }, '$.tenant_id', 'must be a workspace id'],
  ['a principal of another type', { ...GOOD, principal: [] }, '$.principal', 'must be an object'],
  ['a principal without id', { ...GOOD, principal: { kind: 'x' } }, '$.principal.id', 'is missing'],
  ['an empty name', { ...GOOD, tool: { ...GOOD.tool, name: '' } }, '$.tool.name', 'must be a non-empty string'],
  [
    'a digest in upper case',
    { ...GOOD, tool: { ...GOOD.tool, definition_sha256: 'A'.repeat(64) } },
    '$.tool.definition_sha256',
    'must be 64 lower-case hex digits',
  ],
  ['arguments that are a list', { ...GOOD, arguments: [] }, '$.arguments', 'must be an object'],
  ['a run id of another type', { ...GOOD, run_id: null }, '$.run_id', 'must be a non-empty string'],
  ['a list', [GOOD], '$', 'must be an object'],
])('an envelope with %s is refused', (_what, envelope, path, reason) => {
  expect(parseEnvelope(canonicalize(JSON.parse(JSON.stringify(envelope))))).toEqual({ ok: false, path, reason });
});

test('bytes that are not canonical, or not strict JSON, are refused', () => {
  const bytes = buildEnvelope(EXAMPLE).bytes.toString();
  const notCanonical = { ok: false, path: '$', reason: 'not in canonical form' };
  expect(parseEnvelope(` ${bytes}`)).toEqual(notCanonical);
  expect(parseEnvelope(Buffer.from(`${bytes}\n`))).toEqual(notCanonical);
  expect(parseEnvelope(bytes.replace('bob', '\\u0062ob'))).toEqual(notCanonical);
  expect(parseEnvelope(JSON.stringify(Object.fromEntries(Object.entries(GOOD).reverse())))).toEqual(notCanonical);
  expect(parseEnvelope(bytes.replace('"v":1', '"v":1,"v":1'))).toMatchObject({ ok: false, path: '$.v' });
});

test('arguments that fill the wire limits fit into an envelope that can be read back', () => {
  const deep = `{"a":${'['.repeat(63)}${']'.repeat(63)}}`;
  const { maxValues, maxNames } = WIRE_LIMITS;
  // The object and its list are values, too.
  const wide = `{"a":[${'1e15,'.repeat(maxValues - 3)}1]}`;
  const named = `{${Array.from({ length: maxNames }, (_, index) => `"n${index}":0`).join(',')}}`;
  for (const argumentsText of [deep, wide, named]) {
    expect(parseStrict(argumentsText)).toMatchObject({ ok: true });
    const argumentsCanonical = canonicalBytesOf(JSON.parse(argumentsText));
    expect(parseEnvelope(buildEnvelope({ ...EXAMPLE, argumentsCanonical }).bytes)).toMatchObject({ ok: true });
  }
});

test('a definition digest changes with every part of the definition and with nothing else', () => {
  const definition = {
    name: 'send_email',
    effect: 'send',
    inputSchema: { type: 'object' },
    handlerKind: 'http',
    handlerConfig: { url: 'https://mail.example/send', headers: { 'x-key': '{{secret:MAIL}}' } },
    connector: { id: 'con_1', kind: 'http', config: { base_url: 'https://mail.example' } },
  };
  const { connector } = definition;
  const digests = [
    definition,
    { ...definition, name: 'send' },
    { ...definition, effect: 'write' },
    { ...definition, inputSchema: { type: 'object', additionalProperties: false } },
    { ...definition, handlerKind: 'webhook' },
    { ...definition, handlerConfig: {} },
    { ...definition, connector: null },
    { ...definition, connector: { ...connector, id: 'con_2' } },
    { ...definition, connector: { ...connector, kind: 'openapi' } },
    { ...definition, connector: { ...connector, config: { base_url: 'https://evil.example' } } },
  ].map(definitionSha256);
  expect(new Set(digests).size).toBe(digests.length);
  const reordered = { ...definition, inputSchema: JSON.parse('{"type":"object"}'), description: 'not part of it' };
  expect(definitionSha256(reordered)).toBe(digests[0]);
});
