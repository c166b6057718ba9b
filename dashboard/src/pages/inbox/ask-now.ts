import { ApiProblem, type Ask, ask } from '../../api/http.ts';

/** How long an answer is waited for. After that it counts as lost, and the server is asked what became of it. */
export const ANSWER_MS = 15_000;

/** A request that is sent at once and answered within the time, or fails. Nothing sends it later. */
export async function askNow<T>(path: string, request: Ask, ms = ANSWER_MS): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), ms);
  try {
    return await ask<T>(path, {
      ...request,
      signal: request.signal ? AbortSignal.any([request.signal, late.signal]) : late.signal,
    });
  } catch (fault) {
    if (!late.signal.aborted || request.signal?.aborted) throw fault;
    throw new ApiProblem({ status: 0, code: 'no_answer', detail: 'The server did not answer in time.' });
  } finally {
    clearTimeout(timer);
  }
}

/** Whether the request may have been carried out all the same: its answer was lost, or was that of something between. */
export function isLost(problem: unknown): boolean {
  return problem instanceof ApiProblem && (problem.status === 0 || problem.status >= 500);
}
