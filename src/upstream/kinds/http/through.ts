import { secretReference, secretsIn } from '../../../kernel/secret-reference.ts';
import { authorizationHeaders } from '../../authorization.ts';
import { type EgressExceptions, isExcepted } from '../../egress-exceptions.ts';
import { checkHost, hostOf, readUrl } from '../../egress-guard.ts';
import { type Refused, refused } from '../../outcome.ts';
import type { HttpConnectorConfig } from './config.ts';
import type { Prefix } from './target.ts';

/** What a connector comes to for one workspace: where its requests go, and what it adds to each of them. */
export type Through = {
  readonly origin: string;
  /** The host as secrets are bound to it. */
  readonly host: string;
  /** Whether an exception of the egress guard lets requests out. */
  readonly excepted: boolean;
  readonly prefix: Prefix;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly secrets: readonly string[];
};
type Judged = { readonly tenantId: string; readonly exceptions: EgressExceptions; readonly way: Through | Refused };

const judged = new WeakMap<HttpConnectorConfig, Judged>();

/** The way through a connector for one workspace, judged once for each time the connector is read. */
export function wayThrough(
  connector: HttpConnectorConfig,
  tenantId: string,
  exceptions: EgressExceptions,
): Through | Refused {
  const known = judged.get(connector);
  if (known?.tenantId === tenantId && known.exceptions === exceptions) return known.way;
  const way = judge(connector, tenantId, exceptions);
  judged.set(connector, { tenantId, exceptions, way });
  return way;
}

function judge(connector: HttpConnectorConfig, tenantId: string, exceptions: EgressExceptions): Through | Refused {
  const base = readUrl(connector.base_url);
  if (!base.ok) return refused('egress_blocked', base.detail);
  const excepted = isExcepted(exceptions, tenantId, base.hostname, base.port);
  const blocked = checkHost(base.hostname, base.port, excepted);
  if (blocked !== null) return refused('egress_blocked', blocked.detail);
  const { base_url, query = {} } = connector;
  const headers = headersThrough(connector);
  return {
    origin: base.origin,
    host: hostOf(base),
    excepted,
    prefix: prefixOf(connector, base.rest),
    headers: new Map(headers),
    secrets: secretsIn(JSON.stringify([base_url, headers, query])),
  };
}

/** The headers that a connector adds to each request, by lower-case name. */
export function headersThrough(connector: HttpConnectorConfig): (readonly [name: string, value: string])[] {
  const headers = { ...connector.headers, ...authorizationHeaders(connector) };
  return Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
}

/** What a connector puts in front of each path and query. `rest` is the path of its base URL. */
export function prefixOf({ query = {} }: HttpConnectorConfig, rest: string): Prefix {
  const names = Object.keys(query).sort();
  const pairs = names.map((name) => `${encodeURIComponent(name)}=${encodeTemplate(query[name]!)}`);
  return { path: rest.replace(/\/+$/, ''), query: pairs.join('&'), names };
}

/** Percent-encoded, but for the secrets that it names. */
function encodeTemplate(template: string): string {
  return secretsIn(template)
    .map(secretReference)
    .reduce(
      (text, reference) => text.replaceAll(encodeURIComponent(reference), reference),
      encodeURIComponent(template),
    );
}
