import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { ApiProblem, ask } from '../../api/http.ts';

/** Something that signs a person in, after which they go on to `to` with nothing remembered from before. */
export function useEntry<I>(
  request: (input: I) => Promise<unknown>,
  to = '/',
): UseMutationResult<unknown, Error, I> & { about: (field: string) => string | undefined } {
  const router = useRouter();
  const queryClient = useQueryClient();
  const entry = useMutation<unknown, Error, I>({
    mutationFn: request,
    onSuccess() {
      queryClient.clear();
      router.history.push(to);
    },
  });
  return {
    ...entry,
    about: (field) => (entry.error instanceof ApiProblem ? entry.error.about(field) : undefined),
  };
}

/** A POST under `/api/auth/`. */
export function post<T = unknown>(path: string, body: unknown): Promise<T> {
  return ask<T>(`/api/auth/${path}`, { method: 'POST', body });
}
