import { uuidToId } from '../../../kernel/ids.ts';
import { namesSecret, REDACTED } from '../../../kernel/redaction.ts';
import { isExcepted } from '../../egress-exceptions.ts';
import { checkHost, hostOf, readUrl } from '../../egress-guard.ts';
import type { ExchangeRequest } from '../../exchange/exchange.ts';
import type { CallDescription, Kind } from '../../kind.ts';
import { refused } from '../../outcome.ts';
import { type HttpConnectorConfig, type HttpHandlerConfig, httpConnectorConfig, httpHandlerConfig } from './config.ts';
import { fillSecrets } from './fill.ts';
import { placeholdersOf } from './path.ts';
import { send } from './send.ts';
import { type HttpPlan, type Prefix, planRequest, targetOf } from './target.ts';
import { prefixOf, type Through, wayThrough } from './through.ts';

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

  hostOf({ base_url }) {
    const base = readUrl(base_url);
    return base.ok ? hostOf(base) : null;
  },

  describeConnector: ({ base_url }) => base_url,

  describe(handler, connector, args = {}) {
    const filled = targetOf(planOf(handler), NO_PREFIX, args, NOTHING);
    const target = filled.ok ? filled.path : handler.path;
    return connector === null
      ? describedTo(handler.method, '', target)
      : describedAt(handler.method, connector, target);
  },

  prepare(handler, connector, { tenantId, arguments: args, argumentsCanonical }, exceptions) {
    const way = wayThrough(connector!, tenantId, exceptions);
    if ('kind' in way) return way;
    const plan = planOf(handler);
    const target = targetOf(plan, way.prefix, args, argumentsCanonical);
    if (!target.ok) return refused('invalid_arguments', target.detail);
    const { method, timeoutMs } = plan;
    const { origin, host, excepted } = way;
    const request = { origin, method, path: target.path, headers: headersOf(plan, way), body: target.body, excepted };
    const readied = { kind: 'prepared', request, timeoutMs } as const;
    if (plan.secrets.length === 0 && way.secrets.length === 0) return readied;
    return { ...readied, secrets: { names: [...new Set([...plan.secrets, ...way.secrets])], host } };
  },

  async execute({ guarded, excepted, maxBodyBytes }, { request }, { executionId, timeoutMs, signal, secrets }) {
    const filled = secrets === undefined ? request : fillSecrets(request, secrets);
    if ('kind' in filled) return filled;
    const headers = [...filled.headers, 'idempotency-key', executionId];
    const limits = { timeoutMs, maxBodyBytes };
    return send(filled.excepted ? excepted : guarded, { ...filled, headers }, limits, signal, secrets?.scrubber);
  },
};

const NOTHING = new Uint8Array();
const NO_PREFIX: Prefix = { path: '', query: '', names: [] };

function describedAt(method: string, connector: HttpConnectorConfig, target: string): CallDescription {
  const base = readUrl(connector.base_url);
  if (!base.ok) return describedTo(method, '', target);
  const { protocol, host } = new URL(base.origin);
  const whole = wholeOf(prefixOf(connector, base.rest), target);
  // Plain http is worth saying; https goes without.
  const described = describedTo(method, protocol === 'https:' ? host : base.origin, whole);
  return { ...described, destination: { method, url: base.origin + withoutSecrets(whole) } };
}

function describedTo(method: string, host: string, target: string): CallDescription {
  const path = target.replace(/\?.*$/s, '');
  const details = { method, path, ...(host !== '' && { host }) };
  return { sentence: host === '' ? `${method} ${path}` : `${method} to ${host}${path}`, details, destination: null };
}

/** A tool's path and query behind those of its connector. */
function wholeOf({ path, query }: Prefix, target: string): string {
  if (query === '') return path + target;
  const [own, pairs] = target.split('?', 2) as [string, string?];
  return `${path}${own}?${query}${pairs === undefined ? '' : `&${pairs}`}`;
}

/** The headers of a request: the tool's own, then the connector's. */
function headersOf({ headers, ownHeaders }: HttpPlan, through: Through): readonly string[] {
  if (through.headers.size === 0) return headers;
  const added = [...through.headers].filter(([name]) => !ownHeaders.has(name));
  const names = new Set(added.map(([name]) => name));
  const kept = headers.filter((_, index) => !names.has(headers[index - (index % 2)]!));
  return [...kept, ...added.flat()];
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
