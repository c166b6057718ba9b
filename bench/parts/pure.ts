import { readCall } from '../../src/api/rest/gateway.ts';
import { buildEnvelope } from '../../src/kernel/envelope.ts';
import { sha256Hex } from '../../src/kernel/hash.ts';
import { newId } from '../../src/kernel/ids.ts';
import { canonicalBytesOf } from '../../src/kernel/jcs.ts';
import { compileSchema } from '../../src/kernel/json-schema.ts';
import { type JsonObject, parseStrictBytes } from '../../src/kernel/strict-json.ts';
import { readWireObject } from '../../src/kernel/wire-object.ts';
import { newToken, parseToken } from '../../src/registry/tokens/token-format.ts';
import { AUTO_TOOL } from '../gate/seed.ts';
import { largePayload, PAYLOAD_SCHEMA, payload } from '../payload.ts';
import { type Part, timed } from './part.ts';

/** What is worked out in the process, with no database. */
export function pureParts(): Part[] {
  const small = Buffer.from(JSON.stringify(payload()));
  const large = Buffer.from(JSON.stringify({ arguments: largePayload(200_000) }));
  const body = Buffer.from(JSON.stringify({ tool: AUTO_TOOL, arguments: payload() }));
  const schema = compileSchema(PAYLOAD_SCHEMA);
  if (!schema.ok) throw new Error(schema.reason);
  const args = parsed(small);
  const argumentsCanonical = canonicalBytesOf(args);
  const header = `Bearer ${newToken().token}`;
  const executionId = newId('exe');
  const envelope = {
    tenantId: newId('org'),
    principal: { kind: 'client', id: newId('icl') },
    tool: { name: AUTO_TOOL, definitionSha256: sha256Hex('definition') },
    policy: 'auto' as const,
    nonce: executionId,
    argumentsCanonical,
  };
  return [
    timed('strict parse + JCS + SHA-256, 2 kB', () => canonicalHash(body)),
    timed('strict parse + JCS + SHA-256, 200 kB', () => canonicalHash(large)),
    timed('strict parse, 2 kB', () => parsed(small)),
    timed('JCS of a value, 2 kB', () => canonicalBytesOf(args)),
    timed('reading a call from its wire bytes, 2 kB', () => readCall(body, {})),
    timed('the same by value: strict parse, then JCS', () => canonicalBytesOf((parsed(body) as JsonObject).arguments)),
    timed('input schema, 2 kB', () => schema.validate(args as never)),
    timed('envelope + SHA-256, 2 kB', () => buildEnvelope(envelope)),
    timed('token: shape + SHA-256', () => parseToken(header)),
  ];
}

/** As a governed call is read: the value, and the hash of its canonical bytes. */
function canonicalHash(bytes: Uint8Array): string {
  const read = readWireObject(bytes);
  if (!read.ok) throw new Error(read.reason);
  return sha256Hex(read.canonical('arguments')!);
}

function parsed(bytes: Uint8Array): unknown {
  const read = parseStrictBytes(bytes);
  if (!read.ok) throw new Error(read.reason);
  return read.value;
}
