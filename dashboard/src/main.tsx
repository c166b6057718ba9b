import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiProblem } from './api/http.ts';
import { installWorker } from './install-worker.ts';
import { PageNotLoaded } from './page-loader.tsx';
import { createDesk } from './router.tsx';
import { AnnounceProvider } from './shell/announce.tsx';
import { KeyboardProvider } from './shell/keyboard.tsx';
import './theme.css';

const RETRIES = 2;

/** A fault of the way is tried again, unless there is no way at all; a refusal is an answer. */
function isWorthRetrying(failures: number, problem: unknown): boolean {
  if (failures >= RETRIES || !navigator.onLine) return false;
  return !(problem instanceof ApiProblem) || problem.status === 0 || problem.status >= 500;
}

/**
 * `networkMode: 'always'` is what keeps a decision from being sent later than it was made: any other mode holds requests
 * back while the browser is offline, and sends them when it is not. Here they are sent at once, and fail at once.
 */
const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      retry: isWorthRetrying,
      staleTime: 5_000,
      refetchOnWindowFocus: true,
      refetchOnReconnect: true,
      networkMode: 'always',
    },
    mutations: { retry: false, networkMode: 'always' },
  },
});

/** What a page says itself is no fault of the page's. */
function note(error: unknown): void {
  if (!(error instanceof PageNotLoaded || error instanceof ApiProblem)) console.error(error);
}

createRoot(document.getElementById('root')!, { onCaughtError: note }).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <KeyboardProvider>
        <AnnounceProvider>
          <RouterProvider router={createDesk(queryClient)} />
        </AnnounceProvider>
      </KeyboardProvider>
    </QueryClientProvider>
  </StrictMode>,
);

if (import.meta.env.PROD) installWorker();
