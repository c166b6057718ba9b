import { useRouter } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';
import { ApiProblem } from '../api/http.ts';
import { Button } from '../components/button.tsx';
import { Icon } from '../components/icon.tsx';
import { ErrorState } from '../components/states.tsx';
import { useHasNetwork } from '../live/online.ts';
import { PageNotLoaded } from '../page-loader.tsx';

type Props = { readonly error: unknown; readonly reset: () => void };

/** What is shown in a page's place when it cannot be: offline, its code not there, or a fault. */
export function RouteError({ error, reset }: Props): ReactNode {
  const router = useRouter();
  const hasNetwork = useHasNetwork();
  const isUnreachable = error instanceof ApiProblem && error.status === 0;
  const again = (): void => {
    // Code that could not be fetched is fetched anew only by a new document.
    if (error instanceof PageNotLoaded) location.reload();
    reset();
    void router.invalidate();
  };

  // What could not be asked for without a connection is asked for when there is one.
  useEffect(() => {
    if (!isUnreachable) return;
    const retry = (): void => {
      reset();
      void router.invalidate();
    };
    window.addEventListener('online', retry);
    return () => window.removeEventListener('online', retry);
  }, [isUnreachable, reset, router]);

  if (!isUnreachable && !(error instanceof PageNotLoaded)) return <ErrorState problem={error} onRetry={again} />;
  const [title, sentence] = wordsOf(error, hasNetwork);
  return (
    <div
      role="alert"
      data-state={hasNetwork ? 'error' : 'offline'}
      className="mx-auto grid max-w-xl justify-items-center gap-3 px-5 py-12 text-center"
    >
      <span className="grid size-12 place-items-center rounded-full border border-rule text-soft">
        <Icon name="offline" size={22} />
      </span>
      <h1 className="text-xl">{title}</h1>
      <p className="text-soft">{sentence}</p>
      <Button onClick={again} disabled={!hasNetwork && error instanceof PageNotLoaded}>
        Try again
      </Button>
    </div>
  );
}

function wordsOf(error: unknown, hasNetwork: boolean): [title: string, sentence: string] {
  if (error instanceof PageNotLoaded) {
    return hasNetwork
      ? [
          'This page could not be loaded',
          'There may be a newer Countersign on the server. Loading the page again brings it.',
        ]
      : ['You are offline', 'This page has not been loaded yet. It needs a connection, once.'];
  }
  return hasNetwork
    ? ['Cannot reach Countersign', 'The server does not answer. Nothing was changed.']
    : [
        'You are offline',
        'Countersign shows this page when the connection is back. Nothing was sent, and nothing will be sent later.',
      ];
}

/** The same, where there is no frame around it. */
export function OuterError(props: Props): ReactNode {
  return (
    <main>
      <RouteError {...props} />
    </main>
  );
}
