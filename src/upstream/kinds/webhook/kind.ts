import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { SECRET_NAME, secretReference, secretsIn } from '../../../kernel/secret-reference.ts';
import { refuseOwnAuthorization } from '../../authorization.ts';
import { hostOf, readUrl } from '../../egress-guard.ts';
import type { CallDescription, Kind } from '../../kind.ts';
import { refused } from '../../outcome.ts';
import { refuseUrl } from '../../refuse-url.ts';
import { connectorShape, type HttpConnectorConfig } from '../http/config.ts';
import { fillSecrets } from '../http/fill.ts';
import { http } from '../http/kind.ts';
import { send } from '../http/send.ts';
import { wayThrough } from '../http/through.ts';

const handlerConfig = z.strictObject({
  timeout_ms: z.int().min(100).max(60_000).default(30_000),
  idempotent: z.boolean().optional(),
});

/**
 * Connector config of kind `webhook`: where calls are posted, and the secret that they are signed with. `url` may name
 * secrets in its path.
 */
const connectorConfig = z
  .strictObject({
    url: connectorShape.base_url,
    signing_secret: z
      .string()
      .refine((text) => /^\{\{secret:(.+)\}\}$/.test(text) && SECRET_NAME.test(text.slice(9, -2)), {
        error: 'name a secret of the workspace, as in {{secret:WEBHOOK_KEY}}; its value begins with whsec_',
      }),
    headers: connectorShape.headers,
    authorization: connectorShape.authorization,
  })
  .superRefine(refuseOwnAuthorization);

type Handler = z.output<typeof handlerConfig>;
type Connector = z.output<typeof connectorConfig>;

type WebhookRequest = {
  readonly origin: string;
  readonly path: string;
  readonly headers: readonly string[];
  readonly body: string;
  readonly isForm: false;
  readonly excepted: boolean;
  readonly signedWith: string;
  readonly repeats: number;
};

/** Each call as `{tool, args}`, signed as Standard Webhooks says. */
export const webhook: Kind<Handler, Connector, WebhookRequest> = {
  handlerConfig,
  connectorConfig,
  connectors: { kinds: ['webhook'], required: true },
  takes: () => ({ needed: [], others: 'any' }),
  refuseTarget: ({ url }, tenantId, exceptions) => refuseUrl('url', url, tenantId, exceptions),
  hostOf({ url }) {
    const read = readUrl(url);
    return read.ok ? hostOf(read) : null;
  },
  describeConnector: ({ url }) => url,

  describe(_handler, connector): CallDescription {
    const read = connector && readUrl(connector.url);
    if (!read?.ok) return { sentence: 'signed webhook', details: { method: 'POST' }, destination: null };
    const host = new URL(read.origin).host;
    return {
      sentence: `signed webhook to ${host}${read.rest}`,
      details: { method: 'POST', host, path: read.rest || '/' },
      destination: { method: 'POST', url: `${read.origin}${read.rest || '/'}` },
    };
  },

  // Not signed and not posted: nobody is told of a call.
  probe(connector, tenantId, exceptions) {
    const probe = http.probe!(asHttp(connector), tenantId, exceptions);
    return probe.kind === 'refused' ? probe : { ...probe, by: 'http' };
  },

  prepare(handler, connector, { tenantId, toolName, argumentsCanonical }, exceptions) {
    const body = `{"tool":${JSON.stringify(toolName)},"args":${Buffer.from(argumentsCanonical).toString()}}`;
    return readied(connector!, tenantId, exceptions, body, handler);
  },

  async execute({ guarded, excepted, maxBodyBytes }, { request }, { executionId, timeoutMs, signal, secrets }) {
    if (secrets === undefined) return refused('egress_blocked', 'The signing secret was not opened.');
    const filled = fillSecrets(request, secrets);
    if ('kind' in filled) return filled;
    const key = keyOf(secrets.fill(secretReference(request.signedWith)));
    if (key === null) return refused('egress_blocked', `The secret ${request.signedWith} ${NO_KEY}`);
    const { origin, path, body, repeats } = filled;
    const signed = signature(key, executionId, Math.floor(Date.now() / 1000), request.body);
    const headers = [...filled.headers, ...signed, 'idempotency-key', executionId];
    const sent = { origin, path, method: 'POST' as const, headers, body: body as string };
    return send(
      filled.excepted ? excepted : guarded,
      sent,
      { timeoutMs, maxBodyBytes, repeats },
      signal,
      secrets.scrubber,
    );
  },
};

const NO_KEY = 'is no signing key: it begins with whsec_, and base64 of 24 to 64 bytes follows.';
const REPEATS = 2;

function readied(
  connector: Connector,
  tenantId: string,
  exceptions: Parameters<typeof wayThrough>[2],
  body: string,
  { timeout_ms: timeoutMs, idempotent }: Handler,
): ReturnType<typeof webhook.prepare> {
  const way = wayThrough(asHttp(connector), tenantId, exceptions);
  if ('kind' in way) return way;
  const signedWith = secretsIn(connector.signing_secret)[0]!;
  const { origin, host, excepted, prefix, headers } = way;
  const own = new Map([
    ['content-type', 'application/json'],
    ['accept-encoding', 'identity'],
  ]);
  const all = new Map([...headers, ...own]);
  const request = {
    origin,
    path: prefix.path === '' ? '/' : prefix.path,
    headers: [...all].flat(),
    body,
    isForm: false,
    excepted,
    signedWith,
    repeats: idempotent ? REPEATS : 0,
  } as const;
  const names = [...new Set([...way.secrets, signedWith])];
  return { kind: 'prepared', request, timeoutMs, secrets: { names, host } };
}

const known = new WeakMap<Connector, HttpConnectorConfig>();

/** The connector as the kind `http` would have it; the same object each time, for what is remembered of it. */
function asHttp(connector: Connector): HttpConnectorConfig {
  let made = known.get(connector);
  if (made === undefined) {
    const { url: base_url, headers, authorization } = connector;
    made = { base_url, ...(headers && { headers }), ...(authorization && { authorization }) };
    known.set(connector, made);
  }
  return made;
}

/** The bytes of a signing key as Standard Webhooks writes one, or null. */
function keyOf(secret: string): Buffer | null {
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  const key = encoded === undefined ? null : Buffer.from(encoded, 'base64');
  return key !== null && key.length >= 24 && key.length <= 64 ? key : null;
}

/** The three headers of Standard Webhooks. */
function signature(key: Buffer, id: string, seconds: number, body: string): string[] {
  const mac = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  return ['webhook-id', id, 'webhook-timestamp', String(seconds), 'webhook-signature', `v1,${mac}`];
}
