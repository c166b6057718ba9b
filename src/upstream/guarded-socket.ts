import { lookup as systemLookup } from 'node:dns';
import { connect, type Socket } from 'node:net';
import { checkAddress, checkHost, type EgressBlock } from './egress-guard.ts';
import { Blocked, checkedLookup, type Lookup, outcomeOf } from './guarded-connect.ts';
import { failed, refused, type UpstreamOutcome } from './outcome.ts';

/** Where a connection that is not HTTP goes. `hostname` as in a URL. */
export type SocketTarget = {
  readonly hostname: string;
  readonly port: number;
  /** Whether an exception of the operator lets this workspace there. */
  readonly excepted: boolean;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
};

/** Opens a connection, or says what came of it. Never rejects. */
export type ConnectGuarded = (target: SocketTarget) => Promise<Socket | UpstreamOutcome>;

/** Where mail is handed in; elsewhere only where an operator allows it. */
const MAIL_PORTS: ReadonlySet<number> = new Set([25, 465, 587, 2525]);

/** {@link checkHost} for a mail server: its ports are those of mail. */
export function checkMailHost(hostname: string, port: number, excepted: boolean): EgressBlock | null {
  const blocked = checkHost(hostname, 443, excepted);
  if (blocked !== null || excepted || MAIL_PORTS.has(port)) return blocked;
  const detail = `The egress guard refused the destination: mail is handed in at port ${[...MAIL_PORTS].join(', ')}.`;
  return { ok: false, reason: 'port', detail };
}

/**
 * Connections to mail servers, held to the same rules as HTTP: names are resolved once, every address is checked, and the
 * socket is given those addresses alone.
 */
export function guardedSockets(lookup: Lookup | undefined): ConnectGuarded {
  const resolve = lookup ?? (systemLookup as Lookup);
  return ({ hostname, port, excepted, timeoutMs, signal }) => {
    const blocked = checkMailHost(hostname, port, excepted);
    if (blocked !== null) return Promise.resolve(refused('egress_blocked', blocked.detail));
    if (signal?.aborted) return Promise.resolve(CANCELLED);
    const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
    return new Promise((settle) => {
      const socket = connect({ host, port, lookup: checkedLookup(resolve, excepted) });
      const end = (outcome: Socket | UpstreamOutcome): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        if (outcome !== socket) socket.destroy();
        settle(outcome);
      };
      const onAbort = (): void => end(CANCELLED);
      const timer = setTimeout(
        () => end(failed('timeout_before_send', 'No connection in time. Nothing was sent.')),
        timeoutMs,
      );
      signal?.addEventListener('abort', onAbort);
      socket.once('error', (error) => end(outcomeOf(error)));
      socket.once('connect', () => {
        const reached = checkAddress(socket.remoteAddress ?? '', excepted);
        socket.removeAllListeners('error');
        // Whoever takes it over listens to it from the next turn on.
        socket.on('error', () => {});
        end(reached === null ? socket : outcomeOf(new Blocked(reached)));
      });
    });
  };
}

const CANCELLED = failed('cancelled_before_send', 'The call was cancelled. Nothing was sent.');
