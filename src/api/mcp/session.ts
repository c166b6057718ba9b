import { randomBytes } from 'node:crypto';

/**
 * A session of the revisions that begin with `initialize`. It is kept by the client: its id says all that a later
 * request must know of the first, so any node can answer it, and there is nothing to end. It is no credential, and what
 * it says is only what a client's own answers look like.
 */
export type Session = {
  readonly id: string;
  /** The client can show its person a page (elicitation in the mode `url`). */
  readonly url: boolean;
};

const ID = /^s1-(u?)-[A-Za-z0-9_-]{22}$/;

export function newSession({ url }: Pick<Session, 'url'>): Session {
  return { id: `s1-${url ? 'u' : ''}-${randomBytes(16).toString('base64url')}`, url };
}

/** The session of a header; `unknown` for what was never given out. */
export function sessionOf(header: string | string[] | undefined): Session | 'unknown' | undefined {
  if (header === undefined) return undefined;
  const flags = typeof header === 'string' ? ID.exec(header)?.[1] : undefined;
  return flags === undefined ? 'unknown' : { id: header as string, url: flags === 'u' };
}
