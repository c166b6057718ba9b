import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query';
import { useToast } from '../shell/announce.tsx';
import { useSlug } from '../workspace.tsx';
import { type Ask, aboutOf, ask } from './http.ts';

export type Change<I> = Ask & { readonly path: string; readonly input?: I };

export type After<I, T> = {
  /** What is read again, by the first word of the queries' keys. */
  readonly families: readonly string[];
  /** What is said when it was done, to everybody; null where the page itself shows it at once. */
  readonly said: string | ((answer: T, input: I) => string) | null;
  readonly done?: (answer: T) => void;
};

/**
 * A change of the workspace. Afterwards the named families of queries are read again, also when the change was
 * refused: it may have been refused because what is on screen is old. It is sent now or not at all: without a
 * connection it fails at once, and never goes out later by itself.
 */
export function useChange<I = void, T = unknown>(
  change: (input: I) => Change<I>,
  { families, said, done }: After<I, T>,
): UseMutationResult<T, Error, I> {
  const slug = useSlug();
  const toast = useToast();
  const queryClient = useQueryClient();
  return useMutation<T, Error, I>({
    networkMode: 'always',
    mutationFn(input) {
      const { path, ...request } = change(input);
      return ask<T>(path, { ...request, workspace: slug });
    },
    onSuccess(answer, input) {
      if (said !== null) toast(typeof said === 'string' ? said : said(answer, input));
      done?.(answer);
    },
    onSettled: () => Promise.all(families.map((family) => queryClient.invalidateQueries({ queryKey: [slug, family] }))),
  });
}

/**
 * The change of a form that makes a record at `root`, or saves the one that is there in the version its writer has seen;
 * and what the API says about a field of it.
 */
export function useSave<View>(
  root: string,
  {
    record,
    version,
    body,
    ...after
  }: After<void, View> & {
    /** The one to save; undefined for a new one. */
    readonly record: { readonly id: string } | undefined;
    readonly version: number | undefined;
    readonly body: () => object;
  },
): { readonly save: UseMutationResult<View, Error, void>; readonly about: (field: string) => string | undefined } {
  const save = useChange<void, View>(
    () => ({
      path: record ? `${root}/${record.id}` : root,
      method: record ? 'PATCH' : 'POST',
      ...(version !== undefined && { version }),
      body: body(),
    }),
    after,
  );
  return { save, about: aboutOf(save.error) };
}
