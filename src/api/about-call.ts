import type { IncomingHttpHeaders } from 'node:http';
import { type About, isOnBehalfOf, isRunId, NO_ON_BEHALF_OF, NO_RUN_ID } from '../kernel/runs.ts';
import type { JsonValue } from '../kernel/strict-json.ts';

/** The members of a call that say which run it belongs to and whom it is made for, and the headers that can say so, too. */
export const ABOUT = ['run_id', 'on_behalf_of'] as const;
type Member = (typeof ABOUT)[number];
type Said = { readonly [member in Member]?: JsonValue | undefined };

const HEADER: Record<Member, string> = {
  run_id: 'countersign-run-id',
  on_behalf_of: 'countersign-on-behalf-of',
};

/** What is wrong, and with which member; `header` where it stands there. */
export type NotAbout = { readonly member: Member; readonly problem: string; readonly header?: string };

/**
 * What a request says of its call, in members of its body or in headers. A program around an agent sets the headers for
 * whatever the agent says itself: where both say something, and not the same, the call is refused.
 */
export function readAbout(said: Said, headers: IncomingHttpHeaders): About | NotAbout {
  const runId = readOne('run_id', said, headers, isRunId, NO_RUN_ID);
  if (typeof runId === 'object') return runId;
  const onBehalfOf = readOne('on_behalf_of', said, headers, isOnBehalfOf, NO_ON_BEHALF_OF);
  if (typeof onBehalfOf === 'object') return onBehalfOf;
  return { ...(runId !== undefined && { runId }), ...(onBehalfOf !== undefined && { onBehalfOf }) };
}

function readOne(
  member: Member,
  said: Said,
  headers: IncomingHttpHeaders,
  is: (value: unknown) => value is string,
  problem: string,
): string | undefined | NotAbout {
  const inBody = said[member];
  const header = HEADER[member];
  const inHeader = headers[header];
  if (inBody !== undefined && !is(inBody)) return { member, problem };
  if (inHeader === undefined) return inBody;
  // What is not ASCII in a header is in no encoding that everybody agrees on.
  if (!is(inHeader) || !/^[\x20-\x7e]*$/.test(inHeader)) return { member, header, problem };
  if (inBody === undefined || inBody === inHeader) return inHeader;
  return { member, problem: `must be what the header ${header} says, or left out` };
}

export function isNotAbout(about: About | NotAbout): about is NotAbout {
  return 'problem' in about;
}
