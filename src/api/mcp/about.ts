import { formatPath } from '../../kernel/json-path.ts';
import type { About } from '../../kernel/runs.ts';
import { ABOUT, isNotAbout, readAbout } from '../about-call.ts';
import { type Fault, fault, RPC } from './message.ts';
import type { McpRequest } from './request.ts';

/** What a request says of its call in `_meta` begins with this. */
export const PREFIX = 'countersign/';

/** What `_meta` or a header says of the run that a call belongs to, and of whom it is made for. */
export function aboutOf({ meta, incoming }: Pick<McpRequest, 'meta' | 'incoming'>): About | Fault {
  const said = Object.fromEntries(ABOUT.map((name) => [name, meta[`${PREFIX}${name}`]]));
  const about = readAbout(said, incoming.headers);
  if (!isNotAbout(about)) return about;
  if (about.header === undefined) return bad(`${PREFIX}${about.member}`, about.problem);
  return fault(RPC.invalidParams, `${about.member} ${about.problem}, in the header ${about.header}`);
}

/** What is wrong with a member of `_meta`. */
export function bad(name: string, problem: string): Fault {
  return fault(RPC.invalidParams, `${problem} at ${formatPath(['params', '_meta', name])}`);
}
