import { uuidToId } from '../../../kernel/ids.ts';
import { namesSecret, REDACTED } from '../../../kernel/redaction.ts';
import { type EgressExceptions, isExcepted } from '../../egress-exceptions.ts';
import { checkHost, type Destination, readUrl } from '../../egress-guard.ts';
import type { CallDescription, Kind } from '../../kind.ts';
import { type Refused, refused } from '../../outcome.ts';
import { type HttpConnectorConfig, type HttpHandlerConfig, httpConnectorConfig, httpHandlerConfig } from './config.ts';
import type { ExchangeRequest } from './exchange.ts';
import { placeholdersOf } from './path.ts';
import { send } from './send.ts';
import { type HttpPlan, planRequest, targetOf } from './target.ts';

/** A request without its idempotency key, and whether an exception of the egress guard lets it out. */
type HttpRequest = Omit<ExchangeRequest, 'headers'> & {
  readonly headers: readonly string[];
  readonly excepted: boolean;
};

/** One HTTP request to a connector's address. */
export const http: Kind<HttpHandlerConfig, HttpConnectorConfig, HttpRequest> = {
  handlerConfig: httpHandlerConfig,
  connectorConfig: httpConnectorConfig,
  connectors: { kinds: ['http'], required: true },

  takes(handler) {
    const { query, hasBody } = planOf(handler);
    return { needed: placeholdersOf(handler.path), others: hasBody || query === 'arguments' ? 'any' : query };
  },

  timeoutMs: ({ timeout_ms }) => timeout_ms,

  refuseTarget({ base_url }, tenantId, exceptions) {
    const base = readUrl(base_url);
    if (!base.ok) return { member: 'base_url', message: base.detail };
    const { hostname, port } = base;
    const blocked = checkHost(hostname, port, isExcepted(exceptions, tenantId, hostname, port));
    if (blocked === null) return null;
    const setting = `COUNTERSIGN_EGRESS_ALLOW=${uuidToId('org', tenantId)}@${hostname}:${port}`;
    const canBeExcepted = checkHost(hostname, port, true) === null;
    const message = canBeExcepted
      ? `${blocked.detail} An operator lets this workspace there with ${setting}`
      : blocked.detail;
    return { member: 'base_url', message };
  },

  describeConnector: ({ base_url }) => base_url,

  describe(handler, connector, args = {}) {
    const filled = targetOf(planOf(handler), '', args, NOTHING);
    const target = filled.ok ? filled.path : handler.path;
    return connector === null
      ? describedTo(handler.method, '', target)
      : describedAt(handler.method, connector, target);
  },

  prepare(handler, connector, { tenantId, arguments: args, argumentsCanonical }, exceptions) {
    const way = wayOf(connector!, tenantId, exceptions);
    if ('kind' in way) return way;
    const plan = planOf(handler);
    const { base, excepted } = way;
    const target = targetOf(plan, base.rest, args, argumentsCanonical);
    if (!target.ok) return refused('invalid_arguments', target.detail);
    const { method, headers, timeoutMs } = plan;
    const request = { origin: base.origin, method, path: target.path, headers, body: target.body, excepted };
    return { kind: 'prepared', request, timeoutMs };
  },

  execute({ guarded, excepted, maxBodyBytes }, { request }, { executionId, timeoutMs, signal }) {
    const headers = [...request.headers, 'idempotency-key', executionId];
    return send(request.excepted ? excepted : guarded, { ...request, headers }, { timeoutMs, maxBodyBytes }, signal);
  },
};

const NOTHING = new Uint8Array();

function describedAt(method: string, { base_url }: HttpConnectorConfig, target: string): CallDescription {
  const base = readUrl(base_url);
  if (!base.ok) return describedTo(method, '', target);
  const { protocol, host } = new URL(base.origin);
  const whole = base.rest.replace(/\/+$/, '') + target;
  // Plain http is worth saying; https goes without.
  const described = describedTo(method, protocol === 'https:' ? host : base.origin, whole);
  return { ...described, destination: { method, url: base.origin + withoutSecrets(whole) } };
}

function describedTo(method: string, host: string, target: string): CallDescription {
  const path = target.replace(/\?.*$/s, '');
  const details = { method, path, ...(host !== '' && { host }) };
  return { sentence: host === '' ? `${method} ${path}` : `${method} to ${host}${path}`, details, destination: null };
}

/** A path with its query, whose values are masked where their names say that they are secret. */
function withoutSecrets(target: string): string {
  const at = target.indexOf('?');
  if (at === -1) return target;
  const pairs = target.slice(at + 1).split('&');
  const shown = pairs.map((pair) => {
    const name = pair.split('=', 1)[0]!;
    return namesSecret(decodeURIComponent(name)) ? `${name}=${REDACTED}` : pair;
  });
  return `${target.slice(0, at)}?${shown.join('&')}`;
}

const plans = new WeakMap<HttpHandlerConfig, HttpPlan>();

function planOf(handler: HttpHandlerConfig): HttpPlan {
  let plan = plans.get(handler);
  if (plan === undefined) {
    plan = planRequest(handler);
    plans.set(handler, plan);
  }
  return plan;
}

type Way = { readonly base: Destination; readonly excepted: boolean };
type Judged = { readonly tenantId: string; readonly exceptions: EgressExceptions; readonly way: Way | Refused };

const judged = new WeakMap<HttpConnectorConfig, Judged>();

/** The way to a connector's address for one workspace, judged once for each time the connector is read. */
function wayOf(connector: HttpConnectorConfig, tenantId: string, exceptions: EgressExceptions): Way | Refused {
  const known = judged.get(connector);
  if (known?.tenantId === tenantId && known.exceptions === exceptions) return known.way;
  const way = judge(connector.base_url, tenantId, exceptions);
  judged.set(connector, { tenantId, exceptions, way });
  return way;
}

function judge(baseUrl: string, tenantId: string, exceptions: EgressExceptions): Way | Refused {
  const base = readUrl(baseUrl);
  if (!base.ok) return refused('egress_blocked', base.detail);
  const excepted = isExcepted(exceptions, tenantId, base.hostname, base.port);
  const blocked = checkHost(base.hostname, base.port, excepted);
  if (blocked !== null) return refused('egress_blocked', blocked.detail);
  return { base: { ...base, rest: base.rest.replace(/\/+$/, '') }, excepted };
}
