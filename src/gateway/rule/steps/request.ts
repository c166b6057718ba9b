import { deny } from '../../../kernel/codes.ts';
import type { Upstream } from '../../../upstream/upstream.ts';
import type { Call } from '../../call.ts';
import type { Facts } from '../../facts/facts.ts';
import { requestOf } from '../request-of.ts';
import type { Draft, StepAnswer } from '../ruling.ts';

/** Makes the request as it would be sent: what could never be sent is refused here, and not put to people. */
export function request({ prepare }: Pick<Upstream, 'prepare'>) {
  return (call: Call, facts: Facts, draft: Draft): StepAnswer => {
    const prepared = prepare(requestOf(call, facts));
    if (prepared.kind === 'refused') return deny(prepared.code, prepared.detail);
    draft.request = prepared;
    return undefined;
  };
}
