import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { aboutOf, ask } from '../../api/http.ts';

/** Something under way that signs a person in, and what its answer says of a field. */
export type Entry = UseMutationResult<unknown, Error, void> & { about: (field: string) => string | undefined };

/** Something that signs a person in, after which they go on to the first page with nothing remembered from before. */
export function useEntry(request: () => Promise<unknown>): Entry {
  const router = useRouter();
  const queryClient = useQueryClient();
  const entry = useMutation<unknown, Error, void>({
    mutationFn: request,
    onSuccess() {
      queryClient.clear();
      router.history.push('/');
    },
  });
  return {
    ...entry,
    about: aboutOf(entry.error),
  };
}

/** A POST under `/api/auth/`. */
export function post<T = unknown>(path: string, body: unknown): Promise<T> {
  return ask<T>(`/api/auth/${path}`, { method: 'POST', body });
}
