import type { EgressExceptions } from './egress-exceptions.ts';
import { KINDS } from './kinds.ts';
import { type Refused, refused, type UpstreamRequest } from './outcome.ts';
import { parsedBy } from './parsed.ts';
import type { Prepared } from './prepared.ts';
import { connectorMisfit } from './shapes.ts';

/**
 * Works out the request that a call would send, or why none can be sent. Pure, so that it can be asked before
 * people are, and again when the call is made: the same call gives the same request.
 */
export function prepare(request: UpstreamRequest, exceptions: EgressExceptions): Prepared | Refused {
  const { handlerKind, handlerConfig, connector } = request;
  const kind = Object.hasOwn(KINDS, handlerKind) ? KINDS[handlerKind] : undefined;
  if (kind === undefined) return refused('invalid_arguments', `This version has no tools of the kind ${handlerKind}.`);
  const handler = parsedBy(kind.handlerConfig, handlerConfig);
  if (handler === undefined) return refused('invalid_arguments', UNUSABLE);
  if (connectorMisfit(handlerKind, connector?.kind ?? null) !== null) return refused('invalid_arguments', UNUSABLE);
  const schema = connector === null ? undefined : KINDS[connector.kind]?.connectorConfig;
  const through = schema === undefined ? null : parsedBy(schema, connector?.config);
  if (through === undefined) return refused('egress_blocked', NOWHERE);
  const readied = kind.prepare(handler, through, request, exceptions);
  return readied.kind === 'refused' ? readied : { ...readied, handlerKind };
}

/** The same for a request that only shows whether a connector leads anywhere; null for a kind that asks nobody. */
export function probe(
  { tenantId, kind: name, config }: { readonly tenantId: string; readonly kind: string; readonly config: unknown },
  exceptions: EgressExceptions,
): Prepared | Refused | null {
  const kind = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
  if (kind?.probe === undefined) return null;
  const connector = parsedBy(kind.connectorConfig, config);
  if (connector === undefined) return refused('egress_blocked', NOWHERE);
  const made = kind.probe(connector, tenantId, exceptions);
  return made.kind === 'refused' ? made : { ...made, handlerKind: made.by ?? name };
}

const NOWHERE =
  "The tool's connector has a config that is no longer accepted. Nothing is called until it is saved anew.";
const UNUSABLE =
  'The tool has a handler_config or a connector that is no longer accepted. Nobody can call it until it is saved anew.';
