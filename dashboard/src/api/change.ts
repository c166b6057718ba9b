import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query';
import { useSlug } from '../workspace.tsx';
import { type Ask, ask } from './http.ts';

type Change<I> = Ask & { readonly path: string; readonly input?: I };

/**
 * A change of the workspace. Afterwards the named families of queries are read again, also when the change was
 * refused: it may have been refused because what is on screen is old.
 */
export function useChange<I = void, T = unknown>(
  change: (input: I) => Change<I>,
  { families, done }: { readonly families: readonly string[]; readonly done?: (answer: T) => void },
): UseMutationResult<T, Error, I> {
  const slug = useSlug();
  const queryClient = useQueryClient();
  return useMutation<T, Error, I>({
    mutationFn(input) {
      const { path, ...request } = change(input);
      return ask<T>(path, { ...request, workspace: slug });
    },
    ...(done && { onSuccess: done }),
    onSettled: () => Promise.all(families.map((family) => queryClient.invalidateQueries({ queryKey: [slug, family] }))),
  });
}
