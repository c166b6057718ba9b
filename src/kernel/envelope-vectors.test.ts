import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Policy } from './codes.ts';
import { buildEnvelope, definitionSha256, parseEnvelope } from './envelope.ts';
import { sha256Hex } from './hash.ts';
import type { Id } from './ids.ts';
import { canonicalBytesOf, canonicalize } from './jcs.ts';
import { parseStrict, parseStrictBytes } from './strict-json.ts';

type WireEnvelope = {
  tenant_id: Id<'org'>;
  principal: { kind: string; id: string };
  on_behalf_of?: string;
  run_id?: string;
  tool: { name: string; definition_sha256: string };
  arguments: unknown;
  policy: Policy;
  policy_rule?: string;
  nonce: string;
};
type WireDefinition = {
  name: string;
  effect: string;
  input_schema: unknown;
  handler_kind: string;
  handler_config: unknown;
  connector: { id: string; kind: string; config: unknown } | null;
};
type Refusal = { name: string; text?: string; hex?: string; path: string; reason: string };
type Vectors = {
  definitions: { name: string; definition: WireDefinition; canonical: string; sha256: string }[];
  envelopes: { name: string; envelope: WireEnvelope; bytes: string; payload_sha256: string }[];
  refusals: Refusal[];
  refused_envelopes: Refusal[];
};

const repository = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(repository, path), 'utf8');
const vectors: Vectors = JSON.parse(read('test/conformance/envelope.json'));
const page = read('docs/envelope.md');

test.each(vectors.definitions)('definition: $name', ({ definition, canonical, sha256 }) => {
  expect(canonicalize(definition)).toBe(canonical);
  const { input_schema: inputSchema, handler_kind: handlerKind, handler_config: handlerConfig, ...rest } = definition;
  expect(definitionSha256({ ...rest, inputSchema, handlerKind, handlerConfig })).toBe(sha256);
});

test.each(vectors.envelopes)('envelope: $name', ({ envelope, bytes, payload_sha256: payloadSha256 }) => {
  const built = buildEnvelope({
    tenantId: envelope.tenant_id,
    principal: envelope.principal,
    onBehalfOf: envelope.on_behalf_of,
    runId: envelope.run_id,
    tool: { name: envelope.tool.name, definitionSha256: envelope.tool.definition_sha256 },
    argumentsCanonical: canonicalBytesOf(envelope.arguments),
    policy: envelope.policy,
    policyRule: envelope.policy_rule,
    nonce: envelope.nonce,
  });
  expect({ ...built, bytes: built.bytes.toString() }).toEqual({ bytes, payloadSha256 });
  expect(canonicalize(envelope)).toBe(bytes);
  expect(sha256Hex(Buffer.from(bytes))).toBe(payloadSha256);
  expect(parseEnvelope(bytes)).toMatchObject({ ok: true, payloadSha256 });
});

test.each(vectors.refusals)('refusal: $name', ({ text, hex, path, reason }) => {
  const refused = { ok: false, path, reason };
  if (text !== undefined) expect(parseStrict(text)).toEqual(refused);
  expect(parseStrictBytes(text === undefined ? Buffer.from(hex ?? '', 'hex') : Buffer.from(text))).toEqual(refused);
});

test.each(vectors.refused_envelopes)('no envelope: $name', ({ text, path, reason }) => {
  expect(parseEnvelope(text ?? '')).toEqual({ ok: false, path, reason });
});

const block = (language: string): string => page.split(`\`\`\`${language}\n`)[1]?.split('\n```')[0] ?? '';

test('the example of the page runs as it stands and prints what the page says', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-envelope-'));
  try {
    const file = join(folder, 'hash.mjs');
    writeFileSync(file, block('js'));
    const printed = execFileSync(process.execPath, [file], { encoding: 'utf8' });
    expect(printed).toBe(`${block('text')}\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the example of the page is an envelope of this version', () => {
  const digest = /definition_sha256: '([0-9a-f]+)'/.exec(page)?.[1];
  expect(vectors.definitions.map(({ sha256 }) => sha256)).toContain(digest);
  const { payloadSha256 } = buildEnvelope({
    tenantId: 'org_01h455vb4pex5vsknk084sn02q',
    principal: { kind: 'client', id: 'icl_01h455vb4pfrsrc4xh2f5qrxqe' },
    tool: { name: 'noop', definitionSha256: digest ?? '' },
    argumentsCanonical: Buffer.from('{"greeting":"hello"}'),
    policy: 'approve',
    nonce: 'exe_01h455vb4pex5vsknk084sn02q',
  });
  expect(block('text')).toBe(payloadSha256);
});

test('every refusal in the page is one, at the path it names', () => {
  const rows = [...page.matchAll(/^\| [^|]+ \| `(\{[^`]*\})` \| `([^`]+)` \|$/gm)];
  expect(rows).toHaveLength(6);
  for (const [, text = '', path] of rows) expect(parseStrict(text)).toMatchObject({ ok: false, path });
});
