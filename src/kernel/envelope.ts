import { POLICIES, type Policy } from './codes.ts';
import { sha256Hex } from './hash.ts';
import { type Id, isId } from './ids.ts';
import { canonicalize, canonicalizeString } from './jcs.ts';
import type { JsonFault } from './json-fault.ts';
import {
  isJsonObject,
  type JsonLimits,
  type JsonObject,
  type JsonValue,
  parseStrict,
  parseStrictBytes,
  WIRE_LIMITS,
} from './strict-json.ts';

/** The version that every envelope carries as `v`. Another layout gets another number. */
export const ENVELOPE_VERSION = 1;

/** Who makes the call. `kind` is `client`, `member` and so on, `id` its wire id. */
export type EnvelopePrincipal = { readonly kind: string; readonly id: string };

/** The tool as it was when the call was decided. */
export type EnvelopeTool = { readonly name: string; readonly definitionSha256: string };

type EnvelopeFacts = {
  readonly tenantId: Id<'org'>;
  readonly principal: EnvelopePrincipal;
  readonly onBehalfOf?: string | undefined;
  /** Why the call is made, in the caller's words, for the people who approve. */
  readonly justification?: string | undefined;
  readonly runId?: string | undefined;
  readonly tool: EnvelopeTool;
  readonly policy: Policy;
  readonly policyRule?: string | undefined;
  /** Ties two identical calls to two envelopes; any non-empty text the caller has not used before. */
  readonly nonce: string;
};

/** What {@link buildEnvelope} needs: the facts, and the canonical bytes of the arguments. */
export type EnvelopeInput = EnvelopeFacts & { readonly argumentsCanonical: Uint8Array };

/** An envelope read back from its bytes. */
export type Envelope = EnvelopeFacts & { readonly arguments: JsonObject };

/** Envelope bytes (canonical JSON) and their SHA-256, the `payload_sha256` that people approve. */
export type BuiltEnvelope = { readonly bytes: Buffer; readonly payloadSha256: string };

/**
 * Builds the canonical envelope of one call and its hash (docs/envelope.md).
 *
 * The arguments are embedded as they stand, so they must be the canonical form of an
 * object. The result equals `canonicalize()` of the whole envelope.
 * @throws TypeError for a tenant id, digest or arguments text of the wrong form, and for an empty nonce.
 */
export function buildEnvelope(input: EnvelopeInput): BuiltEnvelope {
  const { argumentsCanonical, tool, principal } = input;
  if (!isId('org', input.tenantId)) throw new TypeError('the tenant id must have its wire form, org_…');
  if (!isDigest(tool.definitionSha256)) throw new TypeError('the definition digest must be 64 hex digits');
  if (argumentsCanonical[0] !== OPEN || argumentsCanonical.at(-1) !== CLOSE) {
    throw new TypeError('the arguments must be the canonical form of an object');
  }
  if (input.nonce === '') throw new TypeError('the nonce is empty');

  // Members stand in canonical order, so nothing has to be sorted or parsed again.
  let rest = '';
  if (input.justification !== undefined) rest += `,"justification":${canonicalizeString(input.justification)}`;
  rest += `,"nonce":${canonicalizeString(input.nonce)}`;
  if (input.onBehalfOf !== undefined) rest += `,"on_behalf_of":${canonicalizeString(input.onBehalfOf)}`;
  rest += `,"policy":"${input.policy}"`;
  if (input.policyRule !== undefined) rest += `,"policy_rule":${canonicalizeString(input.policyRule)}`;
  rest += `,"principal":{"id":${canonicalizeString(principal.id)},"kind":${canonicalizeString(principal.kind)}}`;
  if (input.runId !== undefined) rest += `,"run_id":${canonicalizeString(input.runId)}`;
  rest += `,"tenant_id":"${input.tenantId}"`;
  rest += `,"tool":{"definition_sha256":"${tool.definitionSha256}","name":${canonicalizeString(tool.name)}}`;
  rest += `,"v":${ENVELOPE_VERSION}}`;
  const bytes = Buffer.concat([HEAD, argumentsCanonical, Buffer.from(rest)]);
  return { bytes, payloadSha256: sha256Hex(bytes) };
}

const HEAD = Buffer.from('{"arguments":');
const [OPEN, CLOSE] = Buffer.from('{}');

/** What makes a tool the tool it is: a change to any of it changes every later envelope. */
export type ToolDefinition = {
  readonly name: string;
  readonly effect: string;
  readonly inputSchema: unknown;
  readonly handlerKind: string;
  /** With secret names (`{{secret:NAME}}`), never with secret values. */
  readonly handlerConfig: unknown;
  readonly connector: { readonly id: string; readonly kind: string; readonly config: unknown } | null;
};

/**
 * The digest that pins a tool's definition: SHA-256 of its canonical JSON with snake_case members.
 * @throws TypeError when a part has no JSON text.
 */
export function definitionSha256(definition: ToolDefinition): string {
  const { connector } = definition;
  return sha256Hex(
    canonicalize({
      connector: connector === null ? null : { config: connector.config, id: connector.id, kind: connector.kind },
      effect: definition.effect,
      handler_config: definition.handlerConfig,
      handler_kind: definition.handlerKind,
      input_schema: definition.inputSchema,
      name: definition.name,
    }),
  );
}

export type ParsedEnvelope =
  | { readonly ok: true; readonly envelope: Envelope; readonly bytes: string; readonly payloadSha256: string }
  | ({ readonly ok: false } & JsonFault);

/**
 * Room for arguments that filled the wire limits: the envelope adds a level and a few members, and canonical numbers
 * may take more characters (`1e15` becomes `1000000000000000`).
 */
const ENVELOPE_LIMITS: JsonLimits = {
  maxBytes: 4 * WIRE_LIMITS.maxBytes,
  maxDepth: WIRE_LIMITS.maxDepth + 2,
  maxValues: WIRE_LIMITS.maxValues + 100,
  maxNames: WIRE_LIMITS.maxNames + 100,
};

const REQUIRED = ['arguments', 'nonce', 'policy', 'principal', 'tenant_id', 'tool', 'v'];
const OPTIONAL = ['justification', 'on_behalf_of', 'policy_rule', 'run_id'];

/**
 * Reads an envelope back from its bytes. Refused, with a JSON path: anything the strict parser refuses,
 * missing or unknown members, wrong types, another version, and text that is not in canonical form.
 */
export function parseEnvelope(source: string | Uint8Array): ParsedEnvelope {
  const parsed =
    typeof source === 'string' ? parseStrict(source, ENVELOPE_LIMITS) : parseStrictBytes(source, ENVELOPE_LIMITS);
  if (!parsed.ok) return parsed;
  const root = parsed.value;
  const fault = envelopeFault(root);
  if (fault !== null) return { ok: false, ...fault };

  const bytes = canonicalize(root);
  const given = typeof source === 'string' ? source : Buffer.from(source).toString();
  if (given !== bytes) return { ok: false, path: '$', reason: 'not in canonical form' };

  const members = root as WireEnvelope;
  const envelope: Envelope = {
    tenantId: members.tenant_id,
    principal: { kind: members.principal.kind, id: members.principal.id },
    onBehalfOf: members.on_behalf_of,
    justification: members.justification,
    runId: members.run_id,
    tool: { name: members.tool.name, definitionSha256: members.tool.definition_sha256 },
    arguments: members.arguments,
    policy: members.policy,
    policyRule: members.policy_rule,
    nonce: members.nonce,
  };
  return { ok: true, envelope, bytes, payloadSha256: sha256Hex(bytes) };
}

type WireEnvelope = {
  readonly arguments: JsonObject;
  readonly justification?: string;
  readonly nonce: string;
  readonly on_behalf_of?: string;
  readonly policy: Policy;
  readonly policy_rule?: string;
  readonly principal: { readonly id: string; readonly kind: string };
  readonly run_id?: string;
  readonly tenant_id: Id<'org'>;
  readonly tool: { readonly definition_sha256: string; readonly name: string };
  readonly v: number;
};

function envelopeFault(root: JsonValue): JsonFault | null {
  return (
    membersFault('$', root, REQUIRED, OPTIONAL) ??
    eachFault(root as JsonObject, {
      v: (value) => value === ENVELOPE_VERSION || `must be ${ENVELOPE_VERSION}`,
      tenant_id: (value) => isId('org', value) || 'must be a workspace id',
      policy: (value) => POLICIES.some((policy) => policy === value) || 'must be a known policy',
      arguments: (value) => isJsonObject(value) || 'must be an object',
      justification: requireText,
      nonce: requireText,
      on_behalf_of: requireText,
      policy_rule: requireText,
      run_id: requireText,
      principal: (value) => membersFault('$.principal', value, ['id', 'kind'], []) ?? true,
      tool: (value) => membersFault('$.tool', value, ['definition_sha256', 'name'], []) ?? true,
    }) ??
    eachFault((root as WireEnvelope).principal, { id: requireText, kind: requireText }, '$.principal') ??
    eachFault(
      (root as WireEnvelope).tool,
      { name: requireText, definition_sha256: (value) => isDigest(value) || 'must be 64 lower-case hex digits' },
      '$.tool',
    )
  );
}

/** A rule holds (true), fails with a reason for its own member, or fails with a fault further inside. */
type Rule = (value: JsonValue) => true | string | JsonFault;

function eachFault(members: JsonObject, rules: Record<string, Rule>, path = '$'): JsonFault | null {
  for (const [name, rule] of Object.entries(rules)) {
    const value = members[name];
    if (value === undefined) continue;
    const verdict = rule(value);
    if (verdict !== true) return typeof verdict === 'string' ? { path: `${path}.${name}`, reason: verdict } : verdict;
  }
  return null;
}

function membersFault(path: string, value: JsonValue, required: string[], optional: string[]): JsonFault | null {
  if (!isJsonObject(value)) return { path, reason: 'must be an object' };
  const missing = required.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) return { path: `${path}.${missing}`, reason: 'is missing' };
  const unknown = Object.keys(value).some((name) => !required.includes(name) && !optional.includes(name));
  return unknown ? { path, reason: 'has an unknown member' } : null;
}

const requireText: Rule = (value) => (typeof value === 'string' && value !== '') || 'must be a non-empty string';

const DIGEST = /^[0-9a-f]{64}$/;
const isDigest = (value: unknown): value is string => typeof value === 'string' && DIGEST.test(value);
