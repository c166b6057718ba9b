import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { checkAddress, checkHost, type EgressBlock } from './egress-guard.ts';
import { failed, refused, type Unanswered } from './outcome.ts';

/** Resolves a name to all its addresses; the shape of `dns.lookup` with `all`. */
export type Lookup = (
  hostname: string,
  options: { readonly all: true; readonly family?: number; readonly hints?: number },
  callback: (error: NodeJS.ErrnoException | null, addresses: readonly { address: string; family: number }[]) => void,
) => void;

/** Carries the outcome of a failed or refused connection through undici's error callbacks. */
export class ConnectionNotMade extends Error {
  // Not one of undici's own codes: it would reconnect on some of them by itself.
  readonly code = 'COUNTERSIGN_NOT_CONNECTED';
  readonly outcome: Unanswered;

  constructor(outcome: Unanswered) {
    super('no connection');
    this.outcome = outcome;
  }
}

/** Carries a refusal of the guard through the callbacks of a lookup. */
export class Blocked extends Error {
  readonly block: EgressBlock;

  constructor(block: EgressBlock) {
    super(block.detail);
    this.block = block;
  }
}

/**
 * A connector for undici that reaches only what the egress guard lets through. IP literals are checked
 * before the socket exists (no lookup is made for them); names are resolved once, every address is checked,
 * and the socket is given exactly those addresses, so a second, different DNS answer cannot matter. The
 * address the socket really reached is checked once more. HTTP/1.1 only: an HTTP/2 session may resend
 * requests by itself after GOAWAY.
 *
 * With `lifts`, whoever dispatches has found an exception for each call; only hosts and ports that some exception
 * names are lifted. Connections made under one are then never offered to a call without.
 */
export function guardedConnector(options: {
  readonly lifts: (hostname: string, port: number) => boolean;
  readonly connectTimeoutMs: number;
  readonly lookup?: Lookup | undefined;
}): buildConnector.connector {
  const { lifts, connectTimeoutMs: timeout } = options;
  const resolve = options.lookup ?? (systemLookup as Lookup);
  const strict = buildConnector({ allowH2: false, timeout, lookup: checkedLookup(resolve, false) });
  const lenient = buildConnector({ allowH2: false, timeout, lookup: checkedLookup(resolve, true) });

  return (target, callback) => {
    const hostname = target.hostname.includes(':') ? `[${target.hostname}]` : target.hostname;
    const port = target.port === '' ? (target.protocol === 'https:' ? 443 : 80) : Number(target.port);
    const refuse = (error: Error): void => callback(new ConnectionNotMade(outcomeOf(error)), null);
    const excepted = lifts(hostname, port);
    const blocked = checkHost(hostname, port, excepted);
    if (blocked !== null) return refuse(new Blocked(blocked));

    (excepted ? lenient : strict)(target, (...[error, socket]) => {
      if (error !== null) return refuse(error);
      const reached = checkAddress(socket.remoteAddress ?? '', excepted);
      if (reached === null) return callback(null, socket);
      socket.destroy();
      refuse(new Blocked(reached));
    });
  };
}

/** A lookup that gives an answer only if the guard lets every address of it through. */
export function checkedLookup(resolve: Lookup, excepted: boolean): LookupFunction {
  return (hostname, options, callback) => {
    const family = options.family === 4 || options.family === 6 ? options.family : 0;
    resolve(hostname, { all: true, family, hints: options.hints ?? 0 }, (error, found) => {
      if (error !== null) return callback(error, []);
      const first = found[0];
      if (first === undefined) return callback(Object.assign(new Error('no address'), { code: 'ENOTFOUND' }), []);
      // One bad address spoils the answer: a name with a public and a private address is how rebinding starts.
      for (const { address } of found) {
        const blocked = checkAddress(address, excepted);
        if (blocked !== null) return callback(new Blocked(blocked), []);
      }
      if (options.all) callback(null, [...found]);
      else callback(null, first.address, first.family);
    });
  };
}

/** What a connection that was not made comes to. */
export function outcomeOf(error: Error & { readonly code?: unknown }): Unanswered {
  if (error instanceof Blocked) return refused('egress_blocked', error.block.detail);
  const code = typeof error.code === 'string' ? error.code : 'error';
  if (/^(?:ENOTFOUND|EAI_|ENODATA|ESERVFAIL)/.test(code)) {
    return failed('dns_failed', `The name of the upstream could not be resolved (${code}). Nothing was sent.`);
  }
  if (/^(?:ERR_TLS|ERR_SSL|EPROTO|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH)/.test(code)) {
    return failed('tls_failed', `The TLS connection to the upstream was refused (${code}). Nothing was sent.`);
  }
  return failed('connect_failed', `The upstream could not be connected to (${code}). Nothing was sent.`);
}
