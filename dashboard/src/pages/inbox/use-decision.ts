import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { ApiProblem } from '../../api/http.ts';
import { queries } from '../../api/queries.ts';
import type { ApprovalDetail } from '../../api/types.ts';
import { useHere } from '../../workspace.tsx';
import { askNow, isLost } from './ask-now.ts';

/** What came of a decision or of its withdrawal. */
export type Decided = {
  readonly did: Deed;
  readonly status: string;
  readonly votes: number;
  readonly votes_needed: number;
};
type Deed = 'granted' | 'denied' | 'withdrawn';
type Answer = Omit<Decided, 'did'>;
type Wish = { readonly deed: Deed; readonly reason?: string; readonly payload_sha256: string };

export type Decision = {
  readonly send: (wish: Wish) => void;
  /** `sending`: the answer is awaited. `asking`: it was lost, and the server is asked what became of the decision. */
  readonly state: 'idle' | 'sending' | 'asking';
  readonly problem: unknown;
  readonly decided: Decided | null;
  readonly forget: () => void;
};

const AGAIN_MS = 2_000;
/** So often must the server say that it has nothing: what was sent may be on its way yet. */
const TIMES_SURE = 2;

/**
 * Sends a decision now or not at all: it is not queued while there is no network, and not repeated when its answer is
 * lost. Then the server is asked, for as long as it takes, whether it has the decision.
 */
export function useDecision(approval: ApprovalDetail, onDecided: (decided: Decided) => void): Decision {
  const { workspace, me } = useHere();
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState(false);
  const gone = useRef<AbortController>(undefined);
  useEffect(() => {
    const controller = new AbortController();
    gone.current = controller;
    return () => controller.abort();
  }, []);
  const path = `/v1/approvals/${approval.id}`;

  const send = async ({ deed, reason, payload_sha256 }: Wish): Promise<Answer> =>
    deed === 'withdrawn'
      ? askNow<Answer>(`${path}/decisions/mine`, { method: 'DELETE', workspace: workspace.slug })
      : askNow<Answer>(`${path}/decisions`, {
          method: 'POST',
          workspace: workspace.slug,
          body: { decision: deed, ...(reason !== undefined && { reason }), payload_sha256 },
        });

  const decision = useMutation({
    networkMode: 'always',
    retry: false,
    async mutationFn(wish: Wish): Promise<Decided> {
      try {
        return { did: wish.deed, ...(await send(wish)) };
      } catch (problem) {
        if (!isLost(problem)) throw problem;
      }
      setAsking(true);
      try {
        return await whatBecame(wish.deed);
      } finally {
        setAsking(false);
      }
    },
    onSuccess: onDecided,
    onSettled: () =>
      queryClient.invalidateQueries({
        queryKey: [workspace.slug, 'approvals'],
        predicate: ({ queryKey }) => queryKey[2] !== 'list',
      }),
  });

  async function whatBecame(deed: Deed): Promise<Decided> {
    for (let nothing = 0; ; ) {
      const now = await readNow();
      if (now !== null) {
        const mine = now.decisions.find(({ user_id }) => user_id === me.user.id);
        const isThere = deed === 'withdrawn' ? mine === undefined : mine?.decision === deed;
        if (isThere) return { did: deed, status: now.status, votes: now.votes, votes_needed: now.votes_needed };
        nothing += 1;
        if (nothing >= TIMES_SURE) throw notThere(deed);
      }
      await pause(AGAIN_MS);
      gone.current?.signal.throwIfAborted();
    }
  }

  /** The approval as the server has it, or null while it cannot be asked. */
  async function readNow(): Promise<ApprovalDetail | null> {
    try {
      const now = await askNow<ApprovalDetail>(path, {
        workspace: workspace.slug,
        ...(gone.current && { signal: gone.current.signal }),
      });
      queryClient.setQueryData(queries.approval(workspace.slug, approval.id).queryKey, now);
      return now;
    } catch (problem) {
      if (isLost(problem)) return null;
      throw problem;
    }
  }

  return {
    send: decision.mutate,
    state: asking ? 'asking' : decision.isPending ? 'sending' : 'idle',
    problem: decision.error,
    decided: decision.data ?? null,
    forget: decision.reset,
  };
}

function notThere(deed: Deed): ApiProblem {
  const what = deed === 'withdrawn' ? 'Your signature still stands' : 'The server has no decision of yours';
  return new ApiProblem({
    status: 0,
    code: 'not_recorded',
    detail: `No answer came. ${what}: nothing was done, and nothing will be sent later. You can try again.`,
  });
}

/** Waits, or less when the browser comes back online. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      window.removeEventListener('online', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    window.addEventListener('online', done);
  });
}
