import { deny, type Refusal } from '../../kernel/codes.ts';
import type { Upstream } from '../../upstream/upstream.ts';
import type { Call, Facts } from '../call.ts';
import { requestOf } from '../request-of.ts';

/** Whether the request can be made at all: what could never be sent is not put to people. */
export function request({ prepare }: Pick<Upstream, 'prepare'>) {
  return (call: Call, facts: Facts): Refusal | undefined => {
    const prepared = prepare(requestOf(call, facts));
    return prepared.kind === 'refused' ? deny(prepared.code, prepared.detail) : undefined;
  };
}
