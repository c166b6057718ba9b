import { isRefused, type Problem, type Refusal } from '../../kernel/codes.ts';
import type { Reply } from '../route.ts';

type Refused = Refusal | Problem;

/** The answer of a verb as a reply: what it gave is the body. */
export function bodyOf(answer: object | Refused): Reply | Refused {
  return isRefused(answer) ? answer : { body: answer };
}

/** The same for something that is edited with If-Match: its version is the ETag. */
export function versioned(answer: { readonly version: number } | Refused): Reply | Refused {
  return isRefused(answer) ? answer : { body: answer, etag: answer.version };
}

/** The answer of a verb after which nothing is left to show. */
export function nothingOf(answer: object | undefined | Refused): Reply | Refused {
  return answer !== undefined && isRefused(answer) ? answer : {};
}

/** Something that was looked up and may be gone by now. */
export function foundOr(problem: Problem, found: { readonly version: number } | undefined): Reply | Refused {
  return versioned(found ?? problem);
}
