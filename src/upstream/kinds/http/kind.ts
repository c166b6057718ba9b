import { namesSecret, REDACTED } from '../../../kernel/redaction.ts';
import { hostOf, readUrl } from '../../egress-guard.ts';
import type { ExchangeRequest } from '../../exchange/exchange.ts';
import type { CallDescription, Kind } from '../../kind.ts';
import { refused } from '../../outcome.ts';
import { refuseUrl } from '../../refuse-url.ts';
import {
  argumentOf,
  type HttpConnectorConfig,
  type HttpHandlerConfig,
  httpConnectorConfig,
  httpHandlerConfig,
  takesTheRest,
} from './config.ts';
import { fillSecrets, isParts } from './fill.ts';
import { placeholdersOf } from './path.ts';
import type { QueryPlace } from './placement.ts';
import { send } from './send.ts';
import { type HttpPlan, type HttpTarget, type Prefix, planRequest, targetOf } from './target.ts';
import { argumentsOf, type Parts } from './template.ts';
import { headersThrough, prefixOf, type Through, wayThrough } from './through.ts';
import { nameOf } from './unfit.ts';

/** A request without its idempotency key, and whether an exception of the egress guard lets it out. */
type HttpRequest = Pick<ExchangeRequest, 'origin' | 'path' | 'method'> & {
  readonly headers: readonly string[];
  readonly body: Uint8Array | string | Parts | null;
  readonly isForm: boolean;
  readonly excepted: boolean;
  /** How often it may be sent again. */
  readonly repeats: number;
};

/** How often a call of an idempotent tool is sent again at most. */
const REPEATS = 2;

type Schemas<Handler, Connector> = Pick<Kind<Handler, Connector>, 'handlerConfig' | 'connectorConfig'>;

/** A kind whose calls are one HTTP request each, to a connector's address. */
export function httpKind<Handler extends HttpHandlerConfig, Connector extends HttpConnectorConfig>(
  schemas: Schemas<Handler, Connector>,
): Kind<Handler, Connector, HttpRequest> {
  return {
    ...schemas,
    // They lead to the same places, so that a tool of one's own goes through the connector of an imported API.
    connectors: { kinds: ['http', 'openapi'], required: true },

    takes(handler) {
      const { query, headerPlaces, body } = planOf(handler);
      const template = body?.template === undefined ? { all: [], inTexts: [] } : argumentsOf(body.template);
      const ofBody = body?.argument !== undefined && !body.optional ? [body.argument] : [];
      const needed = [...new Set([...placeholdersOf(handler.path), ...ofBody, ...template.inTexts])];
      if (query === 'arguments' || (body !== null && takesTheRest(body))) return { needed, others: 'any' };
      const optional = body?.argument !== undefined && body.optional ? [body.argument] : [];
      const placed = headerPlaces.map(({ argument }) => argument);
      return { needed, others: [...query.map(argumentOf), ...placed, ...optional, ...template.all] };
    },

    clash({ header_arguments = [], query }, connector) {
      const headers = new Set(headersThrough(connector).map(([name]) => name));
      const inHeader = header_arguments.find(({ name }) => headers.has(name.toLowerCase()));
      if (inHeader !== undefined) {
        const { argument, name } = inHeader;
        return { member: 'header_arguments', message: takenBy(argument, `the header ${name}`) };
      }
      const names = Object.keys(connector.query ?? {});
      const inQuery = (Array.isArray(query) ? query : []).find((place) => names.includes(nameInQuery(place)));
      if (inQuery === undefined) return null;
      return { member: 'query', message: takenBy(argumentOf(inQuery), `${nameInQuery(inQuery)} in the query`) };
    },

    refuseTarget: ({ base_url }, tenantId, exceptions) => refuseUrl('base_url', base_url, tenantId, exceptions),

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
      // A definition that would come to this is not saved; one from before may be there.
      const taken = plan.headerPlaces.find(
        ({ argument, name }) => way.headers.has(name.toLowerCase()) && Object.hasOwn(args, argument),
      );
      if (taken !== undefined)
        return refused('invalid_arguments', `The argument "${nameOf(taken.argument)}" is set by the connector.`);
      const { method, timeoutMs } = plan;
      const { origin, host, excepted } = way;
      const headers = headersOf(plan, way, target);
      const isForm = plan.body?.as === 'form';
      const repeats = plan.isIdempotent ? REPEATS : 0;
      // Without secrets in it a template is a text like any other.
      const body = isParts(target.body) && !namesSecrets(target.body) ? target.body.join('') : target.body;
      const request = { origin, method, path: target.path, headers, body, isForm, excepted, repeats };
      const readied = { kind: 'prepared', request, timeoutMs } as const;
      if (plan.secrets.length === 0 && way.secrets.length === 0) return readied;
      return { ...readied, secrets: { names: [...new Set([...plan.secrets, ...way.secrets])], host } };
    },

    probe(connector, tenantId, exceptions) {
      const way = wayThrough(connector, tenantId, exceptions);
      if ('kind' in way) return way;
      const { origin, host, excepted, prefix } = way;
      const plan = planOf(PROBE as Handler);
      const path = `${prefix.path === '' ? '/' : prefix.path}${prefix.query === '' ? '' : `?${prefix.query}`}`;
      const headers = headersOf(plan, way, {});
      const request = {
        origin,
        method: 'GET',
        path,
        headers,
        body: null,
        isForm: false,
        excepted,
        repeats: 0,
      } as const;
      const readied = { kind: 'prepared', request, timeoutMs: PROBE.timeout_ms } as const;
      return way.secrets.length === 0 ? readied : { ...readied, secrets: { names: way.secrets, host } };
    },

    async execute({ guarded, excepted, maxBodyBytes }, { request }, { executionId, timeoutMs, signal, secrets }) {
      const filled = secrets === undefined ? request : fillSecrets(request, secrets);
      if ('kind' in filled) return filled;
      const { origin, path, method, repeats } = filled;
      if (isParts(filled.body)) throw new Error('A body names secrets that were not asked for');
      const headers = [...filled.headers, 'idempotency-key', executionId];
      const sent = { origin, path, method, headers, body: filled.body };
      const limits = { timeoutMs, maxBodyBytes, repeats };
      return send(filled.excepted ? excepted : guarded, sent, limits, signal, secrets?.scrubber);
    },
  };
}

function takenBy(argument: string, place: string): string {
  return `the connector sends ${place} itself, so the argument ${JSON.stringify(nameOf(argument))} never would be: give it another place`;
}

function nameInQuery(place: QueryPlace): string {
  return typeof place === 'string' ? place : (place.name ?? place.argument);
}

/** One HTTP request to a connector's address. */
export const http = httpKind({ handlerConfig: httpHandlerConfig, connectorConfig: httpConnectorConfig });

/** What is sent to see whether there is somebody. */
const PROBE: HttpHandlerConfig = { method: 'GET', path: '/', timeout_ms: 10_000 };

function namesSecrets(parts: Parts): boolean {
  return parts.some((part) => typeof part !== 'string');
}

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

/** The headers of a request: the tool's own, then the connector's, then the arguments. Nobody but it sets one of its. */
function headersOf(
  { headers, ownHeaders }: HttpPlan,
  through: Through,
  { headers: given = [] }: Pick<HttpTarget, 'headers'>,
): readonly string[] {
  if (through.headers.size === 0 && given.length === 0) return headers;
  const added = [...through.headers].filter(([name]) => !ownHeaders.has(name));
  const names = new Set([...through.headers.keys(), ...ownHeaders]);
  const taken = new Set(added.map(([name]) => name));
  const own = headers.filter((_, index) => !taken.has(headers[index - (index % 2)]!));
  const pairs = given.flatMap((name, at) => (at % 2 === 1 || names.has(name) ? [] : [[name, given[at + 1]!] as const]));
  const replaced = new Set(pairs.map(([name]) => name));
  const kept = own.filter((_, index) => !replaced.has(own[index - (index % 2)]!));
  return [...kept, ...added.flat(), ...pairs.flat()];
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
