import type { ExchangeRequest } from '../../exchange/exchange.ts';
import { type Refused, refused } from '../../outcome.ts';
import type { UsedSecrets } from '../../secrets/used.ts';
import { leavesItsPlace } from './path.ts';
import { MAX_PATH_LENGTH } from './target.ts';

type Named = Pick<ExchangeRequest, 'path'> & { readonly headers: readonly string[] };

/**
 * A request with the values of the secrets that its path, query and headers name; its body names none. Arguments were
 * percent-encoded, so that none of them reads as the name of a secret.
 */
export function fillSecrets<Request extends Named>(request: Request, secrets: UsedSecrets): Request | Refused {
  const path = secrets.fill(request.path, encodeURIComponent);
  if (leavesItsPlace(path.replace(/\?.*$/s, ''))) {
    return refused(
      'egress_blocked',
      'A secret would change the path: dot segments and control characters are refused.',
    );
  }
  if (path.length > MAX_PATH_LENGTH) {
    return refused('egress_blocked', `With its secrets the URL is longer than ${MAX_PATH_LENGTH} bytes.`);
  }
  const headers = request.headers.map((part) => secrets.fill(part));
  if (!headers.every((part) => /^[\x20-\x7e]*$/.test(part))) {
    return refused('egress_blocked', 'A secret cannot be put into a header: it has line breaks, or is not ASCII.');
  }
  return { ...request, path, headers };
}
