import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { ApiProblem, ask } from '../../api/http.ts';
import { Note } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { Loading, ProblemNote } from '../../components/states.tsx';
import { GatePage } from './gate-page.tsx';
import { takeLinkToken } from './link-token.ts';

/** What a one-time link is for, as the server says. */
export type LinkView =
  | {
      readonly kind: 'invitation';
      readonly email: string;
      readonly role: string;
      readonly workspace: string;
      readonly invited_by: string;
      readonly expires_at: string;
    }
  | { readonly kind: 'setup' }
  | { readonly kind: 'password'; readonly email: string };

type Props<K extends LinkView['kind']> = {
  page: string;
  title: string;
  kind: K;
  /** What to do when the link is no good. */
  help: string;
  children: (token: string, link: Extract<LinkView, { kind: K }>) => ReactNode;
};

/** Shows its children for a link that works, and says what to do about one that does not. */
export function LinkGate<K extends LinkView['kind']>({ page, title, kind, help, children }: Props<K>): ReactNode {
  const [token] = useState(() => takeLinkToken(page));
  const link = useQuery({
    queryKey: ['link', page],
    queryFn: ({ signal }) => ask<LinkView>('/api/auth/link', { method: 'POST', body: { token }, signal }),
    enabled: token !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  if (token === undefined) {
    return (
      <GatePage title={title}>
        <Note tone="care" title="Open the whole link again">
          This address lacks the part of the link behind the #. It is in no address after the link was opened once.
        </Note>
      </GatePage>
    );
  }
  if (link.data?.kind === kind) return children(token, link.data as Extract<LinkView, { kind: K }>);
  if (link.isPending) {
    return (
      <GatePage title={title}>
        <Loading rows={3} />
      </GatePage>
    );
  }
  const isGone = link.data !== undefined || (link.error instanceof ApiProblem && link.error.code === 'link_invalid');
  return (
    <GatePage title={title}>
      {isGone ? (
        <Note tone="care" title="This link does not work any more" alert>
          It was used, replaced or taken back, or its time is over. {help}
        </Note>
      ) : (
        <>
          <ProblemNote problem={link.error} />
          <Button onClick={() => void link.refetch()}>Try again</Button>
        </>
      )}
    </GatePage>
  );
}
