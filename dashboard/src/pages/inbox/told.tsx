import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { ask } from '../../api/http.ts';
import { queries } from '../../api/queries.ts';
import type { ApprovalDetail, TimelineView } from '../../api/types.ts';
import { SafeText } from '../../components/safe-text.tsx';
import { Time } from '../../components/time.tsx';
import { useSlug } from '../../workspace.tsx';

const WAYS = { email: 'by e-mail', slack: 'in the channel', push: 'on a phone or browser' } as const;
const STAGES = {
  asked: '',
  half: ', at half of its time',
  late: ', at nine tenths of its time',
  disabled: '',
  several: '',
} as const;

/** Who was told of an approval and who opened it. Showing the card is opening it. */
export function Told({ approval: { id, status } }: { approval: ApprovalDetail }): ReactNode {
  const slug = useSlug();
  const queryClient = useQueryClient();
  const { data } = useQuery(queries.timeline(slug, id));
  const waits = status === 'pending';
  useEffect(() => {
    if (!waits) return;
    const timeline = queries.timeline(slug, id).queryKey;
    void ask(`/v1/approvals/${id}/opened`, { method: 'POST', workspace: slug }).then(
      () => queryClient.invalidateQueries({ queryKey: timeline }),
      // It is a note of something that happened; nothing rests on it.
      () => {},
    );
  }, [slug, id, waits, queryClient]);
  if (data === undefined || data.told.length + data.opened.length === 0) return null;
  return (
    <details className="text-sm">
      <summary className="min-h-6 cursor-pointer font-semibold pointer-coarse:min-h-11">{summaryOf(data)}</summary>
      <ul className="mt-2 grid gap-1.5 border-l-2 border-rule pl-3">
        {rowsOf(data).map(({ key, at, text, bad }) => (
          <li key={key} className={bad ? 'text-no' : undefined}>
            <Time at={at} /> <SafeText text={text} />
          </li>
        ))}
      </ul>
    </details>
  );
}

function summaryOf({ told, opened }: TimelineView): string {
  const people = new Set(
    told.filter(({ status, user_id }) => status === 'sent' && user_id !== null).map((one) => one.user_id),
  );
  const channel = told.some(({ status, channel }) => status === 'sent' && channel === 'slack');
  const who = people.size === 1 ? '1 person told' : `${people.size} people told`;
  const where = channel ? ' and a channel' : '';
  return `${people.size === 0 && channel ? 'A channel told' : `${who}${where}`}, opened by ${opened.length}`;
}

type Row = { readonly key: string; readonly at: string; readonly text: string; readonly bad: boolean };

function rowsOf({ told, opened }: TimelineView): Row[] {
  const rows = [
    ...told.map(({ channel, stage, name, status, error, at }, nth) => {
      const whom = name === null ? '' : `${name} `;
      const done = {
        sent: 'was told',
        pending: 'is to be told',
        folded: 'is to be told with others',
        failed: 'could not be told',
        dropped: 'was not told any more',
      };
      const why = error === null ? '' : `: ${error}`;
      const text = `${whom}${done[status]} ${WAYS[channel]}${STAGES[stage]}${why}`;
      return { key: `told ${nth}`, at, text, bad: status === 'failed' };
    }),
    ...opened.map(({ user_id, name, at }) => ({ key: user_id, at, text: `${name} opened it`, bad: false })),
  ];
  return rows.sort((a, b) => a.at.localeCompare(b.at));
}
