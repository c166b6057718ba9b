import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiProblem } from './api/http.ts';
import { createDesk } from './router.tsx';
import { AnnounceProvider } from './shell/announce.tsx';
import { KeyboardProvider } from './shell/keyboard.tsx';
import './theme.css';

const RETRIES = 2;

/** A fault of the way is tried again; a refusal is an answer. */
function isWorthRetrying(failures: number, problem: unknown): boolean {
  if (failures >= RETRIES) return false;
  return !(problem instanceof ApiProblem) || problem.status === 0 || problem.status >= 500;
}

const queryClient = new QueryClient({
  defaultOptions: {
    queries: { retry: isWorthRetrying, staleTime: 5_000, refetchOnWindowFocus: true },
    mutations: { retry: false },
  },
});

createRoot(document.getElementById('root')!).render(
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
