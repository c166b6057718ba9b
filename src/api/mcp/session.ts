import { randomBytes } from 'node:crypto';
import { SESSION_ID } from '../../kernel/runs.ts';
import type { InputKind } from '../../upstream/outcome.ts';

/**
 * A session of the revisions that begin with `initialize`. It is kept by the client: its id says all that a later
 * request must know of the first, so any node can answer it, and there is nothing to end. It is no credential, and what
 * it says is only what a client's own answers look like.
 */
export type Session = {
  readonly id: string;
  /** The client can show its person a page (elicitation in the mode `url`). */
  readonly url: boolean;
  /** What the client can be asked for in the middle of a call. */
  readonly inputs: readonly InputKind[];
};

const FLAGS: Readonly<Record<InputKind, string>> = { sampling: 's', elicitation: 'e', roots: 'r' };
const KINDS = Object.keys(FLAGS) as InputKind[];

export function newSession({ url, inputs }: Pick<Session, 'url' | 'inputs'>): Session {
  const kinds = KINDS.filter((kind) => inputs.includes(kind));
  const flags = `${url ? 'u' : ''}${kinds.map((kind) => FLAGS[kind]).join('')}`;
  return { id: `s1-${flags}-${randomBytes(16).toString('base64url')}`, url, inputs: kinds };
}

/** The session of a header; `unknown` for what was never given out. */
export function sessionOf(header: string | string[] | undefined): Session | 'unknown' | undefined {
  if (header === undefined) return undefined;
  const found = typeof header === 'string' ? SESSION_ID.exec(header) : null;
  if (found === null) return 'unknown';
  const [id, url, ...kinds] = found;
  return { id, url: url === 'u', inputs: KINDS.filter((kind) => kinds.includes(FLAGS[kind])) };
}
