import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ApprovalView } from '../../api/types.ts';
import { useHere } from '../../workspace.tsx';
import { askNow } from './ask-now.ts';

/** What came of one of several denials: its new status, or the code and sentence of its refusal. */
export type Denied = {
  readonly id: string;
  readonly status?: string;
  readonly code?: string;
  readonly detail?: string;
};

/** The API takes so many at once. */
export const MANY_MAX = 50;

/** Denies several with one reason, now or not at all. Each is decided by itself, so some may be refused. */
export function useDenyMany(onAnswer: (answers: readonly Denied[]) => void) {
  const { workspace } = useHere();
  const queryClient = useQueryClient();
  return useMutation({
    networkMode: 'always',
    retry: false,
    mutationFn: async ({ rows, reason }: { rows: readonly ApprovalView[]; reason: string }) => {
      const items = rows.map(({ id, payload_sha256 }) => ({ id, payload_sha256 }));
      const body = { items: items.slice(0, MANY_MAX), reason };
      const answer = await askNow<{ items: Denied[] }>('/v1/approvals/deny', {
        method: 'POST',
        workspace: workspace.slug,
        body,
      });
      return answer.items;
    },
    onSuccess: onAnswer,
    // Also when no answer came: then the list says what became of each.
    onSettled: () => queryClient.invalidateQueries({ queryKey: [workspace.slug, 'approvals'] }),
  });
}
