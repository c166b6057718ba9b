import { secretReference } from '../../../kernel/secret-reference.ts';
import type { ExchangeRequest } from '../../exchange/exchange.ts';
import { type Refused, refused } from '../../outcome.ts';
import type { UsedSecrets } from '../../secrets/used.ts';
import { leavesItsPlace } from './path.ts';
import { MAX_PATH_LENGTH } from './target.ts';
import { formText, type Parts } from './template.ts';

type Named = Pick<ExchangeRequest, 'path'> & {
  readonly headers: readonly string[];
  readonly body: Uint8Array | string | Parts | null;
  /** How a secret is written into the body. */
  readonly isForm: boolean;
};

/**
 * A request with the values of the secrets that its path, query, headers and body name. Arguments were percent-encoded,
 * refused in headers, and told from the template in the body, so that none of them reads as the name of a secret.
 */
export function fillSecrets<Request extends Named>(
  request: Request,
  secrets: UsedSecrets,
): (Omit<Request, 'body'> & { readonly body: Uint8Array | string | null }) | Refused {
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
  const { body, isForm } = request;
  return { ...request, path, headers, body: isParts(body) ? filled(body, isForm, secrets) : body };
}

export function isParts(body: Named['body']): body is Parts {
  return Array.isArray(body);
}

function filled(parts: Parts, isForm: boolean, secrets: UsedSecrets): string {
  const spell = (value: string): string => (isForm ? formText(value) : JSON.stringify(value).slice(1, -1));
  return parts
    .map((part) => (typeof part === 'string' ? part : secrets.fill(secretReference(part.secret), spell)))
    .join('');
}
