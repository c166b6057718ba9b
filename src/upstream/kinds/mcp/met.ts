import { failed, type UpstreamOutcome } from '../../outcome.ts';
import type { Listing, ListName } from './definitions.ts';
import type { Listed } from './list.ts';
import { NotMet, type Peer } from './peer.ts';

/** Whose server it is. */
export type Whose = { readonly tenantId: string; readonly connectorId: string };

/** What a server's list has come to, told whenever one was read anew. */
export type HeardOf = Whose & { readonly list: ListName; readonly items: Listing };

/** A resource of a server that has changed. */
export type Updated = Whose & { readonly uri: string };

/** A server that can be met: how is the transport's own. */
export type Meetable = Peer & { meet(timeoutMs: number, signal?: AbortSignal): Promise<void> };

/** How a server is reached: what it is known by, how it is met, and whether a text of it may be kept. */
export type Reached = {
  readonly key: string;
  /** Whom it is reached for, where that decides how. */
  readonly caller?: string | undefined;
  readonly make: () => Meetable;
  /** False for a text that holds a secret which was sent. */
  readonly isClean: (text: string) => Promise<boolean>;
};

/** What a request rests on: a definition that must still be what it was when it was accepted. */
export type Pinned = {
  readonly list: ListName;
  readonly name: string;
  readonly pin: string;
  /** Whether the server may have it no more: then it says so itself when it is asked. */
  readonly mayBeGone?: true;
};

export type Kept = { readonly listed: Listed; readonly at: number; readonly changes: number };

/** One server as one connector and one set of secrets reach it. */
export class Entry {
  readonly whose: Whose;
  readonly make: () => Meetable;
  readonly isClean: (text: string) => Promise<boolean>;
  peer: Meetable | undefined;
  meeting: Promise<Meetable> | undefined;
  /** Whether it is met as a process of this machine. */
  isProcess = false;
  /** Nobody looks after it any more: what is met for it would stay for ever. */
  isDropped = false;
  /** All who used it are known by other secrets now, so it ends as soon as nothing runs. */
  isLeft = false;
  /** Who is known by these secrets. */
  readonly callers = new Set<string>();
  metAt = 0;
  failures = 0;
  notBefore = 0;
  busy = 0;
  usedAt = performance.now();
  readonly lists = new Map<ListName, Kept>();
  readonly reading = new Map<ListName, Promise<Listed>>();
  readonly told = new Map<ListName, string>();
  /** Resources that are watched, and until when. */
  readonly watched = new Map<string, number>();

  constructor(whose: Whose, { make, isClean }: Reached) {
    this.whose = whose;
    this.make = make;
    this.isClean = isClean;
  }
}

export const DRIFTED =
  'The MCP server does not say of this any more what was accepted. Nobody can call it until an admin has looked at what changed.';
export const TOO_MANY = failed('connect_failed', 'Too many MCP servers are in use. Nothing of the call was sent.');
export const TOO_MANY_WATCHED = failed(
  'connect_failed',
  'Too many resources of the MCP server are watched. Nothing was sent.',
);
const NOT_IN_TIME = failed(
  'timeout_before_send',
  'The MCP server was not there in time. Nothing of the call was sent.',
);
export const CANCELLED = failed('cancelled_before_send', 'The call was cancelled. Nothing was sent.');
export const DROPPED = failed(
  'connect_failed',
  'The connector of the MCP server was revoked or changed meanwhile. Nothing of the call was sent.',
);

/** What somebody else may wait for longer than this call does. @throws NotMet */
export async function inTime<T>(shared: Promise<T>, timeoutMs: number, signal: AbortSignal | undefined): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new NotMet(NOT_IN_TIME)), timeoutMs);
  const onAbort = (): void => reject(new NotMet(CANCELLED));
  signal?.addEventListener('abort', onAbort);
  if (signal?.aborted) onAbort();
  // Where nobody waits for it any more, its failure is nobody's.
  shared.catch(() => {});
  try {
    return await Promise.race([shared, promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

export function startingAgain(failures: number, waitMs: number): UpstreamOutcome {
  const seconds = Math.ceil(waitMs / 1000);
  const times = failures === 1 ? 'once' : `${failures} times`;
  return failed(
    'connect_failed',
    `The MCP server has ended ${times}. It is started again in ${seconds} s at the earliest. Nothing of the call was sent.`,
  );
}
