import { type Problem, problem } from '../../kernel/codes.ts';
import type { EgressExceptions } from '../../upstream/egress-exceptions.ts';
import { holdsCredential, refuseUrl } from '../../upstream/refuse-url.ts';

/** Why nothing may be sent to an address, told beside its field; undefined where this workspace may send there. */
export function urlProblem(url: string, tenantId: string, exceptions: EgressExceptions): Problem | undefined {
  const fault = holdsCredential(url)
    ? 'looks like it holds a credential, and people can read it. Leave it out: deliveries are signed, so the receiver knows them'
    : refuseUrl('url', url, tenantId, exceptions)?.message;
  if (fault === undefined) return undefined;
  return problem('invalid_request', `url: ${fault}`, [{ field: 'url', message: fault }]);
}
