import { ApiProblem } from './http.ts';

/** What a problem is, as pages treat it: each kind has a state of its own. */
export type ProblemKind = 'signed-out' | 'forbidden' | 'not-found' | 'unreachable' | 'too-many' | 'failed';

export function problemKind(problem: unknown): ProblemKind {
  if (!(problem instanceof ApiProblem)) return 'failed';
  if (problem.status === 401) return 'signed-out';
  if (problem.status === 403) return 'forbidden';
  if (problem.status === 404) return 'not-found';
  if (problem.status === 429) return 'too-many';
  return problem.status === 0 || problem.code === 'store_unavailable' ? 'unreachable' : 'failed';
}

/** The sentence of a problem, as the API wrote it for the caller. */
export function problemText(problem: unknown): string {
  if (!(problem instanceof ApiProblem)) return 'Something failed on this page.';
  const wait = problem.retryAfterSeconds === null ? '' : ` Try again in ${problem.retryAfterSeconds} s.`;
  return `${problem.message}${wait}`;
}
